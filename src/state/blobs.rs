//! Reading files of the branch: one `git cat-file` answers for all of them, for there may be a thousand.

use std::io::{BufRead as _, BufReader, Error, ErrorKind, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use super::format::MAX_RECORD_BYTES;
use crate::git::{Git, GitError};

/// A git that waits for names of files.
#[derive(Debug)]
pub(super) struct Blobs {
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Blobs {
    pub(super) fn open(git: &Git) -> Result<Self, GitError> {
        let mut command = git.command(&["cat-file", "--batch"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        // It lives as long as the run, which Ctrl-C does not end at once.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn().map_err(GitError::Missing)?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(questions), Some(answers)) => {
                Ok(Self { child, questions: Some(questions), answers: BufReader::new(answers) })
            }
            _ => Err(GitError::Missing(ErrorKind::BrokenPipe.into())),
        }
    }

    /// The text of `revision:path`, and `None` when there is no such file.
    pub(super) fn read(&mut self, name: &str) -> std::io::Result<Option<String>> {
        let questions = self.questions.as_mut().ok_or(ErrorKind::BrokenPipe)?;
        questions.write_all(format!("{name}\n").as_bytes())?;
        questions.flush()?;
        let mut header = String::new();
        self.answers.read_line(&mut header)?;
        let words: Vec<_> = header.split_whitespace().collect();
        let size: u64 = match words[..] {
            [_, "blob", size] => size.parse().map_err(Error::other)?,
            [.., "missing"] => return Ok(None),
            _ => return Err(Error::other(format!("git answered `{}`", header.trim()))),
        };
        let mut text = Vec::new();
        let kept = size.min(MAX_RECORD_BYTES);
        self.answers.by_ref().take(kept).read_to_end(&mut text)?;
        // With the end of the line behind it.
        std::io::copy(&mut self.answers.by_ref().take(size - kept + 1), &mut std::io::sink())?;
        String::from_utf8(text).map(Some).map_err(Error::other)
    }
}

impl Drop for Blobs {
    fn drop(&mut self) {
        // Without questions it ends by itself.
        self.questions = None;
        let _ = self.child.wait();
    }
}
