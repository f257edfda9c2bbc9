//! The way of the data up to the plan, for `plan` and `apply` alike: manifests in, plan out, offer by offer.
//!
//! Offers flow through one at a time and side by side, so that memory grows with the offers in flight and not with the
//! repository; only what `apply` still needs is kept.

use std::collections::HashSet;
use std::sync::Arc;

use futures::StreamExt as _;

use super::arguments::PlanOptions;
use super::namesakes::Namesakes;
use super::printer::Printer;
use super::progress::Counter;
use super::reading::{read_manifests, under_way};
use super::secrets::hide_in_plan;
use super::selection::Selected;
use super::session::{Connection, Session};
use super::{CommandError, Exit};
use crate::execute::{Basis, Job};
use crate::findings::of_plan;
use crate::manifest::RepositoryPath;
use crate::offer::{Desired, OfferKey};
use crate::plan::{Directives, OfferVerdict, Plan, PlannedOffer, Terms, UnplannedOffer, guard_mass_change};
use crate::portal::{KnownSecrets, PortalError, ReadingClient};
use crate::render::plan_digest;
use crate::state::State;

/// A plan, what `apply` needs to carry it out, and how the planning itself ended.
pub(super) struct Planning {
    pub(super) plan: Plan,
    /// The offers with steps that may be done.
    pub(super) jobs: Vec<Job>,
    /// The offers that are in sync although no record says so.
    pub(super) agreed: Vec<Job>,
    /// [`Exit::Done`] when every offer could be planned.
    pub(super) exit: Exit,
    /// Whether `apply` may act on what was read.
    pub(super) input: Input,
}

/// Whether the manifests can be acted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Input {
    /// All of them.
    Sound,
    /// Some have errors, or describe the same offer.
    Broken,
}

/// What one manifest came to.
enum Outcome {
    /// What is shown of it, and what is carried out, where something is.
    Planned(Box<PlannedOffer>, Option<Box<Job>>),
    Invalid {
        manifest: Arc<str>,
    },
    Unreadable {
        key: OfferKey,
        manifest: Arc<str>,
        error: Box<PortalError>,
    },
}

/// Whether `apply` follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Only the plan is wanted.
    Show,
    /// The documents are needed again.
    Apply,
}

/// What the flags ask for, under the settings of the repository, on this day.
fn directives(session: &Session, options: &PlanOptions) -> Directives {
    Directives {
        until: options.until,
        supersede: options.supersede,
        retry_failed: options.retry_failed,
        resend_media: options.resend_media,
        allow: options.allow.clone(),
        guards: session.settings.guards.clone(),
        today: Some(today()),
    }
}

/// The day everywhere on the service.
pub(super) fn today() -> jiff::civil::Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// Plans every selected offer.
pub(super) async fn make_plan(
    session: &Session,
    connection: &Connection,
    selected: &Selected,
    options: &PlanOptions,
    purpose: Purpose,
) -> Result<Planning, CommandError> {
    let counter = Counter::start(session.printer, "planning", selected.manifests.len());
    let planner = Arc::new(Planner {
        session: session.clone(),
        client: connection.client.reading().clone(),
        state: connection.state.clone(),
        selected: selected.clone(),
        directives: directives(session, options),
        purpose,
    });
    // A task each, so that comparing one offer does not keep the requests of the others waiting.
    let mut outcomes = futures::stream::iter(selected.manifests.clone())
        .map(|path| {
            let planner = Arc::clone(&planner);
            tokio::spawn(async move { planner.manifest(&path).await })
        })
        .buffer_unordered(under_way(session.settings.parallelism));
    let mut gathered = Gathered::new(session.printer.secrets());
    gathered.planning.plan.unchanged.clone_from(&selected.unchanged);
    while let Some(found) = outcomes.next().await {
        counter.advance();
        let found = found.map_err(|error| CommandError::other(format!("an offer cannot be planned: {error}")))?;
        for outcome in found? {
            gathered.add(outcome);
        }
    }
    drop(counter);
    session.found(gathered.namesakes.findings());
    let planning = gathered.finish(session.printer, &planner, connection.state.service());
    session.found(of_plan(&planning.plan));
    for unused in options.allow.iter().filter(|allowance| !planning.plan.uses(allowance)) {
        session.printer.warning(&format!("`--allow {unused}` let nothing pass: no such block was found"));
    }
    let offers = planning.plan.offers.iter().map(|offer| &offer.key);
    let unreadable = planning.plan.failed.iter().filter_map(|failed| failed.key.as_ref());
    // The offer may be the one of a manifest with errors, which are shown already.
    if planning.plan.failed.iter().all(|failed| failed.key.is_some()) {
        selected.expect_all(session, &offers.chain(unreadable).collect::<Vec<_>>())?;
    }
    Ok(planning)
}

struct Planner {
    session: Session,
    client: ReadingClient,
    state: State,
    selected: Selected,
    directives: Directives,
    purpose: Purpose,
}

impl Planner {
    async fn manifest(&self, path: &RepositoryPath) -> Result<Vec<Outcome>, CommandError> {
        let read = read_manifests(self.session.repository()?, vec![path.clone()], self.session.printer).await?;
        let mut outcomes = Vec::new();
        for desired in read.kept.into_iter().filter(|desired| self.selected.wants(path, &desired.key)) {
            outcomes.push(self.offer(desired).await);
        }
        if read.errors > 0 {
            outcomes.push(Outcome::Invalid { manifest: path.as_str().into() });
        }
        Ok(outcomes)
    }

    async fn offer(&self, desired: Desired) -> Outcome {
        let loaded = self.state.load(&desired.key);
        if let Some(warning) = &loaded.warning {
            self.session.printer.warning(&warning.to_string());
        }
        let (key, manifest) = (desired.key.clone(), Arc::clone(&desired.manifest.file));
        let directives = self.directives.clone();
        let at_hand = self.session.at_hand();
        match Job::plan(&self.client, desired, loaded.record, directives, Basis::Manifest, &at_hand).await {
            Ok(job) => self.planned(job),
            Err(error) => Outcome::Unreadable { key, manifest, error: Box::new(error) },
        }
    }

    /// Parts what is shown from what is carried out, and lets go of what is neither.
    fn planned(&self, mut job: Job) -> Outcome {
        let is_left = match (self.purpose, job.planned.verdict()) {
            (Purpose::Apply, OfferVerdict::ToDo) => true,
            (Purpose::Apply, OfferVerdict::InSync) => !job.is_recorded(),
            (Purpose::Apply, OfferVerdict::Blocked) | (Purpose::Show, _) => false,
        };
        // What is shown holds no secret; what is carried out must be what the service has.
        let (mut shown, job) = if is_left {
            let listing = job.planned.listing.take();
            (PlannedOffer { listing, ..job.planned.clone() }, Some(Box::new(job)))
        } else {
            (job.planned, None)
        };
        hide_in_plan(self.session.printer.secrets(), &mut shown);
        Outcome::Planned(Box::new(shown), job)
    }
}

struct Gathered {
    secrets: &'static KnownSecrets,
    planning: Planning,
    namesakes: Namesakes,
}

impl Gathered {
    fn new(secrets: &'static KnownSecrets) -> Self {
        Self {
            secrets,
            planning: Planning {
                plan: Plan::default(),
                jobs: Vec::new(),
                agreed: Vec::new(),
                exit: Exit::Done,
                input: Input::Sound,
            },
            namesakes: Namesakes::default(),
        }
    }

    fn add(&mut self, outcome: Outcome) {
        let planning = &mut self.planning;
        match outcome {
            Outcome::Planned(shown, job) => {
                self.namesakes.add(&shown.key, Arc::clone(&shown.manifest.file));
                let jobs =
                    if shown.verdict() == OfferVerdict::ToDo { &mut planning.jobs } else { &mut planning.agreed };
                jobs.extend(job.map(|job| *job));
                planning.plan.offers.push(*shown);
            }
            Outcome::Invalid { manifest } => {
                planning.exit = planning.exit.or_worse(Exit::BadInput);
                planning.input = Input::Broken;
                let reason = "the manifest has errors; `offerctl validate` shows them".to_owned();
                planning.plan.failed.push(UnplannedOffer { key: None, manifest, reason });
            }
            Outcome::Unreadable { key, manifest, error } => {
                let exit = match Exit::from(&*error) {
                    Exit::NotAllowed => Exit::NotAllowed,
                    _ => Exit::Failed,
                };
                planning.exit = planning.exit.or_worse(exit);
                let reason = self.secrets.scrub(&format!("{error}\n{}", error.advice()));
                planning.plan.failed.push(UnplannedOffer { key: Some(key), manifest, reason });
            }
        }
    }

    fn finish(mut self, printer: Printer, planner: &Planner, service: &str) -> Planning {
        for namesake in self.namesakes.errors() {
            printer.error(&namesake);
            self.planning.exit = self.planning.exit.or_worse(Exit::BadInput);
            self.planning.input = Input::Broken;
        }
        self.planning.plan.failed.sort_by(|one, other| one.manifest.cmp(&other.manifest));
        self.planning.plan.offers.sort_by(|one, other| one.key.cmp(&other.key));
        self.planning.plan.terms = Terms::of(service, &planner.directives);
        guard_mass_change(&mut self.planning.plan, &planner.directives);
        let blocked = self.planning.plan.offers.iter().filter(|offer| offer.verdict() == OfferVerdict::Blocked);
        let blocked: HashSet<_> = blocked.map(|offer| &offer.key).collect();
        self.planning.jobs.retain(|job| !blocked.contains(&job.planned.key));
        self.planning.jobs.sort_by(|one, other| one.planned.key.cmp(&other.planned.key));
        if planner.purpose == Purpose::Apply {
            let digest = plan_digest(&self.planning.plan);
            let jobs = self.planning.jobs.iter_mut().chain(&mut self.planning.agreed);
            jobs.for_each(|job| job.plan = Some(digest.clone()));
        }
        self.planning
    }
}
