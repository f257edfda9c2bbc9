//! `offerctl status`: how offers stand on the service, stage by stage.

use futures::StreamExt as _;
use serde_json::json;

use crate::cli::arguments::{Global, Output, Selection, WaitOptions};
use crate::cli::planning::read_manifests;
use crate::cli::printer::Printer;
use crate::cli::selection::{named_offer, select};
use crate::cli::session::Session;
use crate::cli::{CommandError, Exit};
use crate::offer::OfferKey;
use crate::render::{status_json, status_text};

pub(super) async fn run(global: &Global, selection: &Selection, printer: Printer) -> Result<Exit, CommandError> {
    let session = Session::open(global, &selection.offers, WaitOptions::default(), printer)?;
    let (keys, mut exit) = keys(&session, &selection.offers).await?;
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

/// The named offers, or those of the manifests, and how reading the manifests went.
async fn keys(session: &Session, named: &[String]) -> Result<(Vec<OfferKey>, Exit), CommandError> {
    let offers: Vec<_> = named.iter().filter_map(|text| named_offer(text)).collect();
    if !named.is_empty() && offers.len() == named.len() {
        return Ok((offers, Exit::Done));
    }
    let files: Vec<_> = named.iter().filter(|text| named_offer(text).is_none()).cloned().collect();
    let selected = select(session, &files)?;
    let read = read_manifests(session.repository()?, selected.manifests, session.printer).await?;
    let exit = if read.errors > 0 { Exit::BadInput } else { Exit::Done };
    Ok((read.desired.into_iter().map(|desired| desired.key).chain(offers).collect(), exit))
}

/// Whether the person asked for this very offer: then it is a failure when there is none.
fn is_named(named: &[String], key: &OfferKey) -> bool {
    named.iter().filter_map(|text| named_offer(text)).any(|named| named == *key)
}
