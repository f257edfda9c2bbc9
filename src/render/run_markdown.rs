//! What a run did, and what was wrong with manifests, as Markdown for the summary of a CI step: the totals, then a table of
//! what needs somebody. What matters least is left out when not all of it fits.

use std::fmt::Write as _;

use super::comment::MarkdownLimit;
use super::json::OfferResult;
use super::markdown::sheet::{Frame, Kind, LeftOut, Node, Reach, fit, measure};
use super::markdown::{code, prose, words};
use super::plan_text::place;
use super::redaction::Redaction;
use super::remedy::TracedComplaint;
use crate::manifest::{PlacedDiagnostic, Severity};
use crate::plan::Action;

/// How much of one message is shown.
const LONGEST: usize = 1_000;
/// The longest that the words about what is left out can be.
const NOTICE: usize = 200;

/// One offer of a run.
#[derive(Debug)]
pub struct RunRow<'run> {
    /// What became of it.
    pub result: &'run OfferResult,
    /// What was done.
    pub done: Vec<Action>,
}

/// What a run did. `totals` is its last line for people; `hide` takes secrets out of what others said.
pub fn run_markdown(totals: &str, rows: &[RunRow<'_>], limit: MarkdownLimit, hide: &dyn Fn(&str) -> String) -> String {
    let rows = rows.iter().filter(|row| row.result.result() != "inSync").map(|row| {
        let kind = match row.result.result() {
            "failed" | "unreadable" | "refused" | "blocked" => Kind::Guard,
            "done" | "nothingLeft" => Kind::Note,
            _ => Kind::Offer,
        };
        Node::Piece(kind, run_row(row, hide))
    });
    let head = "| Offer | Result | Done | What is in the way | What to type |\n|---|---|---|---|---|\n";
    fitted(totals, head, rows.collect(), ["offers", "the log has all"], limit)
}

/// What is wrong with manifests.
pub fn validate_markdown(
    totals: &str,
    diagnostics: impl Iterator<Item = PlacedDiagnostic>,
    limit: MarkdownLimit,
    hide: &dyn Fn(&str) -> String,
) -> String {
    let mut reach = Reach::of(limit);
    let rows = diagnostics.map(|found| {
        let (kind, level) = match found.severity {
            Severity::Error => (Kind::Guard, "**error**"),
            Severity::Warning => (Kind::Note, "warning"),
        };
        let help = found.help.as_ref().map(|help| said(help, hide)).unwrap_or_default();
        let what = said(&found.message, hide);
        let row = format!("| {} | {level} | {what} | {help} |\n", code(&found.source.to_string()));
        reach.within(Node::Piece(kind, row))
    });
    let head = "| Where | Level | What | What to do |\n|---|---|---|---|\n";
    let missing = ["findings", "the log has more, and `offerctl validate --output json` all"];
    fitted(totals, head, rows.collect(), missing, limit)
}

/// What a command failed with before there was anything to tell of offers.
pub fn error_markdown(command: &str, message: &str, hints: &[String]) -> String {
    let mut lines = message.lines();
    let first = said(lines.next().unwrap_or_default(), &str::to_owned);
    let title = command[..1].to_ascii_uppercase() + &command[1..];
    let mut text = format!("## {}: failed\n\n**{first}**\n", words(&title));
    for line in lines.map(str::trim).filter(|line| !line.is_empty()) {
        let _ = writeln!(text, "- {}", said(line, &str::to_owned));
    }
    for hint in hints {
        let _ = writeln!(text, "\nWhat to do: {}", said(hint, &str::to_owned));
    }
    text
}

/// The totals, and as many rows as fit. What the others are called, and where they are, is said in their place.
fn fitted(totals: &str, head: &str, rows: Vec<Node>, [noun, elsewhere]: [&str; 2], limit: MarkdownLimit) -> String {
    let totals = totals.trim().trim_end_matches('.');
    let title = format!("## {totals}\n");
    let frame = Frame { before: format!("\n{head}"), nodes: rows, cut: String::new(), after: String::new() };
    let room = limit.units().saturating_sub(measure(&title) + NOTICE);
    let table = fit(&[Node::Frame(frame)], room);
    let missing: usize = table.left_out.values().map(|LeftOut { missing, .. }| missing).sum();
    let notice = if missing == 0 {
        String::new()
    } else {
        format!(
            "\n**Not everything fits here:** {missing} {noun} are left out, those that matter least first; {elsewhere}.\n"
        )
    };
    title + &notice + &table.text
}

fn run_row(RunRow { result, done }: &RunRow<'_>, hide: &dyn Fn(&str) -> String) -> String {
    let word = match result.result() {
        "done" => "done",
        "stillGoing" => "still in progress",
        "blocked" => "**blocked**",
        "failed" => "**failed**",
        "interrupted" => "interrupted",
        "unreadable" => "**could not be read**",
        "nothingLeft" => "nothing left to do",
        "nothingToDo" => "nothing to do",
        "refused" => "**refused**",
        other => other,
    };
    let done: Vec<_> = done.iter().map(|action| action.as_str()).collect();
    let complaints = result.complaints();
    let lines = result.error().unwrap_or_default().lines().map(str::trim);
    let lines = lines.filter(|line| {
        !line.is_empty() && complaints.iter().all(|complaint| Redaction::text(&complaint.text) != **line)
    });
    let mut cell: Vec<String> = lines.map(|line| said(line, hide)).collect();
    if result.result() == "blocked" && cell.is_empty() {
        cell.push(prose(&format!(
            "a guard blocks it; `offerctl plan {}` shows which, and the way out",
            result.offer()
        )));
    }
    cell.extend(complaints.iter().map(|complaint| complained(complaint, hide)));
    format!(
        "| {} | {word} | {} | {} | {} |\n",
        words(&result.offer()),
        done.join(", "),
        cell.join("<br>"),
        result.what_next().map(|next| said(next, hide)).unwrap_or_default()
    )
}

/// What the service said, and where that belongs.
fn complained(TracedComplaint { text, concern }: &TracedComplaint, hide: &dyn Fn(&str) -> String) -> String {
    let mut shown = code(&shortened(&hide(&Redaction::text(text))));
    if let Some(at) = &concern.source {
        let _ = write!(shown, "<br>{}", code(&at.to_string()));
    }
    if !concern.path.segments().is_empty() {
        let _ = write!(shown, " {}", words(&place(&concern.path)));
    }
    shown
}

/// A sentence in a cell.
fn said(text: &str, hide: &dyn Fn(&str) -> String) -> String {
    prose(&shortened(&hide(&Redaction::text(text))))
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use pulldown_cmark::{Event, Options, Parser, Tag};

    use super::*;
    use crate::complaint::Concern;
    use crate::execute::{ExecuteError, OfferOutcome};
    use crate::offer::{FieldPath, OfferKey, SourcePosition};
    use crate::render::Remedy;

    fn failed(offer: &str, says: &str) -> OfferResult {
        let error = ExecuteError::NeedsPerson {
            what: "Certification".to_owned(),
            status: "rejected".to_owned(),
            messages: vec![says.to_owned()],
        };
        let path = FieldPath::parse("/definition/offer/microsoft-azure-marketplace.title").unwrap();
        let source = Some(SourcePosition { file: "offers/vm/offer.yaml".into(), line: 9, column: 5 });
        let concern = Concern { path, source, names: vec!["title".to_owned()], is_sure: true };
        let remedy = Remedy {
            go_on: format!("offerctl resume {offer}"),
            complaints: vec![TracedComplaint { text: says.to_owned(), concern }],
            once_mended: Some(format!("offerctl apply {offer}")),
        };
        OfferResult::worked_on(&OfferKey::parse(offer).unwrap(), &OfferOutcome::Failed(Box::new(error)), &remedy)
    }

    fn markdown(results: &[OfferResult], limit: MarkdownLimit) -> String {
        let rows: Vec<_> =
            results.iter().map(|result| RunRow { result, done: vec![Action::Update, Action::Publish] }).collect();
        run_markdown("Apply: 2 offers: 1 done, 1 failed.", &rows, limit, &|text| text.replace("hunter2", "[hidden]"))
    }

    #[test]
    fn a_run_is_a_table_of_what_needs_somebody() {
        let key = OfferKey::parse("contoso/other").unwrap();
        let done = OfferResult::worked_on(&key, &OfferOutcome::Done, &Remedy::default());
        let told = markdown(
            &[failed("contoso/vm", "The title is a|b, says @octo, see #12 and hunter2."), done],
            MarkdownLimit::GITHUB,
        );
        insta::assert_snapshot!(told, @r#"
        ## Apply: 2 offers: 1 done, 1 failed

        | Offer | Result | Done | What is in the way | What to type |
        |---|---|---|---|---|
        | contoso/vm | **failed** | update, publish | the submission needs a person&#58; "Certification" is rejected&#58;<br><code>The title is a&#124;b, says &#64;octo, see &#35;12 and &#91;hidden&#93;.</code><br><code>offers/vm/offer.yaml&#58;9&#58;5</code> Title | Follow it up in the portal or with Microsoft's support. The submission still runs. Once it is mended&#58; <code>offerctl apply contoso/vm</code>&#46; Go on with&#58; offerctl resume contoso/vm |
        | contoso/other | done | update, publish |  |  |
        "#);
    }

    #[test]
    fn no_message_breaks_the_table_and_all_of_it_fits() {
        let says = "| </td> ``` @all #1 <script> `a` ".repeat(60);
        let results: Vec<_> = (0..200).map(|number| failed(&format!("contoso/vm-{number}"), &says)).collect();
        for limit in [MarkdownLimit::LEAST, MarkdownLimit::GITHUB] {
            let told = markdown(&results, limit);
            assert_eq!(limit.excess(&told), None);
            assert!(told.contains("are left out"), "{told}");
            let events: Vec<_> = Parser::new_ext(&told, Options::ENABLE_TABLES).collect();
            assert!(!events.iter().any(|event| matches!(event, Event::Start(Tag::Link { .. } | Tag::CodeBlock(_)))));
            assert!(!told.contains("@all") && !told.contains("<script>"), "{told}");
        }
        let all = markdown(&results[..3], MarkdownLimit::GITLAB);
        let rows =
            Parser::new_ext(&all, Options::ENABLE_TABLES).filter(|event| matches!(event, Event::Start(Tag::TableRow)));
        assert_eq!(rows.count(), 3);
    }

    #[test]
    fn what_kept_a_run_from_beginning_is_said() {
        let hints = vec!["set `LEADS`".to_owned()];
        insta::assert_snapshot!(error_markdown("apply", "nothing was written\na: b @c", &hints), @"
        ## Apply: failed

        **nothing was written**
        - a&#58; b <code>&#64;c</code>

        What to do: set <code>LEADS</code>
        ");
    }
}
