//! `offerctl get`: an offer's document as the service has it.

use crate::cli::arguments::{GetArguments, Global, WaitOptions};
use crate::cli::planning::read_manifests;
use crate::cli::printer::Printer;
use crate::cli::selection::{named_offer, select};
use crate::cli::session::{Connection, Session};
use crate::cli::{CommandError, Exit};
use crate::offer::{Document, OfferKey, Slot};
use crate::render::Redaction;

pub(super) async fn run(global: &Global, own: &GetArguments, printer: Printer) -> Result<Exit, CommandError> {
    let named = std::slice::from_ref(&own.offer);
    let session = Session::open(global, named, WaitOptions::default(), printer)?;
    let key = key(&session, &own.offer).await?;
    let connection = session.connect().await?;
    let document = read(&connection, &key, own).await;
    connection.close().await;
    let Some(document) = document? else {
        let what = match own.version {
            Some(version) => format!("the service has no version {version} of {key}"),
            None if own.slot == Slot::Draft => format!("the service has no offer {key}"),
            None => format!("nothing is in the {} slot of {key}", own.slot),
        };
        let hint = match (own.version, own.slot) {
            (None, Slot::Preview | Slot::Production) => format!("`offerctl status {key}` shows how far it is"),
            _ => format!("`offerctl list {}` shows the offers", key.publisher),
        };
        return Err(CommandError::other(format!("{what}, asked at {}", session.settings.service)).hint(hint));
    };
    printer.json(&Redaction::default().document(document.as_value()))?;
    Ok(Exit::Done)
}

async fn read(connection: &Connection, key: &OfferKey, own: &GetArguments) -> Result<Option<Document>, CommandError> {
    let client = connection.client.reading();
    Ok(match (own.version, own.slot) {
        (Some(version), _) => client.version(key, version).await?,
        (None, Slot::Draft) => client.offer(key).await?.map(|draft| draft.document),
        (None, slot) => client.slot(key, slot).await?,
    })
}

async fn key(session: &Session, named: &str) -> Result<OfferKey, CommandError> {
    if let Some(key) = named_offer(named) {
        return Ok(key);
    }
    let selected = select(session, &[named.to_owned()])?;
    let mut read = read_manifests(session.repository()?, selected.manifests, session.printer).await?;
    match (read.desired.pop(), read.desired.is_empty()) {
        (Some(desired), true) => Ok(desired.key),
        _ => Err(CommandError::bad_input(format!("`{named}` is not one valid manifest"))
            .hint("name the offer as publisher/offer")),
    }
}
