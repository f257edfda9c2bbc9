//! `offerctl submissions`: every publish and go-live of offers, the newest first.

use std::cmp::Reverse;

use crate::cli::arguments::{Global, Selection, WaitOptions};
use crate::cli::offers::{Telling, tell_of_each};
use crate::cli::printer::Printer;
use crate::cli::session::{Connection, Session};
use crate::cli::{CommandError, Exit};
use crate::offer::{OfferKey, Submission};
use crate::portal::{PortalError, ReadingClient};
use crate::render::{submissions_json, submissions_text};

pub(super) async fn run(global: &Global, selection: &Selection, printer: Printer) -> Result<Exit, CommandError> {
    let session = Session::open(global, &selection.offers, WaitOptions::default(), printer)?;
    let telling = Telling {
        format: "offerctl-submissions",
        text: |key, history: Option<&Vec<Submission>>, palette| {
            submissions_text(key, history.map(Vec::as_slice), palette)
        },
        json: |key, history| submissions_json(key, history.map(Vec::as_slice)),
    };
    let ask = |connection: &Connection, key| newest_first(connection.client.reading().clone(), key);
    tell_of_each(&session, selection, global.output, ask, telling).await
}

/// The submissions of an offer; `None` when there is no such offer.
async fn newest_first(client: ReadingClient, key: OfferKey) -> Result<Option<Vec<Submission>>, PortalError> {
    let mut submissions = client.submissions(&key).await?;
    if submissions.is_empty() && client.offer(&key).await?.is_none() {
        return Ok(None);
    }
    submissions.sort_by_key(|submission| Reverse(submission.age()));
    Ok(Some(submissions))
}
