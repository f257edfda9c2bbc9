//! Findings as commands of a CI system's runner, which shows each on the line that it is about.
//!
//! These lines are the only ones of ours that a runner shall take for commands; every other output is guarded against that
//! (`safe.rs`). The grammar is the runners' own: of GitHub Actions
//! <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>, of Azure Pipelines
//! <https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands>.

use super::redaction::Redaction;
use super::safe::single_line;
use crate::findings::{Finding, Findings, Level, Place};

/// Whose runner reads the lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runner {
    /// GitHub Actions.
    GitHub,
    /// Azure Pipelines.
    AzurePipelines,
}

/// How many annotations of a level both show of a step; what follows is dropped without a word.
const MOST: usize = 10;
/// How long a message may be, in bytes; the runners cut at 4,096.
const LONGEST_MESSAGE: usize = 4_000;

/// Where those are that are not shown: the log counts warnings about manifests that say the same of many places.
const ELSEWHERE: &str = "the log of this step has more, and `offerctl validate --output json` all about manifests";

/// The lines for a runner, of settled findings. Where there are more than are shown, the last one says how many.
pub fn annotations(findings: &Findings, runner: Runner) -> Vec<String> {
    let mut lines = Vec::new();
    for level in [Level::Error, Level::Warning, Level::Note] {
        let Some(word) = word(level, runner) else { continue };
        let of_level: Vec<_> = findings.shown().iter().filter(|finding| finding.level == level).collect();
        let all = of_level.len() + findings.beyond_of(level);
        let shown = if all > MOST { MOST - 1 } else { all }.min(of_level.len());
        lines.extend(of_level[..shown].iter().map(|finding| of_finding(finding, word, runner)));
        if all > shown {
            let more = all - shown;
            let text = if shown == 0 {
                format!("{more} findings of this kind are not shown here; {ELSEWHERE}")
            } else {
                format!("{more} more like this: no more than {MOST} of a kind are shown here; {ELSEWHERE}")
            };
            lines.push(line(runner, word, None, &[(code(runner), "offerctl".to_owned())], &text));
        }
    }
    lines
}

/// What the runner calls a level; `None` where it shows none of it.
fn word(level: Level, runner: Runner) -> Option<&'static str> {
    match (level, runner) {
        (Level::Error, _) => Some("error"),
        (Level::Warning, _) => Some("warning"),
        (Level::Note, Runner::GitHub) => Some("notice"),
        (Level::Note, Runner::AzurePipelines) => None,
    }
}

/// The property that names what a finding is.
fn code(runner: Runner) -> &'static str {
    match runner {
        Runner::GitHub => "title",
        Runner::AzurePipelines => "code",
    }
}

fn of_finding(finding: &Finding, word: &str, runner: Runner) -> String {
    let shown = |text: &str| single_line(&Redaction::text(text));
    let offer = finding.offer.as_ref().map(|offer| format!("{offer}: ")).unwrap_or_default();
    let help = finding.help.as_ref().map(|help| format!("\nTo mend it: {}", shown(help))).unwrap_or_default();
    let message = format!("{}{help}", shown(&finding.message));
    // Azure Pipelines has no title.
    let (title, message) = match runner {
        Runner::GitHub => (format!("{offer}{}", finding.rule), message),
        Runner::AzurePipelines => (finding.rule.to_string(), offer + &message),
    };
    line(runner, word, finding.place.as_ref(), &[(code(runner), title)], &message)
}

fn line(runner: Runner, word: &str, place: Option<&Place>, others: &[(&str, String)], message: &str) -> String {
    let mut properties = Vec::new();
    if let Some(Place { start, behind }) = place {
        let [file, line, column] = match runner {
            Runner::GitHub => ["file", "line", "col"],
            Runner::AzurePipelines => ["sourcepath", "linenumber", "columnnumber"],
        };
        properties.push((file, single_line(&start.file)));
        properties.push((line, start.line.to_string()));
        properties.push((column, start.column.to_string()));
        if let (Runner::GitHub, Some(behind)) = (runner, behind) {
            properties.push(("endLine", start.line.to_string()));
            properties.push(("endColumn", behind.to_string()));
        }
    }
    properties.extend(others.iter().cloned());
    let properties: Vec<_> =
        properties.iter().map(|(name, value)| format!("{name}={}", escaped(value, property_escapes(runner)))).collect();
    let message = escaped(cut(message), message_escapes(runner));
    match runner {
        Runner::GitHub => format!("::{word} {}::{message}", properties.join(",")),
        Runner::AzurePipelines => format!("##vso[task.logissue type={word};{}]{message}", properties.join(";")),
    }
}

/// What stands for a character that the runner would act on. The percent sign comes first everywhere, for all others are
/// written with it.
type Escapes = &'static [(char, &'static str)];

fn message_escapes(runner: Runner) -> Escapes {
    match runner {
        Runner::GitHub => &[('%', "%25"), ('\r', "%0D"), ('\n', "%0A")],
        Runner::AzurePipelines => &[('%', "%AZP25"), ('\r', "%0D"), ('\n', "%0A")],
    }
}

fn property_escapes(runner: Runner) -> Escapes {
    match runner {
        Runner::GitHub => &[('%', "%25"), ('\r', "%0D"), ('\n', "%0A"), (':', "%3A"), (',', "%2C")],
        Runner::AzurePipelines => &[('%', "%AZP25"), ('\r', "%0D"), ('\n', "%0A"), (']', "%5D"), (';', "%3B")],
    }
}

fn escaped(text: &str, escapes: Escapes) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match escapes.iter().find(|(plain, _)| *plain == character) {
            Some((_, code)) => safe.push_str(code),
            None => safe.push(character),
        }
    }
    safe
}

/// The beginning of a message that is too long.
fn cut(message: &str) -> &str {
    if message.len() <= LONGEST_MESSAGE {
        return message;
    }
    let end = (0..=LONGEST_MESSAGE).rev().find(|end| message.is_char_boundary(*end));
    &message[..end.unwrap_or_default()]
}

#[cfg(test)]
mod tests;
