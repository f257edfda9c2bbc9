//! `offerctl list`: the offers of publishers, as the service lists them.

use std::collections::BTreeSet;

use serde_json::json;

use crate::cli::arguments::{Global, ListArguments, Output, WaitOptions};
use crate::cli::printer::Printer;
use crate::cli::reading::read_keeping;
use crate::cli::selection::select;
use crate::cli::session::Session;
use crate::cli::{CommandError, Exit};
use crate::offer::{Desired, OfferKey, OfferStatus, PublisherId};
use crate::portal::OfferSummary;
use crate::render::list_text;

pub(super) async fn run(global: &Global, own: &ListArguments, printer: Printer) -> Result<Exit, CommandError> {
    let session = Session::open(global, &[], WaitOptions::default(), printer)?;
    let publishers = publishers(&session, &own.publishers).await?;
    let connection = session.connect().await?;
    let mut rows: Vec<(OfferKey, OfferSummary)> = Vec::new();
    let mut exit = Exit::Done;
    for publisher in &publishers {
        match connection.client.reading().offers(publisher).await {
            Ok(offers) => rows.extend(
                offers
                    .into_iter()
                    .map(|summary| (OfferKey { publisher: publisher.clone(), offer: summary.id.clone() }, summary)),
            ),
            Err(error) => {
                let error = CommandError::from(error);
                printer.error(&error);
                exit = exit.or_worse(error.exit());
            }
        }
    }
    connection.close().await;
    rows.sort_by(|one, other| one.0.cmp(&other.0));
    match global.output {
        Output::Text if rows.is_empty() && exit == Exit::Done => {
            let names: Vec<_> = publishers.iter().map(ToString::to_string).collect();
            printer.note(&format!("{} has no offers on {}", names.join(", "), session.settings.service));
        }
        Output::Text => printer.result(&list_text(&rows, &printer.stdout_palette()))?,
        Output::Json => {
            let offers: Vec<_> = rows.iter().map(|(key, summary)| row(key, summary)).collect();
            printer.json(&json!({"format": "offerctl-list", "version": 1, "offers": offers}))?;
        }
    }
    Ok(exit)
}

fn row(key: &OfferKey, summary: &OfferSummary) -> serde_json::Value {
    json!({
        "publisherId": key.publisher,
        "offerId": key.offer,
        "offerTypeId": summary.offer_type,
        "status": summary.status.as_ref().map(OfferStatus::word),
        "displayText": summary.display_text,
        "version": summary.version,
        "changedTime": summary.changed_time,
    })
}

async fn publishers(session: &Session, named: &[String]) -> Result<BTreeSet<PublisherId>, CommandError> {
    if !named.is_empty() {
        let publisher = |text: &String| PublisherId::new(text.as_str());
        return named
            .iter()
            .map(publisher)
            .collect::<Result<_, _>>()
            .map_err(|error| CommandError::bad_input(error.to_string()));
    }
    let selected = select(session, &[])?;
    let publisher = |desired: Desired| Some(desired.key.publisher);
    let read = read_keeping(session.repository()?, selected.manifests, session.printer, publisher).await?;
    let publishers: BTreeSet<_> = read.kept.into_iter().collect();
    if publishers.is_empty() {
        return Err(CommandError::bad_input("no manifest says which publisher to ask about")
            .hint("name one: `offerctl list contoso`"));
    }
    Ok(publishers)
}
