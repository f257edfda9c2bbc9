//! Sharing the branch with other machines: what they pushed is fetched, what was saved here is pushed, never by force. When
//! both sides have gone on, the records are brought together offer by offer, for each is a file of its own.

use std::time::Duration;

use super::StateError;
use super::branch::{Branch, Draft, StateBranch};
use crate::git::GitError;
use crate::offer::OfferKey;

/// How often a push is tried while others push, too.
const RACES: usize = 20;
/// How often a push is tried that fails for another reason; a lost race may show before the winner can be read.
const ATTEMPTS: usize = 2;
/// The longest pause before the next try of a push that lost a race, in milliseconds; it grows with each, at random.
const LONGEST_PAUSE: u64 = 1000;
/// What git says when somebody else was quicker, or is just about to be.
const LOST_RACE: [&str; 6] =
    ["fetch first", "non-fast-forward", "failed to update ref", "cannot lock ref", "incorrect old value", "stale info"];

/// What the remote has of the branch.
#[derive(Debug, PartialEq, Eq)]
enum Remote {
    /// Nothing.
    Missing,
    /// This commit.
    At(String),
}

impl StateBranch {
    /// Takes over what others pushed. What cannot be had is told, and what both sides wrote: then theirs counts.
    pub async fn refresh(&self) -> Result<Vec<String>, StateError> {
        let branch = &self.0;
        let Some(remote) = &branch.remote else { return Ok(Vec::new()) };
        match branch.fetch(remote).await {
            Ok(Remote::Missing) => Ok(Vec::new()),
            Ok(Remote::At(theirs)) => Ok(branch.take_over(&theirs)?.iter().map(|path| branch.lost(path)).collect()),
            Err(error) => Ok(vec![format!(
                "the records in the branch `{}` cannot be fetched from `{remote}`: {error}. What other machines did since \
                 the last time is not known here",
                branch.name
            )]),
        }
    }

    /// Pushes everything that was saved. Fails when that is not possible, and when the record of the offer was written by
    /// others meanwhile.
    pub async fn share(&self, key: Option<&OfferKey>) -> Result<(), StateError> {
        let branch = &self.0;
        if let Some(remote) = &branch.remote {
            let _one = branch.pushing.lock().await;
            branch.push(remote).await?;
        }
        key.map_or(Ok(()), |key| branch.expect_ours(key, branch.tip()?.as_deref()))
    }
}

impl GitError {
    /// Whether a push failed because others push, too.
    fn is_lost_race(&self) -> bool {
        matches!(self, Self::Failed { said, .. } if LOST_RACE.iter().any(|sign| said.contains(sign)))
    }
}

impl Branch {
    async fn push(&self, remote: &str) -> Result<(), StateError> {
        let (mut races, mut failures) = (0, 0);
        loop {
            let Some(tip) = self.tip()? else { return Ok(()) };
            let base = self.commit_of(&self.base())?;
            if base.as_ref() == Some(&tip) {
                return Ok(());
            }
            let Err(error) = self.push_commit(remote, &tip).await else { return self.remember(&tip) };
            let failed =
                |error| StateError::NotShared { branch: self.name.clone(), remote: remote.to_owned(), source: error };
            match self.fetch(remote).await {
                Ok(Remote::At(theirs)) if base.as_ref() != Some(&theirs) => {
                    races += 1;
                    for path in self.take_over(&theirs)? {
                        tracing::warn!("{}", self.lost(&path));
                    }
                }
                Ok(_) if error.is_lost_race() => races += 1,
                Ok(_) => failures += 1,
                Err(_) => return Err(failed(error)),
            }
            if races == RACES || failures == ATTEMPTS {
                return Err(failed(error));
            }
            let longest = LONGEST_PAUSE.min(10 << races.min(10));
            tokio::time::sleep(Duration::from_millis(fastrand::u64(0..longest))).await;
        }
    }

    async fn push_commit(&self, remote: &str, commit: &str) -> Result<String, GitError> {
        let target = format!("{commit}:{}", self.name.reference());
        let quiet = ["push", "--quiet", "--no-verify", "--no-follow-tags", "--recurse-submodules=no", remote, &target];
        self.git.with_remote(&quiet).await
    }

    /// Asks what the remote has. A repository without its full history gets no more of this one.
    async fn fetch(&self, remote: &str) -> Result<Remote, GitError> {
        let fetched = format!("refs/offerctl/fetched/{}", self.name);
        let refspec = format!("+{}:{fetched}", self.name.reference());
        let mut arguments = vec!["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules"];
        if self.git.run(&["rev-parse", "--is-shallow-repository"])? == "true" {
            arguments.push("--depth=1");
        }
        arguments.extend([remote, &refspec]);
        match self.git.with_remote(&arguments).await {
            Ok(_) => self.git.run(&["rev-parse", "--verify", &fetched]).map(Remote::At),
            Err(GitError::Failed { said, .. }) if said.contains("couldn't find remote ref") => {
                // It may have been there once; what this machine has is to be pushed again.
                self.git.run(&["update-ref", "-d", &self.base()])?;
                Ok(Remote::Missing)
            }
            Err(error) => Err(error),
        }
    }

    /// Brings this machine's copy up to what the remote has; says which files both sides have changed.
    fn take_over(&self, theirs: &str) -> Result<Vec<String>, StateError> {
        self.expect_records(theirs)?;
        let _alone = self.lock()?;
        let base = self.commit_of(&self.base())?;
        let lost = match self.tip()? {
            None => {
                self.move_to(&self.name.reference(), theirs, "")?;
                Vec::new()
            }
            Some(ours) if ours == theirs || base.as_deref() == Some(theirs) => Vec::new(),
            Some(ours) if base.as_ref() == Some(&ours) || self.is_before(&ours, theirs) => {
                self.move_to(&self.name.reference(), theirs, &ours)?;
                Vec::new()
            }
            Some(ours) if self.is_before(theirs, &ours) => Vec::new(),
            Some(ours) => self.merge(base.as_deref(), &ours, theirs)?,
        };
        self.move_to(&self.base(), theirs, base.as_deref().unwrap_or_default())?;
        Ok(lost)
    }

    /// A commit after both sides. What only one side changed is taken from it, what both changed is theirs.
    fn merge(&self, base: Option<&str>, ours: &str, theirs: &str) -> Result<Vec<String>, StateError> {
        // A repository without its history may not know where the two parted, and then remembers.
        let parted = self.git.find(&["merge-base", ours, theirs])?;
        let before = self.files(parted.as_deref().or(base))?;
        let (here, there) = (self.files(Some(ours))?, self.files(Some(theirs))?);
        let changed = here.iter().filter(|(path, blob)| before.get(*path) != Some(blob));
        let (mut files, mut lost) = (Vec::new(), Vec::new());
        for (path, blob) in changed.filter(|(path, blob)| there.get(*path) != Some(blob)) {
            if there.get(path) == before.get(path) {
                files.push((path.clone(), blob.clone()));
            } else {
                lost.push(path.clone());
            }
        }
        lost.sort();
        let kept =
            lost.iter().map(|path| format!("Both wrote {path}; theirs is kept, ours is in the second parent.\n"));
        let message = format!("Bring records of two machines together\n\n{}", kept.collect::<String>());
        let draft = Draft { parents: &[theirs, ours], base: Some(theirs), files: &files, message: &message };
        self.commit(&draft)?;
        Ok(lost)
    }

    /// The remote has this commit. A process that was slower does not take back what another one has noted.
    fn remember(&self, pushed: &str) -> Result<(), StateError> {
        let _alone = self.lock()?;
        let base = self.commit_of(&self.base())?;
        match base {
            Some(base) if self.is_before(pushed, &base) => Ok(()),
            base => self.move_to(&self.base(), pushed, base.as_deref().unwrap_or_default()),
        }
    }

    fn is_before(&self, one: &str, other: &str) -> bool {
        self.git.is_so(&["merge-base", "--is-ancestor", one, other])
    }

    fn base(&self) -> String {
        format!("refs/offerctl/base/{}", self.name)
    }

    fn lost(&self, path: &str) -> String {
        format!(
            "another machine wrote the record `{path}` too, before this one could push it: theirs counts, ours stays in the \
             history of the branch `{}`",
            self.name
        )
    }
}
