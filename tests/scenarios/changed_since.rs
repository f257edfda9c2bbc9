//! Only what changed in the repository: a branch with a few edits among many offers.

use crate::environment::TestEnvironment;
use crate::git::git;
use crate::manifests::draft;

/// A repository with the offers `vm` and `one` to `nine`, all committed on `main`, and a branch that is checked out.
fn repository() -> TestEnvironment {
    let environment = TestEnvironment::with_offer();
    for offer in ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"] {
        environment.write(&format!("offers/{offer}/offer.yaml"), &draft(offer));
    }
    environment.write(".gitignore", "*.log\n");
    in_git(&environment, "init --quiet --initial-branch=main");
    commit(&environment);
    in_git(&environment, "checkout --quiet -b edits");
    environment
}

fn in_git(environment: &TestEnvironment, arguments: &str) -> String {
    git(&environment.path(""), arguments)
}

fn commit(environment: &TestEnvironment) {
    in_git(environment, "add --all");
    in_git(environment, "commit --quiet --message=Edit");
}

/// The offers that are selected since `main`, and what is said about the others.
#[track_caller]
fn selected(environment: &TestEnvironment) -> String {
    let said = environment.run("validate --changed-since main --output json").expect(0).json();
    let offers: Vec<_> =
        said["valid"].as_array().unwrap().iter().map(|offer| offer["offerId"].as_str().unwrap()).collect();
    format!("{} / {}", offers.join(" "), said["unchanged"])
}

#[test]
fn nothing_changed_is_said_and_fine() {
    let environment = repository();
    insta::assert_snapshot!(environment.run("plan --changed-since main --detailed-exitcode"), @"
    Left out: 10 manifests, of which nothing changed since main.
    Plan: 0 offers: 0 to create, 0 to change, 0 in sync, 0 blocked, 0 unreadable; 0 changes, 0 steps.
    Digest: [digest]
    --- exit 0 ---
    ");
    insta::assert_snapshot!(environment.run("apply --changed-since main"), @"
    Left out: 10 manifests, of which nothing changed since main.
    Plan: 0 offers: 0 to create, 0 to change, 0 in sync, 0 blocked, 0 unreadable; 0 changes, 0 steps.
    Digest: [digest]
    Apply: 0 offers: 0 done, 0 in sync, 0 still in progress, 0 blocked, 0 failed, 0 unreadable, 0 interrupted.
    --- exit 0 ---
    ");
    insta::assert_snapshot!(environment.run("drift --changed-since main"), @"
    Left out: 10 manifests, of which nothing changed since main.
    Drift: 0 offers found, 0 read, 0 compared, 0 skipped; 0 drifted; 0 drift, 0 conflict, 0 unattributed, 0 pending, 0 waived.
    --- exit 0 ---
    ");
    insta::assert_snapshot!(environment.run("status --changed-since main"), @"
    --- stderr ---
    Left out: 10 manifests, of which nothing changed since main.
    --- exit 0 ---
    ");
    insta::assert_snapshot!(environment.run("validate --changed-since main contoso/vm"), @"
    Left out: 1 manifest, of which nothing changed since main.
    Validate: 0 manifests: 0 valid, 0 errors, 0 warnings.
    --- exit 0 ---
    ");
    assert_eq!(environment.portal.writes(), "");
}

#[test]
fn committed_staged_edited_and_new_manifests_are_all_changed() {
    let environment = repository();
    environment.edit("every night", "every hour");
    commit(&environment);
    environment.replace("offers/one/offer.yaml", "displayText: ", "displayText: New ");
    in_git(&environment, "add offers/one");
    environment.replace("offers/two/offer.yaml", "displayText: ", "displayText: New ");
    environment.write("offers/ten/offer.yaml", &draft("ten"));
    in_git(&environment, "mv offers/three/offer.yaml offers/three/moved.yaml");
    environment.write("offerctl.yaml", "offers: [offers]\n");
    // All of them, for the settings changed.
    assert_eq!(
        selected(&environment),
        r#"eight five four nine one seven six ten three two vm / {"since":"main","manifests":0,"deleted":[]}"#
    );
    in_git(&environment, "checkout --quiet offerctl.yaml");
    assert_eq!(selected(&environment), r#"one ten two vm / {"since":"main","manifests":6,"deleted":[]}"#);
}

#[test]
fn what_main_got_meanwhile_is_not_ours() {
    let environment = repository();
    environment.edit("every night", "every hour");
    commit(&environment);
    in_git(&environment, "checkout --quiet main");
    environment.replace("offers/one/offer.yaml", "displayText: ", "displayText: Theirs ");
    commit(&environment);
    in_git(&environment, "checkout --quiet edits");
    assert_eq!(selected(&environment), r#"vm / {"since":"main","manifests":9,"deleted":[]}"#);
}

#[test]
fn a_change_of_what_an_offer_is_made_of_is_a_change_of_it() {
    let environment = repository();
    let with = |offer: &str, from: &str, to: &str| {
        environment.replace(&format!("offers/{offer}/offer.yaml"), from, to);
    };
    with("one", "publisherId: contoso", "extends: [../../shared/a.yaml]\npublisherId: contoso");
    environment.write("shared/a.yaml", "extends: [b.yaml]\n");
    environment.write("shared/b.yaml", "definition: {offer: {microsoft-azure-marketplace.summary: Shared}}\n");
    with("two", "definition:", "definition:\n  description: {$file: text.html}");
    environment.write("offers/two/text.html", "Text");
    with("three", "definition:", "definition:\n  smallLogo: {$media: logo.png, url: {$env: CDN}}");
    environment.write_bytes("offers/three/logo.png", b"\x89PNG\r\n\x1a\n");
    // Through a symbolic link: the link stays as it is, and what it leads to changes.
    with("four", "definition:", "definition:\n  description: {$file: link.html}");
    environment.write("shared/text.html", "Text");
    std::os::unix::fs::symlink("../../shared/text.html", environment.path("offers/four/link.html")).unwrap();
    // Of what git does not follow nobody can tell whether it changed.
    with("five", "definition:", "definition:\n  description: {$file: text.log}");
    environment.write("offers/five/text.log", "Text");
    commit(&environment);
    in_git(&environment, "branch --force main");
    // Some of these manifests have errors, and count all the same.
    let changed = || {
        let said = environment.run("plan --changed-since main --output json").expect(4).json();
        let planned = said["offers"].as_array().unwrap().iter().chain(said["coverage"]["skipped"].as_array().unwrap());
        let mut names: Vec<_> =
            planned.map(|offer| offer["manifest"].as_str().unwrap().split('/').nth(1).unwrap()).collect();
        names.sort_unstable();
        names.join(" ")
    };
    environment.write("offers/six/offer.yaml", "publisherId: [\n");
    assert_eq!(changed(), "five six");
    environment.write("shared/b.yaml", "definition: {offer: {microsoft-azure-marketplace.summary: Ours}}\n");
    assert_eq!(changed(), "five one six");
    environment.write("offers/two/text.html", "New");
    assert_eq!(changed(), "five one six two");
    environment.write_bytes("offers/three/logo.png", b"\x89PNG\r\n\x1a\nmore");
    assert_eq!(changed(), "five one six three two");
    environment.write("shared/text.html", "New");
    assert_eq!(changed(), "five four one six three two");
    std::fs::remove_file(environment.path("offers/two/text.html")).unwrap();
    assert_eq!(changed(), "five four one six three two");
}

#[test]
fn a_deleted_manifest_is_said_and_nothing_is_done_about_it() {
    let environment = repository();
    environment.run("apply --yes").expect(0);
    environment.portal.forget_requests();
    in_git(&environment, "rm --quiet -r offers/one offers/two");
    std::fs::remove_file(environment.path("offers/three/offer.yaml")).unwrap();
    in_git(&environment, "mv offers/four offers/fourth");
    insta::assert_snapshot!(environment.run("apply --yes --changed-since main"), @"
    Left out: 6 manifests, of which nothing changed since main.
    Plan: 1 offers: 0 to create, 0 to change, 1 in sync, 0 blocked, 0 unreadable; 0 changes, 0 steps.
    Digest: [digest]
    Apply: 1 offers: 0 done, 1 in sync, 0 still in progress, 0 blocked, 0 failed, 0 unreadable, 0 interrupted.
    --- stderr ---
    warning: `offers/one/offer.yaml` was deleted since main; that deletes nothing on the service, which keeps the offer as it is
    warning: `offers/three/offer.yaml` was deleted since main; that deletes nothing on the service, which keeps the offer as it is
    warning: `offers/two/offer.yaml` was deleted since main; that deletes nothing on the service, which keeps the offer as it is
    --- exit 0 ---
    ");
    assert_eq!(environment.portal.writes(), "");
    // Whoever reviews reads none of the warnings.
    let said = environment.run("plan --changed-since main --output json --out plan.json").expect(0).json();
    insta::assert_snapshot!(said["coverage"]["unchanged"], @r#"{"since":"main","manifests":6,"deleted":["offers/one/offer.yaml","offers/three/offer.yaml","offers/two/offer.yaml"]}"#);
    let sentence = "<code>offers/one/offer.yaml</code>, <code>offers/three/offer.yaml</code>, <code>offers/two/offer.yaml</code> \
                    were deleted since main. That deletes nothing on the service";
    for command in ["plan --changed-since main", "show plan.json", "drift --changed-since main"] {
        let markdown = environment.run(&format!("{command} --output markdown")).expect(0).stdout;
        assert!(markdown.contains(sentence), "{markdown}");
    }
    for command in ["plan", "drift"] {
        let page = environment.run(&format!("{command} --changed-since main --output html")).expect(0).stdout;
        assert!(page.contains("Left out: 6 manifests") && page.contains(sentence), "{page}");
    }
}

#[test]
fn the_share_of_a_mass_change_is_that_of_the_repository() {
    let environment = repository();
    environment.run("apply --yes").expect(0);
    for offer in ["one", "two", "three", "four", "five"] {
        environment.replace(&format!("offers/{offer}/offer.yaml"), "displayText: ", "displayText: New ");
    }
    let said = environment.run("plan --changed-since main --output json").expect(0).json();
    assert_eq!(said["summary"]["blocked"], 0, "{said}");
    insta::assert_snapshot!(said["coverage"], @r#"{"found":5,"read":5,"planned":5,"skipped":[],"unchanged":{"since":"main","manifests":5,"deleted":[]}}"#);
    let markdown = environment.run("plan --changed-since main --output markdown").expect(0).stdout;
    assert!(markdown.contains(" 5 manifests, of which nothing changed since main"), "{markdown}");
    environment.replace("offers/six/offer.yaml", "displayText: ", "displayText: New ");
    let said = environment.run("plan --changed-since main --output json").expect(0).json();
    assert_eq!(said["summary"]["blocked"], 6, "{said}");
}

#[test]
fn named_offers_are_left_out_too_when_they_did_not_change() {
    let environment = repository();
    environment.edit("every night", "every hour");
    environment.replace("offers/one/offer.yaml", "displayText: ", "displayText: New ");
    let said = environment.run("plan contoso/vm contoso/two --changed-since main --output json").expect(0).json();
    insta::assert_snapshot!(said["coverage"], @r#"{"found":1,"read":1,"planned":1,"skipped":[],"unchanged":{"since":"main","manifests":1,"deleted":[]}}"#);
    insta::assert_snapshot!(environment.run("validate contoso/t* --changed-since main"), @"
    Left out: 2 manifests, of which nothing changed since main.
    Validate: 0 manifests: 0 valid, 0 errors, 0 warnings.
    --- exit 0 ---
    ");
    insta::assert_snapshot!(environment.run("validate contoso/twoo --changed-since main"), @"
    --- stderr ---
    error: no manifest describes the offer contoso/twoo
    hint: did you mean `contoso/two`?
    --- exit 4 ---
    ");
}

#[test]
fn a_commit_that_is_not_here_is_explained() {
    let environment = repository();
    insta::assert_snapshot!(environment.run("plan --changed-since release"), @"
    --- stderr ---
    error: git knows no commit `release` here
    hint: name a branch, a tag or a commit that this clone has, for example `origin/main`; `git fetch` gets those of the remote
    --- exit 4 ---
    ");
    let elsewhere = tempfile::tempdir().unwrap();
    environment.edit("every night", "every hour");
    commit(&environment);
    let origin = environment.path("");
    git(elsewhere.path(), &format!("clone --quiet --depth=1 file://{} shallow", origin.display()));
    let in_shallow = |arguments: &str| {
        let mut command = environment.command(arguments);
        command.current_dir(elsewhere.path().join("shallow"));
        environment.run_command(command)
    };
    insta::assert_snapshot!(in_shallow("plan --changed-since origin/main"), @"
    --- stderr ---
    error: git knows no commit `origin/main` here
    hint: this clone has only the last commits; fetch all of them: `fetch-depth: 0` for actions/checkout on GitHub, `fetchDepth: 0` in Azure Pipelines, `GIT_DEPTH: 0` in GitLab, `git fetch --unshallow` elsewhere
    --- exit 4 ---
    ");
    git(&elsewhere.path().join("shallow"), "fetch --quiet --depth=1 origin main:refs/remotes/origin/main");
    insta::assert_snapshot!(in_shallow("plan --changed-since main"), @"
    --- stderr ---
    error: git knows no commit `main` here
    hint: did you mean `origin/main`?
    --- exit 4 ---
    ");
    insta::assert_snapshot!(in_shallow("plan --changed-since origin/main"), @"
    --- stderr ---
    error: `origin/main` and the checkout have no commit in common
    hint: this clone has only the last commits; fetch all of them: `fetch-depth: 0` for actions/checkout on GitHub, `fetchDepth: 0` in Azure Pipelines, `GIT_DEPTH: 0` in GitLab, `git fetch --unshallow` elsewhere
    --- exit 4 ---
    ");
    git(&elsewhere.path().join("shallow"), "fetch --quiet --unshallow origin");
    in_shallow("validate --changed-since origin/main").expect(0);
}

#[test]
fn outside_of_git_nothing_can_be_compared() {
    let environment = TestEnvironment::with_offer();
    insta::assert_snapshot!(environment.run("plan --changed-since main"), @"
    --- stderr ---
    error: `/REPOSITORY` is in no git repository that can be used: `git rev-parse` failed: fatal: not a git repository (or any of the parent directories): .git
    hint: work in a clone, or name the offers instead
    --- exit 4 ---
    ");
}

#[test]
fn a_root_below_that_of_git_is_compared_by_its_own_paths() {
    let environment = TestEnvironment::with_offer();
    environment.write("offers/one/offer.yaml", &draft("one"));
    let above = tempfile::tempdir().unwrap();
    let inner = above.path().join("marketplace");
    assert!(
        std::process::Command::new("cp").arg("-r").arg(environment.path("")).arg(&inner).status().unwrap().success()
    );
    git(above.path(), "init --quiet --initial-branch=main");
    git(above.path(), "add --all");
    git(above.path(), "commit --quiet --message=Begin");
    std::fs::write(inner.join("offers/one/offer.yaml"), draft("one") + "# more\n").unwrap();
    let mut command = environment.command("validate --changed-since HEAD");
    command.current_dir(&inner);
    insta::assert_snapshot!(environment.run_command(command), @"
    Left out: 1 manifest, of which nothing changed since HEAD.
    Validate: 1 manifests: 1 valid, 0 errors, 0 warnings.
    --- exit 0 ---
    ");
}
