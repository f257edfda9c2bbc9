//! `offerctl completions`: what a shell needs to complete the command line.

use clap::CommandFactory as _;
use clap_complete::Shell;
use clap_complete_nushell::Nushell;

use crate::cli::arguments::{CompletionShell, CompletionsArguments};
use crate::cli::printer::Printer;
use crate::cli::{Arguments, CommandError};

pub(super) fn run(own: &CompletionsArguments, printer: Printer) -> Result<(), CommandError> {
    let shell = match own.shell {
        CompletionShell::Bash => Shell::Bash,
        CompletionShell::Elvish => Shell::Elvish,
        CompletionShell::Fish => Shell::Fish,
        CompletionShell::PowerShell => Shell::PowerShell,
        CompletionShell::Zsh => Shell::Zsh,
        CompletionShell::Nushell => return print(Nushell, printer),
    };
    print(shell, printer)
}

fn print(generator: impl clap_complete::Generator, printer: Printer) -> Result<(), CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(generator, &mut Arguments::command(), "offerctl", &mut script);
    printer.result(&String::from_utf8_lossy(&script))
}
