//! `offerctl status`: how offers stand on the service, stage by stage, and what was done to them last.

use std::sync::Arc;

use crate::cli::arguments::{Global, Selection, WaitOptions};
use crate::cli::offers::{Telling, tell_of_each};
use crate::cli::printer::Printer;
use crate::cli::session::{Connection, Session};
use crate::cli::{CommandError, Exit};
use crate::offer::OfferKey;
use crate::render::{OfferStanding, status_json, status_text};

pub(super) async fn run(global: &Global, selection: &Selection, printer: Printer) -> Result<Exit, CommandError> {
    let session = Session::open(global, &selection.offers, WaitOptions::default(), printer)?;
    let telling = Telling { format: "offerctl-status", text: status_text, json: status_json };
    let ask = |connection: &Connection, key: OfferKey| {
        let client = connection.client.reading().clone();
        let loaded = connection.state.load(&key);
        if let Some(warning) = loaded.warning {
            printer.warning(&warning.to_string());
        }
        let history = loaded.record.map(|record| record.history.entries().to_vec()).unwrap_or_default();
        let tracer = Arc::clone(&connection.tracer);
        async move {
            let report = client.status(&key).await?;
            Ok(report.map(|report| {
                let complaints = tracer.traced_report(&key, &report);
                OfferStanding { report, history, complaints }
            }))
        }
    };
    tell_of_each(&session, selection, global.output, ask, telling).await
}
