//! `offerctl status`: how offers stand on the service, stage by stage.

use crate::cli::arguments::{Global, Selection, WaitOptions};
use crate::cli::offers::{Telling, tell_of_each};
use crate::cli::printer::Printer;
use crate::cli::session::Session;
use crate::cli::{CommandError, Exit};
use crate::render::{status_json, status_text};

pub(super) async fn run(global: &Global, selection: &Selection, printer: Printer) -> Result<Exit, CommandError> {
    let session = Session::open(global, &selection.offers, WaitOptions::default(), printer)?;
    let telling = Telling { format: "offerctl-status", text: status_text, json: status_json };
    tell_of_each(
        &session,
        &selection.offers,
        global.output,
        |client, key| async move { client.status(&key).await },
        telling,
    )
    .await
}
