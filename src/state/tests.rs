//! Records in a branch that several machines share: each story has a bare repository and clones of it, and real git.

use std::path::Path;
use std::process::Command;

use super::*;

/// A remote with one commit, and room for clones.
struct Machines(tempfile::TempDir);

impl Machines {
    fn new() -> Self {
        let machines = Self(tempfile::tempdir().unwrap());
        let first = machines.path("first");
        git(machines.0.path(), &["init", "--quiet", "--bare", "--initial-branch=main", "remote.git"]);
        git(machines.0.path(), &["init", "--quiet", "--initial-branch=main", "first"]);
        std::fs::write(first.join("offer.yaml"), "id: vm\n").unwrap();
        git(&first, &["add", "."]);
        git(&first, &["commit", "--quiet", "--message=Begin"]);
        git(&first, &["remote", "add", "origin", &machines.url()]);
        git(&first, &["push", "--quiet", "origin", "main"]);
        machines
    }

    fn url(&self) -> String {
        format!("file://{}", self.path("remote.git").display())
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    /// A clone as CI makes it, of one commit.
    fn shallow(&self, name: &str) -> State {
        git(self.0.path(), &["clone", "--quiet", "--depth=1", &self.url(), name]);
        git(&self.path(name), &["checkout", "--quiet", "--detach"]);
        self.open(name)
    }

    fn full(&self, name: &str) -> State {
        git(self.0.path(), &["clone", "--quiet", &self.url(), name]);
        self.open(name)
    }

    fn open(&self, name: &str) -> State {
        let place = StatePlace::parse(Path::new("git:offerctl-state"), None).unwrap();
        State::open(&place, &self.path(name), "https://service").unwrap()
    }

    fn log(&self, name: &str) -> String {
        git(&self.path(name), &["log", "--topo-order", "--format=%s", "offerctl-state"])
    }

    fn hook(&self, text: &str) {
        let hook = self.path("remote.git/hooks/pre-receive");
        std::fs::write(&hook, format!("#!/bin/sh\n{text}\n")).unwrap();
        assert!(Command::new("chmod").arg("+x").arg(&hook).status().unwrap().success());
    }
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let somebody = ["-c", "user.name=A colleague", "-c", "user.email=colleague@example.com"];
    let output = Command::new("git").current_dir(folder).args(somebody).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn key(offer: &str) -> OfferKey {
    OfferKey::parse(&format!("contoso/{offer}")).unwrap()
}

/// Saves a record that can be told by its time.
fn save(state: &State, offer: &str, at: &str) -> Result<(), StateError> {
    let key = key(offer);
    let mut record = state.load(&key).record.unwrap_or_else(|| Record::new(&key, state.service()));
    record.recorded_at = at.to_owned();
    let entry = HistoryEntry { at: at.into(), deed: Deed::Written, commit: None, command: "offerctl apply".into() };
    state.save(&key, &record, &entry)
}

fn saved(state: &State, offer: &str) -> String {
    state.load(&key(offer)).record.map_or_else(|| "nothing".to_owned(), |record| record.recorded_at)
}

#[tokio::test]
async fn a_record_travels_from_clone_to_clone() {
    let machines = Machines::new();
    let one = machines.full("one");
    assert_eq!(one.refresh().await.unwrap(), Vec::<String>::new());
    assert!(one.recorded().unwrap().is_empty());
    save(&one, "vm", "first").unwrap();
    save(&one, "app", "first").unwrap();
    one.share(None).await.unwrap();
    let other = machines.full("other");
    assert_eq!(saved(&other, "vm"), "nothing");
    assert_eq!(other.refresh().await.unwrap(), Vec::<String>::new());
    assert_eq!(saved(&other, "vm"), "first");
    assert_eq!(other.recorded().unwrap(), [key("app"), key("vm")]);
    save(&other, "vm", "second").unwrap();
    other.share(None).await.unwrap();
    one.refresh().await.unwrap();
    assert_eq!(saved(&one, "vm"), "second");
}

#[tokio::test]
async fn what_others_wrote_since_the_lock_was_taken_is_not_written_over() {
    let machines = Machines::new();
    let one = machines.full("one");
    save(&one, "vm", "before").unwrap();
    one.share(None).await.unwrap();
    let holder = Holder { process: 1, command: "offerctl resume".into(), since: String::new() };
    let _waits = one.lock(&key("vm"), &holder).unwrap();
    let _begins = one.lock(&key("app"), &holder).unwrap();
    let other = machines.full("other");
    other.refresh().await.unwrap();
    for offer in ["vm", "app"] {
        save(&other, offer, "theirs").unwrap();
    }
    other.share(None).await.unwrap();
    // Another command on the same machine has a look.
    machines.open("one").refresh().await.unwrap();
    for offer in ["vm", "app"] {
        let told = save(&one, offer, "ours").unwrap_err();
        assert!(matches!(told, StateError::Overtaken { .. }), "{told}");
        assert_eq!(saved(&one, offer), "theirs");
    }
}

#[tokio::test]
async fn a_lost_race_brings_the_records_of_both_together() {
    for open in [Machines::full, Machines::shallow] {
        let machines = Machines::new();
        let (one, other) = (open(&machines, "one"), open(&machines, "other"));
        for state in [&one, &other] {
            state.refresh().await.unwrap();
        }
        for round in ["first", "second"] {
            save(&one, "vm", round).unwrap();
            save(&other, "app", round).unwrap();
            one.share(Some(&key("vm"))).await.unwrap();
            other.share(Some(&key("app"))).await.unwrap();
        }
        one.refresh().await.unwrap();
        for state in [&one, &other] {
            assert_eq!((saved(state, "vm"), saved(state, "app")), ("second".into(), "second".into()));
        }
        insta::allow_duplicates! {
            insta::assert_snapshot!(machines.log("remote.git"), @"
            Bring records of two machines together
            contoso/app: draft written
            Bring records of two machines together
            contoso/vm: draft written
            Bring records of two machines together
            contoso/app: draft written
            contoso/vm: draft written
            ");
        }
    }
}

#[tokio::test]
async fn the_second_to_write_the_same_record_is_told_and_loses_nothing() {
    for open in [Machines::full, Machines::shallow] {
        let machines = Machines::new();
        let one = open(&machines, "one");
        save(&one, "vm", "before").unwrap();
        one.share(None).await.unwrap();
        let other = open(&machines, "other");
        other.refresh().await.unwrap();
        save(&one, "vm", "from one").unwrap();
        save(&other, "vm", "from the other").unwrap();
        save(&other, "app", "from the other").unwrap();
        one.share(Some(&key("vm"))).await.unwrap();
        let told = other.share(Some(&key("vm"))).await.unwrap_err();
        assert!(matches!(told, StateError::Overtaken { .. }), "{told}");
        assert_eq!((saved(&other, "vm"), saved(&other, "app")), ("from one".into(), "from the other".into()));
        // The other offer of the same run goes on.
        other.share(Some(&key("app"))).await.unwrap();
        assert!(matches!(save(&other, "vm", "later").unwrap_err(), StateError::Overtaken { .. }));
        let kept = git(&machines.path("remote.git"), &["show", "offerctl-state^2:contoso/vm.json"]);
        assert!(kept.contains("from the other"), "{kept}");
    }
}

#[tokio::test]
async fn what_was_not_pushed_is_pushed_by_the_next_run() {
    let machines = Machines::new();
    let killed = machines.full("one");
    killed.refresh().await.unwrap();
    save(&killed, "vm", "first").unwrap();
    drop(killed);
    let others = machines.full("other");
    save(&others, "app", "first").unwrap();
    others.share(None).await.unwrap();
    let next = machines.open("one");
    assert_eq!(next.refresh().await.unwrap(), Vec::<String>::new());
    assert_eq!((saved(&next, "vm"), saved(&next, "app")), ("first".into(), "first".into()));
    next.share(None).await.unwrap();
    others.refresh().await.unwrap();
    assert_eq!(saved(&others, "vm"), "first");
}

#[tokio::test]
async fn a_push_that_is_refused_says_so_and_keeps_what_was_saved() {
    let machines = Machines::new();
    let one = machines.full("one");
    machines.hook("echo 'only release engineers may push this' >&2; exit 1");
    save(&one, "vm", "first").unwrap();
    let error = one.share(Some(&key("vm"))).await.unwrap_err().to_string();
    assert!(error.contains("only release engineers may push this"), "{error}");
    machines.hook("exit 0");
    one.share(Some(&key("vm"))).await.unwrap();
    insta::assert_snapshot!(machines.log("remote.git"), @"contoso/vm: draft written");
}

#[tokio::test]
async fn a_remote_that_lost_the_branch_gets_it_again() {
    let machines = Machines::new();
    let one = machines.full("one");
    save(&one, "vm", "first").unwrap();
    one.share(None).await.unwrap();
    git(&machines.path("remote.git"), &["update-ref", "-d", "refs/heads/offerctl-state"]);
    one.refresh().await.unwrap();
    one.share(None).await.unwrap();
    insta::assert_snapshot!(machines.log("remote.git"), @"contoso/vm: draft written");
}

#[tokio::test]
async fn a_clone_that_is_shallow_or_not_stays_so_with_its_files() {
    for (open, is_shallow) in
        [(Machines::full as fn(&Machines, &str) -> State, "false\n"), (Machines::shallow, "true\n")]
    {
        let machines = Machines::new();
        let others = machines.full("others");
        for at in ["first", "second", "third"] {
            save(&others, "vm", at).unwrap();
        }
        others.share(None).await.unwrap();
        let state = open(&machines, "one");
        let clone = machines.path("one");
        std::fs::write(clone.join("staged"), "").unwrap();
        git(&clone, &["add", "staged"]);
        std::fs::write(clone.join("offer.yaml"), "id: edited\n").unwrap();
        let look = || {
            ["rev-parse HEAD", "status --porcelain", "diff", "diff --cached"]
                .map(|it| git(&clone, &it.split(' ').collect::<Vec<_>>()))
        };
        let before = look();
        state.refresh().await.unwrap();
        assert_eq!(saved(&state, "vm"), "third");
        save(&state, "vm", "fourth").unwrap();
        state.share(Some(&key("vm"))).await.unwrap();
        assert_eq!(look(), before);
        assert!(!clone.join(".git/FETCH_HEAD").exists());
        assert_eq!(git(&clone, &["rev-parse", "--is-shallow-repository"]), is_shallow);
        let count = if is_shallow == "true\n" { "2\n" } else { "4\n" };
        assert_eq!(git(&clone, &["rev-list", "--count", "offerctl-state"]), count);
    }
}

#[tokio::test]
async fn a_record_of_another_service_is_not_written_over() {
    let machines = Machines::new();
    save(&machines.full("one"), "vm", "first").unwrap();
    let place = StatePlace::parse(Path::new("git:offerctl-state"), None).unwrap();
    let trial = State::open(&place, &machines.path("one"), "loopback").unwrap();
    assert!(trial.load(&key("vm")).warning.unwrap().to_string().contains("is about https://service"));
    insta::assert_snapshot!(save(&trial, "vm", "second").unwrap_err(), @"the branch `offerctl-state` has a record of contoso/vm on https://service, and this is loopback: it is not written over");
    save(&trial, "app", "first").unwrap();
}

#[test]
fn where_no_branch_can_be_kept_it_is_said() {
    let machines = Machines::new();
    let place = StatePlace::parse(Path::new("git:main"), None).unwrap();
    let told = |error: StateError| error.to_string().replace(&*machines.0.path().to_string_lossy(), "/MACHINES");
    insta::assert_snapshot!(told(State::open(&place, &machines.path("first"), "s").unwrap_err()), @"the branch `main` of the records is checked out in `/MACHINES/first`");
    insta::assert_snapshot!(told(State::open(&place, machines.0.path(), "s").unwrap_err()), @"records are to be kept in a git branch, and `/MACHINES` is in no git repository that can be used: `git rev-parse` failed: fatal: not a git repository (or any of the parent directories): .git");
    let several = machines.path("first");
    git(&several, &["remote", "rename", "origin", "ours"]);
    git(&several, &["remote", "add", "theirs", "/nowhere"]);
    let place = StatePlace::parse(Path::new("git:kept"), None).unwrap();
    insta::assert_snapshot!(told(State::open(&place, &several, "s").unwrap_err()), @"the repository has several remotes and none is `origin`: ours, theirs");
}

#[tokio::test]
async fn a_branch_of_something_else_gets_no_records() {
    let machines = Machines::new();
    machines.shallow("one");
    let place = StatePlace::parse(Path::new("git:main"), None).unwrap();
    let open = || State::open(&place, &machines.path("one"), "https://service");
    // The clone has a branch of that name, without a working tree that is on it.
    insta::assert_snapshot!(open().unwrap_err(), @"the branch `main` has files that are no records: `offer.yaml`");
    git(&machines.path("one"), &["branch", "-D", "main"]);
    insta::assert_snapshot!(open().unwrap().refresh().await.unwrap_err(), @"the branch `main` has files that are no records: `offer.yaml`");
}

#[tokio::test]
async fn without_a_remote_the_branch_is_of_this_repository_alone() {
    let machines = Machines::new();
    git(&machines.path("first"), &["remote", "remove", "origin"]);
    let state = machines.open("first");
    state.refresh().await.unwrap();
    save(&state, "vm", "first").unwrap();
    state.share(Some(&key("vm"))).await.unwrap();
    assert_eq!(saved(&state, "vm"), "first");
}
