//! `offerctl adopt`: what somebody edited in the portal, taken over into the YAML.

use std::collections::BTreeMap;

use crate::authoring::{Adopted, Adopting, Unadoptable, Wanted, add_wanted, adopt, overwrite, undeclared};
use crate::cli::arguments::{AdoptArguments, Global, Output, WaitOptions};
use crate::cli::execution::confirm;
use crate::cli::printer::Printer;
use crate::cli::reading::read_keeping;
use crate::cli::selection::{manifests_there_are, select_changed};
use crate::cli::session::{Connection, Session};
use crate::cli::{CommandError, Exit};
use crate::diff::{Class, Context, Difference, MediaTrust, Sides, compare};
use crate::manifest::{Repository, RepositoryPath, outline};
use crate::offer::{Catalogue, Desired, Document, FieldPath};
use crate::render::{AdoptReport, adopt_json, adopt_summary, adopt_text, counted};

type Files = BTreeMap<RepositoryPath, (String, String)>;

pub(super) async fn run(global: &Global, own: &AdoptArguments, printer: Printer) -> Result<Exit, CommandError> {
    let session = Session::open(global, &own.selection.offers, WaitOptions::default(), printer)?;
    let selected = select_changed(&session, &own.selection.offers, &own.selection.changed)?;
    selected.tell_unchanged(printer);
    let (manifests, wanted) = (selected.manifests.clone(), selected.clone());
    let keep = move |desired| Some(desired).filter(|desired| wanted.wants_desired(desired));
    let read = read_keeping(session.repository()?, manifests, printer, keep).await?;
    if read.errors == 0 {
        selected.expect_all(&session, &read.kept.iter().map(|desired| &desired.key).collect::<Vec<_>>())?;
    }
    let connection = session.connect().await?;
    let adoption = look(&session, &connection, own, &read.kept).await;
    connection.close().await;
    let (reports, files, mut exit) = adoption?;
    if read.errors > 0 || reports.iter().any(|report| !report.refused.is_empty()) {
        exit = exit.or_worse(Exit::BadInput);
    }
    match global.output {
        Output::Text => printer.text([adopt_text(&reports, &files, &printer.stdout_palette())])?,
        // The result comes at the end; whoever is asked has to see the change before.
        Output::Json if !own.yes => printer.note(&adopt_text(&reports, &files, &printer.stderr_palette())),
        Output::Json => {}
    }
    let is_written = !files.is_empty() && !own.dry_run;
    if is_written {
        let question = format!("Write {}? [y/N]", counted(files.len(), "file"));
        confirm(&session, own.yes, "the change", question).await?;
        write(&session, &files)?;
    }
    let written = if is_written { files.len() } else { 0 };
    match global.output {
        Output::Text => printer.text([adopt_summary(&reports, written)])?,
        Output::Json => printer.json(&adopt_json(&reports, &files, written))?,
    }
    Ok(exit)
}

/// Looks at each offer and tries what would change.
async fn look(
    session: &Session,
    connection: &Connection,
    own: &AdoptArguments,
    manifests: &[Desired],
) -> Result<(Vec<AdoptReport>, Files, Exit), CommandError> {
    let (mut reports, mut files, mut exit) = (Vec::new(), Files::new(), Exit::Done);
    for desired in manifests {
        let draft = match connection.client.reading().offer(&desired.key).await {
            Ok(Some(draft)) => draft.document,
            Ok(None) => {
                session.printer.note(&format!("{}: the service has no such offer yet", desired.key));
                continue;
            }
            Err(error) => {
                let error = CommandError::from(error).about(&desired.key);
                session.printer.error(&error);
                exit = exit.or_worse(error.exit());
                continue;
            }
        };
        let (report, changed) = one(session, connection, own, desired, &draft)?;
        if let Some(path) = changed.keys().find(|path| files.contains_key(*path)) {
            return Err(CommandError::bad_input(format!("two offers would change `{path}`; nothing was written"))
                .hint("adopt the offers one after the other"));
        }
        reports.push(report);
        files.extend(changed);
    }
    Ok((reports, files, exit))
}

fn one(
    session: &Session,
    connection: &Connection,
    own: &AdoptArguments,
    desired: &Desired,
    draft: &Document,
) -> Result<(AdoptReport, Files), CommandError> {
    let known = connection.state.load(&desired.key).record.map(|record| record.known()).unwrap_or_default();
    let context = Context::of(Catalogue::built_in(), desired, &known.media, MediaTrust::Unverifiable);
    let compared = |document: &serde_json::Value| {
        compare(
            &context,
            Sides { desired: document, observed: Some(draft.as_value()), applied: known.applied.as_deref() },
        )
    };
    let is_wanted = |difference: &Difference| {
        let is_drift = difference.class == Class::Drift && difference.is_written();
        let is_named = own.path.iter().any(|path| difference.path.is_within(path)) && difference.is_written();
        is_named || (own.path.is_empty() && is_drift)
    };
    let waived = |path: &FieldPath| desired.reconcile.ignore.iter().find(|ignored| path.is_within(&ignored.path));
    let (wanted, left): (Vec<_>, Vec<_>) =
        compared(&desired.document).differences.into_iter().partition(|difference| is_wanted(difference));
    let mut wanted: Vec<_> =
        wanted.into_iter().map(|found| Wanted { path: found.path, observed: found.before }).collect();
    for path in &own.path {
        let is_found = wanted.iter().any(|wanted| wanted.path.is_within(path));
        let unmanaged = undeclared(Catalogue::built_in(), &desired.document, draft.as_value(), path);
        if let Some(unmanaged) = unmanaged.filter(|_| !is_found && waived(path).is_none()) {
            add_wanted(&mut wanted, unmanaged);
        }
    }
    let manifest = RepositoryPath::new(&desired.manifest.file)
        .map_err(|error| CommandError::other(format!("the manifest cannot be named: {error}")))?;
    let secrets = session.printer.secrets();
    let adopting = Adopting {
        manifest: &manifest,
        desired,
        environment: &|name| std::env::var(name).ok(),
        today: jiff::Zoned::now().date(),
        compare: &compared,
        holds_secret: &|text| secrets.scrub(text) != text,
        others: &|file| if own.shared { Vec::new() } else { others(session, &manifest, file) },
    };
    let Adopted { files, adopted, mut refused } = adopt(&mut session.repository()?, &adopting, &wanted);
    let named =
        own.path.iter().filter_map(|path| Some((path.clone(), Unadoptable::Waived(waived(path)?.reason.clone()))));
    refused.extend(named);
    // Whoever named fields asked for no others, and a waived one is to differ.
    let left = left.into_iter().filter(|difference| own.path.is_empty() && difference.is_written());
    let left = left.map(|difference| (difference.path, difference.class)).collect();
    Ok((AdoptReport { key: desired.key.clone(), adopted, refused, left }, files))
}

/// The other manifests that take in a file.
fn others(session: &Session, manifest: &RepositoryPath, file: &RepositoryPath) -> Vec<RepositoryPath> {
    if file == manifest {
        return Vec::new();
    }
    let takes_in = |other: &RepositoryPath| {
        let Ok(repository): Result<Repository, _> = session.repository() else { return false };
        outline(repository, other, &|name| std::env::var(name).ok()).files.contains(file)
    };
    let manifests = manifests_there_are(session).unwrap_or_default();
    manifests.into_iter().filter(|other| other != manifest && takes_in(other)).collect()
}

/// Writes all files, unless one was changed since it was read.
fn write(session: &Session, files: &Files) -> Result<(), CommandError> {
    let mut repository = session.repository()?;
    for (path, (old, _)) in files {
        let now = repository.text_of(path).map_err(|error| CommandError::other(error.to_string()))?;
        if *now != **old {
            return Err(CommandError::conflict(format!("`{path}` was changed meanwhile; nothing was written"))
                .hint("run the command again"));
        }
    }
    for (path, (_, new)) in files {
        let full = session.settings.root.join(path.as_str());
        overwrite(&full, new).map_err(|error| CommandError::other(error.to_string()))?;
    }
    Ok(())
}
