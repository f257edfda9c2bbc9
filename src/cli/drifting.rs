//! The way of the data up to the report of drift: manifests and records in, comparisons out, offer by offer.
//!
//! A reading client is all that comes in here, so nothing can be written.

use std::sync::Arc;

use futures::StreamExt as _;

use super::namesakes::Namesakes;
use super::progress::Counter;
use super::reading::{ReadManifests, read_manifests, under_way};
use super::selection::Selected;
use super::session::Session;
use super::{CommandError, Exit};
use crate::drift::{ComparedOffer, DriftReport, SkippedOffer, compare_offer};
use crate::findings::of_drift;
use crate::manifest::{RepositoryPath, Severity};
use crate::observe::observe_slots;
use crate::offer::{Catalogue, Desired, OfferKey};
use crate::plan::Known;
use crate::portal::{PortalError, ReadingClient};
use crate::processors::compute;
use crate::state::State;

/// A report, and how making it ended.
pub(super) struct FoundDrift {
    pub(super) report: DriftReport,
    /// [`Exit::Done`] when every offer could be compared.
    pub(super) exit: Exit,
}

/// What one manifest came to.
enum Outcome {
    Compared(Box<ComparedOffer>),
    Skipped(SkippedOffer, Exit),
}

/// Compares every selected offer with what the service has of it.
pub(super) async fn look_for_drift(
    session: &Session,
    client: &ReadingClient,
    state: &State,
    selected: &Selected,
) -> Result<FoundDrift, CommandError> {
    let counter = Counter::start(session.printer, "comparing", selected.manifests.len());
    let observer = Arc::new(Observer {
        session: session.clone(),
        client: client.clone(),
        state: state.clone(),
        selected: selected.clone(),
    });
    // A task each, so that comparing one offer does not keep the requests of the others waiting.
    let mut outcomes = futures::stream::iter(selected.manifests.clone())
        .map(|path| {
            let observer = Arc::clone(&observer);
            tokio::spawn(async move { observer.manifest(&path).await })
        })
        .buffer_unordered(under_way(session.settings.parallelism));
    let mut found = FoundDrift { report: DriftReport::default(), exit: Exit::Done };
    while let Some(outcome) = outcomes.next().await {
        counter.advance();
        let outcome = outcome.map_err(|error| CommandError::other(format!("an offer cannot be compared: {error}")))?;
        for outcome in outcome? {
            found.add(outcome);
        }
    }
    drop(counter);
    found.finish(session, selected)
}

struct Observer {
    session: Session,
    client: ReadingClient,
    state: State,
    selected: Selected,
}

impl Observer {
    async fn manifest(&self, path: &RepositoryPath) -> Result<Vec<Outcome>, CommandError> {
        let read = read_manifests(self.session.repository()?, vec![path.clone()], self.session.printer).await?;
        let mut outcomes = Vec::new();
        if read.errors > 0 {
            let reason = complaints(&read);
            let skipped = SkippedOffer { key: None, manifest: path.as_str().into(), reason };
            outcomes.push(Outcome::Skipped(skipped, Exit::BadInput));
        }
        for desired in read.kept.into_iter().filter(|desired| self.selected.wants(path, &desired.key)) {
            let (key, manifest) = (desired.key.clone(), Arc::clone(&desired.manifest.file));
            outcomes.push(match self.offer(desired).await {
                Ok(compared) => Outcome::Compared(Box::new(compared)),
                Err(error) => unreadable(key, manifest, &error),
            });
        }
        Ok(outcomes)
    }

    async fn offer(&self, desired: Desired) -> Result<ComparedOffer, PortalError> {
        let catalogue = Catalogue::built_in();
        let key = desired.key.clone();
        let loaded = self.state.load(&key);
        if let Some(warning) = &loaded.warning {
            self.session.printer.warning(&warning.to_string());
        }
        let observed = observe_slots(&self.client, &key).await?;
        let at_hand = self.session.at_hand();
        let comparing = compute(move || {
            let known = loaded.record.map_or_else(Known::default, |record| at_hand.known_today(&desired, &record));
            (compare_offer(catalogue, &desired, observed, &known), known.media)
        });
        let (mut compared, media) = comparing.await;
        while let Some(version) = compared.next_version() {
            // The versions only tell since when; a report without that is better than none.
            let Ok(Some(earlier)) = self.client.version(&key, version).await else { break };
            compared.look_back(catalogue, &media, &earlier);
        }
        compared.settle();
        Ok(compared)
    }
}

/// What is wrong with a manifest, a line each, for those who do not see the terminal.
fn complaints(read: &ReadManifests) -> String {
    let errors = read.diagnostics().filter(|found| found.severity == Severity::Error);
    let lines = errors.map(|found| {
        let at = found.source;
        format!("{}:{}:{}: {}", at.file, at.line, at.column, found.message)
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn unreadable(key: OfferKey, manifest: Arc<str>, error: &PortalError) -> Outcome {
    let exit = match Exit::from(error) {
        Exit::NotAllowed => Exit::NotAllowed,
        _ => Exit::Failed,
    };
    Outcome::Skipped(SkippedOffer { key: Some(key), manifest, reason: format!("{error}\n{}", error.advice()) }, exit)
}

impl FoundDrift {
    fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Compared(compared) => self.report.offers.push(*compared),
            Outcome::Skipped(skipped, exit) => {
                self.exit = self.exit.or_worse(exit);
                self.report.skipped.push(skipped);
            }
        }
    }

    fn finish(mut self, session: &Session, selected: &Selected) -> Result<Self, CommandError> {
        let secrets = session.printer.secrets();
        let mut namesakes = Namesakes::default();
        for offer in &mut self.report.offers {
            namesakes.add(&offer.key, Arc::clone(&offer.manifest.file));
            // Before values are cut to fit into a line, for half a secret is one too.
            for value in offer.values_mut() {
                *value = secrets.scrub_value(value.take());
            }
        }
        session.found(of_drift(&self.report));
        session.found(namesakes.findings());
        for namesake in namesakes.errors() {
            session.printer.error(&namesake);
            self.exit = self.exit.or_worse(Exit::BadInput);
        }
        let report = &mut self.report;
        report.unchanged.clone_from(&selected.unchanged);
        report.offers.sort_by(|one, other| (&one.key, &one.manifest.file).cmp(&(&other.key, &other.manifest.file)));
        report.skipped.sort_by(|one, other| one.manifest.cmp(&other.manifest));
        // The offer may be the one of a manifest with errors, which are shown already.
        if report.skipped.iter().all(|skipped| skipped.key.is_some()) {
            let skipped = report.skipped.iter().filter_map(|skipped| skipped.key.as_ref());
            selected.expect_all(
                session,
                &report.offers.iter().map(|offer| &offer.key).chain(skipped).collect::<Vec<_>>(),
            )?;
        }
        Ok(self)
    }
}
