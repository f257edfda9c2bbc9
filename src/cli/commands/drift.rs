//! `offerctl drift`: what was edited elsewhere, where it stands, and since when.

use crate::cli::arguments::{DriftArguments, Format, Global, Output, WaitOptions};
use crate::cli::drifting::look_for_drift;
use crate::cli::printer::Printer;
use crate::cli::sarif::write_sarif;
use crate::cli::selection::select_changed;
use crate::cli::session::Session;
use crate::cli::step_summary::summarize;
use crate::cli::{CommandError, Exit};
use crate::render::{drift_json, drift_markdown, drift_page, drift_summary_line, drift_text};

pub(super) async fn run(global: &Global, own: &DriftArguments, printer: Printer) -> Result<Exit, CommandError> {
    own.markdown.check(global.format)?;
    let selection = &own.selection;
    let session = Session::open(global, &selection.offers, WaitOptions::default(), printer)?;
    let selected = select_changed(&session, &selection.offers, &selection.changed)?;
    let connection = session.connect().await?;
    let found = look_for_drift(&session, connection.client.reading(), &connection.state, &selected).await;
    connection.close().await;
    let found = found?;
    summarize(printer, |limit| drift_markdown(&found.report, limit));
    match global.output {
        _ if global.format == Format::Markdown => {
            printer.result(&drift_markdown(&found.report, own.markdown.limit()))?;
        }
        _ if global.format == Format::Html => printer.result_of_parts(drift_page(&found.report))?,
        _ if global.format == Format::Sarif => {
            write_sarif("drift", &printer.findings(), drift_summary_line(&found.report.summary()), printer)?;
        }
        Output::Text => printer.text([drift_text(&found.report, &printer.stdout_palette())])?,
        Output::Json => printer.json(&drift_json(&found.report))?,
    }
    let answer = if found.report.summary().drifted > 0 { Exit::Drift } else { Exit::Done };
    Ok(found.exit.or_worse(answer))
}
