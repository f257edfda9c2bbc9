//! The command line: reads what the person wants, wires the rooms together, maps how it ended to an exit code.
//!
//! No rule of the domain lives here.

mod applying;
mod arguments;
mod beginning;
mod changed;
mod commands;
mod drifting;
mod error;
mod event_file;
mod execution;
mod exit;
mod hints;
mod importing;
mod interrupt;
mod log;
mod namesakes;
mod offers;
mod open_files;
mod operation;
mod panic;
mod plan_files;
mod planning;
mod printer;
mod progress;
mod reading;
mod repetitions;
mod resumption;
mod sarif;
mod saved_plan;
mod secrets;
mod selection;
mod session;
mod step_summary;
mod tracing_back;

use std::panic::AssertUnwindSafe;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, FromArgMatches as _};

pub use arguments::Arguments;
pub use error::CommandError;
pub use exit::Exit;

use printer::{ColorChoice, Printer};

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    // rustls asks for a provider when the first client is made; another one being installed already is fine too.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let arguments = match Arguments::command().try_get_matches() {
        Ok(matches) => Arguments::from_arg_matches(&matches),
        Err(error) => Err(error),
    };
    let arguments = match arguments {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let printer = Printer::of_process(arguments.global.color);
    let runner = arguments.global.annotations.unwrap_or_default().runner(|name| std::env::var(name).ok());
    panic::report_through(printer);
    let filter = std::env::var(crate::config::environment::LOG).ok();
    log::start(arguments.global.verbose, filter.as_deref(), printer);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            printer.error(&CommandError::other(format!("the runtime cannot be started: {error}")));
            return Exit::Failed.into();
        }
    };
    // Nothing is looked at again after a panic, which has been reported already.
    let run = AssertUnwindSafe(|| runtime.block_on(commands::run(arguments, printer)));
    let outcome = std::panic::catch_unwind(run);
    if let Some(runner) = runner {
        printer.annotate(runner);
    }
    let exit = match outcome {
        Ok(Ok(exit)) => exit,
        Ok(Err(error)) => {
            printer.error(&error);
            error.exit()
        }
        Err(_) => Exit::Failed,
    };
    if let Some(withheld) = printer.repetitions().withheld() {
        printer.note(&withheld);
    }
    // What is left are idle connections; nobody needs to wait for them.
    runtime.shutdown_background();
    exit.into()
}

/// Help and version are results; everything else that clap has to say is bad usage.
fn usage(error: &clap::Error) -> ExitCode {
    let printer = Printer::of_process(ColorChoice::Auto);
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let text = error.render();
            let text = if printer.stdout_palette().is_coloured() { text.ansi().to_string() } else { text.to_string() };
            // When nobody reads what is printed, there is nobody to tell.
            let _ = printer.result(&text);
            Exit::Done.into()
        }
        // It repeats what was typed, colours and all, so it has none of its own.
        _ => {
            printer.note(error.render().to_string().trim_end());
            Exit::BadInput.into()
        }
    }
}
