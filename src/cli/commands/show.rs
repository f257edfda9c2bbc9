//! `offerctl show`: a saved plan, as `plan` showed it. Nothing is asked of the service.

use crate::cli::arguments::{Format, Global, Output, ShowArguments};
use crate::cli::printer::Printer;
use crate::cli::session::enter;
use crate::cli::{CommandError, Exit, plan_files};
use crate::render::{plan_json, plan_page, plan_text};

pub(super) fn run(global: &Global, own: &ShowArguments, printer: Printer) -> Result<Exit, CommandError> {
    enter(global.directory.as_deref())?;
    let plan = plan_files::read(&own.plan)?.into_plan();
    match global.output {
        _ if global.format == Format::Html => printer.result(&plan_page(&plan))?,
        Output::Text => printer.result(&plan_text(&plan, &printer.stdout_palette()))?,
        Output::Json => printer.json(&plan_json(&plan))?,
    }
    Ok(Exit::Done)
}
