//! `offerctl apply`: shows the plan, asks, and makes the service have what the manifests say.

use crate::cli::applying::{Freshness, Work, show};
use crate::cli::arguments::{ApplyArguments, Global, Output};
use crate::cli::plan_files::named_plan;
use crate::cli::planning::{Planning, Purpose, make_plan};
use crate::cli::printer::Printer;
use crate::cli::selection::select_changed;
use crate::cli::session::{Connection, Session};
use crate::cli::{CommandError, Exit, saved_plan};

pub(super) async fn run(global: &Global, mut own: ApplyArguments, printer: Printer) -> Result<Exit, CommandError> {
    own.offers.append(&mut own.flagged.named);
    let session = Session::open(global, &own.offers, own.waiting.clone(), printer)?;
    let apply = async {
        match named_plan(&own.offers)? {
            Some(path) => Box::pin(saved_plan::apply(&session, path, &own, global.output)).await,
            None => Box::pin(plan_and_apply(&session, &own, global.output)).await,
        }
    };
    session.following("apply", apply).await
}

async fn plan_and_apply(session: &Session, own: &ApplyArguments, output: Output) -> Result<Exit, CommandError> {
    let selected = select_changed(session, &own.offers, &own.changed)?;
    let connection = session.connect().await?;
    let planning = session.looking(make_plan(session, &connection, &selected, &own.options, Purpose::Apply)).await;
    let exit = match planning {
        Ok(planning) => carry_out(session, &connection, planning, own, output).await,
        Err(error) => Err(session.with_unfinished(error, &connection.state, &own.offers)),
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
    let Planning { plan, jobs, agreed, exit, input } = planning;
    session.events.planned(&plan);
    show(&plan, session.printer, own, output)?;
    let mut work = Work::of(plan, Freshness::Fresh, session);
    work.exit = work.exit.or_worse(exit);
    Work { jobs, agreed, input, ..work }.carry_out(session, connection, own, output).await
}
