//! `offerctl cancel`: ends submissions that run, and waits for the proof.

use crate::cli::arguments::{Global, NotifyingArguments};
use crate::cli::printer::Printer;
use crate::cli::{CommandError, Exit, operation};
use crate::plan::Operation;

pub(super) async fn run(global: &Global, own: &NotifyingArguments, printer: Printer) -> Result<Exit, CommandError> {
    operation::run(global, Operation::Cancel, &own.operation, &own.notify, printer).await
}
