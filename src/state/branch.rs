//! Records in a branch of the repository itself: each write is a commit, made without touching the working tree, the index
//! or `HEAD`. What others did to the branch meanwhile is the matter of `sharing`.
//!
//! `refs/heads/BRANCH` is this machine's copy. `refs/offerctl/base/BRANCH` is the last commit that is known to be in the
//! remote too, so that whatever lies between the two is still to be pushed.

use std::collections::HashMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::blobs::Blobs;
use super::lock::lock_file;
use super::{BranchName, HistoryEntry, Holder, Loaded, LockError, OfferLock, Record, StateError, format};
use crate::git::{Git, GitError};
use crate::offer::OfferKey;

/// What people may put beside the records.
const README: &str = "README.md";

/// The records of one service in a branch.
#[derive(Debug, Clone)]
pub struct StateBranch(pub(super) Arc<Branch>);

#[derive(Debug)]
pub(super) struct Branch {
    pub(super) git: Git,
    pub(super) name: BranchName,
    pub(super) service: String,
    /// Where it is pushed to, if anywhere.
    pub(super) remote: Option<String>,
    /// For what the processes of this machine keep from each other, in the folder of git.
    folder: PathBuf,
    blobs: Mutex<Option<Blobs>>,
    /// What this process found or saved last: whatever else is there is somebody else's, and newer.
    seen: Mutex<HashMap<OfferKey, Seen>>,
    /// Held while pushing: who comes next finds its own commits pushed by the one before.
    pub(super) pushing: tokio::sync::Mutex<()>,
}

/// A record as this process knows it, by the name that git has for its content.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Seen {
    /// There was none when the offer was locked.
    Nothing,
    /// It was there when the offer was locked.
    Found(String),
    /// It was saved by this process.
    Saved(String),
}

impl Seen {
    fn content(&self) -> Option<&str> {
        match self {
            Self::Nothing => None,
            Self::Found(content) | Self::Saved(content) => Some(content),
        }
    }
}

/// A commit of the branch, to be made.
pub(super) struct Draft<'draft> {
    pub(super) parents: &'draft [&'draft str],
    /// The tree to begin with, by any name that git knows.
    pub(super) base: Option<&'draft str>,
    /// What is replaced in it: paths and names of content.
    pub(super) files: &'draft [(String, String)],
    pub(super) message: &'draft str,
}

impl StateBranch {
    /// Finds the repository around a folder and whom the branch is shared with. Makes nothing yet.
    pub fn open(root: &Path, name: &BranchName, service: impl Into<String>) -> Result<Self, StateError> {
        let git = Git::around(root);
        let no_repository = |source| StateError::NoRepository { root: root.to_owned(), source };
        let common = git.run(&["rev-parse", "--path-format=absolute", "--git-common-dir"]).map_err(no_repository)?;
        let trees = git.run(&["worktree", "list", "--porcelain"])?;
        let mut tree = "";
        for line in trees.lines() {
            tree = line.strip_prefix("worktree ").unwrap_or(tree);
            if line.strip_prefix("branch ") == Some(&name.reference()) {
                return Err(StateError::CheckedOut { branch: name.clone(), tree: PathBuf::from(tree) });
            }
        }
        let remotes = git.run(&["remote"])?;
        let remotes: Vec<_> = remotes.lines().collect();
        let remote = match remotes[..] {
            [] => None,
            [only] => Some(only.to_owned()),
            _ if remotes.contains(&"origin") => Some("origin".to_owned()),
            _ => return Err(StateError::WhichRemote { remotes: remotes.join(", ") }),
        };
        let branch = Branch {
            git,
            name: name.clone(),
            service: service.into(),
            remote,
            folder: Path::new(&common).join("offerctl").join(name.as_str()),
            blobs: Mutex::new(None),
            seen: Mutex::new(HashMap::new()),
            pushing: tokio::sync::Mutex::new(()),
        };
        if let Some(tip) = branch.tip()? {
            branch.expect_records(&tip)?;
        }
        Ok(Self(Arc::new(branch)))
    }

    /// The name of the service whose records these are.
    pub fn service(&self) -> &str {
        &self.0.service
    }

    /// The record of an offer as git names it.
    pub fn path(&self, key: &OfferKey) -> PathBuf {
        PathBuf::from(format!("{}:{}", self.0.name, path(key)))
    }

    /// Reads what is known about an offer. What cannot be used is a warning, for the service is the truth.
    pub fn load(&self, key: &OfferKey) -> Loaded {
        let branch = &self.0;
        let found = branch.read(key).and_then(|text| text.as_deref().map(format::parse).transpose());
        format::loaded(found, &branch.service, key, self.path(key))
    }

    /// The offers that have a record, in the order of their names.
    pub fn recorded(&self) -> Result<Vec<OfferKey>, StateError> {
        let files = self.0.files(self.0.tip()?.as_deref())?;
        let mut names: Vec<_> = files.keys().filter_map(|path| path.strip_suffix(".json")).collect();
        names.sort_unstable();
        Ok(names.into_iter().filter_map(|name| OfferKey::parse(name).ok()).collect())
    }

    /// The lines of all records that hold a text.
    pub(super) fn lines_with(&self, text: &str) -> String {
        let reference = self.0.name.reference();
        // Without the branch there are none, and a git that fails is complained about by whoever needs it.
        self.0.git.find(&["grep", "-h", "-F", "-e", text, &reference, "--"]).ok().flatten().unwrap_or_default()
    }

    /// Takes the lock of an offer on this machine, without waiting for it. Other machines are found out about when pushing,
    /// by the record that is there now.
    pub fn lock(&self, key: &OfferKey, holder: &Holder) -> Result<OfferLock, LockError> {
        let lock = lock_file(&self.0.folder.join("offers").join(format!("{key}.lock")), key, holder)?;
        let failed = |error| LockError::Failed { path: self.path(key), source: std::io::Error::other(error) };
        let found = self.0.content_of(&self.0.name.reference(), key).map_err(failed)?;
        keep(&self.0.seen).insert(key.clone(), found.map_or(Seen::Nothing, Seen::Found));
        Ok(lock)
    }

    /// Writes a record as a commit of this machine's copy of the branch: after this it is whole, or nothing has changed.
    pub fn save(&self, key: &OfferKey, record: &Record, entry: &HistoryEntry) -> Result<(), StateError> {
        let branch = &self.0;
        let _alone = branch.lock()?;
        let tip = branch.tip()?;
        branch.expect_ours(key, tip.as_deref())?;
        let text =
            format::text_of(record).map_err(|error| StateError::file(branch.folder.clone(), "written", error))?;
        let blob = branch.git.feed(&["hash-object", "-w", "--stdin"], &text)?;
        branch.commit(&Draft {
            parents: tip.as_deref().as_slice(),
            base: tip.as_deref(),
            files: &[(path(key), blob.clone())],
            message: &message(key, record, entry),
        })?;
        keep(&branch.seen).insert(key.clone(), Seen::Saved(blob));
        Ok(())
    }
}

impl Branch {
    /// The commit that this machine has.
    pub(super) fn tip(&self) -> Result<Option<String>, StateError> {
        self.commit_of(&self.name.reference())
    }

    /// The commit that a reference names.
    pub(super) fn commit_of(&self, reference: &str) -> Result<Option<String>, StateError> {
        Ok(self.git.find(&["rev-parse", "--verify", "--quiet", &format!("{reference}^{{commit}}")])?)
    }

    /// The files of a commit: for each path the name of its content.
    pub(super) fn files(&self, commit: Option<&str>) -> Result<HashMap<String, String>, StateError> {
        let Some(commit) = commit else { return Ok(HashMap::new()) };
        let listed = self.git.run(&["ls-tree", "-r", "--full-tree", "-z", commit])?;
        let entries = listed.split('\0').filter_map(|line| line.split_once('\t'));
        Ok(entries.filter_map(|(head, path)| Some((path.to_owned(), head.split(' ').nth(2)?.to_owned()))).collect())
    }

    /// Refuses a branch that has anything else than records: it is used for something else, and a checkout without a branch
    /// does not show that.
    pub(super) fn expect_records(&self, commit: &str) -> Result<(), StateError> {
        let files = self.files(Some(commit))?;
        let is_record = |path: &&String| path.strip_suffix(".json").is_some_and(|name| OfferKey::parse(name).is_ok());
        match files.keys().filter(|path| !is_record(path) && *path != README).min() {
            None => Ok(()),
            Some(file) => Err(StateError::NotRecords { branch: self.name.clone(), file: file.clone() }),
        }
    }

    /// The record of an offer in a commit, by the name that git has for its content.
    fn content_of(&self, commit: &str, key: &OfferKey) -> Result<Option<String>, GitError> {
        self.git.find(&["rev-parse", "--verify", "--quiet", &format!("{commit}:{}", path(key))])
    }

    /// Refuses to go on when the record is not the one that this process has found or written: others have, on another
    /// machine. A record of another service is never written over.
    pub(super) fn expect_ours(&self, key: &OfferKey, tip: Option<&str>) -> Result<(), StateError> {
        let Some(tip) = tip else { return Ok(()) };
        let seen = keep(&self.seen).get(key).cloned();
        if let Some(seen) = &seen
            && self.content_of(tip, key)?.as_deref() != seen.content()
        {
            return Err(StateError::Overtaken { key: key.clone(), branch: self.name.clone() });
        }
        if matches!(seen, Some(Seen::Saved(_))) {
            return Ok(());
        }
        // A damaged record stays in the history of the branch.
        let record = self.read(key).ok().flatten().and_then(|text| format::parse(&text).ok());
        match record.filter(|record| record.service != self.service) {
            None => Ok(()),
            Some(other) => Err(StateError::OtherService {
                key: key.clone(),
                branch: self.name.clone(),
                theirs: other.service,
                ours: self.service.clone(),
            }),
        }
    }

    /// Makes a commit on an index of its own and moves the branch to it, unless somebody else has moved it meanwhile.
    pub(super) fn commit(&self, draft: &Draft<'_>) -> Result<(), StateError> {
        let folder =
            tempfile::tempdir_in(&self.folder).map_err(|error| StateError::file(&self.folder, "written", error))?;
        let index = folder.path().join("index");
        let on_index = |arguments: &[&str], input: &[u8]| self.git.feed_with(arguments, input, Some(&index));
        on_index(&["read-tree", draft.base.unwrap_or("--empty")], b"")?;
        let entries: Vec<_> = draft.files.iter().map(|(path, blob)| format!("100644 {blob}\t{path}\0")).collect();
        on_index(&["update-index", "-z", "--index-info"], entries.concat().as_bytes())?;
        let tree = on_index(&["write-tree"], b"")?;
        let mut arguments = vec!["commit-tree", &tree, "-F", "-"];
        arguments.extend(draft.parents.iter().flat_map(|parent| ["-p", *parent]));
        let commit = self.git.feed(&arguments, draft.message.as_bytes())?;
        let before = draft.parents.last().copied().unwrap_or_default();
        self.move_to(&self.name.reference(), &commit, before)
    }

    /// Moves a reference; `before` is where it must be for that, or nothing when it must not be there.
    pub(super) fn move_to(&self, reference: &str, commit: &str, before: &str) -> Result<(), StateError> {
        self.git.run(&["update-ref", "-m", "offerctl", reference, commit, before])?;
        Ok(())
    }

    /// Keeps the other processes of this machine from the branch, for a moment.
    pub(super) fn lock(&self) -> Result<File, StateError> {
        let path = self.folder.join("branch.lock");
        let lock = || {
            fs::create_dir_all(&self.folder)?;
            let file = File::create(&path)?;
            file.lock()?;
            Ok(file)
        };
        lock().map_err(|error: std::io::Error| StateError::file(&path, "locked", error))
    }

    fn read(&self, key: &OfferKey) -> Result<Option<String>, String> {
        let mut blobs = keep(&self.blobs);
        let blobs = match &mut *blobs {
            Some(blobs) => blobs,
            none => none.insert(Blobs::open(&self.git).map_err(|error| error.to_string())?),
        };
        blobs.read(&format!("{}:{}", self.name.reference(), path(key))).map_err(|error| error.to_string())
    }
}

/// Where the record of an offer is in the branch.
fn path(key: &OfferKey) -> String {
    format!("{key}.json")
}

/// What a commit says: what was done, from which commit, by which command.
fn message(key: &OfferKey, record: &Record, entry: &HistoryEntry) -> String {
    let commit = entry.commit.as_deref().unwrap_or("none");
    format!(
        "{key}: {}\n\nCommand: {}\nManifest-Commit: {commit}\nService: {}\n",
        entry.deed, entry.command, record.service
    )
}

/// What a panic left behind is whole: each change of it is one call.
fn keep<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
