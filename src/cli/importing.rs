//! One live offer → its files in the repository. What would be written is read back and planned first, in a folder of its
//! own, so that nothing gets into the repository whose plan is not empty.

use std::path::{Path, PathBuf};

use super::session::{Connection, Session, show_diagnostics};
use super::{CommandError, Exit};
use crate::authoring::{Imported, LeftOut, PlacingError, Subject, import, place};
use crate::diff::between;
use crate::manifest::{Repository, RepositoryPath, load};
use crate::observe::{InFlight, observe};
use crate::offer::{Catalogue, Desired, FieldPath, Observed, OfferKey, OfferTypeId, Slot};
use crate::plan::{Directives, Known, OfferVerdict, PlannedOffer, plan_offer};
use crate::portal::ReadingClient;
use crate::render::{ImportOutcome, ImportReport};
use crate::state::Record;

/// Where the schema for editors lies in a repository that has one.
const SCHEMA: &str = "schemas/offer.schema.json";

/// How often fields are left out and the rest is tried again; the first time is enough, unless one hides another.
const ATTEMPTS: usize = 4;

/// The folder into which offers are imported: where it is, and its name in the repository.
#[derive(Debug, Clone)]
pub(super) struct Target {
    folder: PathBuf,
    name: String,
}

impl Target {
    /// The folder that was named, or the usual one. Manifests outside of the repository could not be composed.
    pub(super) fn find(session: &Session, named: Option<&Path>) -> Result<Self, CommandError> {
        let root = std::fs::canonicalize(&session.settings.root)
            .map_err(|error| CommandError::other(format!("the repository cannot be read: {error}")))?;
        let named = named.map_or_else(|| root.join("offers"), Path::to_owned);
        let outside = || {
            CommandError::bad_input(format!("`{}` is outside of the repository `{}`", named.display(), root.display()))
                .hint("name a folder in the repository, or go into the one that you mean (`--directory`)")
        };
        let folder = resolved(&named).ok_or_else(outside)?;
        let inside = folder.strip_prefix(&root).map_err(|_| outside())?;
        let parts: Option<Vec<_>> = inside.iter().map(|part| part.to_str()).collect();
        let name = parts.ok_or_else(outside)?.join("/");
        Ok(Self { folder, name })
    }

    fn in_repository(&self, path: &Path) -> String {
        let below = path.strip_prefix(&self.folder).unwrap_or(path);
        let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        if self.name.is_empty() { parts.join("/") } else { format!("{}/{}", self.name, parts.join("/")) }
    }

    /// The way from an offer's folder to the schema, if there is one.
    fn schema(&self, root: &Path) -> Option<String> {
        let depth = 1 + self.name.split('/').filter(|part| !part.is_empty()).count();
        root.join(SCHEMA).is_file().then(|| format!("{}{SCHEMA}", "../".repeat(depth)))
    }
}

/// The path without links, as far as it exists already. What does not exist yet must not lead back up.
fn resolved(path: &Path) -> Option<PathBuf> {
    let full = std::path::absolute(path).ok()?;
    for ancestor in full.ancestors() {
        if let Ok(real) = std::fs::canonicalize(ancestor) {
            let rest = full.strip_prefix(ancestor).ok()?;
            let is_plain = rest.components().all(|part| matches!(part, std::path::Component::Normal(_)));
            return is_plain.then(|| real.join(rest));
        }
    }
    None
}

/// Imports one offer.
pub(super) async fn import_offer(
    session: &Session,
    connection: &Connection,
    target: &Target,
    key: &OfferKey,
) -> Result<ImportReport, CommandError> {
    let client = connection.client.reading();
    let record = connection.state.load(key).record;
    let observed = observed_offer(session, client, key, record.as_ref()).await?;
    let (session, target, key) = (session.clone(), target.clone(), key.clone());
    // Files are written and read, and the comparison may take a while.
    tokio::task::spawn_blocking(move || write(&session, &target, &key, &observed, record.as_ref()))
        .await
        .map_err(|error| CommandError::other(format!("the offer cannot be imported: {error}")))?
}

async fn observed_offer(
    session: &Session,
    client: &ReadingClient,
    key: &OfferKey,
    record: Option<&Record>,
) -> Result<Observed, CommandError> {
    let is_in_flight = record.is_some_and(|record| record.in_flight.is_some());
    let in_flight = if is_in_flight { InFlight::Recorded } else { InFlight::Unknown };
    let observed = observe(client, key, Slot::Production, in_flight).await?;
    if observed.draft.is_none() {
        let service = &session.settings.service;
        return Err(CommandError::other(format!("the service has no such offer, asked at {service}"))
            .hint(format!("`offerctl list {}` shows the offers", key.publisher)));
    }
    Ok(observed)
}

fn write(
    session: &Session,
    target: &Target,
    key: &OfferKey,
    observed: &Observed,
    record: Option<&Record>,
) -> Result<ImportReport, CommandError> {
    let draft = Draft::of(key, observed)?;
    let known = record.map(Record::known).unwrap_or_default();
    let schema = target.schema(&session.settings.root);
    let secrets = session.printer.secrets();
    let mut leave_out = Vec::new();
    for _ in 0..ATTEMPTS {
        let attempt = |publish_to| {
            let subject = Subject {
                key: &draft.key,
                offer_type: &draft.offer_type,
                document: draft.document,
                applied: known.applied.as_deref(),
                publish_to,
                schema: schema.as_deref(),
                leave_out: &leave_out,
                holds_secret: &|text| secrets.scrub(text) != text,
            };
            import(&subject)
        };
        let desired = read_back(session, &attempt(Slot::Draft))?;
        let plan = |slot| planned(&desired, observed, &known, slot);
        let furthest = [Slot::Production, Slot::Preview, Slot::Draft].into_iter().find(|slot| {
            plan(*slot).verdict() == OfferVerdict::InSync
                && is_published(&attempt(*slot).left_out, draft.document, observed, &known, *slot)
        });
        if let Some(publish_to) = furthest {
            return written(target, &draft.key, attempt(publish_to), publish_to);
        }
        let differing = plan(Slot::Draft).changes.open().into_iter().map(|change| change.difference.path);
        leave_out.extend(differing.collect::<Vec<_>>());
    }
    Err(never_in_sync(&draft.key, &leave_out))
}

/// Whether what the manifest does not name stands in the slots as it does in the draft; a plan would not look at it.
fn is_published(
    left_out: &[LeftOut],
    draft: &serde_json::Value,
    observed: &Observed,
    known: &Known,
    publish_to: Slot,
) -> bool {
    let slots = [(Slot::Preview, &observed.preview), (Slot::Production, &observed.production)];
    let documents = slots.into_iter().filter(|(slot, _)| *slot <= publish_to).filter_map(|(_, found)| found.as_ref());
    left_out.is_empty()
        || documents.into_iter().all(|document| {
            let differing = between(Catalogue::built_in(), &known.media, document.as_value(), draft);
            let is_left_out = |path: &FieldPath| {
                left_out.iter().any(|field| path.is_within(&field.path) || field.path.is_within(path))
            };
            !differing.iter().any(|difference| is_left_out(&difference.path))
        })
}

/// Which offer the service says this is; it may spell the ids in another way than they were typed.
struct Draft<'observed> {
    key: OfferKey,
    offer_type: OfferTypeId,
    document: &'observed serde_json::Value,
}

impl<'observed> Draft<'observed> {
    fn of(key: &OfferKey, observed: &'observed Observed) -> Result<Self, CommandError> {
        let nothing = || CommandError::other(format!("the service's answer about {key} names no offer"));
        let document = observed.draft.as_ref().ok_or_else(nothing)?.as_value();
        let text = |name: &str| document.get(name).and_then(serde_json::Value::as_str);
        let offer_type = text("offerTypeId").and_then(|text| OfferTypeId::new(text).ok()).ok_or_else(nothing)?;
        let spelt = format!("{}/{}", text("publisherId").unwrap_or_default(), text("id").unwrap_or_default());
        let key = match OfferKey::parse(&spelt) {
            Ok(spelt) if spelt.to_string().eq_ignore_ascii_case(&key.to_string()) => spelt,
            _ => return Err(nothing()),
        };
        Ok(Self { key, offer_type, document })
    }
}

/// What a run would read from the files.
fn read_back(session: &Session, imported: &Imported) -> Result<Desired, CommandError> {
    let fail = |error: &dyn std::fmt::Display| CommandError::other(format!("the import cannot be tried out: {error}"));
    let folder = tempfile::tempdir().map_err(|error| fail(&error))?;
    let placed = place(imported, folder.path()).map_err(|error| fail(&error))?;
    let mut repository = Repository::open(folder.path()).map_err(|error| fail(&error))?;
    let manifest = placed.manifest.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let manifest = RepositoryPath::new(manifest).map_err(|error| fail(&error))?;
    let mut loaded = load(&mut repository, &[manifest], &|_| None, jiff::Zoned::now().date());
    loaded.desired.pop().ok_or_else(|| {
        show_diagnostics(&loaded.diagnostics, &repository, session.printer);
        CommandError::other("the live offer is not what a manifest can say; what is wrong with it is shown above")
            .hint("correct it in the portal, then import it again")
    })
}

fn planned(desired: &Desired, observed: &Observed, known: &Known, publish_to: Slot) -> PlannedOffer {
    let mut desired = desired.clone();
    desired.reconcile.publish_to = publish_to;
    plan_offer(Catalogue::built_in(), &desired, observed, known, &Directives::default())
}

fn written(
    target: &Target,
    key: &OfferKey,
    imported: Imported,
    publish_to: Slot,
) -> Result<ImportReport, CommandError> {
    let placed = place(&imported, &target.folder.join(key.offer.as_str())).map_err(|error| match error {
        PlacingError::Taken(path) => CommandError::bad_input(format!(
            "`{}` is there already, and was left as it is",
            target.in_repository(&path)
        ))
        .hint("move it away, or import into another folder with `--out`"),
        error @ PlacingError::Io { .. } => CommandError::other(error.to_string()),
    })?;
    let Imported { secrets, unsigned, left_out, .. } = imported;
    let outcome = ImportOutcome::Written {
        manifest: target.in_repository(&placed.manifest),
        files: placed.files.iter().map(|path| target.in_repository(path)).collect(),
        publish_to,
        secrets,
        unsigned,
        left_out,
    };
    Ok(ImportReport { key: key.clone(), outcome })
}

fn never_in_sync(key: &OfferKey, differing: &[FieldPath]) -> CommandError {
    let mut paths: Vec<_> = differing.iter().map(ToString::to_string).collect();
    paths.sort();
    paths.dedup();
    let message = format!("a manifest of {key} would not be in sync; these differ whatever is written:");
    CommandError::other([message].into_iter().chain(paths).collect::<Vec<_>>().join("\n"))
        .ending_as(Exit::Failed)
        .hint("a record of an earlier manifest may want them removed: `--state` with an empty folder leaves it aside")
}
