//! `offerctl apply`: shows the plan, asks, and makes the service have what the manifests say.

use crate::cli::arguments::{ApplyArguments, Global, Output};
use crate::cli::event_file::EventFile;
use crate::cli::execution::{Execution, confirm, exit_of_outcome, expect_secrets, show_unfinished};
use crate::cli::planning::{Input, Planning, Purpose, make_plan};
use crate::cli::printer::Printer;
use crate::cli::selection::select;
use crate::cli::session::{Connection, Session};
use crate::cli::{CommandError, Exit};
use crate::execute::{Concurrency, Job};
use crate::plan::{Action, OfferVerdict, Plan, PlannedOffer};
use crate::render::{ApplyFile, ApplySummary, OfferResult, plan_json, plan_text};

pub(super) async fn run(global: &Global, own: ApplyArguments, printer: Printer) -> Result<Exit, CommandError> {
    let session = Session::open(global, &own.selection.offers, own.waiting.clone(), printer)?;
    session.following("apply", plan_and_apply(&session, &own, global.output)).await
}

async fn plan_and_apply(session: &Session, own: &ApplyArguments, output: Output) -> Result<Exit, CommandError> {
    let selected = select(session, &own.selection.offers)?;
    let connection = session.connect().await?;
    let planning = session.looking(make_plan(session, &connection, &selected, &own.options, Purpose::Apply)).await;
    let exit = match planning {
        Ok(planning) => carry_out(session, &connection, planning, own, output).await,
        Err(error) => Err(session.with_unfinished(error, &connection.state, &own.selection.offers)),
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
    session.events.planned(&planning.plan);
    let printer = session.printer;
    match output {
        Output::Text => printer.result(&plan_text(&planning.plan, &printer.stdout_palette()))?,
        // The result comes at the end; whoever is asked has to see the plan before.
        Output::Json if !own.yes => printer.note(&plan_text(&planning.plan, &printer.stderr_palette())),
        Output::Json => {}
    }
    if let Err(error) = may_begin(session, &planning, own).await {
        if output == Output::Json {
            print_json(printer, &planning.plan, Vec::new(), ApplySummary::of_plan(&planning.plan.summary()))?;
        }
        return Err(error);
    }
    let Planning { plan, jobs, agreed, exit, input: _ } = planning;
    let blocked = plan.offers.iter().any(|offer| offer.verdict() == OfferVerdict::Blocked);
    let mut exit = if blocked { exit.or_worse(Exit::Blocked) } else { exit };
    let mut results = settled(&plan, &session.events);
    let concurrency = if own.last_write_wins { Concurrency::LastWriteWins } else { Concurrency::Optimistic };
    let outcomes = Execution { session, connection, concurrency, command: "apply" }.carry_out(jobs, agreed).await?;
    show_unfinished(session, &outcomes);
    let mut summary = ApplySummary::of_plan(&plan.summary());
    for (key, outcome) in &outcomes {
        summary.count(outcome);
        exit = exit.or_worse(exit_of_outcome(outcome));
        results.push(OfferResult::worked_on(key, outcome, &session.resume_command(&[key])));
    }
    match output {
        Output::Text => printer.result(&(summary.line("Apply") + "\n"))?,
        Output::Json => print_json(printer, &plan, results, summary)?,
    }
    Ok(exit)
}

/// The results of the offers about which nothing is done.
fn settled(plan: &Plan, events: &EventFile) -> Vec<OfferResult> {
    let result = |offer: &PlannedOffer| match offer.verdict() {
        OfferVerdict::Blocked => Some((OfferResult::blocked(offer), Exit::Blocked)),
        OfferVerdict::InSync => Some((OfferResult::in_sync(offer), Exit::Done)),
        OfferVerdict::ToDo => None,
    };
    let results = plan.offers.iter().filter_map(result);
    results
        .map(|(result, exit)| {
            events.offer_ended(result.clone(), exit);
            result
        })
        .collect()
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
async fn may_begin(session: &Session, planning: &Planning, own: &ApplyArguments) -> Result<(), CommandError> {
    if planning.input == Input::Broken {
        return Err(CommandError::bad_input("nothing was written, because some manifests have errors")
            .hint("correct them, or name the manifests to apply: `offerctl apply offers/contoso-vm/offer.yaml`"));
    }
    expect_secrets(&planning.jobs)?;
    if planning.jobs.is_empty() { Ok(()) } else { ask(session, &planning.jobs, own).await }
}

/// The question before the first write.
async fn ask(session: &Session, jobs: &[Job], own: &ApplyArguments) -> Result<(), CommandError> {
    let offers = if jobs.len() == 1 { "1 offer".to_owned() } else { format!("{} offers", jobs.len()) };
    let live = jobs.iter().filter(|job| job.planned.has(Action::GoLive)).count();
    let live = match live {
        0 => String::new(),
        live => format!(", {live} of them up to production, which cannot be taken back"),
    };
    confirm(session, own.yes, "the plan", format!("Apply these steps to {offers}{live}? [y/N]")).await
}
