//! `offerctl completions`: what a shell needs to complete the command line.

use clap::CommandFactory as _;

use crate::cli::arguments::CompletionsArguments;
use crate::cli::printer::Printer;
use crate::cli::{Arguments, CommandError};

pub(super) fn run(own: &CompletionsArguments, printer: Printer) -> Result<(), CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(own.shell, &mut Arguments::command(), "offerctl", &mut script);
    printer.result(&String::from_utf8_lossy(&script))
}
