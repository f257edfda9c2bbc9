//! The commands, a file each.

mod adopt;
mod apply;
mod auth;
mod cancel;
mod comment;
mod completions;
mod diff;
mod drift;
mod emulator;
mod explain;
mod get;
mod go_live;
mod import;
mod init;
mod list;
mod man;
mod plan;
mod publish;
mod resume;
mod schema;
mod show;
mod status;
mod submissions;
mod validate;

use super::arguments::{Arguments, AuthCommand, Command, Format, Output};
use super::printer::Printer;
use super::{CommandError, Exit};

/// Does what the person asked for.
pub(super) async fn run(arguments: Arguments, printer: Printer) -> Result<Exit, CommandError> {
    let mut global = arguments.global;
    global.output = match (global.format.plain(), &arguments.command) {
        (Some(output), _) => output,
        // They look at the format themselves.
        (None, Command::Plan(_) | Command::Show(_) | Command::Drift(_)) => Output::Text,
        (None, Command::Validate(_)) if global.format == Format::Sarif => Output::Text,
        (None, _) => {
            let forms = match global.format {
                Format::Sarif => "only `validate`, `plan`, `show` and `drift` have a SARIF form",
                Format::Html => "only `plan`, `show` and `drift` have an HTML form",
                Format::Markdown | Format::Text | Format::Json => {
                    "only `plan`, `show` and `drift` have a Markdown form"
                }
            };
            return Err(
                CommandError::bad_input(forms).hint("every other command has `--output text` and `--output json`")
            );
        }
    };
    match arguments.command {
        Command::Init(own) => init::run(global, &own, printer).await,
        Command::Validate(selection) => validate::run(&global, &selection, printer).await,
        Command::Plan(own) => plan::run(&global, &own, printer).await,
        Command::Show(own) => show::run(&global, &own, printer),
        Command::Drift(own) => drift::run(&global, &own, printer).await,
        Command::Apply(own) => apply::run(&global, own, printer).await,
        Command::Comment(own) => comment::run(&global, &own, printer).await,
        Command::Resume(own) => resume::run(&global, &own, printer).await,
        Command::Publish(own) => publish::run(&global, &own, printer).await,
        Command::GoLive(own) => go_live::run(&global, &own, printer).await,
        Command::Cancel(own) => cancel::run(&global, &own, printer).await,
        Command::Status(selection) => status::run(&global, &selection, printer).await,
        Command::List(own) => list::run(&global, &own, printer).await,
        Command::Submissions(selection) => submissions::run(&global, &selection, printer).await,
        Command::Diff(own) => diff::run(&global, &own, printer).await,
        Command::Explain(own) => explain::run(&global, &own, printer).await,
        Command::Get(own) => get::run(&global, &own, printer).await,
        Command::Import(own) => import::run(&global, &own, printer).await,
        Command::Adopt(own) => adopt::run(&global, &own, printer).await,
        Command::Auth(AuthCommand::Check(own)) => auth::run(&global, &own, printer).await,
        Command::Emulator(own) => emulator::run(&global, own, printer).await,
        Command::Schema(own) => schema::run(&global, &own, printer),
        Command::Completions(own) => {
            completions::run(&own, printer)?;
            Ok(Exit::Done)
        }
        Command::Man(own) => {
            man::run(&global, &own, printer)?;
            Ok(Exit::Done)
        }
    }
}
