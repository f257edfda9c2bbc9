//! `offerctl man`: the pages of the manual, made from the same descriptions as `--help`.

use std::path::Path;

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;

use crate::cli::arguments::{Global, ManArguments};
use crate::cli::printer::Printer;
use crate::cli::{Arguments, CommandError};

pub(super) fn run(global: &Global, own: &ManArguments, printer: Printer) -> Result<(), CommandError> {
    let mut offerctl = Arguments::command().disable_help_subcommand(true);
    if let Some(out) = &own.out {
        let folder = global.directory.as_deref().unwrap_or(Path::new("")).join(out);
        let fail = |error| CommandError::other(format!("`{}` cannot be written: {error}", folder.display()));
        std::fs::create_dir_all(&folder).map_err(fail)?;
        clap_mangen::generate_to(offerctl, &folder).map_err(fail)?;
        printer.note(&format!("the pages are in `{0}`; read one with: man {0}/offerctl.1", folder.display()));
        return Ok(());
    }
    // Gives each command its whole name and the global options.
    offerctl.build();
    let mut page = Vec::new();
    Man::new(find(offerctl, &own.command)?)
        .render(&mut page)
        .map_err(|error| CommandError::other(format!("the page cannot be made: {error}")))?;
    printer.result(&String::from_utf8_lossy(&page))
}

fn find(offerctl: Command, words: &[String]) -> Result<Command, CommandError> {
    let mut found = offerctl;
    for word in words {
        found = found.find_subcommand(word).cloned().ok_or_else(|| {
            CommandError::bad_input(format!("there is no command `{}`", words.join(" ")))
                .hint("`offerctl --help` lists the commands")
        })?;
    }
    Ok(found)
}
