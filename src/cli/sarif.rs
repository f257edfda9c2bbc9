//! Findings as the result of a command, for programs that keep track of them.

use super::CommandError;
use super::printer::Printer;
use crate::findings::Findings;
use crate::render::sarif;

/// Writes settled findings as SARIF, and says when there are more than it may hold.
pub(super) fn write_sarif(
    command: &str,
    findings: &Findings,
    summary: String,
    printer: Printer,
) -> Result<(), CommandError> {
    let beyond = findings.beyond();
    if beyond > 0 {
        printer.warning(&format!(
            "{beyond} findings more, none of them more serious, are not in the SARIF: no more than 5,000 of a run are shown"
        ));
    }
    printer.json(&sarif(command, findings, summary))
}
