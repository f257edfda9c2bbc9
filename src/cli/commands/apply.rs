//! `offerctl apply`: shows the plan, asks, and makes the service have what the manifests say.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;

use crate::cli::arguments::{ApplyArguments, Global, Output};
use crate::cli::error::exit_of_execute_error;
use crate::cli::interrupt;
use crate::cli::planning::{Input, Planning, Purpose, make_plan};
use crate::cli::printer::Printer;
use crate::cli::progress::Board;
use crate::cli::selection::select;
use crate::cli::session::{Connection, Session, WaitFlags};
use crate::cli::{CommandError, Exit};
use crate::execute::{Concurrency, ExecuteSettings, Executor, Job, OfferOutcome, Watcher};
use crate::offer::OfferKey;
use crate::plan::{Action, OfferVerdict, Plan, PlannedOffer};
use crate::render::{ApplyFile, ApplySummary, OfferResult, outcome_text, plan_json, plan_text};

pub(super) async fn run(global: &Global, own: ApplyArguments, printer: Printer) -> Result<Exit, CommandError> {
    let waiting = WaitFlags { wait: own.wait.clone(), poll_interval: own.poll_interval.clone() };
    let session = Session::open(global, &own.selection.offers, waiting, printer)?;
    let selected = select(&session, &own.selection.offers)?;
    let connection = session.connect().await?;
    let planning = make_plan(&session, &connection, &selected, &own.options, Purpose::Apply).await;
    let exit = match planning {
        Ok(planning) => carry_out(&session, &connection, planning, &own, global.output).await,
        Err(error) => Err(error),
    };
    connection.close().await;
    exit
}

async fn carry_out(
    session: &Session,
    connection: &Connection,
    planning: Planning,
    own: &ApplyArguments,
    output: Output,
) -> Result<Exit, CommandError> {
    let printer = session.printer;
    match output {
        Output::Text => printer.result(&plan_text(&planning.plan, &printer.stdout_palette()))?,
        // The result comes at the end; whoever is asked has to see the plan before.
        Output::Json if !own.yes => printer.note(&plan_text(&planning.plan, &printer.stderr_palette())),
        Output::Json => {}
    }
    if let Err(error) = may_begin(&planning, own, printer) {
        if output == Output::Json {
            print_json(printer, &planning.plan, Vec::new(), ApplySummary::of_plan(&planning.plan.summary()))?;
        }
        return Err(error);
    }
    let Planning { plan, jobs, agreed, exit, input: _ } = planning;
    let blocked = plan.offers.iter().any(|offer| offer.verdict() == OfferVerdict::Blocked);
    let mut exit = if blocked { exit.or_worse(Exit::Blocked) } else { exit };
    if !(jobs.is_empty() && agreed.is_empty()) && session.settings.state.starts_with(session.settings.own_folder()) {
        session.make_own_folder()?;
    }
    let outcomes = execute_all(session, connection, jobs, agreed, own).await;
    let mut summary = ApplySummary::of_plan(&plan.summary());
    let settled = |offer: &&PlannedOffer| offer.verdict() != OfferVerdict::ToDo;
    let mut results: Vec<_> = plan
        .offers
        .iter()
        .filter(settled)
        .map(|offer| match offer.verdict() {
            OfferVerdict::Blocked => OfferResult::blocked(offer),
            _ => OfferResult::in_sync(offer),
        })
        .collect();
    for (key, outcome) in &outcomes {
        summary.count(outcome);
        exit = exit.or_worse(exit_of_outcome(outcome));
        results.push(OfferResult::worked_on(key, outcome));
        if !matches!(outcome, OfferOutcome::Done) {
            printer.note(&outcome_text(key, outcome, &printer.stderr_palette()));
        }
    }
    match output {
        Output::Text => printer.result(&(summary.line() + "\n"))?,
        Output::Json => print_json(printer, &plan, results, summary)?,
    }
    Ok(exit)
}

fn print_json(
    printer: Printer,
    plan: &Plan,
    results: Vec<OfferResult>,
    summary: ApplySummary,
) -> Result<(), CommandError> {
    printer.json(&ApplyFile { format: "offerctl-apply", version: 1, plan: plan_json(plan), results, summary })
}

/// Everything that has to be right before the first write.
fn may_begin(planning: &Planning, own: &ApplyArguments, printer: Printer) -> Result<(), CommandError> {
    if planning.input == Input::Broken {
        return Err(CommandError::bad_input("nothing was written, because some manifests have errors")
            .hint("correct them, or name the manifests to apply: `offerctl apply offers/contoso-vm/offer.yaml`"));
    }
    expect_secrets(&planning.jobs)?;
    if planning.jobs.is_empty() { Ok(()) } else { confirm(&planning.jobs, own, printer) }
}

/// Finds out before the first write that a secret is missing, not in the middle of it.
fn expect_secrets(jobs: &[Job]) -> Result<(), CommandError> {
    let writes = jobs.iter().filter(|job| job.planned.has(Action::Create) || job.planned.has(Action::Update));
    let names = writes.flat_map(|job| job.desired.secrets.iter().map(|(_, name)| name.as_str()));
    let missing: BTreeSet<_> = names.filter(|name| environment(name).is_none()).collect();
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

/// A secret of the environment. An empty one counts as not set: CI systems set what they do not have.
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Nothing is written without a clear yes.
fn confirm(jobs: &[Job], own: &ApplyArguments, printer: Printer) -> Result<(), CommandError> {
    if own.yes {
        return Ok(());
    }
    if !printer.can_ask() {
        return Err(CommandError::bad_input("nothing was written: there is no terminal to ask on, and no `--yes`")
            .hint("read the plan above, then run the same command with `--yes`"));
    }
    let offers = if jobs.len() == 1 { "1 offer".to_owned() } else { format!("{} offers", jobs.len()) };
    let live = jobs.iter().filter(|job| job.planned.has(Action::GoLive)).count();
    let live = match live {
        0 => String::new(),
        live => format!(", {live} of them up to production, which cannot be taken back"),
    };
    if printer.ask(&format!("Apply these steps to {offers}{live}? [y/N]")) {
        Ok(())
    } else {
        Err(CommandError::interrupted("nothing was written, as you said"))
    }
}

async fn execute_all(
    session: &Session,
    connection: &Connection,
    jobs: Vec<Job>,
    agreed: Vec<Job>,
    own: &ApplyArguments,
) -> Vec<(OfferKey, OfferOutcome)> {
    if jobs.is_empty() && agreed.is_empty() {
        return Vec::new();
    }
    let board = Arc::new(Board::new(session.printer));
    let shown = Arc::clone(&board);
    let watcher: Watcher = Arc::new(move |key, event| shown.show(key, &event));
    let settings = ExecuteSettings {
        parallelism: session.settings.parallelism,
        wait: session.settings.wait,
        pace: session.settings.pace,
        concurrency: if own.last_write_wins { Concurrency::LastWriteWins } else { Concurrency::Optimistic },
        environment,
        now: || jiff::Timestamp::now().to_string(),
    };
    let (told, printer) = (Arc::clone(&board), session.printer);
    // Above the moving lines, not across them.
    let stop = interrupt::listen(move |text| told.say(&printer.warning_line(text)));
    let executor = Executor::new(connection.client.clone(), connection.state.clone(), settings, watcher, stop);
    for job in &agreed {
        // There is no step to do: this only puts on record that both sides agree.
        if let OfferOutcome::Failed(error) = executor.execute(job).await {
            session.printer.warning(&format!("{}: {error}", job.planned.key));
        }
    }
    let mut running: FuturesUnordered<_> = jobs
        .into_iter()
        .map(|job| async {
            let job = job;
            let outcome = executor.execute(&job).await;
            (job.planned.key, outcome)
        })
        .collect();
    let mut outcomes = Vec::new();
    while let Some((key, outcome)) = running.next().await {
        board.done(&key);
        if matches!(outcome, OfferOutcome::Done) {
            board.say(&outcome_text(&key, &outcome, &session.printer.stderr_palette()));
        }
        outcomes.push((key, outcome));
    }
    outcomes.sort_by(|one, other| one.0.cmp(&other.0));
    outcomes
}

fn exit_of_outcome(outcome: &OfferOutcome) -> Exit {
    match outcome {
        OfferOutcome::Done => Exit::Done,
        OfferOutcome::StillGoing { .. } => Exit::StillGoing,
        OfferOutcome::Interrupted => Exit::Interrupted,
        OfferOutcome::Failed(error) => exit_of_execute_error(error),
    }
}
