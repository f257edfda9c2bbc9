//! `offerctl show`: a saved plan, as `plan` showed it. Nothing is asked of the service.

use crate::cli::arguments::{Format, Global, ShowArguments};
use crate::cli::printer::Printer;
use crate::cli::sarif::write_sarif;
use crate::cli::session::{comment_id_here, enter, place_here, repository_here};
use crate::cli::{CommandError, Exit, plan_files};
use crate::findings::{Findings, of_plan};
use crate::render::{Album, plan_json, plan_markdown, plan_page, plan_text, summary_line};

pub(super) fn run(global: &Global, own: &ShowArguments, printer: Printer) -> Result<Exit, CommandError> {
    own.markdown.check(global.format)?;
    enter(global.directory.as_deref())?;
    let plan = plan_files::read(&own.plan)?.into_plan();
    match global.format {
        Format::Text => printer.text(plan_text(&plan, &printer.stdout_palette()))?,
        Format::Json => printer.json_of_parts(&plan_json(&plan, &|part| printer.fit_json(part)))?,
        Format::Markdown => {
            let id = own.markdown.comment_id.clone().unwrap_or_else(comment_id_here);
            printer.result(&plan_markdown(&plan, &id, own.markdown.length.limit()))?;
        }
        Format::Html => {
            let album = repository_here().map_or_else(Album::default, |repository| {
                Album::of(&plan, |file, digest| repository.picture(file, digest))
            });
            printer.result_of_parts(plan_page(&plan, &album))?;
        }
        // Whoever made the plan has had its findings on their lines; they may be other lines by now.
        Format::Sarif => {
            let place = place_here();
            let findings: Findings = of_plan(&plan).into_iter().map(|finding| finding.below(&place)).collect();
            write_sarif("show", &findings.settled(), summary_line(&plan.summary()), printer)?;
        }
    }
    Ok(Exit::Done)
}
