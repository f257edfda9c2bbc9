//! Records in a branch of the repository: what one clone began, another carries on with.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;
use tempfile::TempDir;

use crate::environment::{CommandResult, TestEnvironment, as_slow_as_the_service};
use crate::git::git;

const STATE: &str = "offers: [\"offers/*/offer.yaml\"]\nstate: git:offerctl-state\n";

/// A repository with the small offer, its remote, and room for clones.
struct Shared {
    environment: TestEnvironment,
    elsewhere: TempDir,
}

impl Shared {
    fn new(environment: TestEnvironment) -> Self {
        let elsewhere = tempfile::tempdir().unwrap();
        let remote = elsewhere.path().join("remote.git");
        git(elsewhere.path(), "init --quiet --bare --initial-branch=main remote.git");
        environment.write("offerctl.yaml", STATE);
        let here = environment.path("");
        git(&here, "init --quiet --initial-branch=main");
        let shared = Self { environment, elsewhere };
        shared.commit("Begin");
        git(&here, &format!("remote add origin file://{}", remote.display()));
        git(&here, "push --quiet origin main");
        shared
    }

    fn commit(&self, subject: &str) {
        git(&self.environment.path(""), "add offerctl.yaml offers");
        git(&self.environment.path(""), &format!("commit --quiet --message={subject}"));
    }

    /// A checkout as CI makes it: one commit, no branch.
    fn checkout(&self, name: &str) -> PathBuf {
        let remote = self.elsewhere.path().join("remote.git");
        git(self.elsewhere.path(), &format!("clone --quiet --depth=1 file://{} {name}", remote.display()));
        let clone = self.elsewhere.path().join(name);
        git(&clone, "checkout --quiet --detach");
        clone
    }

    /// Runs the program in a checkout.
    fn run_in(&self, checkout: &Path, arguments: &str) -> CommandResult {
        let mut command = self.environment.command(arguments);
        command.current_dir(checkout);
        self.environment.run_command(command)
    }

    /// Lets the remote say yes or no to each push, and count them.
    fn judge_pushes(&self, script: &str) {
        let remote = self.elsewhere.path().join("remote.git");
        let hook = remote.join("hooks/pre-receive");
        std::fs::write(&hook, format!("#!/bin/sh\necho push >> pushes\n{script}\n")).unwrap();
        assert!(Command::new("chmod").arg("+x").arg(&hook).status().unwrap().success());
    }

    fn pushes(&self) -> usize {
        let counted = std::fs::read_to_string(self.elsewhere.path().join("remote.git/pushes"));
        counted.map_or(0, |text| text.lines().count())
    }

    /// What the branch of the remote tells, the oldest first.
    fn told(&self, format: &str) -> String {
        let arguments = format!("log --reverse --format={format} offerctl-state");
        git(&self.elsewhere.path().join("remote.git"), &arguments)
    }
}

#[test]
fn what_one_checkout_sent_as_a_secret_another_compares_with_its_own() {
    let shared = Shared::new(TestEnvironment::with_offer());
    shared.environment.edit(
        "    microsoft-azure-marketplace.smallLogo",
        "    microsoft-azure-marketplace.tableLeadConfiguration: {connectionString: {$secret: LEADS}}\n    \
         microsoft-azure-marketplace.smallLogo",
    );
    shared.commit("Secret");
    git(&shared.environment.path(""), "push --quiet origin main");
    let run = |checkout: &Path, arguments: &str, leads: &str| {
        let mut command = shared.environment.command(arguments);
        command.current_dir(checkout).env("LEADS", leads);
        shared.environment.run_command(command)
    };
    let (first, second) = (shared.checkout("first"), shared.checkout("second"));
    run(&first, "apply --yes", "first value of the story").expect(0);
    run(&second, "plan --detailed-exitcode", "first value of the story").expect(0);
    run(&second, "apply --yes", "second value of the story").expect(0);
    run(&first, "plan --detailed-exitcode", "second value of the story").expect(0);
    let said = run(&first, "plan", "first value of the story").expect(0);
    assert!(said.stdout.contains("secret from LEADS, of which the value changed"), "{}", said.stdout);
    let history = git(&shared.elsewhere.path().join("remote.git"), "log --patch offerctl-state");
    assert!(history.contains("\"fingerprint\"") && !history.contains("value of the story"), "{history}");
}

#[test]
fn what_one_checkout_submits_another_takes_live() {
    let shared = Shared::new(TestEnvironment::with_offer_on(as_slow_as_the_service()));
    let first = shared.checkout("first");
    let head = git(&first, "rev-parse HEAD").trim().to_owned();
    shared.run_in(&first, "apply --yes --wait 0").expect(7);
    assert_eq!(git(&first, "status --porcelain"), "");
    assert_eq!(git(&first, "rev-parse HEAD").trim(), head);
    let second = shared.checkout("second");
    shared.environment.portal.forget_requests();
    shared.environment.portal.let_days_pass_while_waiting();
    insta::assert_snapshot!(shared.run_in(&second, "resume"), @"
    Resume: 1 offers: 1 done, 0 in sync, 0 still in progress, 0 blocked, 0 failed, 0 unreadable, 0 interrupted.
    --- stderr ---
    contoso/vm: going on with the plan begun at [time] wait, go live, wait
    contoso/vm: waiting until the preview is ready
    contoso/vm: Validate Pre-Requisites: complete
    contoso/vm: Certification: in progress (< 5 day)
    contoso/vm: Certification: complete
    contoso/vm: Provisioning: complete
    contoso/vm: Packaging and Lead Generation Registration: complete
    contoso/vm: Publisher signoff: waiting for publisher review
    contoso/vm: the preview is ready (https://preview.azuremarketplace.microsoft.com/marketplace/apps/contoso.vm)
    contoso/vm: submitted for production
    contoso/vm: waiting until the offer is live
    contoso/vm: Publisher signoff: complete
    contoso/vm: Live: in progress (~2-5 days)
    contoso/vm: Live: complete
    contoso/vm: live (https://azuremarketplace.microsoft.com/marketplace/apps/contoso.vm)
    contoso/vm: done
    --- exit 0 ---
    ");
    insta::assert_snapshot!(shared.environment.portal.writes(), @"POST contoso/vm/golive: 202");
    shared.run_in(&first, "plan --detailed-exitcode").expect(0);
    insta::assert_snapshot!(shared.told("%s").replace(&head, "HEAD"), @"
    contoso/vm: plan begun
    contoso/vm: draft written
    contoso/vm: step done
    contoso/vm: about to publish
    contoso/vm: publish submitted
    contoso/vm: publishing version told
    contoso/vm: preview is right
    contoso/vm: submission ended
    contoso/vm: step done
    contoso/vm: about to go live
    contoso/vm: go-live submitted
    contoso/vm: publishing version told
    contoso/vm: production is right
    contoso/vm: submission ended
    contoso/vm: step done
    contoso/vm: plan ended
    ");
    let last = git(&shared.elsewhere.path().join("remote.git"), "log -1 --format=%an%n%B offerctl-state");
    insta::assert_snapshot!(last.replace(&head, "HEAD"), @"
    offerctl
    contoso/vm: plan ended

    Command: offerctl resume
    Manifest-Commit: HEAD
    Service: loopback
    ");
    let record: serde_json::Value = serde_json::from_str(&git(&second, "show offerctl-state:contoso/vm.json")).unwrap();
    assert_eq!(record["commit"], json!(head));
    let deeds: Vec<_> =
        record["history"].as_array().unwrap().iter().map(|entry| entry["deed"].as_str().unwrap()).collect();
    insta::assert_snapshot!(deeds.join(" "), @"begun written published previewRight wentLive productionRight ended");
}

#[test]
fn it_is_pushed_around_what_cannot_be_taken_back_and_no_oftener() {
    let shared = Shared::new(TestEnvironment::with_offer());
    shared.judge_pushes("exit 0");
    shared.run_in(&shared.environment.path(""), "apply --yes").expect(0);
    let commits = shared.told("%s").lines().count();
    assert_eq!((commits, shared.pushes()), (16, 8), "commits and pushes");
    shared.run_in(&shared.environment.path(""), "apply --yes").expect(0);
    assert_eq!((shared.told("%s").lines().count(), shared.pushes()), (16, 8), "the second time nothing is written");
}

#[test]
fn nothing_is_written_that_other_machines_cannot_know_of() {
    let shared = Shared::new(TestEnvironment::with_offer());
    shared.judge_pushes("echo 'only release engineers may push this branch' >&2; exit 1");
    insta::assert_snapshot!(shared.environment.run("apply --yes"), @r#"
    + contoso/vm will be created  offers/vm/offer.yaml, up to production
        + Offer alias: "Contoso VM"  offer.yaml:7
        + Title: "Contoso VM"  offer.yaml:9
        + Summary: "Backs up your machines every night"  offer.yaml:10
        + Small logo: "https://assets.contoso.com/logo-48x48.png"  offer.yaml:11
        + Offer plan gold: 5 fields  offer.yaml:13
            Offer plan id: "gold"
            Offer plan title: "Gold"
            Regions: [DE, US]
            Price › Bring your own license: true
            Images › Image 1.0.0 › OS disk: "https://contoso.blob.core.windows.net/vhds/gold.vhd?REDACTED"
        + Offer plan silver: 5 fields  offer.yaml:20
            Offer plan id: "silver"
            Offer plan title: "Silver"
            Regions: [DE]
            Price › Bring your own license: true
            Images › Image 1.0.0 › OS disk: "https://contoso.blob.core.windows.net/vhds/silver.vhd?REDACTED"
      Steps:
        1. create   the service has no offer contoso/vm
        2. publish  a new offer has nothing in its slots yet; can be canceled while it runs
        3. wait     the service validates, certifies and provisions the preview
        4. go live  `publishTo` is production; cannot be taken back
        5. wait     the service makes the preview public

    Plan: 1 offers: 1 to create, 0 to change, 0 in sync, 0 blocked, 0 unreadable; 6 changes, 5 steps.
    Digest: [digest]
    Apply: 1 offers: 0 done, 0 in sync, 0 still in progress, 0 blocked, 1 failed, 0 unreadable, 0 interrupted.
    --- stderr ---
    contoso/vm: failed
      the records in the branch `offerctl-state` cannot be pushed to `origin`: `git push` failed: remote: only release engineers may push this branch; ! [remote rejected] [commit] -> offerctl-state (pre-receive hook declined)
      what next: The record is in this clone, and the next run in it pushes it. With a clone that is thrown away, as in CI, it is lost: let this run push the branch, and run the same command again.
    --- exit 1 ---
    "#);
    assert_eq!(shared.environment.portal.writes(), "");
    shared.judge_pushes("exit 0");
    shared.environment.run("apply --yes").expect(0);
    shared.environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn a_publish_that_is_done_is_waited_for_although_it_cannot_be_pushed() {
    let shared = Shared::new(TestEnvironment::with_offer());
    // The first two are before the draft is written and before the publish.
    shared.judge_pushes("test $(wc -l < pushes) -le 2");
    let said = shared.environment.run("apply --yes --until preview").expect(0);
    insta::assert_snapshot!(said.stderr, @"
    contoso/vm: created (version 1)
    contoso/vm: only this clone has the newest record, it is shared with the next one that is written: the records in the branch `offerctl-state` cannot be pushed to `origin`: `git push` failed: ! [remote rejected] [commit] -> offerctl-state (pre-receive hook declined)
    contoso/vm: submitted for the preview
    contoso/vm: waiting until the preview is ready
    contoso/vm: Validate Pre-Requisites: complete
    contoso/vm: Certification: complete
    contoso/vm: Provisioning: complete
    contoso/vm: Packaging and Lead Generation Registration: complete
    contoso/vm: Publisher signoff: waiting for publisher review
    contoso/vm: the preview is ready (https://preview.azuremarketplace.microsoft.com/marketplace/apps/contoso.vm)
    contoso/vm: done
    warning: the records in the branch `offerctl-state` cannot be pushed to `origin`: `git push` failed: ! [remote rejected] [commit] -> offerctl-state (pre-receive hook declined). The record is in this clone, and the next run in it pushes it. With a clone that is thrown away, as in CI, it is lost: let this run push the branch, and run the same command again.
    ");
    insta::assert_snapshot!(shared.environment.portal.writes(), @"
    PUT contoso/vm: 201
    POST contoso/vm/publish: 202
    ");
    let elsewhere = shared.checkout("elsewhere");
    shared.judge_pushes("exit 0");
    shared.environment.run("apply --yes --until preview").expect(0);
    let said = shared.run_in(&elsewhere, "resume").expect(0);
    assert!(said.stdout.starts_with("Nothing to resume"), "{}", said.stdout);
}

#[test]
fn nothing_is_published_when_another_machine_is_at_the_same_offer() {
    let shared = Shared::new(TestEnvironment::with_offer());
    // Right before the publish the other machine is quicker: at the second push the branch has another record.
    shared.judge_pushes(
        r#"test $(wc -l < pushes) -eq 2 || exit 0
        theirs() { env -i PATH="$PATH" git --git-dir=. -c user.name=They -c user.email=they@example.com "$@"; }
        tip=$(theirs rev-parse offerctl-state)
        record=$( { theirs show "$tip:contoso/vm.json"; echo; } | theirs hash-object -w --stdin)
        folder=$(printf '100644 blob %s\tvm.json\n' "$record" | theirs mktree)
        tree=$(printf '040000 tree %s\tcontoso\n' "$folder" | theirs mktree)
        theirs update-ref refs/heads/offerctl-state "$(theirs commit-tree "$tree" -p "$tip" -m Theirs)"
        exit 1"#,
    );
    let said = shared.environment.run("apply --yes").expect(6);
    insta::assert_snapshot!(said.stderr, @"
    contoso/vm: created (version 1)
     WARN another machine wrote the record `contoso/vm.json` too, before this one could push it: theirs counts, ours stays in the history of the branch `offerctl-state`
    contoso/vm: failed
      another machine has worked on contoso/vm meanwhile: the branch `offerctl-state` has its record, which is kept
      what next: Nothing more was done here. Look with `offerctl status`, then run the same command again: it plans anew.
    ");
    insta::assert_snapshot!(shared.environment.portal.writes(), @"PUT contoso/vm: 201");
    shared.environment.run("apply --yes").expect(0);
    insta::assert_snapshot!(shared.environment.portal.writes(), @"
    PUT contoso/vm: 201
    POST contoso/vm/publish: 202
    POST contoso/vm/golive: 202
    ");
}

#[test]
fn without_the_network_a_plan_says_what_it_does_not_know() {
    let shared = Shared::new(TestEnvironment::with_offer());
    shared.environment.run("apply --yes").expect(0);
    std::fs::rename(shared.elsewhere.path().join("remote.git"), shared.elsewhere.path().join("gone")).unwrap();
    let said = shared.environment.run("plan --detailed-exitcode").expect(0);
    let said = said.stderr.replace(&*shared.elsewhere.path().to_string_lossy(), "/ELSEWHERE");
    insta::assert_snapshot!(said, @"warning: the records in the branch `offerctl-state` cannot be fetched from `origin`: `git fetch` failed: fatal: '/ELSEWHERE/remote.git' does not appear to be a git repository; fatal: Could not read from remote repository. What other machines did since the last time is not known here");
}

#[test]
fn what_a_colleague_applied_elsewhere_is_known_here() {
    let shared = Shared::new(TestEnvironment::with_offer());
    shared.environment.run("apply --yes").expect(0);
    let elsewhere = shared.checkout("elsewhere");
    shared.environment.portal.edit("vm", &json!({"offer": {"microsoft-azure-marketplace.summary": "Theirs."}}));
    let plan = shared.run_in(&elsewhere, "plan --output json").expect(0).json();
    assert_eq!(plan["offers"][0]["changes"][0]["class"], "drift");
}

#[test]
fn what_is_tried_out_never_reaches_the_branch() {
    let shared = Shared::new(TestEnvironment::with_offer());
    let mut command = shared.environment.command("apply --yes --emulator");
    command.env_remove("OFFERCTL_ENDPOINT");
    shared.environment.run_command(command).expect(0);
    assert_eq!(git(&shared.environment.path(""), "for-each-ref refs/heads/offerctl-state"), "");
}

#[test]
fn a_branch_that_is_checked_out_is_refused() {
    let shared = Shared::new(TestEnvironment::with_offer());
    insta::assert_snapshot!(shared.environment.run("plan --state git:main"), @"
    --- stderr ---
    error: the branch `main` of the records is checked out in `/REPOSITORY`
    hint: Switch that working tree to another branch; the records need no checkout.
    --- exit 4 ---
    ");
    insta::assert_snapshot!(shared.environment.run("plan --state git:a..b"), @"
    --- stderr ---
    error: `git:a..b` names no git branch; write for example `git:offerctl-state`
    --- exit 4 ---
    ");
}

#[test]
fn a_folder_keeps_the_commit_and_the_history_too() {
    let shared = Shared::new(TestEnvironment::with_offer());
    shared.environment.write("offerctl.yaml", "offers: [\"offers/*/offer.yaml\"]\n");
    shared.environment.run("apply --yes").expect(0);
    let record = || -> serde_json::Value {
        serde_json::from_str(
            &std::fs::read_to_string(shared.environment.path(".offerctl/state/contoso/vm.json")).unwrap(),
        )
        .unwrap()
    };
    let head = git(&shared.environment.path(""), "rev-parse HEAD").trim().to_owned();
    assert_eq!(record()["commit"], json!(format!("{head}-dirty")), "the settings are edited");
    shared.commit("Settings");
    shared.environment.edit("every night", "twice a day");
    shared.commit("Summary");
    shared.environment.run("apply --yes").expect(0);
    let head = git(&shared.environment.path(""), "rev-parse HEAD").trim().to_owned();
    assert_eq!(record()["commit"], json!(head));
    let last = record()["history"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&last["deed"], &last["commit"], &last["command"]),
        (&json!("ended"), &json!(head), &json!("offerctl apply"))
    );
}
