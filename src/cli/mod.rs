//! The command line: reads what the person wants, wires the rooms together, maps how it ended to an exit code.
//!
//! No rule of the domain lives here.

mod arguments;
mod commands;
mod error;
mod execution;
mod exit;
mod interrupt;
mod offers;
mod operation;
mod planning;
mod printer;
mod progress;
mod selection;
mod session;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, FromArgMatches as _};

pub use arguments::Arguments;
pub use error::CommandError;
pub use exit::Exit;

use printer::Printer;

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
    start_logging(&arguments, printer);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            printer.error(&CommandError::other(format!("the runtime cannot be started: {error}")));
            return Exit::Failed.into();
        }
    };
    let exit = match runtime.block_on(commands::run(arguments, printer)) {
        Ok(exit) => exit,
        Err(error) => {
            printer.error(&error);
            error.exit()
        }
    };
    // What is left are idle connections; nobody needs to wait for them.
    runtime.shutdown_background();
    exit.into()
}

/// Help and version are results; everything else that clap has to say is bad usage.
fn usage(error: &clap::Error) -> ExitCode {
    // When nobody reads what is printed, there is nobody to tell.
    let _ = error.print();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Done.into(),
        _ => Exit::BadInput.into(),
    }
}

fn start_logging(arguments: &Arguments, printer: Printer) {
    use tracing_subscriber::EnvFilter;
    let filter = match std::env::var(crate::config::environment::LOG) {
        Ok(filter) if !filter.is_empty() => EnvFilter::new(filter),
        _ => EnvFilter::new(match arguments.global.verbose {
            0 => "error,offerctl=warn",
            1 => "error,offerctl=debug",
            _ => "info,offerctl=trace",
        }),
    };
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(printer.stderr_palette().is_coloured())
        .with_target(false);
    // A lone warning reads better without the time; a log does not.
    if arguments.global.verbose == 0 { log.without_time().init() } else { log.init() }
}
