//! `offerctl validate`: everything that is wrong with the manifests, without asking the service.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::cli::arguments::{Format, Global, Output, Selection, WaitOptions};
use crate::cli::printer::{Printer, json_value};
use crate::cli::reading::validate_keeping;
use crate::cli::sarif::write_sarif;
use crate::cli::selection::select_changed;
use crate::cli::session::Session;
use crate::cli::step_summary::summarize;
use crate::cli::{CommandError, Exit};
use crate::offer::{Desired, OfferKey};
use crate::render::{OneByOne, ValidateFile, unchanged_line, validate_markdown};

pub(super) async fn run(global: &Global, selection: &Selection, printer: Printer) -> Result<Exit, CommandError> {
    let session = Session::open(global, &selection.offers, WaitOptions::default(), printer)?;
    let selected = select_changed(&session, &selection.offers, &selection.changed)?;
    let (manifests, wanted) = (selected.manifests.clone(), selected.clone());
    let keep = move |desired: Desired| wanted.wants_desired(&desired).then_some((desired.key, desired.manifest.file));
    let read = validate_keeping(session.repository()?, manifests, printer, keep).await?;
    if read.errors == 0 {
        selected.expect_all(&session, &read.kept.iter().map(|(key, _)| key).collect::<Vec<_>>())?;
    }
    let found = if selected.is_by_offer() { read.kept.len() } else { selected.manifests.len() };
    let left_out = selected.unchanged.as_ref().map(|unchanged| unchanged_line(unchanged) + "\n").unwrap_or_default();
    let valid = read.kept.len();
    let totals =
        format!("Validate: {found} manifests: {valid} valid, {} errors, {} warnings.", read.errors, read.warnings);
    summarize(printer, |limit| {
        validate_markdown(&totals, read.diagnostics(), limit, &|text| printer.secrets().scrub(text))
    });
    match global.output {
        _ if global.format == Format::Sarif => write_sarif("validate", &printer.findings(), totals, printer)?,
        Output::Text => printer.result(&format!("{left_out}{totals}\n"))?,
        Output::Json => printer.json_of_parts(&ValidateFile {
            format: "offerctl-validate",
            version: 1,
            manifests: found,
            unchanged: printer.fit_json(json_value(&selected.unchanged)?),
            valid: printer.fit_json(read.kept.iter().map(valid_manifest).collect()),
            errors: read.errors,
            warnings: read.warnings,
            diagnostics: OneByOne::new(read.diagnostics(), &|part| printer.fit_json(part)),
        })?,
    }
    Ok(if read.errors == 0 { Exit::Done } else { Exit::BadInput })
}

fn valid_manifest((key, manifest): &(OfferKey, Arc<str>)) -> Value {
    json!({"publisherId": key.publisher, "offerId": key.offer, "manifest": manifest})
}
