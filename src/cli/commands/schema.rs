//! `offerctl schema`: the JSON Schemas of what offerctl reads and writes.

use std::fs;
use std::path::Path;

use crate::cli::arguments::{Global, SchemaArguments, SchemaSubject};
use crate::cli::printer::Printer;
use crate::cli::session::enter;
use crate::cli::{CommandError, Exit};
use crate::offer::{Catalogue, OfferType};
use crate::schema::{Subject, text};

pub(super) fn run(global: &Global, own: &SchemaArguments, printer: Printer) -> Result<Exit, CommandError> {
    enter(global.directory.as_deref())?;
    let subject = subject(own)?;
    match &own.out {
        None => printer.result(&text(subject))?,
        Some(path) => {
            write(path, &text(subject))
                .map_err(|error| CommandError::other(format!("`{}` cannot be written: {error}", path.display())))?;
            printer.note(&format!("Wrote {}.", path.display()));
        }
    }
    Ok(Exit::Done)
}

fn subject(own: &SchemaArguments) -> Result<Subject<'static>, CommandError> {
    let offer_type = own.offer_type.as_deref().map(offer_type).transpose()?;
    match own.subject {
        SchemaSubject::Offer => Ok(Subject::Offer(offer_type)),
        SchemaSubject::Part => Ok(Subject::Part(offer_type)),
        _ if offer_type.is_some() => {
            let message = "only `schema offer` and `schema part` are about an offer type";
            Err(CommandError::bad_input(message).hint("leave `--offer-type` away"))
        }
        SchemaSubject::Config => Ok(Subject::Config),
        SchemaSubject::Plan => Ok(Subject::Plan),
        SchemaSubject::State => Ok(Subject::State),
        SchemaSubject::Event => Ok(Subject::Event),
    }
}

fn offer_type(named: &str) -> Result<&'static OfferType, CommandError> {
    let types = Catalogue::built_in().offer_types();
    types.iter().find(|known| known.name == named || known.id == named).ok_or_else(|| {
        let known: Vec<&str> = types.iter().map(|known| known.name.as_str()).collect();
        CommandError::bad_input(format!("the keys of the offer type `{named}` are not known"))
            .hint(format!("known are {}; without `--offer-type` the schema is for all of them", known.join(", ")))
    })
}

/// A schema is made, not edited: one that is there is replaced.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}
