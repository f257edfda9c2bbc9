//! `offerctl submissions`: every publish and go-live of offers, the newest first.

use std::cmp::Reverse;

use futures::StreamExt as _;
use serde_json::json;

use crate::cli::arguments::{Global, Output, Selection, WaitOptions};
use crate::cli::offers::{is_named, named_offers};
use crate::cli::printer::Printer;
use crate::cli::session::Session;
use crate::cli::{CommandError, Exit};
use crate::offer::{OfferKey, Submission};
use crate::portal::{PortalError, ReadingClient};
use crate::render::{submissions_json, submissions_text};

pub(super) async fn run(global: &Global, selection: &Selection, printer: Printer) -> Result<Exit, CommandError> {
    let session = Session::open(global, &selection.offers, WaitOptions::default(), printer)?;
    let (keys, mut exit) = named_offers(&session, &selection.offers).await?;
    let connection = session.connect().await?;
    let client = connection.client.reading();
    let mut documents = Vec::new();
    let mut histories = futures::stream::iter(keys)
        .map(|key| async move {
            let history = newest_first(client, &key).await;
            (key, history)
        })
        .buffered(session.settings.parallelism);
    while let Some((key, history)) = histories.next().await {
        if matches!(history, Ok(None)) && is_named(&selection.offers, &key) {
            exit = exit.or_worse(Exit::Failed);
        }
        match history {
            Ok(history) if global.output == Output::Json => documents.push(submissions_json(&key, history.as_deref())),
            Ok(history) => printer.result(&submissions_text(&key, history.as_deref(), &printer.stdout_palette()))?,
            Err(error) => {
                let error = CommandError::from(error);
                printer.error(&error);
                exit = exit.or_worse(error.exit());
            }
        }
    }
    drop(histories);
    connection.close().await;
    if global.output == Output::Json {
        printer.json(&json!({"format": "offerctl-submissions", "version": 1, "offers": documents}))?;
    }
    Ok(exit)
}

/// The submissions of an offer; `None` when there is no such offer.
async fn newest_first(client: &ReadingClient, key: &OfferKey) -> Result<Option<Vec<Submission>>, PortalError> {
    let mut submissions = client.submissions(key).await?;
    if submissions.is_empty() && client.offer(key).await?.is_none() {
        return Ok(None);
    }
    submissions.sort_by_key(|submission| Reverse(submission.age()));
    Ok(Some(submissions))
}
