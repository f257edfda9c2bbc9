//! What `apply` does once it is known what is to be done, be it from a fresh plan or from a saved one: it shows, asks,
//! carries out and tells.

use super::arguments::{ApplyArguments, Output};
use super::execution::{Execution, confirm, exit_of_outcome, expect_secrets, summarize_run, tell};
use super::planning::Input;
use super::printer::{Printer, json_value};
use super::session::{Connection, Session};
use super::{CommandError, Exit};
use crate::execute::{Concurrency, Job};
use crate::plan::{Action, OfferVerdict, Plan, PlannedOffer};
use crate::render::{ApplyFile, ApplySummary, OfferResult, counted, plan_digest, plan_json, plan_text};

/// A plan, and what is left to do about it.
pub(super) struct Work {
    pub(super) plan: Plan,
    /// The offers with steps that may be done.
    pub(super) jobs: Vec<Job>,
    /// Those that are as they should be although no record says so.
    pub(super) agreed: Vec<Job>,
    /// How looking at the offers ended.
    pub(super) exit: Exit,
    /// Whether the manifests can be acted on.
    pub(super) input: Input,
    /// What became of the offers about which nothing is done.
    pub(super) results: Vec<OfferResult>,
    pub(super) summary: ApplySummary,
}

/// When a plan was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Freshness {
    /// By this command.
    Fresh,
    /// By an earlier one.
    Saved,
}

impl Work {
    /// Nothing so far but what the plan itself settles: offers that are in sync or blocked. What was in sync when a plan was
    /// saved may not be any more, and is not looked at.
    pub(super) fn of(plan: Plan, freshness: Freshness, session: &Session) -> Self {
        let mut work = Self {
            summary: ApplySummary::of_plan(&plan.summary()),
            jobs: Vec::new(),
            agreed: Vec::new(),
            exit: Exit::Done,
            input: Input::Sound,
            results: Vec::new(),
            plan,
        };
        if freshness == Freshness::Saved {
            work.summary.in_sync = 0;
        }
        let result = |offer: &PlannedOffer| match offer.verdict() {
            OfferVerdict::Blocked => Some((OfferResult::blocked(offer), Exit::Blocked)),
            OfferVerdict::InSync if freshness == Freshness::Saved => None,
            OfferVerdict::InSync => Some((OfferResult::in_sync(offer), Exit::Done)),
            OfferVerdict::ToDo => None,
        };
        let settled: Vec<_> = work.plan.offers.iter().filter_map(result).collect();
        for (result, exit) in settled {
            work.settle(result, exit, session);
        }
        work
    }

    /// Nothing more is done about an offer.
    pub(super) fn settle(&mut self, result: OfferResult, exit: Exit, session: &Session) {
        session.events.offer_ended(result.clone(), exit);
        self.exit = self.exit.or_worse(exit);
        self.results.push(result);
    }

    /// Does it, unless something is in the way or the person does not want it.
    pub(super) async fn carry_out(
        self,
        session: &Session,
        connection: &Connection,
        own: &ApplyArguments,
        output: Output,
    ) -> Result<Exit, CommandError> {
        let printer = session.printer;
        if let Err(error) = self.may_begin(session, own).await {
            self.print_as_not_begun(printer, output)?;
            return Err(error);
        }
        let Self { plan, jobs, agreed, mut exit, mut results, mut summary, input: _ } = self;
        // It was shown; only the document at the end needs it again, and a run may wait for hours with it in memory.
        let plan = Some(plan).filter(|_| output == Output::Json);
        let concurrency = if own.last_write_wins { Concurrency::LastWriteWins } else { Concurrency::Optimistic };
        let outcomes = Execution { session, connection, concurrency, command: "apply" }.carry_out(jobs, agreed).await?;
        results.extend(tell(session, connection, &outcomes));
        for (_, outcome) in &outcomes {
            summary.count(outcome);
            exit = exit.or_worse(exit_of_outcome(outcome));
        }
        summarize_run(session, &summary.line("Apply"), &results);
        match plan {
            Some(plan) => print_json(printer, &plan, &results, summary)?,
            None => printer.result(&(summary.line("Apply") + "\n"))?,
        }
        Ok(exit)
    }

    /// Everything that has to be right before the first write.
    async fn may_begin(&self, session: &Session, own: &ApplyArguments) -> Result<(), CommandError> {
        if self.input == Input::Broken {
            return Err(CommandError::bad_input("nothing was written, because some manifests have errors")
                .hint("correct them, or name only the manifests or offers that are to be applied"));
        }
        expect_reviewed(&self.plan, own).map_err(|error| {
            let exit = if self.plan.is_complete() { error.exit() } else { self.exit.or_worse(error.exit()) };
            error.ending_as(exit)
        })?;
        expect_secrets(&self.jobs)?;
        if self.jobs.is_empty() { Ok(()) } else { ask(session, &self.jobs, own).await }
    }

    /// The document of a run that does nothing: the plan, and no results.
    fn print_as_not_begun(&self, printer: Printer, output: Output) -> Result<(), CommandError> {
        match output {
            Output::Text => Ok(()),
            Output::Json => print_json(printer, &self.plan, &[], ApplySummary::of_plan(&self.plan.summary())),
        }
    }
}

/// Shows what will be done, before anybody is asked.
pub(super) fn show(plan: &Plan, printer: Printer, own: &ApplyArguments, output: Output) -> Result<(), CommandError> {
    match output {
        Output::Text => printer.text(plan_text(plan, &printer.stdout_palette())),
        // The result comes at the end; whoever is asked has to see the plan before.
        Output::Json if !own.yes => {
            printer.advise(&plan_text(plan, &printer.stderr_palette()).collect::<String>());
            Ok(())
        }
        Output::Json => Ok(()),
    }
}

fn print_json(
    printer: Printer,
    plan: &Plan,
    results: &[OfferResult],
    summary: ApplySummary,
) -> Result<(), CommandError> {
    let results = json_value(&results)?;
    let finish = |part| printer.fit_json(part);
    let (plan, results) = (plan_json(plan, &finish), finish(results));
    printer.json_of_parts(&ApplyFile { format: "offerctl-apply", version: 1, plan, results, summary })
}

/// Refuses a plan that is not the one that was reviewed, when the person says which that is.
fn expect_reviewed(plan: &Plan, own: &ApplyArguments) -> Result<(), CommandError> {
    let Some(reviewed) = &own.expect_digest else { return Ok(()) };
    let digest = plan_digest(plan);
    if !plan.is_complete() {
        return Err(incomplete(plan));
    }
    if digest == *reviewed {
        return Ok(());
    }
    Err(CommandError::conflict(format!(
        "nothing was written: this is not the plan that was reviewed; its digest is {digest}, and {reviewed} was expected"
    ))
    .hint("read the plan above; when it is what you want, have it reviewed and give its digest"))
}

/// Why a plan that does not cover everything is not applied.
pub(super) fn incomplete(plan: &Plan) -> CommandError {
    let missing = plan.failed.len();
    let what = match missing {
        0 => "two manifests describe the same offer".to_owned(),
        1 => "1 manifest could not be planned".to_owned(),
        missing => format!("{missing} manifests could not be planned"),
    };
    let lines: Vec<_> = plan
        .failed
        .iter()
        .map(|failed| format!("\n{}: {}", failed.manifest, failed.reason.lines().next().unwrap_or_default()))
        .collect();
    CommandError::bad_input(format!("nothing was written: the plan is incomplete, {what}{}", lines.concat()))
        .hint("mend what kept it from being complete and plan anew, or plan only the offers that are meant")
}

/// The question before the first write.
async fn ask(session: &Session, jobs: &[Job], own: &ApplyArguments) -> Result<(), CommandError> {
    let offers = counted(jobs.len(), "offer");
    let live = jobs.iter().filter(|job| job.planned.has(Action::GoLive)).count();
    let live = match live {
        0 => String::new(),
        live => format!(", {live} of them up to production, which cannot be taken back"),
    };
    confirm(session, own.yes, "the plan", format!("Apply these steps to {offers}{live}? [y/N]")).await
}
