//! The summary of a step of GitHub Actions: Markdown that is added to the file that the runner names, and shown on the page of
//! the run. Never a reason to fail.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::CommandError;
use super::printer::Printer;
use crate::config::environment;
use crate::render::{MarkdownLimit, error_markdown};

/// What GitHub takes of a step, in bytes; of more it shows nothing
/// (<https://docs.github.com/actions/reference/workflow-commands-for-github-actions#step-isolation-and-limits>).
const TAKEN: u64 = 1024 * 1024;
/// The most bytes that a UTF-16 code unit takes in UTF-8.
const BYTES_OF_A_UNIT: u64 = 3;

/// Adds to the summary of the step that this runs in, if it runs in one: the Markdown of what there is to say, made to fit.
pub(super) fn summarize(printer: Printer, markdown: impl FnOnce(MarkdownLimit) -> String) {
    let Some(path) = std::env::var_os(environment::STEP_SUMMARY).filter(|path| !path.is_empty()).map(PathBuf::from)
    else {
        return;
    };
    if let Err(error) = add(printer, &path, markdown) {
        printer.warning(&format!("the summary of the step cannot be added to `{}`: {error}", path.display()));
    }
}

/// Adds what a command failed with as a whole.
pub(super) fn summarize_error(printer: Printer, command: &str, error: &CommandError) {
    summarize(printer, |_| {
        let shown = |text: &str| printer.secrets().scrub(text);
        let hints: Vec<_> = error.hints().iter().map(|hint| shown(hint)).collect();
        error_markdown(command, &shown(error.message()), &hints)
    });
}

fn add(printer: Printer, path: &Path, markdown: impl FnOnce(MarkdownLimit) -> String) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    // The file is the step's own; what is in it, an earlier command of the same step has said.
    let there = file.metadata()?.len();
    let room = TAKEN.saturating_sub(there) / BYTES_OF_A_UNIT;
    let Some(limit) = usize::try_from(room).ok().and_then(MarkdownLimit::of) else {
        return Err(io::Error::other("what earlier commands of the step wrote leaves no room in it"));
    };
    let between = if there == 0 { "" } else { "\n\n" };
    let text = format!("{between}{}", printer.for_file(&markdown(limit)));
    file.write_all(text.as_bytes())
}
