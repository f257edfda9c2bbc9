//! `offerctl explain`: why the plan says what it says of a field, a step or an offer.

use crate::cli::arguments::{ExplainArguments, Global, Output, WaitOptions};
use crate::cli::namesakes::Namesakes;
use crate::cli::planning::today;
use crate::cli::printer::Printer;
use crate::cli::reading::read_keeping;
use crate::cli::selection::{manifests_there_are, named_offer, select};
use crate::cli::session::{Connection, Session};
use crate::cli::{CommandError, Exit};
use crate::execute::what_is_in_flight;
use crate::explain::{Evidence, Explanation, Managed, Recorded, Unresolved, explain, resolve};
use crate::observe::{InFlight, observe, observe_other_slots};
use crate::offer::{Catalogue, Desired, OfferKey, Slot};
use crate::plan::{Directives, Known, plan_offer};
use crate::render::{explain_json, explain_text, field_name};
use crate::state::Record;

pub(super) async fn run(global: &Global, own: &ExplainArguments, printer: Printer) -> Result<Exit, CommandError> {
    let named = std::slice::from_ref(&own.offer);
    let session = Session::open(global, named, WaitOptions::default(), printer)?;
    let (key, desired, exit) = described(&session, &own.offer).await?;
    let connection = session.connect().await?;
    let explained = explained(&session, &connection, &key, desired.as_ref(), own.about.as_deref()).await;
    connection.close().await;
    let mut explanation = explained?;
    // Before values are cut to fit into a line, for half a secret is one too.
    explanation.edit_values(|value| *value = printer.secrets().scrub_value(value.take()));
    match global.output {
        Output::Text => printer.text([explain_text(&explanation, &printer.stdout_palette())])?,
        Output::Json => printer.json(&explain_json(&explanation))?,
    }
    Ok(exit)
}

/// The offer that is named and its manifest, if one describes it.
async fn described(session: &Session, named: &str) -> Result<(OfferKey, Option<Desired>, Exit), CommandError> {
    let key = named_offer(named);
    let selected = if key.is_none() { Some(select(session, &[named.to_owned()])?) } else { None };
    let manifests = match &selected {
        Some(selected) => selected.manifests.clone(),
        None => manifests_there_are(session)?,
    };
    let wanted = key.clone();
    let is_wanted = move |desired: &Desired| {
        wanted.as_ref().is_none_or(|key| *key == desired.key)
            && selected.as_ref().is_none_or(|selected| selected.wants_desired(desired))
    };
    let keep = move |desired| Some(desired).filter(&is_wanted);
    let mut read = read_keeping(session.repository()?, manifests, session.printer, keep).await?;
    let mut namesakes = Namesakes::default();
    for desired in &read.kept {
        namesakes.add(&desired.key, desired.manifest.file.clone());
    }
    if let Some(error) = namesakes.errors().next() {
        return Err(error);
    }
    let exit = if read.errors > 0 { Exit::BadInput } else { Exit::Done };
    match (key, read.kept.pop(), read.kept.is_empty()) {
        (_, Some(desired), true) => Ok((desired.key.clone(), Some(desired), exit)),
        (Some(key), None, _) if read.errors == 0 => Ok((key, None, exit)),
        (Some(key), None, _) => {
            Err(CommandError::bad_input(format!("no sound manifest describes {key}, and some have errors"))
                .hint("correct them; they are shown above"))
        }
        _ => Err(CommandError::bad_input(format!("`{named}` is not one valid manifest"))
            .hint("name the offer as publisher/offer")),
    }
}

async fn explained(
    session: &Session,
    connection: &Connection,
    key: &OfferKey,
    desired: Option<&Desired>,
    about: Option<&str>,
) -> Result<Explanation, CommandError> {
    let client = connection.client.reading();
    let loaded = connection.state.load(key);
    if let Some(warning) = &loaded.warning {
        session.printer.warning(&warning.to_string());
    }
    let record = loaded.record;
    let target = desired.map_or(Slot::Draft, |desired| desired.reconcile.publish_to);
    let in_flight =
        record.as_ref().map_or(InFlight::Unknown, |record| what_is_in_flight(record, session.at_hand().now));
    let mut observed = observe(client, key, target, in_flight).await?;
    let exists = observed.draft.is_some();
    if !exists && desired.is_none() {
        return Err(CommandError::bad_input(format!(
            "the service has no offer {key}, asked at {}, and no manifest describes it",
            session.settings.service
        ))
        .hint(format!("`offerctl list {}` shows the offers", key.publisher)));
    }
    // As for a plan: a record of an offer that is gone tells nothing about the one that would be created now.
    let record = record.filter(|_| exists);
    let known = match (desired, &record) {
        (Some(desired), Some(record)) => session.at_hand().known_today(desired, record),
        (None, Some(record)) => record.known(),
        (_, None) => Known::default(),
    };
    let directives =
        Directives { guards: session.settings.guards.clone(), today: Some(today()), ..Directives::default() };
    // Planned from what a plan reads, and explained with every slot.
    let catalogue = Catalogue::built_in();
    let planned = desired.map(|desired| plan_offer(catalogue, desired, &observed, &known, &directives));
    observe_other_slots(client, &mut observed).await?;
    let recorded = record.as_ref().and_then(recorded);
    let managed = desired.zip(planned.as_ref());
    let managed = managed.map(|(desired, planned)| Managed { desired, planned, directives: &directives });
    let evidence =
        Evidence { catalogue, key, observed: &observed, known: &known, recorded: recorded.as_ref(), managed };
    let topic = resolve(&evidence, about).map_err(|error| unresolved(key, about.unwrap_or_default(), &error))?;
    Ok(explain(&evidence, &topic))
}

/// When the record of an apply was written, if it is one of an apply.
fn recorded(record: &Record) -> Option<Recorded> {
    let commit = record.commit.clone();
    record.applied.is_some().then(|| Recorded { at: record.recorded_at.clone(), commit })
}

fn unresolved(key: &OfferKey, words: &str, error: &Unresolved) -> CommandError {
    match error {
        Unresolved::Unknown { meant: Some(path) } => {
            CommandError::bad_input(format!("nothing in {key} is called `{words}`"))
                .hint(format!("did you mean `{path}` ({})?", field_name(path)))
        }
        Unresolved::Unknown { meant: None } => CommandError::bad_input(format!("nothing in {key} is called `{words}`"))
            .hint(format!(
                "`offerctl explain {key} /definition` lists what there is; the steps are create, update, publish, \
                 go-live, wait and cancel"
            )),
        Unresolved::NoSuchElement { of, there_are, meant } => {
            let message = format!("{key} has nothing at `{words}`");
            let hint = match meant {
                Some(path) => format!("did you mean `{path}` ({})?", field_name(path)),
                None if there_are.is_empty() => format!("there is nothing in `{of}`"),
                None => format!("`{of}` has {}", there_are.join(", ")),
            };
            CommandError::bad_input(message).hint(hint)
        }
        Unresolved::SetNowhere { title, pattern } => {
            CommandError::bad_input(format!("nothing in {key} sets `{words}`"))
                .hint(format!("{title} is `{pattern}`; declare it in the manifest to manage it"))
        }
        Unresolved::Ambiguous { candidates, more } => {
            let mut lines = vec![format!("`{words}` may be several fields of {key}")];
            lines.extend(candidates.iter().map(|path| format!("{path}  ({})", field_name(path))));
            if *more > 0 {
                lines.push(format!("… and {more} more"));
            }
            CommandError::bad_input(lines.join("\n")).hint("name one of them by its path")
        }
    }
}
