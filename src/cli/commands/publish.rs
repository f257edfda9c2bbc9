//! `offerctl publish`: takes drafts, as they are, to their preview slots.

use crate::cli::arguments::{Global, NotifyingArguments};
use crate::cli::printer::Printer;
use crate::cli::{CommandError, Exit, operation};
use crate::plan::Operation;

pub(super) async fn run(global: &Global, own: &NotifyingArguments, printer: Printer) -> Result<Exit, CommandError> {
    operation::run(global, Operation::Publish, &own.operation, &own.notify, printer).await
}
