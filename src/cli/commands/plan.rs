//! `offerctl plan`: what differs, and what `apply` would do about it.

use std::path::Path;

use crate::cli::arguments::{Format, Global, PlanArguments, WaitOptions};
use crate::cli::planning::{Purpose, make_plan};
use crate::cli::printer::Printer;
use crate::cli::sarif::write_sarif;
use crate::cli::selection::select_changed;
use crate::cli::session::{Session, comment_id_here};
use crate::cli::step_summary::summarize;
use crate::cli::{CommandError, Exit, plan_files};
use crate::plan::{OfferVerdict, Plan};
use crate::render::{Album, plan_json, plan_markdown, plan_page, plan_text, summary_line, unmade_plan_markdown};

pub(super) async fn run(global: &Global, own: &PlanArguments, printer: Printer) -> Result<Exit, CommandError> {
    own.markdown.check(global.format)?;
    let outcome = plan(global, own, printer).await;
    if let Err(error) = &outcome
        && global.format == Format::Markdown
        && error.exit() != Exit::Interrupted
    {
        // Else the comment on a pull request goes on telling of an earlier plan.
        let id = own.markdown.comment_id.clone().unwrap_or_else(comment_id_here);
        printer.result(&unmade_plan_markdown(error.message(), error.hints(), &id))?;
    }
    outcome
}

async fn plan(global: &Global, own: &PlanArguments, printer: Printer) -> Result<Exit, CommandError> {
    let session = Session::open(global, &own.selection.offers, WaitOptions::default(), printer)?;
    if let Some(path) = &own.out {
        plan_files::expect_no_other_file(path)?;
    }
    let selected = select_changed(&session, &own.selection.offers, &own.selection.changed)?;
    let connection = session.connect().await?;
    let planning = make_plan(&session, &connection, &selected, &own.options, Purpose::Show).await;
    connection.close().await;
    let planning = planning?;
    let comment_id = own.markdown.comment_id.clone().unwrap_or_else(|| session.comment_id());
    summarize(printer, |limit| plan_markdown(&planning.plan, &comment_id, limit));
    match global.format {
        Format::Text => printer.text(plan_text(&planning.plan, &printer.stdout_palette()))?,
        Format::Json => printer.json_of_parts(&plan_json(&planning.plan, &|part| printer.fit_json(part)))?,
        Format::Markdown => {
            let limit = own.markdown.length.limit();
            printer.result(&plan_markdown(&planning.plan, &comment_id, limit))?;
        }
        Format::Html => {
            let repository = session.repository()?;
            let album = Album::of(&planning.plan, |file, digest| repository.picture(file, digest));
            printer.result_of_parts(plan_page(&planning.plan, &album))?;
        }
        Format::Sarif => {
            write_sarif("plan", &printer.findings(), summary_line(&planning.plan.summary()), printer)?;
        }
    }
    if let Some(path) = &own.out {
        save(&session, path, &planning.plan)?;
    }
    let changes = planning.plan.offers.iter().any(|offer| offer.verdict() != OfferVerdict::InSync);
    let answer = if own.detailed_exitcode && changes { Exit::Changes } else { Exit::Done };
    Ok(planning.exit.or_worse(answer))
}

fn save(session: &Session, path: &Path, plan: &Plan) -> Result<(), CommandError> {
    let digest = plan_files::write(path, plan, session.printer)?;
    if !path.is_file() {
        session.printer.note(&format!("Plan {} is saved into `{}`", digest.short(), path.display()));
    } else if plan.is_complete() {
        let apply = session.command_line_on("apply", [path.to_string_lossy().into_owned()]);
        session.printer.note(&format!("Plan {} is saved; exactly this is applied with: {apply}", digest.short()));
    } else {
        session.printer.warning(&format!(
            "the plan is saved as `{}`, and is incomplete: it can be looked at, and not be applied",
            path.display()
        ));
    }
    Ok(())
}
