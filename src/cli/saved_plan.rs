//! `apply` of a saved plan: each of its offers is looked at again, and what is left of the plan is done, no more.

use std::path::Path;

use futures::{Stream, StreamExt as _};

use super::applying::{Freshness, Work, incomplete, show};
use super::arguments::{ApplyArguments, Output};
use super::planning::{Input, today};
use super::reading::read_manifests;
use super::resumption::{Resumption, going_on};
use super::secrets::hide;
use super::session::{Connection, Session};
use super::{CommandError, Exit, plan_files};
use crate::diff::{Difference, between, content_digest};
use crate::execute::{Basis, EditsSince, Job};
use crate::manifest::RepositoryPath;
use crate::offer::{Catalogue, Desired, Document, OfferKey};
use crate::plan::{Agreement, Directives, OfferVerdict, Plan, PlanDigest, PlannedOffer, agreement, desired_digest};
use crate::portal::PortalError;
use crate::render::{OfferResult, Redaction, single_line};
use crate::state::Record;

/// A saved plan that is being applied.
struct Saved<'command> {
    session: &'command Session,
    connection: &'command Connection,
    plan: &'command Plan,
    digest: &'command PlanDigest,
}

/// What one offer of the plan came to.
enum Found {
    /// Something is left to do.
    Job(Box<Job>),
    /// Nothing is left to do.
    There(Box<Job>),
    /// Nothing is done about it.
    Refused(OfferKey, CommandError),
    /// It could not be looked at.
    Unreadable(OfferKey, CommandError),
    /// Its manifest has errors, which are shown already.
    Broken,
}

/// How an offer stands to a plan that fits it.
enum Standing {
    /// Something is left to do.
    Left,
    /// Nothing is.
    There,
}

/// Why an offer comes to nothing.
enum Obstacle {
    Refusal(CommandError),
    Unreadable(CommandError),
    Broken,
}

impl From<PortalError> for Obstacle {
    fn from(error: PortalError) -> Self {
        let exit = if Exit::from(&error) == Exit::NotAllowed { Exit::NotAllowed } else { Exit::Failed };
        Self::Unreadable(CommandError::from(error).ending_as(exit))
    }
}

/// Applies the plan of a file.
pub(super) async fn apply(
    session: &Session,
    path: &Path,
    own: &ApplyArguments,
    output: Output,
) -> Result<Exit, CommandError> {
    expect_no_options(own)?;
    let file = plan_files::read(path)?;
    let digest = file.digest().clone();
    let plan = file.into_plan();
    if !plan.is_complete() {
        return Err(incomplete(&plan));
    }
    let connection = session.connect().await?;
    let saved = Saved { session, connection: &connection, plan: &plan, digest: &digest };
    let exit = saved.apply(own, output).await;
    connection.close().await;
    exit
}

/// A saved plan was made with its own options.
fn expect_no_options(own: &ApplyArguments) -> Result<(), CommandError> {
    let changed = own.changed.since.as_ref().map(|_| "--changed-since");
    let flag = own.options.first_given().or(changed).or(own.last_write_wins.then_some("--last-write-wins"));
    flag.map_or(Ok(()), |flag| {
        Err(CommandError::bad_input(format!("`{flag}` cannot be given with a saved plan: it is applied as it is"))
            .hint(match flag {
                "--last-write-wins" => "apply it without; an offer that others edited meanwhile is refused".to_owned(),
                flag => format!("plan anew with `{flag}` and save that plan"),
            }))
    })
}

impl Saved<'_> {
    async fn apply(&self, own: &ApplyArguments, output: Output) -> Result<Exit, CommandError> {
        self.expect_service()?;
        self.session.events.planned(self.plan);
        show(self.plan, self.session.printer, own, output)?;
        let mut work = Work::of(self.plan.clone(), Freshness::Saved, self.session);
        let to_do = self.plan.offers.iter().filter(|offer| offer.verdict() == OfferVerdict::ToDo);
        let mut looking =
            futures::stream::iter(to_do).map(|offer| self.look(offer)).buffered(self.session.settings.parallelism);
        while let Some(found) = self.next_of(&mut looking).await? {
            self.take_in(found, &mut work);
        }
        drop(looking);
        let passed_over = self.plan.offers.iter().filter(|offer| offer.verdict() == OfferVerdict::InSync).count();
        if passed_over > 0 {
            let offers = if passed_over == 1 { "1 offer".to_owned() } else { format!("{passed_over} offers") };
            let note = format!("The plan has nothing to do for {offers}: not looked at again.");
            self.session.printer.note(&note);
        }
        work.carry_out(self.session, self.connection, own, output).await
    }

    /// What was planned for one service is never done on another.
    fn expect_service(&self) -> Result<(), CommandError> {
        let (theirs, ours) = (&self.plan.terms.service, self.connection.state.service());
        if theirs == ours {
            return Ok(());
        }
        Err(CommandError::bad_input(format!("nothing was written: the plan was made for {theirs}, and this is {ours}"))
            .hint("name the service of the plan with `--endpoint` or `--emulator`, or plan anew for this one"))
    }

    /// The next offer that was looked at, unless the person wants to stop.
    async fn next_of(&self, looking: &mut (impl Stream<Item = Found> + Unpin)) -> Result<Option<Found>, CommandError> {
        let next = self.session.looking(async { Ok(looking.next().await) }).await;
        let named: Vec<_> = self.plan.offers.iter().map(|offer| offer.key.to_string()).collect();
        next.map_err(|error| self.session.with_unfinished(error, &self.connection.state, &named))
    }

    fn take_in(&self, found: Found, work: &mut Work) {
        let printer = self.session.printer;
        match found {
            Found::Job(job) => {
                if job.record.as_ref().is_some_and(|record| self.is_begun(record)) {
                    printer.note(&single_line(&going_on(&job)));
                }
                work.jobs.push(*job);
            }
            Found::There(job) => {
                let key = &job.planned.key;
                printer.note(&format!("{key}: is where the plan leads; nothing is left to do"));
                work.summary.in_sync += 1;
                work.settle(OfferResult::in_sync(&job.planned), Exit::Done, self.session);
                if !job.is_recorded() {
                    work.agreed.push(*job);
                }
            }
            Found::Refused(key, error) => {
                printer.error(&error);
                work.summary.failed += 1;
                let result = OfferResult::stopped(&key, error.message(), error.hints());
                work.settle(result, error.exit(), self.session);
            }
            Found::Unreadable(key, error) => {
                printer.error(&error);
                work.summary.unreadable += 1;
                let result = OfferResult::unreadable(&key, error.message(), error.hints());
                work.settle(result, error.exit(), self.session);
            }
            Found::Broken => work.input = Input::Broken,
        }
    }

    async fn look(&self, offer: &PlannedOffer) -> Found {
        let key = offer.key.clone();
        match self.find(offer).await {
            Ok(found) => found,
            Err(Obstacle::Refusal(error)) => Found::Refused(key, error),
            Err(Obstacle::Unreadable(error)) => Found::Unreadable(key.clone(), error.about(&key)),
            Err(Obstacle::Broken) => Found::Broken,
        }
    }

    /// Whether the plan was begun, and is not at its end.
    fn is_begun(&self, record: &Record) -> bool {
        record.rest.as_ref().is_some_and(|rest| rest.plan.as_ref() == Some(self.digest))
    }

    async fn find(&self, offer: &PlannedOffer) -> Result<Found, Obstacle> {
        let loaded = self.connection.state.load(&offer.key);
        if let Some(warning) = &loaded.warning {
            self.session.printer.warning(&warning.to_string());
        }
        let begun = loaded.record.as_ref().filter(|record| self.is_begun(record));
        if let Some((record, rest)) = begun.and_then(|record| Some((record, record.rest.as_ref()?))) {
            let resumption = Resumption { session: self.session, connection: self.connection };
            if let Some(stopped) = &rest.stopped {
                return Err(Obstacle::Refusal(resumption.stopped(&offer.key, rest, stopped)));
            }
            // As long as an offer that was there is to be written, it is looked at as if nothing had begun.
            if offer.content.is_none() || !rest.writes() {
                let job = resumption.job(&offer.key, record.clone(), rest).await.map_err(Obstacle::Refusal)?;
                return Ok(Found::Job(Box::new(job)));
            }
        }
        self.expect_no_newer_plan(offer, loaded.record.as_ref()).map_err(Obstacle::Refusal)?;
        self.begin(offer, loaded.record).await
    }

    /// Another plan may have been begun since this one was made, and wait for its turn to write.
    fn expect_no_newer_plan(&self, offer: &PlannedOffer, record: Option<&Record>) -> Result<(), CommandError> {
        let rest = record.and_then(|record| record.rest.as_ref());
        let Some((rest, plan)) = rest.and_then(|rest| Some((rest, rest.unwritten_plan()?))) else { return Ok(()) };
        if plan == self.digest || offer.replaces.as_ref() == Some(plan) {
            return Ok(());
        }
        let key = &offer.key;
        let commit = rest.commit.as_ref().map(|commit| format!(" of commit {commit}")).unwrap_or_default();
        let message = format!(
            "{key}: another plan{commit} was begun at {} and waits to write the draft; this one knows nothing of it, so \
             nothing was done",
            rest.begun_at
        );
        Err(CommandError::conflict(message)
            .hint(format!("go on with the other plan: {}", self.session.resume_command(&[key])))
            .hint(format!("or plan anew, in the other's place: {}", self.session.command_line("plan", &[key]))))
    }

    /// The job of an offer of which nothing was done, as far as anybody knows.
    async fn begin(&self, offer: &PlannedOffer, record: Option<Record>) -> Result<Found, Obstacle> {
        let desired = self.manifest(offer).await?;
        let directives = Directives {
            guards: self.session.settings.guards.clone(),
            today: Some(today()),
            ..self.plan.terms.directives(offer)
        };
        let client = self.connection.client.reading();
        let at_hand = self.session.at_hand();
        let job = Job::plan(client, desired, record, directives, Basis::Manifest, &at_hand).await?;
        let job = Job { plan: Some(self.digest.clone()), edits: EditsSince::Refused, ..job };
        let edits = self.edits(offer, &job).await?;
        let standing = self.judge(offer, &job, edits.as_deref());
        // It was shown, and a job may wait for hours.
        let job = Job { planned: PlannedOffer { listing: None, ..job.planned }, ..job };
        match standing {
            Ok(Standing::There) => Ok(Found::There(Box::new(job))),
            Ok(Standing::Left) => Ok(Found::Job(Box::new(job))),
            Err(error) => Err(Obstacle::Refusal(error)),
        }
    }

    /// Whether what would be done now is what was agreed to.
    fn judge(&self, offer: &PlannedOffer, job: &Job, edits: Option<&[Difference]>) -> Result<Standing, CommandError> {
        let key = &offer.key;
        let mut now = job.planned.clone();
        now.edit_differences(|difference| self.make_fit_to_be_seen(difference));
        let anew = self.session.command_line("plan", &[key]);
        match agreement(offer, &now, edits) {
            Agreement::There => Ok(Standing::There),
            Agreement::Holds if self.was_carried_out(offer, job) => Err(CommandError::conflict(format!(
                "{key}: this plan was carried out before, and the offer was changed back since; a plan is done once"
            ))
            .hint(format!("nothing of theirs was lost; plan anew and read what it says now: {anew}"))),
            Agreement::Holds => Ok(Standing::Left),
            Agreement::Blocked(block) => Err(CommandError::conflict(format!(
                "{key}: {} ({}), and the plan does not speak of it, so nothing was done",
                block.sentence, block.guard
            ))
            .ending_as(Exit::Blocked)
            .hint(format!("{}; then plan anew: {anew}", now.way_out(&block)))),
            Agreement::Stale(divergences) => {
                let lines: Vec<_> = divergences.iter().map(|divergence| format!("\n{divergence}")).collect();
                let message = format!("{key}: the plan does not fit any more, so nothing was done:{}", lines.concat());
                Err(CommandError::conflict(message)
                    .hint(format!("nothing of theirs was lost; plan anew and read what it says now: {anew}")))
            }
        }
    }

    /// Whether the record says that exactly this plan was brought to its end, and the draft was written since it was made.
    /// A plan made anew has the same digest when it says the same, and was made from the draft that is there now.
    fn was_carried_out(&self, offer: &PlannedOffer, job: &Job) -> bool {
        let record = job.record.as_ref().filter(|record| !self.is_begun(record));
        let was_applied = record.is_some_and(|record| record.knows_plan(self.digest));
        was_applied && (&offer.etag, offer.version) != (&job.planned.etag, job.planned.version)
    }

    /// What somebody edited since the plan was made; `None` when the draft of then cannot be had any more.
    async fn edits(&self, offer: &PlannedOffer, job: &Job) -> Result<Option<Vec<Difference>>, PortalError> {
        let (Some(content), Some(draft)) = (&offer.content, &job.draft) else { return Ok(Some(Vec::new())) };
        if job.planned.content.as_ref() == Some(content) {
            return Ok(Some(Vec::new()));
        }
        let Some(version) = offer.version else { return Ok(None) };
        let catalogue = Catalogue::built_in();
        let Some(then) = self.draft_of_then(&offer.key, version, content).await? else { return Ok(None) };
        let media = job.record.as_ref().map(|record| record.media.clone()).unwrap_or_default();
        let mut edits = between(catalogue, &media, then.as_value(), draft);
        for edit in &mut edits {
            self.make_fit_to_be_seen(edit);
        }
        Ok(Some(edits))
    }

    /// The draft that the plan was made from, `None` when the service has it no more.
    ///
    /// Not every service counts a version for each write (its reference says "after each publishing"), so the content has to
    /// be that of the plan. Of a service that names its files anew in each answer no content proves anything.
    async fn draft_of_then(
        &self,
        key: &OfferKey,
        version: u64,
        content: &str,
    ) -> Result<Option<Document>, PortalError> {
        let reading = self.connection.client.reading();
        let digest = |draft: &Document| content_digest(Catalogue::built_in(), draft.as_value());
        let Some(then) = reading.version(key, version).await? else { return Ok(None) };
        let found = digest(&then);
        if found == content {
            return Ok(Some(then));
        }
        let again = reading.version(key, version).await?;
        Ok(again.filter(|again| digest(again) != found))
    }

    /// Makes of values what a saved plan holds of them.
    fn make_fit_to_be_seen(&self, difference: &mut Difference) {
        hide(self.session.printer.secrets(), difference);
        let redaction = Redaction::default();
        for value in [&mut difference.before, &mut difference.after].into_iter().flatten() {
            *value = redaction.value(&difference.path, value);
        }
    }

    /// The manifest that the plan was made from: no signature is in a plan, and what is written needs them.
    async fn manifest(&self, offer: &PlannedOffer) -> Result<Desired, Obstacle> {
        let (key, file) = (&offer.key, &offer.manifest.file);
        let missing = || {
            let message = format!("{key}: its manifest `{file}`, which the plan was made from, is not here");
            Obstacle::Refusal(
                CommandError::conflict(message)
                    .hint("apply the plan in a checkout of the commit that it was made from"),
            )
        };
        let path = RepositoryPath::new(file).map_err(|_| missing())?;
        let repository = self.session.repository().map_err(Obstacle::Refusal)?;
        if !repository.root().join(path.as_str()).exists() {
            return Err(missing());
        }
        let read = read_manifests(repository, vec![path], self.session.printer).await.map_err(Obstacle::Refusal)?;
        if read.errors > 0 {
            return Err(Obstacle::Broken);
        }
        let desired = read.kept.into_iter().find(|desired| desired.key == *key).ok_or_else(missing)?;
        if offer.desired.as_ref() == Some(&desired_digest(Catalogue::built_in(), &desired)) {
            return Ok(desired);
        }
        let message = format!(
            "{key}: `{file}`, or a file that it names, is not any more what the plan was made from, so nothing was done"
        );
        Err(Obstacle::Refusal(CommandError::conflict(message).hint(format!(
            "apply the plan in a checkout of the commit that it was made from, with the same variables; or plan anew: {}",
            self.session.command_line("plan", &[key])
        ))))
    }
}
