//! `offerctl resume`: carries on with plans that were begun, from what is on record about them.

use futures::{Stream, StreamExt as _};

use crate::cli::arguments::{Global, Output, ResumeArguments};
use crate::cli::execution::{Execution, exit_of_outcome, summarize_run, tell};
use crate::cli::offers::named_offers;
use crate::cli::printer::Printer;
use crate::cli::resumption::{Resumption, going_on};
use crate::cli::session::{Connection, Session};
use crate::cli::{CommandError, Exit};
use crate::execute::{Concurrency, Job};
use crate::offer::OfferKey;
use crate::render::{ApplySummary, OfferResult, ResumeFile, single_line};
use crate::state::UnusableRecord;

pub(super) async fn run(global: &Global, own: &ResumeArguments, printer: Printer) -> Result<Exit, CommandError> {
    let session = Session::open(global, &own.offers, own.waiting.clone(), printer)?;
    session.following("resume", connect_and_resume(&session, &own.offers, global.output)).await
}

async fn connect_and_resume(session: &Session, named: &[String], output: Output) -> Result<Exit, CommandError> {
    let connection = session.connect().await?;
    let result = Resume { session, connection: &connection }.carry_on(named, output).await;
    connection.close().await;
    result
}

struct Resume<'command> {
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

impl Resume<'_> {
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
        results.extend(tell(self.session, self.connection, &outcomes));
        for (_, outcome) in &outcomes {
            summary.count(outcome);
            exit = exit.or_worse(exit_of_outcome(outcome));
        }
        summarize_run(self.session, &summary.line("Resume"), &results);
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
        let resumption = Resumption { session: self.session, connection: self.connection };
        if let Some(stopped) = &rest.stopped {
            let error = resumption.stopped(&key, &rest, stopped);
            return Found::Stopped(key, error);
        }
        match resumption.job(&key, record, &rest).await {
            Ok(job) => Found::Job(Box::new(job)),
            Err(error) => Found::Error(key, error),
        }
    }
}
