//! `offerctl import`: the manifests of offers that live on the service only.

use std::collections::HashMap;

use futures::StreamExt as _;

use crate::cli::arguments::{Global, ImportArguments, Output, WaitOptions};
use crate::cli::importing::{Target, import_offer};
use crate::cli::printer::Printer;
use crate::cli::selection::{manifests_there_are, named_offer};
use crate::cli::session::{Connection, Session};
use crate::cli::{CommandError, Exit};
use crate::manifest::{Severity, discover, load_each};
use crate::offer::{OfferKey, PublisherId};
use crate::render::{ImportOutcome, ImportReport, import_json, import_summary, import_text};

pub(super) async fn run(global: &Global, own: &ImportArguments, printer: Printer) -> Result<Exit, CommandError> {
    let session = Session::open(global, &[], WaitOptions::default(), printer)?;
    let (reports, exit) = bring_in(&session, own).await?;
    match global.output {
        Output::Json => printer.json(&import_json(&reports))?,
        Output::Text => printer.text([text(&reports, printer)])?,
    }
    warn_of_unseen(&session, &reports)?;
    Ok(exit)
}

/// What was imported, for people.
pub(super) fn text(reports: &[ImportReport], printer: Printer) -> String {
    let offers = reports.iter().map(|report| import_text(report, &printer.stdout_palette()));
    offers.collect::<String>() + &import_summary(reports)
}

/// Imports what is asked for into the repository of the session.
pub(super) async fn bring_in(
    session: &Session,
    own: &ImportArguments,
) -> Result<(Vec<ImportReport>, Exit), CommandError> {
    let target = Target::find(session, own.out.as_deref())?;
    let described = Described::find(session)?;
    let named = own.offers.iter().map(|text| offer(text)).collect::<Result<Vec<_>, _>>()?;
    for key in &named {
        if let Some(manifest) = described.manifest(key) {
            return Err(CommandError::bad_input(format!("`{manifest}` describes {key} already; nothing was written"))
                .hint(format!("`offerctl plan {key}` shows how the service differs from it")));
        }
    }
    let connection = session.connect().await?;
    let reports = imported(session, &connection, &target, &described, own, named).await;
    connection.close().await;
    reports
}

fn offer(text: &str) -> Result<OfferKey, CommandError> {
    named_offer(text).ok_or_else(|| {
        CommandError::bad_input(format!("`{text}` is no offer")).hint("name it as publisher/offer; it has no file yet")
    })
}

async fn imported(
    session: &Session,
    connection: &Connection,
    target: &Target,
    described: &Described,
    own: &ImportArguments,
    mut keys: Vec<OfferKey>,
) -> Result<(Vec<ImportReport>, Exit), CommandError> {
    if let Some(publisher) = &own.publisher {
        let publisher =
            PublisherId::new(publisher.as_str()).map_err(|error| CommandError::bad_input(error.to_string()))?;
        let offers = connection.client.reading().offers(&publisher).await?;
        if offers.is_empty() {
            session.printer.note(&format!("{publisher} has no offers on {}", session.settings.service));
        }
        keys.extend(offers.into_iter().map(|row| OfferKey { publisher: publisher.clone(), offer: row.id }));
    }
    keys.sort();
    keys.dedup_by(|later, first| later.to_string().eq_ignore_ascii_case(&first.to_string()));
    let mut reports = Vec::new();
    let mut exit = Exit::Done;
    let mut outcomes = futures::stream::iter(keys)
        .map(|key| async move {
            if let Some(manifest) = described.manifest(&key) {
                let outcome = ImportOutcome::Described { manifest: manifest.to_owned() };
                return Ok(ImportReport { key, outcome });
            }
            import_offer(session, connection, target, &key).await.map_err(|error| (key, error))
        })
        .buffered(session.settings.parallelism);
    while let Some(outcome) = outcomes.next().await {
        reports.push(outcome.unwrap_or_else(|(key, error)| {
            let error = error.about(&key);
            session.printer.error(&error);
            exit = exit.or_worse(error.exit());
            ImportReport { key, outcome: ImportOutcome::Failed { reason: error.message().to_owned() } }
        }));
    }
    drop(outcomes);
    Ok((reports, exit))
}

/// The offers that manifests of the repository describe, each with its manifest.
struct Described(HashMap<String, String>);

impl Described {
    fn find(session: &Session) -> Result<Self, CommandError> {
        let mut repository = session.repository()?;
        let manifests = manifests_there_are(session)?;
        let mut described = HashMap::new();
        let environment = |name: &str| std::env::var(name).ok();
        let today = jiff::Zoned::now().date();
        let mut has_errors = false;
        load_each(&mut repository, &manifests, &environment, today, &mut |_, manifest| {
            let key = manifest.desired.map(|desired| desired.key.to_string().to_ascii_lowercase());
            described.extend(key.map(|key| (key, manifest.path.as_str().to_owned())));
            has_errors |= manifest.diagnostics.iter().any(|found| found.severity == Severity::Error);
        });
        if has_errors {
            session.printer.warning(
                "some manifests have errors, so that nobody can tell whether they describe an offer that is imported; \
                 `offerctl validate` shows them",
            );
        }
        Ok(Self(described))
    }

    /// The service ignores the case of the letters in an id.
    fn manifest(&self, key: &OfferKey) -> Option<&str> {
        self.0.get(&key.to_string().to_ascii_lowercase()).map(String::as_str)
    }
}

/// Says which of the new manifests no other command will find.
pub(super) fn warn_of_unseen(session: &Session, reports: &[ImportReport]) -> Result<(), CommandError> {
    let found = discover(&session.settings.root, &session.settings.offers)?;
    for report in reports {
        if let ImportOutcome::Written { manifest, .. } = &report.outcome
            && !found.iter().any(|path| path.as_str() == manifest)
        {
            session.printer.warning(&format!(
                "`{manifest}` is not among the manifests (`offers: [{}]`): add its place to `offers` in `offerctl.yaml`",
                session.settings.offers.join(", ")
            ));
        }
    }
    Ok(())
}
