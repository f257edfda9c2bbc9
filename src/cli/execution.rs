//! Carrying out planned offers: what every command that acts has in common, from the progress on the terminal to what
//! became of each offer.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::StreamExt as _;

use super::open_files::room_for;
use super::progress::Board;
use super::secrets::secret;
use super::session::{Connection, Session};
use super::step_summary::summarize;
use super::{CommandError, Exit};
use crate::execute::{Concurrency, Event, ExecuteSettings, Executor, Job, OfferOutcome, Watcher};
use crate::git::checkout_commit;
use crate::offer::OfferKey;
use crate::plan::Action;
use crate::render::{OfferResult, RunRow, outcome_text, run_markdown};
use crate::state::{Holder, StateError, StatePlace};

/// What a command carries its jobs out with.
pub(super) struct Execution<'session> {
    pub(super) session: &'session Session,
    pub(super) connection: &'session Connection,
    pub(super) concurrency: Concurrency,
    /// Its name, for whoever wants to work on the same offers: `apply`.
    pub(super) command: &'static str,
}

/// What became of the offers, in the order of their names.
pub(super) type Outcomes = Vec<(OfferKey, OfferOutcome)>;

impl Execution<'_> {
    /// Does the steps of every job side by side. `agreed` are jobs without steps, which are only put on record.
    ///
    /// What happens is shown as it happens; how each offer that is not done ended is left to [`tell`].
    pub(super) async fn carry_out(&self, jobs: Vec<Job>, agreed: Vec<Job>) -> Result<Outcomes, CommandError> {
        let outcomes = self.work_on(jobs, agreed).await;
        // Also what an earlier run could not share, and what is only on record.
        match self.connection.state.share(None).await {
            Err(StateError::NotShared { .. }) if outcomes.iter().flatten().any(is_unshared) => {}
            Err(error @ StateError::NotShared { .. }) => {
                self.session.printer.warning(&format!("{error}. {}", error.advice()));
            }
            shared => shared?,
        }
        outcomes
    }

    async fn work_on(&self, jobs: Vec<Job>, agreed: Vec<Job>) -> Result<Outcomes, CommandError> {
        if jobs.is_empty() && agreed.is_empty() {
            return Ok(Vec::new());
        }
        let settings = &self.session.settings;
        if matches!(&settings.state, StatePlace::Folder(folder) if folder.starts_with(settings.own_folder())) {
            self.session.make_own_folder()?;
        }
        let printer = self.session.printer;
        let board = Arc::new(Board::new(printer));
        let executor = self.executor(&board);
        for job in &agreed {
            // There is no step to do: this only puts on record that both sides agree.
            if let OfferOutcome::Failed(error) = executor.execute(job).await {
                printer.warning(&format!("{}: {error}", job.planned.key));
            }
        }
        let room = room_for(jobs.len());
        let executed = futures::stream::iter(jobs).map(|job| async {
            let job = job;
            let outcome = executor.execute(&job).await;
            (job.planned.key, outcome)
        });
        let mut running = executed.buffer_unordered(room);
        let mut outcomes = Vec::new();
        while let Some((key, outcome)) = running.next().await {
            board.done(&key);
            let remedy = self.connection.tracer.remedy(&key, &outcome, self.goes_on_with(&key));
            self.connection.tracer.found(&key, &remedy);
            let result = OfferResult::worked_on(&key, &outcome, &remedy);
            self.session.events.offer_ended(result, exit_of_outcome(&outcome));
            if matches!(outcome, OfferOutcome::Done) {
                printer.advise(&outcome_text(&key, &outcome, &remedy, &printer.stderr_palette()));
            }
            outcomes.push((key, outcome));
        }
        outcomes.sort_by(|one, other| one.0.cmp(&other.0));
        Ok(outcomes)
    }

    /// The command that goes on with what is not done: a cancel is asked for again, for nothing else is left of it.
    fn goes_on_with(&self, key: &OfferKey) -> String {
        match self.command {
            "cancel" => self.session.command_line("cancel", &[key]) + " --yes",
            _ => self.session.resume_command(&[key]),
        }
    }

    fn executor(&self, board: &Arc<Board>) -> Executor {
        let (shown, events) = (Arc::clone(board), Arc::clone(&self.session.events));
        let tracer = Arc::clone(&self.connection.tracer);
        let watcher: Watcher = Arc::new(move |key, event| {
            let concern = match &event {
                Event::Said(message) => tracer.trace(key, &message.text),
                _ => None,
            };
            events.told(key, &event, concern.as_ref());
            shown.show(key, &event, concern.as_ref());
        });
        let settings = ExecuteSettings {
            parallelism: self.session.settings.parallelism,
            wait: self.session.settings.wait,
            pace: self.session.settings.pace,
            concurrency: self.concurrency,
            environment: secret,
            fingerprinter: Arc::clone(&self.session.fingerprinter),
            now,
            holder: Holder { process: std::process::id(), command: format!("offerctl {}", self.command), since: now() },
            commit: checkout_commit(&self.session.settings.root),
        };
        self.session.interruption.work_begins();
        let stop = self.session.interruption.switch();
        let Connection { client, state, .. } = self.connection;
        Executor::new(client.clone(), state.clone(), settings, watcher, stop)
    }
}

/// Whether an offer has failed for not being shared, which tells all that there is to tell.
fn is_unshared((_, outcome): &(OfferKey, OfferOutcome)) -> bool {
    matches!(outcome, OfferOutcome::Failed(error) if error.is_unshared())
}

/// Nothing is done without a clear yes, given in advance or on the terminal. `shown` is what the person has read.
pub(super) async fn confirm(session: &Session, yes: bool, shown: &str, question: String) -> Result<(), CommandError> {
    if yes {
        return Ok(());
    }
    let printer = session.printer;
    if !printer.can_ask() {
        return Err(CommandError::bad_input("nothing was written: there is no terminal to ask on, and no `--yes`")
            .hint(format!("read {shown} above, then run the same command with `--yes`")));
    }
    // On a thread of its own, for nothing but an answer or the end of the process ends the reading of one.
    let answer = tokio::task::spawn_blocking(move || printer.ask(&question));
    let asked = async { answer.await.map_err(|error| CommandError::other(format!("the question failed: {error}"))) };
    match session.looking(asked).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(CommandError::interrupted("nothing was written, as you said")),
        Err(error) => {
            // The question stands on a line that nobody has ended.
            printer.note("");
            Err(error)
        }
    }
}

/// Says how each offer that is not done ended, and what to do next; the result of every offer, for programs.
pub(super) fn tell(session: &Session, connection: &Connection, outcomes: &Outcomes) -> Vec<OfferResult> {
    let printer = session.printer;
    let mut results = Vec::new();
    for (key, outcome) in outcomes {
        let remedy = connection.tracer.remedy(key, outcome, session.resume_command(&[key]));
        if !matches!(outcome, OfferOutcome::Done) {
            printer.advise(&outcome_text(key, outcome, &remedy, &printer.stderr_palette()));
        }
        results.push(OfferResult::worked_on(key, outcome, &remedy));
    }
    results
}

/// Adds what a run did to the summary of a CI step.
pub(super) fn summarize_run(session: &Session, totals: &str, results: &[OfferResult]) {
    let printer = session.printer;
    let rows: Vec<_> =
        results.iter().map(|result| RunRow { result, done: session.events.done(&result.offer()) }).collect();
    summarize(printer, |limit| run_markdown(totals, &rows, limit, &|text| printer.secrets().scrub(text)));
}

/// The exit code of how an offer ended.
pub(super) fn exit_of_outcome(outcome: &OfferOutcome) -> Exit {
    match outcome {
        OfferOutcome::Done => Exit::Done,
        OfferOutcome::StillGoing { .. } => Exit::StillGoing,
        OfferOutcome::Interrupted => Exit::Interrupted,
        OfferOutcome::Failed(error) => Exit::from(&**error),
    }
}

/// Finds out before the first write that a secret is missing, not in the middle of it.
pub(super) fn expect_secrets(jobs: &[Job]) -> Result<(), CommandError> {
    let writes = jobs.iter().filter(|job| job.planned.has(Action::Create) || job.planned.has(Action::Update));
    let names = writes.flat_map(|job| job.desired.secrets.iter().map(|(_, name)| name.as_str()));
    let missing: BTreeSet<_> = names.filter(|name| secret(name).is_none()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let missing: Vec<_> = missing.iter().map(|name| format!("`{name}`")).collect();
    Err(CommandError::bad_input(format!(
        "nothing was written: the manifests name secrets that are not in the environment, or empty: {}",
        missing.join(", ")
    ))
    .hint("set them where offerctl runs, then run the same command again"))
}

/// The current time to the second, for records.
fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
