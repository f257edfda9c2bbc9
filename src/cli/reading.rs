//! Reading manifests on a thread of their own, and showing what is wrong with them.
//!
//! A repository may have thousands, and a manifest in memory is many times its file: whoever reads all of them says what to
//! keep of each.

use super::CommandError;
use super::printer::Printer;
use super::secrets::{keep_of_file, keep_of_manifest};
use crate::config::place_in_git;
use crate::findings::of_diagnostic;
use crate::manifest::{Diagnostic, PlacedDiagnostic, Repository, RepositoryPath, Severity, Styled, load_each, render};
use crate::offer::Desired;
use crate::plan::Packed;
use crate::processors::try_begin;

/// What manifests said; what is wrong with them is shown already.
pub(super) struct ReadManifests<Kept = Desired> {
    /// What was kept of the valid ones, in their order.
    pub(super) kept: Vec<Kept>,
    pub(super) errors: usize,
    pub(super) warnings: usize,
    /// What is told to programs of each that has something wrong.
    diagnostics: Vec<Packed<Vec<PlacedDiagnostic>>>,
}

impl<Kept> ReadManifests<Kept> {
    /// What is told to programs: everything, or where nobody validates, the errors.
    pub(super) fn diagnostics(&self) -> impl Iterator<Item = PlacedDiagnostic> + Clone {
        self.diagnostics.iter().flat_map(Packed::open)
    }
}

/// Which diagnostics are told to programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Noted {
    /// All of them.
    All,
    /// Those that stop something. Every job reads the manifests, and a warning that each of them annotates is noise.
    Errors,
}

/// How many offers flow through at once where so many requests may be under way: a quarter more, for whoever is read or
/// compared asks nothing meanwhile. No more than that, for each takes memory.
pub(super) fn under_way(requests: usize) -> usize {
    requests + requests.div_ceil(4)
}

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
    let reading = try_begin(move || {
        let today = jiff::Zoned::now().date();
        let environment = |name: &str| std::env::var(name).ok();
        let place = place_in_git(repository.root());
        // They may lie where nobody else looks, and what is wrong with one may quote the secret of another.
        for path in &paths {
            keep_of_file(printer, &repository, path);
        }
        let mut read = ReadManifests { kept: Vec::new(), errors: 0, warnings: 0, diagnostics: Vec::new() };
        load_each(&mut repository, &paths, &environment, today, &mut |repository, manifest| {
            if let Some(desired) = manifest.desired {
                keep_of_manifest(printer.secrets(), &desired);
                read.kept.extend(keep(desired));
            }
            let mut diagnostics = manifest.diagnostics;
            diagnostics.retain(is_wanted);
            for found in &diagnostics {
                match found.severity {
                    Severity::Error => read.errors += 1,
                    Severity::Warning => read.warnings += 1,
                }
                if printer.repetitions().let_pass(found) {
                    printer.note(&format!("{}\n", render(found, repository, styled).trim_end()));
                }
            }
            diagnostics.retain(|found| noted == Noted::All || found.severity == Severity::Error);
            printer.found(diagnostics.iter().map(|found| of_diagnostic(found, repository).below(&place)));
            if !diagnostics.is_empty() {
                read.diagnostics.push(diagnostics.into_iter().map(|found| found.placed(repository)).collect());
            }
        });
        read
    });
    reading.await.map_err(|error| CommandError::other(format!("the manifests cannot be read: {error}")))
}
