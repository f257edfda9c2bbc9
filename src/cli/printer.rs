//! The only place that writes to the terminal: results to stdout, everything else to stderr.

use std::io::{ErrorKind, IsTerminal as _, Write as _};

use clap::ValueEnum;

use super::CommandError;
use crate::render::{Palette, Redaction, single_line};

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Owns stdout and stderr.
#[derive(Debug, Clone, Copy)]
pub struct Printer {
    stdout: Palette,
    stderr: Palette,
    interactive: bool,
}

#[expect(clippy::unused_self, reason = "whoever writes must hold the printer, also where no palette is needed")]
impl Printer {
    /// The printer of this process.
    pub fn of_process(choice: ColorChoice) -> Self {
        let no_color = std::env::var_os(crate::config::environment::NO_COLOR).is_some_and(|value| !value.is_empty());
        let palette = |is_terminal: bool| match choice {
            ColorChoice::Always => Palette::COLOURED,
            ColorChoice::Auto if is_terminal && !no_color => Palette::COLOURED,
            ColorChoice::Auto | ColorChoice::Never => Palette::PLAIN,
        };
        Self {
            stdout: palette(std::io::stdout().is_terminal()),
            stderr: palette(std::io::stderr().is_terminal()),
            interactive: std::io::stderr().is_terminal(),
        }
    }

    /// The colours of results.
    pub fn stdout_palette(self) -> Palette {
        self.stdout
    }

    /// The colours of everything else.
    pub fn stderr_palette(self) -> Palette {
        self.stderr
    }

    /// Whether progress can be shown in place.
    pub fn is_interactive(self) -> bool {
        self.interactive
    }

    /// Whether a person can be asked.
    pub fn can_ask(self) -> bool {
        self.interactive && std::io::stdin().is_terminal()
    }

    /// Writes a result as it is. Whoever closed the pipe has read enough; the command goes on, and its exit code counts.
    pub fn result(self, text: &str) -> Result<(), CommandError> {
        let mut stdout = std::io::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                Err(CommandError::other(format!("the result cannot be written: {error}")))
            }
            _ => Ok(()),
        }
    }

    /// Writes a result as JSON, with a line break at its end.
    pub fn json(self, value: &impl serde::Serialize) -> Result<(), CommandError> {
        let text = serde_json::to_string_pretty(value)
            .map_err(|error| CommandError::other(format!("the result cannot be written as JSON: {error}")))?;
        self.result(&(text + "\n"))
    }

    /// Writes a line to stderr. When nobody listens there, there is nobody to tell.
    pub fn note(self, line: &str) {
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    }

    /// Writes a line that warns.
    pub fn warning(self, text: &str) {
        self.note(&self.warning_line(text));
    }

    /// The same line, for whoever writes it elsewhere.
    pub fn warning_line(self, text: &str) -> String {
        format!("{} {}", self.mark("warning:", "\x1b[1;33m"), single_line(&Redaction::text(text)))
    }

    /// Writes what a command failed with, and what to do next.
    pub fn error(self, error: &CommandError) {
        let message = Redaction::text(error.message());
        let mut lines = message.lines();
        self.note(&format!("{} {}", self.mark("error:", "\x1b[1;31m"), single_line(lines.next().unwrap_or_default())));
        for line in lines {
            self.note(&format!("  {}", single_line(line)));
        }
        for hint in error.hints() {
            self.note(&format!("{} {}", self.mark("hint:", "\x1b[36m"), single_line(&Redaction::text(hint))));
        }
    }

    fn mark(self, word: &str, colour: &str) -> String {
        if self.stderr.is_coloured() { format!("{colour}{word}\x1b[0m") } else { word.to_owned() }
    }

    /// Asks a yes-or-no question on the terminal. Only a clear yes is one.
    pub fn ask(self, question: &str) -> bool {
        let mut stderr = std::io::stderr().lock();
        let _ = write!(stderr, "{question} ");
        let _ = stderr.flush();
        drop(stderr);
        let mut answer = String::new();
        match std::io::stdin().read_line(&mut answer) {
            Ok(_) => matches!(answer.trim(), "y" | "Y" | "yes" | "Yes"),
            Err(_) => false,
        }
    }
}
