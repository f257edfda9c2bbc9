//! `offerctl get`: an offer's document, cleaned as a manifest would have it or as the service sent it.

use crate::cli::arguments::{GetArguments, Global, WaitOptions};
use crate::cli::offers::{one_named_offer, read_revision};
use crate::cli::printer::Printer;
use crate::cli::session::Session;
use crate::cli::{CommandError, Exit};
use crate::diff::without_service_keys;
use crate::offer::{Catalogue, Revision};
use crate::render::Redaction;

pub(super) async fn run(global: &Global, own: &GetArguments, printer: Printer) -> Result<Exit, CommandError> {
    let named = std::slice::from_ref(&own.offer);
    let session = Session::open(global, named, WaitOptions::default(), printer)?;
    let key = one_named_offer(&session, &own.offer).await?;
    let connection = session.connect().await?;
    let revision = own.version.map_or(Revision::Slot(own.slot), Revision::Version);
    let document = read_revision(&session, &connection, &key, revision).await;
    connection.close().await;
    let sent = document?.into_value();
    let document = if own.raw { sent } else { without_service_keys(Catalogue::built_in(), &sent) };
    printer.json(&Redaction::default().document(&document))?;
    Ok(Exit::Done)
}
