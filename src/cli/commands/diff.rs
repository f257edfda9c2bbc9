//! `offerctl diff`: what leads from one document of an offer to another.

use crate::cli::arguments::{DiffArguments, Global, Output, WaitOptions};
use crate::cli::offers::{one_named_offer, read_revision};
use crate::cli::printer::Printer;
use crate::cli::secrets::hide;
use crate::cli::session::{Connection, Session};
use crate::cli::{CommandError, Exit};
use crate::diff::between;
use crate::offer::{Catalogue, OfferKey};
use crate::render::{Compared, Side, diff_json, diff_text};

pub(super) async fn run(global: &Global, own: &DiffArguments, printer: Printer) -> Result<Exit, CommandError> {
    let named = std::slice::from_ref(&own.offer);
    let session = Session::open(global, named, WaitOptions::default(), printer)?;
    let key = one_named_offer(&session, &own.offer).await?;
    let connection = session.connect().await?;
    let compared = compared(&session, &connection, key, own).await;
    connection.close().await;
    let compared = compared?;
    match global.output {
        Output::Text => printer.result(&diff_text(&compared, &printer.stdout_palette()))?,
        Output::Json => printer.json(&diff_json(&compared))?,
    }
    Ok(if compared.differences.is_empty() { Exit::Done } else { Exit::Changes })
}

async fn compared(
    session: &Session,
    connection: &Connection,
    key: OfferKey,
    own: &DiffArguments,
) -> Result<Compared, CommandError> {
    let before = read_revision(session, connection, &key, own.from).await?;
    let after = read_revision(session, connection, &key, own.to).await?;
    // Only to know whether the names of served files tell anything; without a record they are taken as they are.
    let media = connection.state.load(&key).record.map(|record| record.media).unwrap_or_default();
    let mut differences = between(Catalogue::built_in(), &media, before.as_value(), after.as_value());
    for difference in &mut differences {
        hide(session.printer.secrets(), difference);
    }
    Ok(Compared {
        key,
        from: Side { revision: own.from, version: before.version() },
        to: Side { revision: own.to, version: after.version() },
        differences,
    })
}
