//! `offerctl go-live`: takes previews that wait for it to production.

use crate::cli::arguments::{Global, OperationArguments};
use crate::cli::printer::Printer;
use crate::cli::{CommandError, Exit, operation};
use crate::plan::Operation;

pub(super) async fn run(global: &Global, own: &OperationArguments, printer: Printer) -> Result<Exit, CommandError> {
    operation::run(global, Operation::GoLive, own, &[], printer).await
}
