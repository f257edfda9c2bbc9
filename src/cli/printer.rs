//! The only place that writes to the terminal: results to stdout, everything else to stderr, log lines too.
//!
//! Whatever is written is looked at once more here: no known secret, no escape but our colours, no command of a CI runner;
//! and no line is torn by a bar that moves, nor tears one. The one exception are the commands by which the runner shows
//! findings on their lines.

use std::cell::Cell;
use std::io::{BufWriter, ErrorKind, IsTerminal as _, StdoutLock, Write as _};
use std::sync::{Mutex, OnceLock, PoisonError};

use clap::ValueEnum;
use indicatif::{MultiProgress, ProgressDrawTarget};
use serde_json::Value;

use super::CommandError;
use super::hints::completed;
use super::repetitions::Repetitions;
use super::secrets::Searched;
use crate::findings::{Finding, Findings};
use crate::portal::KnownSecrets;
use crate::render::{Escapes, Layout, Palette, Redaction, Runner, annotations, guarded, single_line, write_json};

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
    screen: &'static Screen,
}

/// What all copies of a printer share.
#[derive(Debug)]
struct Screen {
    bars: MultiProgress,
    secrets: KnownSecrets,
    /// The flags that a command has to repeat to meet the same service and the same records, as they are typed.
    flags: OnceLock<String>,
    searched: Searched,
    repetitions: Repetitions,
    /// What was found so far that a person has to look at.
    findings: Mutex<Findings>,
}

/// A result as JSON.
pub(super) fn json_value(value: &impl serde::Serialize) -> Result<Value, CommandError> {
    serde_json::to_value(value)
        .map_err(|error| CommandError::other(format!("the result cannot be written as JSON: {error}")))
}

impl Printer {
    /// The printer of this process.
    pub fn of_process(choice: ColorChoice) -> Self {
        let no_color = std::env::var_os(crate::config::environment::NO_COLOR).is_some_and(|value| !value.is_empty());
        let palette = |is_terminal: bool| match choice {
            ColorChoice::Always => Palette::COLOURED,
            ColorChoice::Auto if is_terminal && !no_color => Palette::COLOURED,
            ColorChoice::Auto | ColorChoice::Never => Palette::PLAIN,
        };
        let interactive = std::io::stderr().is_terminal();
        let target = if interactive { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let screen = Screen {
            bars: MultiProgress::with_draw_target(target),
            secrets: KnownSecrets::default(),
            flags: OnceLock::new(),
            searched: Searched::default(),
            repetitions: Repetitions::default(),
            findings: Mutex::default(),
        };
        Self {
            stdout: palette(std::io::stdout().is_terminal()),
            stderr: palette(interactive),
            interactive,
            // It lives as long as the process, for the log and the panic hook have it too.
            screen: Box::leak(Box::new(screen)),
        }
    }

    /// The bars that move at the end of stderr; all of them, so that lines can be written above them.
    pub fn bars(self) -> &'static MultiProgress {
        &self.screen.bars
    }

    /// The secrets of this run, which nothing that is written will hold.
    pub fn secrets(self) -> &'static KnownSecrets {
        &self.screen.secrets
    }

    /// Where secrets are known from.
    pub(super) fn searched(self) -> &'static Searched {
        &self.screen.searched
    }

    /// The warnings of this run about manifests, as far as they repeat each other.
    pub(super) fn repetitions(self) -> &'static Repetitions {
        &self.screen.repetitions
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

    /// Repeats these flags in the commands that texts for people name.
    pub(super) fn repeat(self, flags: String) {
        // There is one session in a process, and one set of flags.
        let _ = self.screen.flags.set(flags);
    }

    /// The text with commands as they have to be typed.
    fn completed(self, text: &str) -> String {
        completed(text, self.screen.flags.get().map_or("", String::as_str))
    }

    /// Writes a result for people, part by part, with commands as they have to be typed.
    pub fn text(self, parts: impl IntoIterator<Item = String>) -> Result<(), CommandError> {
        self.result_of_parts(parts.into_iter().map(|part| self.completed(&part)))
    }

    /// Writes what became of something to stderr, with commands as they have to be typed.
    pub fn advise(self, text: &str) {
        self.note(&self.completed(text));
    }

    /// Writes a result. Whoever closed the pipe has read enough; the command goes on, and its exit code counts.
    pub fn result(self, text: &str) -> Result<(), CommandError> {
        let text = self.fit(text, self.stdout);
        self.write(|stdout| stdout.write_all(text.as_bytes()))
    }

    /// Writes a result that is made while it is written. Each part has the last look by itself, so that none may end within
    /// something that others wrote.
    pub fn result_of_parts(self, parts: impl IntoIterator<Item = String>) -> Result<(), CommandError> {
        self.write(|stdout| {
            parts.into_iter().try_for_each(|part| stdout.write_all(self.fit(&part, self.stdout).as_bytes()))
        })
    }

    /// Writes a result as JSON, with a line break at its end.
    pub fn json(self, value: &impl serde::Serialize) -> Result<(), CommandError> {
        // Before it is text: what is taken out of the text of JSON may leave something that is none.
        self.json_of_parts(&self.fit_json(json_value(value)?))
    }

    /// Writes a result as JSON that is made while it is written. Each part of it that others have a say in went through
    /// [`Self::fit_json`].
    pub fn json_of_parts(self, document: &impl serde::Serialize) -> Result<(), CommandError> {
        self.write(|stdout| write_json(stdout, document, Layout::Indented).and_then(|()| stdout.write_all(b"\n")))
    }

    /// A value without known secrets.
    pub fn fit_json(self, value: Value) -> Value {
        self.screen.secrets.scrub_value(value)
    }

    fn write(
        self,
        write: impl FnOnce(&mut BufWriter<StdoutLock<'_>>) -> std::io::Result<()>,
    ) -> Result<(), CommandError> {
        let written = self.without_bars(|| {
            let mut stdout = BufWriter::new(std::io::stdout().lock());
            write(&mut stdout).and_then(|()| stdout.flush())
        });
        match written {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                Err(CommandError::other(format!("the result cannot be written: {error}")))
            }
            _ => Ok(()),
        }
    }

    /// Writes a line to stderr, above the bars. When nobody listens there, there is nobody to tell.
    pub fn note(self, line: &str) {
        let line = self.fit(line, self.stderr) + "\n";
        // In one piece, for other processes may write there too.
        self.without_bars(|| drop(std::io::stderr().lock().write_all(line.as_bytes())));
    }

    /// Writes while no bar moves. A panic in the middle of it is reported from within, where the bars are not to be waited for
    /// a second time.
    fn without_bars<Written>(self, write: impl FnOnce() -> Written) -> Written {
        thread_local!(static IS_WRITING: Cell<bool> = const { Cell::new(false) });
        /// The thread may be used again after a panic.
        struct Writing;
        impl Drop for Writing {
            fn drop(&mut self) {
                IS_WRITING.set(false);
            }
        }
        if IS_WRITING.replace(true) {
            return write();
        }
        let _writing = Writing;
        self.screen.bars.suspend(write)
    }

    /// The text without known secrets and without what only this program may write.
    fn fit(self, text: &str, palette: Palette) -> String {
        let escapes = if palette.is_coloured() { Escapes::Colours } else { Escapes::None };
        guarded(&self.screen.secrets.scrub(text), escapes)
    }

    /// A text as it may stand in a file that others show.
    pub fn for_file(self, text: &str) -> String {
        self.fit(text, Palette::PLAIN)
    }

    /// Takes in what was found, to be shown on its lines when the command ends.
    pub fn found(self, findings: impl IntoIterator<Item = Finding>) {
        let mut found = self.screen.findings.lock().unwrap_or_else(PoisonError::into_inner);
        findings.into_iter().for_each(|finding| found.add(finding));
    }

    /// Everything that was found so far, without known secrets, the most serious first.
    pub fn findings(self) -> Findings {
        let found = self.screen.findings.lock().unwrap_or_else(PoisonError::into_inner).clone();
        found.with_texts(|text| self.screen.secrets.scrub(text)).settled()
    }

    /// Lets a runner show on its lines what was found. It reads both streams, and only this one is no result.
    pub fn annotate(self, runner: Runner) {
        let lines = annotations(&self.findings(), runner);
        let lines: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
        self.without_bars(|| drop(std::io::stderr().lock().write_all(lines.as_bytes())));
    }

    /// Writes a line that warns.
    pub fn warning(self, text: &str) {
        self.note(&format!(
            "{} {}",
            self.mark("warning:", "\x1b[1;33m"),
            single_line(&Redaction::text(&self.completed(text)))
        ));
    }

    /// Writes what a command failed with, and what to do next.
    pub fn error(self, error: &CommandError) {
        let message = Redaction::text(&self.completed(error.message()));
        let mut lines = message.lines();
        self.note(&format!("{} {}", self.mark("error:", "\x1b[1;31m"), single_line(lines.next().unwrap_or_default())));
        for line in lines {
            self.note(&format!("  {}", single_line(line)));
        }
        for hint in error.hints() {
            self.note(&format!(
                "{} {}",
                self.mark("hint:", "\x1b[36m"),
                single_line(&Redaction::text(&self.completed(hint)))
            ));
        }
    }

    fn mark(self, word: &str, colour: &str) -> String {
        if self.stderr.is_coloured() { format!("{colour}{word}\x1b[0m") } else { word.to_owned() }
    }

    /// Asks a yes-or-no question on the terminal. Only a clear yes is one.
    pub fn ask(self, question: &str) -> bool {
        self.question(question).is_some_and(|answer| matches!(answer.as_str(), "y" | "Y" | "yes" | "Yes"))
    }

    /// Asks for a line on the terminal, and takes the blanks around it away; none when nobody answers any more.
    pub fn question(self, question: &str) -> Option<String> {
        let mut stderr = std::io::stderr().lock();
        let _ = write!(stderr, "{} ", self.fit(question, self.stderr));
        let _ = stderr.flush();
        drop(stderr);
        let mut answer = String::new();
        match std::io::stdin().read_line(&mut answer) {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(answer.trim().to_owned()),
        }
    }
}
