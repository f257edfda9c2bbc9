//! `offerctl status`: how offers stand on the service, stage by stage.

use futures::StreamExt as _;
use serde_json::json;

use crate::cli::arguments::{Global, Output, Selection, WaitOptions};
use crate::cli::offers::{is_named, named_offers};
use crate::cli::printer::Printer;
use crate::cli::session::Session;
use crate::cli::{CommandError, Exit};
use crate::render::{status_json, status_text};

pub(super) async fn run(global: &Global, selection: &Selection, printer: Printer) -> Result<Exit, CommandError> {
    let session = Session::open(global, &selection.offers, WaitOptions::default(), printer)?;
    let (keys, mut exit) = named_offers(&session, &selection.offers).await?;
    let connection = session.connect().await?;
    let client = connection.client.reading();
    let mut documents = Vec::new();
    let mut reports = futures::stream::iter(keys)
        .map(|key| async move {
            let report = client.status(&key).await;
            (key, report)
        })
        .buffered(session.settings.parallelism);
    while let Some((key, report)) = reports.next().await {
        if matches!(report, Ok(None)) && is_named(&selection.offers, &key) {
            exit = exit.or_worse(Exit::Failed);
        }
        match report {
            Ok(report) if global.output == Output::Json => documents.push(status_json(&key, report.as_ref())),
            Ok(report) => printer.result(&status_text(&key, report.as_ref(), &printer.stdout_palette()))?,
            Err(error) => {
                let error = CommandError::from(error);
                printer.error(&error);
                exit = exit.or_worse(error.exit());
            }
        }
    }
    drop(reports);
    connection.close().await;
    if global.output == Output::Json {
        printer.json(&json!({"format": "offerctl-status", "version": 1, "offers": documents}))?;
    }
    Ok(exit)
}
