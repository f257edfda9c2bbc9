//! The installed `git`, run for its plumbing: it writes to no working tree and to no index of the checkout, runs no hook and
//! asks no question. What it is asked for is the matter of whoever asks.
//!
//! Local calls are done in milliseconds and block; calls of the remote are waited for, and given up after a while.

mod changes;

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output, Stdio};
use std::time::Duration;

pub use changes::{ChangedFiles, UnknownChanges};

/// How long the remote may take for one answer.
const PATIENCE: Duration = Duration::from_secs(120);
/// Git says no more than this that is worth repeating, in bytes.
const MAX_SAID: usize = 2000;
/// Lines that repeat what is told anyway, or give advice to somebody who typed the command.
const NOISE: [&str; 5] =
    ["hint:", "To ", "error: failed to push some refs", "Please make sure you have", "and the repository exists"];
/// What a hook or a script around this program has set for a git of its own.
const OF_OTHERS: [&str; 8] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
];
/// Who commits where nobody has said who they are, as in CI: the variable, the setting that makes it needless, the value.
const SOMEBODY: [(&str, &str, &str); 4] = [
    ("GIT_AUTHOR_NAME", "user.name", "offerctl"),
    ("GIT_AUTHOR_EMAIL", "user.email", "offerctl@localhost"),
    ("GIT_COMMITTER_NAME", "user.name", "offerctl"),
    ("GIT_COMMITTER_EMAIL", "user.email", "offerctl@localhost"),
];

/// Git in one repository.
#[derive(Debug)]
pub(crate) struct Git {
    folder: PathBuf,
    identity: Vec<(&'static str, &'static str)>,
}

/// A call of git that did not do what it was made for.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no git.
    #[error("`git` cannot be run: {0}")]
    Missing(std::io::Error),
    /// It failed.
    #[error("`git {command}` failed: {said}")]
    Failed {
        /// Which of its commands.
        command: String,
        /// What it said.
        said: String,
    },
    /// The remote did not answer.
    #[error("`git {command}` was given up after {} s without an answer", PATIENCE.as_secs())]
    Silent {
        /// Which of its commands.
        command: String,
    },
}

impl GitError {
    /// Whether git leaves the repository alone because its folder belongs to somebody else.
    pub(crate) fn is_distrust(&self) -> bool {
        matches!(self, Self::Failed { said, .. } if said.contains("dubious ownership"))
    }
}

/// What helps against that.
pub(crate) const TRUST: &str = "The folder belongs to another user, so git does not use it. Run as that user, or say that \
                                it is to be trusted: `git config --global --add safe.directory FOLDER`.";

impl Git {
    /// Git in the repository around a folder, for what makes no commit.
    pub(crate) fn for_looking(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), identity: Vec::new() }
    }

    /// Git in the repository around a folder.
    pub(crate) fn around(folder: &Path) -> Self {
        let mut git = Self::for_looking(folder);
        let is_set = |variable| std::env::var_os(variable).is_some_and(|value| !value.is_empty());
        for (variable, setting, value) in SOMEBODY {
            if !is_set(variable) && !git.run(&["config", setting]).is_ok_and(|said| !said.is_empty()) {
                git.identity.push((variable, value));
            }
        }
        git
    }

    /// Calls it and gives what it printed, without the last line's end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Result<String, GitError> {
        self.feed(arguments, b"")
    }

    /// The same, with something to read.
    pub(crate) fn feed(&self, arguments: &[&str], input: &[u8]) -> Result<String, GitError> {
        self.feed_with(arguments, input, None)
    }

    /// The same, on an index of its own.
    pub(crate) fn feed_with(&self, arguments: &[&str], input: &[u8], index: Option<&Path>) -> Result<String, GitError> {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.envs(index.map(|index| ("GIT_INDEX_FILE", index)));
        let mut child = command.spawn().map_err(GitError::Missing)?;
        if let Some(mut stdin) = child.stdin.take() {
            // A git that ends before it has read all says why.
            let _ = stdin.write_all(input);
        }
        ended(arguments, child.wait_with_output())
    }

    /// Calls it for something that may not be there, which it tells with a status of 1 and silence.
    pub(crate) fn find(&self, arguments: &[&str]) -> Result<Option<String>, GitError> {
        let output = self.command(arguments).stdin(Stdio::null()).output().map_err(GitError::Missing)?;
        if output.status.code() == Some(1) { Ok(None) } else { ended(arguments, Ok(output)).map(Some) }
    }

    /// Asks whether something is so.
    pub(crate) fn is_so(&self, arguments: &[&str]) -> bool {
        let status = self.command(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.as_ref().is_ok_and(ExitStatus::success)
    }

    /// Calls it for something that it does with the remote.
    pub(crate) async fn with_remote(&self, arguments: &[&str]) -> Result<String, GitError> {
        let mut command = self.command(arguments);
        // Ctrl-C goes to all of a terminal's processes, and what this one is in the middle of is to be finished.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut command = tokio::process::Command::from(command);
        command.stdin(Stdio::null()).kill_on_drop(true);
        tracing::debug!("git {}", arguments.join(" "));
        match tokio::time::timeout(PATIENCE, command.output()).await {
            Ok(output) => ended(arguments, output),
            Err(_) => Err(GitError::Silent { command: name(arguments) }),
        }
    }

    /// The call, not begun yet.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        for variable in OF_OTHERS {
            command.env_remove(variable);
        }
        command.args([
            "-c",
            "core.hooksPath=/dev/null",
            "-c",
            "gc.auto=0",
            "-c",
            "maintenance.auto=false",
            "-c",
            "core.quotePath=false",
            "-C",
        ]);
        command.arg(&self.folder).args(arguments.iter().map(OsStr::new));
        // Nobody may be there to answer, and what it says is looked into.
        command.env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
        // A look must not stand in the way of a git that somebody runs beside it.
        command.env("GIT_OPTIONAL_LOCKS", "0").envs(self.identity.iter().copied());
        command
    }
}

fn ended(arguments: &[&str], output: std::io::Result<Output>) -> Result<String, GitError> {
    let output = output.map_err(GitError::Missing)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned());
    }
    Err(GitError::Failed { command: name(arguments), said: said(&String::from_utf8_lossy(&output.stderr)) })
}

/// The command, without what it is given.
fn name(arguments: &[&str]) -> String {
    arguments.first().copied().unwrap_or_default().to_owned()
}

/// What git said, in one line, without whoever an address may name.
fn said(text: &str) -> String {
    let lines =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !NOISE.iter().any(|it| line.starts_with(it)));
    let line = lines.collect::<Vec<_>>().join("; ").replace(char::is_control, " ");
    let line = line.trim_end_matches('.');
    let words = line.split(' ').map(|word| match (word.find("://"), word.rfind('@')) {
        (Some(scheme), Some(at)) if scheme < at => [&word[..scheme + 3], &word[at + 1..]].concat(),
        _ => word.to_owned(),
    });
    let line = words.collect::<Vec<_>>().join(" ");
    let end = line.char_indices().map(|(at, _)| at).find(|at| *at >= MAX_SAID).unwrap_or(line.len());
    if end == 0 { "it has not said why".to_owned() } else { line[..end].to_owned() }
}

/// The commit of the checkout around a folder, with `-dirty` behind it when files differ from it; `None` outside of git.
pub fn checkout_commit(folder: &Path) -> Option<String> {
    let described = Git::for_looking(folder).run(&["describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]);
    described.ok().filter(|commit| !commit.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_says_fits_a_line_and_names_no_token() {
        insta::assert_snapshot!(
            said("remote: \u{1b}[1mno\nhint: try\nTo https://host/a.git\nfatal: unable to access 'https://x-token:hunter2@host/a.git/': no network\n"),
            @"remote:  [1mno; fatal: unable to access 'https://host/a.git/': no network"
        );
        assert_eq!(said(""), "it has not said why");
    }

    #[test]
    fn outside_of_git_there_is_no_commit() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(checkout_commit(folder.path()), None);
    }
}
