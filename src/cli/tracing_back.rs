//! Where in the repository the service's complaints belong: finds an offer's manifest, and without one what the record says
//! of the offer. Looked for only when there is a complaint, and never a reason to fail.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde_json::Value;

use super::selection::manifests_there_are;
use super::session::Session;
use crate::complaint::Concern;
use crate::execute::{ExecuteError, OfferOutcome};
use crate::findings::of_complaint;
use crate::manifest::{RepositoryPath, load, outline};
use crate::offer::{Catalogue, Desired, MessageLevel, OfferKey, Slot, StatusReport};
use crate::render::{Remedy, TracedComplaint};
use crate::state::{State, Subject};

/// More complaints of one offer are shown without the field that they speak of.
const MOST_TRACED: usize = 20;

/// Traces complaints back to fields, each offer's manifest read once.
pub(super) struct Tracer {
    session: Session,
    state: State,
    sources: Mutex<HashMap<OfferKey, Arc<Source>>>,
    /// The manifests of the repository by the offer that each describes.
    manifests: OnceLock<HashMap<OfferKey, RepositoryPath>>,
}

/// What is known of an offer.
enum Source {
    Manifest(Box<Desired>),
    /// What was applied, on a machine that has no manifest of it.
    Record(Arc<Value>),
    Nothing,
}

impl fmt::Debug for Tracer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tracer").finish_non_exhaustive()
    }
}

impl Tracer {
    pub(super) fn new(session: &Session, state: &State) -> Self {
        Self {
            session: session.clone(),
            state: state.clone(),
            sources: Mutex::new(HashMap::new()),
            manifests: OnceLock::new(),
        }
    }

    /// What a complaint about an offer speaks of; `None` when nothing tells.
    pub(super) fn trace(&self, key: &OfferKey, text: &str) -> Option<Concern> {
        let catalogue = Catalogue::built_in();
        match &*self.source(key) {
            Source::Manifest(desired) => Some(Concern::in_manifest(catalogue, desired, text)),
            Source::Record(document) => Some(Concern::in_document(catalogue, document, text)).filter(Concern::is_found),
            Source::Nothing => None,
        }
    }

    /// Keeps what the service complains about for the annotations of a CI system.
    pub(super) fn found(&self, key: &OfferKey, remedy: &Remedy) {
        let finding = |TracedComplaint { text, concern }: &TracedComplaint| {
            let command = remedy.once_mended.as_ref().filter(|_| concern.is_found());
            let help = command.map(|command| match concern.names.first().filter(|_| !concern.is_sure) {
                Some(word) => format!("it may be about this, for it says `{word}`; if so, change it, then `{command}`"),
                None => format!("change what it speaks of, then `{command}`"),
            });
            of_complaint(key, text, concern, help.as_deref())
        };
        self.session.found(remedy.complaints.iter().map(finding));
    }

    /// What to do after an offer ended as it did, and where.
    pub(super) fn remedy(&self, key: &OfferKey, outcome: &OfferOutcome, go_on: String) -> Remedy {
        let OfferOutcome::Failed(error) = outcome else { return Remedy { go_on, ..Remedy::default() } };
        let complaints = error.complaints();
        let complaints = self.traced(key, complaints.iter().map(String::as_str));
        let anew = match **error {
            // It still runs, and what is mended would queue behind it.
            ExecuteError::NeedsPerson { .. } => " --supersede",
            _ => "",
        };
        let apply = self.session.command_line("apply", &[key]) + &self.limit(key) + anew;
        let is_mended_here = |concern: &Concern| concern.source.is_some() && concern.is_found();
        let is_mended_here = complaints.iter().any(|complaint| is_mended_here(&complaint.concern));
        Remedy { go_on, complaints, once_mended: is_mended_here.then_some(apply) }
    }

    /// The flag that keeps a new plan of an offer from going further than the one that was begun: whoever asked for no more
    /// than a preview must not be told to go live.
    fn limit(&self, key: &OfferKey) -> String {
        let record = self.state.load(key).record;
        let Some(begun) = record.and_then(|record| record.rest).map(|rest| rest.target) else { return String::new() };
        let goes_further = match &*self.source(key) {
            Source::Manifest(desired) => desired.reconcile.publish_to > begun,
            Source::Record(_) | Source::Nothing => begun < Slot::Production,
        };
        if goes_further { format!(" --until {begun}") } else { String::new() }
    }

    /// The complaints of a report about a submission, as far as they can be traced.
    pub(super) fn traced_report(&self, key: &OfferKey, report: &StatusReport) -> Vec<TracedComplaint> {
        let of_stages = report.stages.iter().flat_map(|stage| &stage.messages);
        let complaints = report.messages.iter().chain(of_stages).filter(|said| said.level > MessageLevel::Information);
        self.traced(key, complaints.map(|said| said.text.as_str()))
    }

    fn traced<'text>(&self, key: &OfferKey, texts: impl Iterator<Item = &'text str>) -> Vec<TracedComplaint> {
        let mut traced: Vec<TracedComplaint> = Vec::new();
        for text in texts {
            if traced.len() == MOST_TRACED {
                break;
            }
            if traced.iter().all(|other| other.text != text)
                && let Some(concern) = self.trace(key, text)
            {
                traced.push(TracedComplaint { text: text.to_owned(), concern });
            }
        }
        traced
    }

    fn source(&self, key: &OfferKey) -> Arc<Source> {
        let known = self.sources.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned();
        known.unwrap_or_else(|| {
            let found = Arc::new(self.find(key));
            self.sources.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone(), Arc::clone(&found));
            found
        })
    }

    fn find(&self, key: &OfferKey) -> Source {
        let record = self.state.load(key).record;
        let rest = record.as_ref().and_then(|record| record.rest.as_ref());
        let rest = rest.filter(|rest| rest.subject == Subject::Manifest);
        let on_record = rest.and_then(|rest| RepositoryPath::new(&rest.manifest).ok());
        let manifest = on_record.and_then(|path| self.manifest(key, &path));
        if let Some(desired) = manifest.or_else(|| self.manifest(key, self.manifests().get(key)?)) {
            return Source::Manifest(Box::new(desired));
        }
        let applied = rest.map(|rest| rest.document.clone()).or_else(|| record?.applied);
        applied.map_or(Source::Nothing, Source::Record)
    }

    /// What a manifest says of the offer. What is wrong with it is for others to tell.
    fn manifest(&self, key: &OfferKey, path: &RepositoryPath) -> Option<Desired> {
        let mut repository = self.session.repository().ok()?;
        let today = jiff::Zoned::now().date();
        let loaded = load(&mut repository, std::slice::from_ref(path), &|name| std::env::var(name).ok(), today);
        loaded.desired.into_iter().find(|desired| desired.key == *key)
    }

    fn manifests(&self) -> &HashMap<OfferKey, RepositoryPath> {
        self.manifests.get_or_init(|| {
            let described = |path: RepositoryPath| {
                let repository = self.session.repository().ok()?;
                Some((outline(repository, &path, &|name| std::env::var(name).ok()).key?, path))
            };
            manifests_there_are(&self.session).unwrap_or_default().into_iter().filter_map(described).collect()
        })
    }
}
