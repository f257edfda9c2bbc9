//! Where a story plays: a folder with manifests, the built program with nothing but what the story gives it, and the
//! emulated service.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use offerctl::emulator::{Options, TimeSource, Timing};
use serde_json::Value;
use tempfile::TempDir;

use crate::manifests::VIRTUAL_MACHINE;
use crate::portal::Portal;

/// The token that the program is given; no output may ever hold it.
pub const TOKEN: &str = "token-of-the-story";

/// A story's surroundings.
pub struct TestEnvironment {
    pub portal: Portal,
    /// Where the program finds the service: the emulator, unless something stands in between.
    pub endpoint: String,
    folder: TempDir,
    _snapshots: insta::internals::SettingsBindDropGuard,
}

/// What a command said and how it ended. Snapshot it, or assert how it ended.
#[must_use = "assert how the command ended"]
pub struct CommandResult {
    stdout: String,
    stderr: String,
    code: Option<i32>,
}

/// What a command said, once it is known to have ended as it should.
pub struct Said {
    pub stdout: String,
    pub stderr: String,
}

/// An emulator on which whatever is submitted is done at once.
pub fn at_once() -> Options {
    Options { timing: Timing::instant(), ..as_slow_as_the_service() }
}

/// An emulator on which submissions take days, on a clock that only the story moves.
pub fn as_slow_as_the_service() -> Options {
    let time = TimeSource::Stopped("2026-11-01T00:00:00Z".parse().unwrap());
    Options { timing: Timing::realistic(), time, ..Options::default() }
}

impl TestEnvironment {
    /// An empty repository and a service without offers.
    pub fn empty(options: Options) -> Self {
        let portal = Portal::start(options);
        let environment = Self {
            endpoint: portal.url().to_owned(),
            portal,
            folder: tempfile::tempdir().unwrap(),
            _snapshots: snapshot_settings().bind_to_scope(),
        };
        environment.write("offerctl.yaml", "offers: [\"offers/*/offer.yaml\"]\n");
        environment
    }

    /// A repository with one small offer, `contoso/vm`, on a service that is done at once.
    pub fn with_offer() -> Self {
        Self::with_offer_on(at_once())
    }

    /// The same on another service.
    pub fn with_offer_on(options: Options) -> Self {
        let environment = Self::empty(options);
        environment.write("offers/vm/offer.yaml", VIRTUAL_MACHINE);
        environment
    }

    /// The small offer, live, and the requests up to here forgotten.
    pub fn with_live_offer() -> Self {
        let environment = Self::with_offer();
        environment.run("apply --yes").expect(0);
        environment.portal.forget_requests();
        environment
    }

    /// The repository of `examples/`.
    pub fn with_examples(options: Options) -> Self {
        let environment = Self::empty(options);
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples"), environment.folder.path());
        environment
    }

    /// A path in the repository.
    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn write_bytes(&self, path: &str, bytes: &[u8]) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    /// Replaces what stands exactly once in a file.
    #[track_caller]
    pub fn replace(&self, path: &str, old: &str, new: &str) {
        let text = std::fs::read_to_string(self.path(path)).unwrap();
        assert_eq!(text.matches(old).count(), 1, "`{old}` in {path}");
        self.write(path, &text.replace(old, new));
    }

    /// Edits the small offer.
    #[track_caller]
    pub fn edit(&self, old: &str, new: &str) {
        self.replace("offers/vm/offer.yaml", old, new);
    }

    /// Loses everything that the program remembers.
    pub fn forget_records(&self) {
        std::fs::remove_dir_all(self.path(".offerctl/state")).unwrap();
    }

    /// All that the program remembers, as one text.
    pub fn records(&self) -> String {
        let mut text = String::new();
        gather(&self.path(".offerctl"), &mut text);
        text
    }

    /// The program, not started yet, with arguments that are separated by blanks.
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_offerctl"));
        command
            .args(arguments.split_whitespace())
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("NO_COLOR", "1")
            .env("OFFERCTL_ENDPOINT", &self.endpoint)
            .env("OFFERCTL_TOKEN", TOKEN)
            .env("OFFERCTL_POLL_INTERVAL", "5ms")
            // Ends a story that went astray; none waits so long.
            .env("OFFERCTL_WAIT", "40s")
            .stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &str) -> CommandResult {
        self.run_command(self.command(arguments))
    }

    /// Runs a command that the story changed.
    pub fn run_command(&self, mut command: Command) -> CommandResult {
        let Output { status, stdout, stderr } = command.output().unwrap();
        let text = |bytes: Vec<u8>| self.without_chance(&String::from_utf8(bytes).expect("output is UTF-8"));
        CommandResult { stdout: text(stdout), stderr: text(stderr), code: status.code() }
    }

    /// The text without what differs from run to run.
    fn without_chance(&self, text: &str) -> String {
        let folder = std::fs::canonicalize(self.folder.path()).unwrap();
        text.replace(&self.endpoint, "http://SERVICE")
            .replace(self.portal.url(), "http://SERVICE")
            .replace(&*folder.to_string_lossy(), "/REPOSITORY")
    }
}

impl CommandResult {
    /// Asserts the exit status.
    #[track_caller]
    pub fn expect(self, code: i32) -> Said {
        assert_eq!(self.code, Some(code), "\n{self}");
        Said { stdout: self.stdout, stderr: self.stderr }
    }

    /// The exit status; `None` when a signal ended the program.
    pub fn code(&self) -> Option<i32> {
        self.code
    }

    /// The same result, each offer's progress together: offers are worked on side by side.
    pub fn by_offer(mut self) -> Self {
        let mut paragraphs: Vec<String> = Vec::new();
        for line in self.stderr.lines() {
            match paragraphs.last_mut() {
                Some(paragraph) if line.starts_with(' ') => paragraph.extend([line, "\n"]),
                _ => paragraphs.push([line, "\n"].concat()),
            }
        }
        paragraphs.sort_by_key(|paragraph| paragraph.split(": ").next().unwrap_or_default().to_owned());
        self.stderr = paragraphs.concat();
        self
    }
}

impl fmt::Display for CommandResult {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.stdout)?;
        if !self.stderr.is_empty() {
            write!(formatter, "--- stderr ---\n{}", self.stderr)?;
        }
        match self.code {
            Some(code) => write!(formatter, "--- exit {code} ---"),
            None => formatter.write_str("--- killed ---"),
        }
    }
}

impl Said {
    /// The result as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).expect("stdout is one JSON document")
    }
}

fn snapshot_settings() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.add_filter(r"20[0-9TZ:-]+Z  (plan|draft|publish|go-live|preview|production) ", "[time]  $1 ");
    settings.add_filter(r#""at": "20[0-9TZ:-]+Z"(,\s+"deed")"#, "\"at\": \"[time]\"$1");
    settings.add_filter(r"begun at [0-9TZ:-]+", "begun at [time]");
    settings.add_filter(r#"(recorded |"at": ")20[0-9TZ:.-]+"#, "$1[time]");
    settings.add_filter(r"\b[0-9a-f]{40}\b", "[commit]");
    settings.add_filter(r"(Digest:|digest is|and) sha256:[0-9a-f]{64}", "$1 [digest]");
    settings.add_filter(r"sha256&#58;[0-9a-f]{64}", "[digest]");
    settings.add_filter(r"correlation id [0-9a-f-]{36}", "correlation id [guid]");
    // Of the log: when, how long, and pauses by chance.
    settings.add_filter(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z +(TRACE|DEBUG|INFO|WARN|ERROR)", "[when] $1");
    settings.add_filter(r" in (\d+ ms|[\d.]+ s)\b", " in [while]");
    // An answer names the emulator's port, and what is sent on top of one holds its signatures: both differ in length.
    settings.add_filter(r"(got|sent) \d+ bytes", "$1 [some] bytes");
    settings.add_filter(r"trying again in [\d.]+[mµn]?s", "trying again in [while]");
    settings
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_name().to_string_lossy().starts_with(".offerctl") {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn gather(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, text);
        } else {
            text.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}
