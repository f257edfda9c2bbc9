//! Reading manifests on a thread of their own, and showing what is wrong with them.
//!
//! A repository may have thousands, and a manifest in memory is many times its file: whoever reads all of them says what to
//! keep of each.

use std::num::NonZero;
use std::sync::LazyLock;

use tokio::sync::Semaphore;

use super::CommandError;
use super::printer::Printer;
use super::secrets::keep_of_manifest;
use crate::config::place_in_git;
use crate::findings::{Finding, of_diagnostic};
use crate::manifest::{Diagnostic, Repository, RepositoryPath, Severity, Styled, load_each, render};
use crate::offer::{Desired, SourcePosition};

/// What manifests said; what is wrong with them is shown already.
pub(super) struct ReadManifests<Kept = Desired> {
    /// What was kept of the valid ones, in their order.
    pub(super) kept: Vec<Kept>,
    pub(super) errors: usize,
    pub(super) warnings: usize,
    /// What there is to show, each with its place, for programs.
    pub(super) diagnostics: Vec<(Diagnostic, SourcePosition)>,
}

/// Which diagnostics become findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Noted {
    /// All of them.
    All,
    /// Those that stop something. Every job reads the manifests, and a warning that each of them annotates is noise.
    Errors,
}

/// As many manifests are read at once as there are processors: more would not be read sooner, and each takes many times its
/// file in memory meanwhile.
static PLACES: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(1, NonZero::get)));

/// Reads manifests whole.
pub(super) async fn read_manifests(
    repository: Repository,
    paths: Vec<RepositoryPath>,
    printer: Printer,
) -> Result<ReadManifests, CommandError> {
    read_keeping(repository, paths, printer, Some).await
}

/// Reads manifests and keeps of each what is needed of it, if anything.
pub(super) async fn read_keeping<Kept: Send + 'static>(
    repository: Repository,
    paths: Vec<RepositoryPath>,
    printer: Printer,
    keep: impl FnMut(Desired) -> Option<Kept> + Send + 'static,
) -> Result<ReadManifests<Kept>, CommandError> {
    read_and_show(repository, paths, printer, |diagnostic| !diagnostic.is_left_to_a_guard(), Noted::Errors, keep).await
}

/// Does the same where no plan follows, whose guards would say some of it better.
pub(super) async fn validate_keeping<Kept: Send + 'static>(
    repository: Repository,
    paths: Vec<RepositoryPath>,
    printer: Printer,
    keep: impl FnMut(Desired) -> Option<Kept> + Send + 'static,
) -> Result<ReadManifests<Kept>, CommandError> {
    read_and_show(repository, paths, printer, |_| true, Noted::All, keep).await
}

async fn read_and_show<Kept: Send + 'static>(
    mut repository: Repository,
    paths: Vec<RepositoryPath>,
    printer: Printer,
    is_wanted: fn(&Diagnostic) -> bool,
    noted: Noted,
    mut keep: impl FnMut(Desired) -> Option<Kept> + Send + 'static,
) -> Result<ReadManifests<Kept>, CommandError> {
    let styled = if printer.stderr_palette().is_coloured() { Styled::Yes } else { Styled::No };
    // Nobody closes it, so that there is nothing to fail.
    let _place = PLACES.acquire().await;
    let reading = tokio::task::spawn_blocking(move || {
        let today = jiff::Zoned::now().date();
        let environment = |name: &str| std::env::var(name).ok();
        let mut kept = Vec::new();
        let mut diagnostics = load_each(&mut repository, &paths, &environment, today, &mut |_, desired| {
            keep_of_manifest(printer.secrets(), &desired);
            kept.extend(keep(desired));
        });
        diagnostics.retain(is_wanted);
        let count = |severity| diagnostics.iter().filter(|found| found.severity == severity).count();
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        let shown = diagnostics.iter().filter(|diagnostic| printer.repetitions().let_pass(diagnostic));
        let shown: Vec<_> = shown.map(|diagnostic| render(diagnostic, &repository, styled)).collect();
        let place = place_in_git(repository.root());
        let findings = diagnostics.iter();
        let findings = findings.filter(|found| noted == Noted::All || found.severity == Severity::Error);
        let findings: Vec<Finding> = findings.map(|found| of_diagnostic(found, &repository).below(&place)).collect();
        let placed = |diagnostic: Diagnostic| {
            let position = diagnostic.position(&repository);
            (diagnostic, position)
        };
        let diagnostics = diagnostics.into_iter().map(placed).collect();
        (ReadManifests { kept, errors, warnings, diagnostics }, shown, findings)
    });
    let (read, shown, findings) =
        reading.await.map_err(|error| CommandError::other(format!("the manifests cannot be read: {error}")))?;
    for text in shown {
        printer.note(&format!("{}\n", text.trim_end()));
    }
    printer.found(findings);
    Ok(read)
}
