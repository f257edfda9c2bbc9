//! `offerctl resume`: carries on with plans that were begun, from what is on record about them.

use futures::{Stream, StreamExt as _};

use crate::cli::arguments::{Global, Output, ResumeArguments};
use crate::cli::execution::{Execution, exit_of_outcome, show_unfinished};
use crate::cli::offers::named_offers;
use crate::cli::planning::{read_manifests, today};
use crate::cli::printer::Printer;
use crate::cli::session::{Connection, Session};
use crate::cli::{CommandError, Exit};
use crate::execute::{Basis, Concurrency, Job};
use crate::manifest::RepositoryPath;
use crate::offer::{Desired, OfferKey, Slot};
use crate::plan::Directives;
use crate::render::{ApplySummary, OfferResult, ResumeFile, single_line};
use crate::state::{Record, Rest, StopCause, Stopped, Subject, UnusableRecord};

pub(super) async fn run(global: &Global, own: &ResumeArguments, printer: Printer) -> Result<Exit, CommandError> {
    let session = Session::open(global, &own.offers, own.waiting.clone(), printer)?;
    session.following("resume", connect_and_resume(&session, &own.offers, global.output)).await
}

async fn connect_and_resume(session: &Session, named: &[String], output: Output) -> Result<Exit, CommandError> {
    let connection = session.connect().await?;
    let result = Resumption { session, connection: &connection }.carry_on(named, output).await;
    connection.close().await;
    result
}

struct Resumption<'command> {
    session: &'command Session,
    connection: &'command Connection,
}

/// What one record came to.
enum Found {
    /// Nothing is left of a plan.
    Nothing(OfferKey),
    Job(Box<Job>),
    /// What is left cannot be carried on with, as was said before.
    Stopped(OfferKey, CommandError),
    Error(OfferKey, CommandError),
}

impl Resumption<'_> {
    async fn carry_on(&self, named: &[String], output: Output) -> Result<Exit, CommandError> {
        let printer = self.session.printer;
        let (keys, mut exit) = if named.is_empty() {
            (self.connection.state.recorded()?, Exit::Done)
        } else {
            named_offers(self.session, named).await?
        };
        let (mut jobs, mut results, mut summary) = (Vec::new(), Vec::new(), ApplySummary::default());
        let mut looking = futures::stream::iter(keys)
            .map(|key| self.find(key, !named.is_empty()))
            .buffered(self.session.settings.parallelism);
        while let Some(found) = self.next_of(&mut looking, named).await? {
            match found {
                Found::Job(job) => jobs.push(*job),
                Found::Nothing(key) if named.is_empty() => drop(key),
                Found::Nothing(key) => {
                    printer.note(&format!("{key}: nothing to resume, no plan of it is on record as unfinished"));
                    summary.in_sync += 1;
                    let result = OfferResult::nothing_left(&key);
                    self.session.events.offer_ended(result.clone(), Exit::Done);
                    results.push(result);
                }
                Found::Stopped(key, error) => {
                    printer.error(&error);
                    exit = exit.or_worse(error.exit());
                    summary.failed += 1;
                    let result = OfferResult::stopped(&key, error.message(), error.hints());
                    self.session.events.offer_ended(result.clone(), error.exit());
                    results.push(result);
                }
                Found::Error(key, error) => {
                    printer.error(&error);
                    exit = exit.or_worse(error.exit());
                    summary.unreadable += 1;
                    let result = OfferResult::unreadable(&key, error.message(), error.hints());
                    self.session.events.offer_ended(result.clone(), error.exit());
                    results.push(result);
                }
            }
        }
        drop(looking);
        for job in &jobs {
            self.session.events.offer_planned(&job.planned);
        }
        for job in jobs.iter().filter(|job| job.expect_continuation().is_ok()) {
            printer.note(&single_line(&going_on(job)));
        }
        let execution = Execution {
            session: self.session,
            connection: self.connection,
            concurrency: Concurrency::Optimistic,
            command: "resume",
        };
        let outcomes = execution.carry_out(jobs, Vec::new()).await?;
        show_unfinished(self.session, &outcomes);
        for (key, outcome) in &outcomes {
            summary.count(outcome);
            exit = exit.or_worse(exit_of_outcome(outcome));
            results.push(OfferResult::worked_on(key, outcome, &self.session.resume_command(&[key])));
        }
        match output {
            Output::Text if summary.total() == 0 => {
                printer.result("Nothing to resume: no plan is on record as unfinished.\n")?;
            }
            Output::Text => printer.result(&(summary.line("Resume") + "\n"))?,
            Output::Json => printer.json(&ResumeFile { format: "offerctl-resume", version: 1, results, summary })?,
        }
        Ok(exit)
    }

    /// The next offer that was looked at, unless the person wants to stop.
    async fn next_of(
        &self,
        looking: &mut (impl Stream<Item = Found> + Unpin),
        named: &[String],
    ) -> Result<Option<Found>, CommandError> {
        let next = self.session.looking(async { Ok(looking.next().await) }).await;
        next.map_err(|error| self.session.with_unfinished(error, &self.connection.state, named))
    }

    async fn find(&self, key: OfferKey, named: bool) -> Found {
        let loaded = self.connection.state.load(&key);
        match loaded.warning {
            Some(damaged @ UnusableRecord::Damaged { .. }) => {
                let again = self.session.command_line("apply", &[&key]);
                let error = CommandError::other(damaged.to_string())
                    .hint(format!("`{again}` asks the service what runs, and goes on with the manifest"));
                return Found::Error(key, error);
            }
            Some(other) if named => {
                let error = CommandError::other(other.to_string())
                    .hint("name the service that it is about with `--endpoint`, or the right folder with `--state`");
                return Found::Error(key, error);
            }
            Some(other) => self.session.printer.warning(&other.to_string()),
            None => {}
        }
        let Some(record) = loaded.record else { return Found::Nothing(key) };
        let Some(rest) = record.rest.clone() else { return Found::Nothing(key) };
        if let Some(stopped) = &rest.stopped {
            let error = self.stopped(&key, &rest, stopped);
            return Found::Stopped(key, error);
        }
        match self.job(&key, record, &rest).await {
            Ok(job) => Found::Job(Box::new(job)),
            Err(error) => Found::Error(key, error),
        }
    }

    /// Says once more why a plan was stopped: a job that runs every half hour must not turn green because of it.
    fn stopped(&self, key: &OfferKey, rest: &Rest, stopped: &Stopped) -> CommandError {
        let anew = match rest.subject {
            Subject::Manifest => "plan",
            Subject::LiveDraft if rest.target == Slot::Production => "go-live",
            Subject::LiveDraft => "publish",
        };
        let anew = self.session.command_line(anew, &[key]);
        let exit = match stopped.cause {
            StopCause::Conflict => Exit::Conflict,
            StopCause::Rejected => Exit::Rejected,
            StopCause::Blocked => Exit::Blocked,
            StopCause::Failed => Exit::Failed,
        };
        let Rest { begun_at, .. } = rest;
        CommandError::other(format!("{key}: the plan begun at {begun_at} was stopped: {}", stopped.sentence))
            .hint(format!("`offerctl status {key}` shows how it stands and what the service says"))
            .hint(format!("begin anew with `{anew}`; what applies, publishes or cancels replaces the stopped plan"))
            .ending_as(exit)
    }

    async fn job(&self, key: &OfferKey, record: Record, rest: &Rest) -> Result<Job, CommandError> {
        let desired = if rest.writes() { self.manifest(key, rest).await? } else { rest.desired(key) };
        let client = self.connection.client.reading();
        let directives =
            Directives { guards: self.session.settings.guards.clone(), today: Some(today()), ..rest.directives() };
        let at_hand = self.session.at_hand();
        let planned = Job::plan(client, desired, Some(record), directives, Basis::RestOf(rest), &at_hand).await;
        let job = planned.map_err(|error| {
            let exit = Exit::from(&error);
            CommandError::from(error).about(key).ending_as(if exit == Exit::NotAllowed { exit } else { Exit::Failed })
        })?;
        if rest.writes() && !rest.is_of(&job.to_record(), &job.desired) {
            return Err(CommandError::conflict(format!(
                "{key}: the draft is still to be written, and `{}`, or a file that it names, is not any more what the plan \
                 was made from",
                rest.manifest
            ))
            .hint(format!("plan anew: `offerctl plan {key}`, then `offerctl apply {key}`")));
        }
        Ok(job)
    }

    /// The manifest that the plan was made from: a record holds no signature, so that what is written needs it again.
    async fn manifest(&self, key: &OfferKey, rest: &Rest) -> Result<Desired, CommandError> {
        let missing = || {
            CommandError::bad_input(format!(
                "{key}: the draft is still to be written, and its manifest `{}` cannot be read here",
                rest.manifest
            ))
            .hint("run the command in the repository that the plan was made from")
            .hint(format!("to give the plan up, delete its record `{}`", self.connection.state.path(key).display()))
        };
        let path = RepositoryPath::new(&rest.manifest).map_err(|_| missing())?;
        let repository = self.session.repository()?;
        if !repository.root().join(path.as_str()).exists() {
            return Err(missing());
        }
        let read = read_manifests(repository, vec![path], self.session.printer).await?;
        read.desired.into_iter().find(|desired| desired.key == *key).ok_or_else(missing)
    }
}

/// What is carried on with, in a line.
fn going_on(job: &Job) -> String {
    let steps: Vec<_> = job.planned.steps.iter().map(|step| step.action.as_str()).collect();
    let left = if steps.is_empty() { "what was left has happened meanwhile".to_owned() } else { steps.join(", ") };
    let begun = job.record.as_ref().and_then(|record| record.rest.as_ref()).map_or("", |rest| rest.begun_at.as_str());
    format!("{}: going on with the plan begun at {begun}: {left}", job.planned.key)
}
