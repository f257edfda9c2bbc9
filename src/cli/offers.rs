//! Offers that a command needs by their names only: named as publisher/offer, or by the manifests that describe them.
//!
//! Unlike a [selection](super::selection), this asks for no manifest where the name says it all.

use futures::StreamExt as _;
use serde_json::{Value, json};

use super::arguments::{Output, Selection};
use super::reading::{ReadManifests, read_keeping};
use super::selection::{Selected, named_offer, select, select_changed};
use super::session::{Connection, Session};
use super::{CommandError, Exit};
use crate::offer::{Desired, Document, OfferKey, Revision, Slot};
use crate::portal::PortalError;
use crate::render::Palette;

/// The named offers, or those of the manifests, and how reading the manifests went.
pub(super) async fn named_offers(session: &Session, named: &[String]) -> Result<(Vec<OfferKey>, Exit), CommandError> {
    let offers: Vec<_> = named.iter().filter_map(|text| named_offer(text)).collect();
    if !named.is_empty() && offers.len() == named.len() {
        return Ok((offers, Exit::Done));
    }
    let files: Vec<_> = named.iter().filter(|text| named_offer(text).is_none()).cloned().collect();
    let read = read_selected(session, &select(session, &files)?).await?;
    Ok((read.kept.into_iter().map(|target| target.key).chain(offers).collect(), exit_of(read.errors)))
}

/// The offers of a selection. That of changed offers only needs their manifests, also for those that are named.
async fn selected_offers(session: &Session, selection: &Selection) -> Result<(Vec<OfferKey>, Exit), CommandError> {
    if selection.changed.since.is_none() {
        return named_offers(session, &selection.offers).await;
    }
    let selected = select_changed(session, &selection.offers, &selection.changed)?;
    selected.tell_unchanged(session.printer);
    let read = read_selected(session, &selected).await?;
    Ok((read.kept.into_iter().map(|target| target.key).collect(), exit_of(read.errors)))
}

/// What the manifests of a selection say about the offers that are wanted.
async fn read_selected(session: &Session, selected: &Selected) -> Result<ReadManifests<Target>, CommandError> {
    let (manifests, wanted) = (selected.manifests.clone(), selected.clone());
    let keep = move |desired: Desired| {
        wanted
            .wants_desired(&desired)
            .then_some(Target { key: desired.key, notification_emails: desired.reconcile.notification_emails })
    };
    let read = read_keeping(session.repository()?, manifests, session.printer, keep).await?;
    if read.errors == 0 {
        selected.expect_all(session, &read.kept.iter().map(|target| &target.key).collect::<Vec<_>>())?;
    }
    Ok(read)
}

fn exit_of(errors: usize) -> Exit {
    if errors > 0 { Exit::BadInput } else { Exit::Done }
}

/// Whether the person asked for this very offer: then it is a failure when there is none.
pub(super) fn is_named(named: &[String], key: &OfferKey) -> bool {
    named.iter().filter_map(|text| named_offer(text)).any(|named| named == *key)
}

/// Whether a command is about this offer, as far as its arguments tell: a manifest may describe any.
pub(super) fn is_about(named: &[String], key: &OfferKey) -> bool {
    is_named(named, key) || named.is_empty() || named.iter().any(|text| named_offer(text).is_none())
}

/// The one offer that is named.
pub(super) async fn one_named_offer(session: &Session, named: &str) -> Result<OfferKey, CommandError> {
    if let Some(key) = named_offer(named) {
        return Ok(key);
    }
    let mut read = read_selected(session, &select(session, &[named.to_owned()])?).await?;
    match (read.kept.pop(), read.kept.is_empty()) {
        (Some(target), true) => Ok(target.key),
        _ => Err(CommandError::bad_input(format!("`{named}` is not one valid manifest"))
            .hint("name the offer as publisher/offer")),
    }
}

/// How a command tells what it asked of each offer: `None` where there is no such offer.
pub(super) struct Telling<Found> {
    /// The name of its JSON format.
    pub(super) format: &'static str,
    pub(super) text: fn(&OfferKey, Option<&Found>, &Palette) -> String,
    pub(super) json: fn(&OfferKey, Option<&Found>) -> Value,
}

/// Asks the same of every offer, side by side, and tells the answers in the order of the offers. One that cannot be read
/// holds up no other.
pub(super) async fn tell_of_each<Found, Asked>(
    session: &Session,
    selection: &Selection,
    output: Output,
    ask: impl Fn(&Connection, OfferKey) -> Asked,
    telling: Telling<Found>,
) -> Result<Exit, CommandError>
where
    Asked: Future<Output = Result<Option<Found>, PortalError>>,
{
    let printer = session.printer;
    let (keys, mut exit) = selected_offers(session, selection).await?;
    let connection = session.connect().await?;
    let answers = futures::stream::iter(keys).map(|key| {
        let asked = ask(&connection, key.clone());
        async { (key, asked.await) }
    });
    let mut answers = answers.buffered(session.settings.parallelism);
    let mut documents = Vec::new();
    while let Some((key, found)) = answers.next().await {
        if matches!(found, Ok(None)) && is_named(&selection.offers, &key) {
            exit = exit.or_worse(Exit::Failed);
        }
        match found {
            Ok(found) if output == Output::Json => documents.push((telling.json)(&key, found.as_ref())),
            Ok(found) => printer.text([(telling.text)(&key, found.as_ref(), &printer.stdout_palette())])?,
            Err(error) => {
                let error = CommandError::from(error);
                printer.error(&error);
                exit = exit.or_worse(error.exit());
            }
        }
    }
    drop(answers);
    connection.close().await;
    if output == Output::Json {
        printer.json(&json!({"format": telling.format, "version": 1, "offers": documents}))?;
    }
    Ok(exit)
}

/// An offer to act on.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) key: OfferKey,
    /// Whom its manifest wants to be told about submissions; nobody when the offer is named without one.
    pub(super) notification_emails: Vec<String>,
}

/// The named offers, each once, in the order of their names. Nothing is done while a manifest among them has errors.
pub(super) async fn targets(session: &Session, named: &[String]) -> Result<Vec<Target>, CommandError> {
    let by_name =
        named.iter().filter_map(|text| named_offer(text)).map(|key| Target { key, notification_emails: Vec::new() });
    let mut targets: Vec<_> = by_name.collect();
    let files: Vec<_> = named.iter().filter(|text| named_offer(text).is_none()).cloned().collect();
    if !files.is_empty() {
        let read = read_selected(session, &select(session, &files)?).await?;
        if read.errors > 0 {
            return Err(CommandError::bad_input("nothing was done, because some manifests have errors")
                .hint("correct them, or name the offers as publisher/offer"));
        }
        targets.extend(read.kept);
    }
    // The service ignores the case of the letters in an id. What a manifest says comes first.
    targets.sort_by_key(|target| (target.key.to_string().to_ascii_lowercase(), target.notification_emails.is_empty()));
    targets.dedup_by(|later, first| later.key.to_string().eq_ignore_ascii_case(&first.key.to_string()));
    Ok(targets)
}

/// Reads a document of an offer; one that is not there is an error that says what is, and how to find out more.
pub(super) async fn read_revision(
    session: &Session,
    connection: &Connection,
    key: &OfferKey,
    revision: Revision,
) -> Result<Document, CommandError> {
    let client = connection.client.reading();
    let found = match revision {
        Revision::Version(version) => client.version(key, version).await?,
        Revision::Slot(Slot::Draft) => client.offer(key).await?.map(|draft| draft.document),
        Revision::Slot(slot) => client.slot(key, slot).await?,
    };
    if let Some(document) = found {
        return Ok(document);
    }
    let service = &session.settings.service;
    // Without the offer there is none of its slots and versions either.
    if revision == Revision::Slot(Slot::Draft) || client.offer(key).await?.is_none() {
        return Err(CommandError::other(format!("the service has no offer {key}, asked at {service}"))
            .hint(format!("`offerctl list {}` shows the offers", key.publisher)));
    }
    Err(match revision {
        Revision::Version(version) => CommandError::other(format!(
            "the service has no version {version} of {key}, asked at {service}"
        ))
        .hint(format!(
            "`offerctl submissions {key}` names the versions that were submitted; older ones are not kept forever"
        )),
        Revision::Slot(slot) => {
            CommandError::other(format!("nothing is in the {slot} slot of {key}, asked at {service}"))
                .hint(format!("`offerctl status {key}` shows how far it is"))
        }
    })
}
