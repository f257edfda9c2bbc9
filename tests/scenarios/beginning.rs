//! Beginning a repository: by flags, by answers on a terminal, with offers that are live already.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::Command;

use insta::assert_snapshot;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::environment::{TestEnvironment, at_once};

const NEW: &str = "init . --publisher contoso --offer vm --offer-type microsoft-azure-virtualmachines";

/// An empty folder, and a service without offers.
fn nothing() -> TestEnvironment {
    let environment = TestEnvironment::empty(at_once());
    std::fs::remove_file(environment.path("offerctl.yaml")).unwrap();
    environment
}

/// Every file in the folder, git's and offerctl's own aside.
fn files(environment: &TestEnvironment) -> String {
    let mut found = Vec::new();
    gather(&environment.path(""), &environment.path(""), &mut found);
    found.sort();
    found.join("\n")
}

fn gather(root: &Path, folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        if path.is_dir() && ![".git", ".offerctl"].contains(&name.as_str()) {
            gather(root, &path, found);
        } else if path.is_file() {
            found.push(name);
        }
    }
}

fn read(environment: &TestEnvironment, path: &str) -> String {
    std::fs::read_to_string(environment.path(path)).unwrap()
}

#[test]
fn flags_make_a_repository_that_can_be_applied() {
    let environment = nothing();
    assert_snapshot!(environment.run(NEW), @"
    created  offerctl.yaml
    created  offers/vm/offer.yaml
    created  .gitignore
    created  schemas/offer.schema.json
    created  schemas/part.schema.json
    created  schemas/config.schema.json
    Init: 6 files created, 0 left as they were.
    --- stderr ---
    Next: 1. write what the offer should be into offers/vm/offer.yaml, then: offerctl validate
          2. try it on the emulator, without an account: offerctl apply --emulator contoso/vm
          3. sign in, as docs/credentials.md of offerctl says, and check it: offerctl auth check contoso
          4. see what the service would get, without writing anything: offerctl plan
    --- exit 0 ---
    ");
    assert_snapshot!(read(&environment, "offers/vm/offer.yaml"), @r#"
    # yaml-language-server: $schema=../../schemas/offer.schema.json
    # A virtual machine offer. `publishTo: draft` saves it on the service and submits nothing, so that colleagues can read it in
    # the portal while it grows here. Every "Write …" is a placeholder; what is not named here is left as it is there.
    publisherId: contoso
    offerTypeId: microsoft-azure-virtualmachines
    id: vm

    reconcile:
      # How far `offerctl apply` takes this offer: draft, preview or production.
      publishTo: draft

    definition:
      displayText: vm
      offer:
        microsoft-azure-marketplace.title: Write the title that customers see
        microsoft-azure-marketplace.summary: Write one sentence that says what the offer does
        microsoft-azure-marketplace.description: <p>Write what customers read before they choose it.</p>
      plans:
        - planId: standard
          microsoft-azure-virtualmachines.skuTitle: Standard
          microsoft-azure-virtualmachines.skuSummary: Write one sentence about this offer plan
          # Not offered by itself yet, only to solution templates.
          microsoft-azure-virtualmachines.hideSKUForSolutionTemplate: true
          microsoft-azure-virtualmachines.cloudAvailability: [PublicAzure]
          regions: [US]
          # Customers bring their own license, so nothing is billed. With prices:
          # virtualMachinePricing: {isByol: false, coreMultiplier: {currency: USD, single: 0.035}}
          virtualMachinePricing: {isByol: true}
          # An image before it is published; CI hands in the signed address of the disk.
          # microsoft-azure-virtualmachines.vmImages:
          #   1.0.0:
          #     osVhdUrl: {$env: DISK_ADDRESS}
    "#);
    assert_snapshot!(environment.run("validate"), @"
    Validate: 1 manifests: 1 valid, 0 errors, 0 warnings.
    --- exit 0 ---
    ");
    environment.run("apply --yes").expect(0);
    assert_snapshot!(environment.run("plan --detailed-exitcode"), @"
    Plan: 1 offers: 0 to create, 0 to change, 1 in sync, 0 blocked, 0 unreadable; 0 changes, 0 steps.
    Digest: [digest]
    --- exit 0 ---
    ");
    environment.run("apply --emulator --yes").expect(0);
    environment.run("plan --emulator --detailed-exitcode").expect(0);
}

#[test]
fn every_type_of_offer_has_a_first_manifest_that_can_be_applied() {
    for offer_type in ["microsoft-azure-corevm", "microsoft-azure-applications", "microsoft-azure-container"] {
        let environment = nothing();
        environment.run(&format!("init --publisher contoso --offer first --offer-type {offer_type}")).expect(0);
        let said = environment.run("validate").expect(0);
        assert!(said.stdout.ends_with("1 valid, 0 errors, 0 warnings.\n"), "{}{}", said.stdout, said.stderr);
        environment.run("apply --yes").expect(0);
        environment.run("plan --detailed-exitcode").expect(0);
    }
}

#[test]
fn what_is_there_is_left_as_it_is() {
    let environment = nothing();
    environment.write("offerctl.yaml", "offers: [\"manifests/*.yaml\"]\n");
    environment.write(".gitignore", "/target\n");
    assert_snapshot!(environment.run(&format!("{NEW} --output json")), @r#"
    {
      "format": "offerctl-init",
      "version": 1,
      "created": [
        "offers/vm/offer.yaml",
        "schemas/offer.schema.json",
        "schemas/part.schema.json",
        "schemas/config.schema.json"
      ],
      "left": [
        "offerctl.yaml",
        ".gitignore"
      ],
      "import": null,
      "next": [
        "write what the offer should be into offers/vm/offer.yaml, then: offerctl validate",
        "try it on the emulator, without an account: offerctl apply --emulator contoso/vm",
        "sign in, as docs/credentials.md of offerctl says, and check it: offerctl auth check contoso",
        "see what the service would get, without writing anything: offerctl plan"
      ]
    }
    --- stderr ---
    warning: `offers/vm/offer.yaml` is not among the manifests: add its place to `offers` in `offerctl.yaml`
    --- exit 0 ---
    "#);
    assert_eq!(read(&environment, "offerctl.yaml"), "offers: [\"manifests/*.yaml\"]\n");
    assert_eq!(read(&environment, ".gitignore"), "/target\n");
    environment.write("offers/vm/offer.yaml", "# mine\n");
    let said = environment.run(NEW).expect(0);
    assert!(said.stdout.ends_with("Init: 0 files created, 6 left as they were.\n"), "{}", said.stdout);
    assert_eq!(read(&environment, "offers/vm/offer.yaml"), "# mine\n");
}

#[test]
fn without_a_terminal_flags_are_named() {
    let environment = nothing();
    assert_snapshot!(environment.run("init"), @"
    --- stderr ---
    error: nothing was written: nothing is asked without a terminal or with `--yes`, and flags are missing
    hint: add `--publisher contoso`, `--offer contoso-vm`, `--offer-type microsoft-azure-virtualmachines`
    hint: `--import` takes over offers that are on the service already
    --- exit 4 ---
    ");
    assert_snapshot!(environment.run("init --import"), @"
    --- stderr ---
    error: nothing was written: nothing is asked without a terminal or with `--yes`, and flags are missing
    hint: add `--publisher contoso`
    --- exit 4 ---
    ");
    assert_snapshot!(environment.run("init --publisher contoso/vm --offer vm"), @"
    --- stderr ---
    error: invalid value 'contoso/vm' for '--publisher <PUBLISHER>': `contoso/vm` is not a publisher id: only letters, digits, `-`, `_` and `.` are allowed

    For more information, try '--help'.
    --- exit 4 ---
    ");
    assert_snapshot!(environment.run(&format!("{NEW} --ci github --source github.com/contoso/offerctl")), @"
    --- stderr ---
    error: invalid value 'github.com/contoso/offerctl' for '--source <URL@REVISION>': write the https address of offerctl's git repository, `@` and a tag or commit: `https://github.com/contoso/offerctl@v0.1.0`

    For more information, try '--help'.
    --- exit 4 ---
    ");
    assert_eq!(files(&environment), "");
}

#[test]
fn workflows_come_with_records_in_a_branch() {
    let environment = nothing();
    for (ci, wanted) in [
        ("github", ".github/workflows/offers-apply.yml"),
        ("azure-pipelines", "azure-pipelines.yml"),
        ("gitlab", ".gitlab-ci.yml"),
        ("none", "offerctl.yaml"),
    ] {
        let folder = format!("{ci}-offers");
        let command = NEW.replace("init .", &format!("init {folder}"));
        let said = environment.run(&format!("{command} --ci {ci}")).expect(0);
        assert!(environment.path(&format!("{folder}/{wanted}")).exists(), "{}", said.stdout);
        let settings = read(&environment, &format!("{folder}/offerctl.yaml"));
        assert_eq!(settings.contains("\nstate: git:offerctl-state\n"), ci != "none", "{settings}");
        assert_eq!(said.stderr.contains("your-organization/offerctl"), ci != "none", "{}", said.stderr);
    }
    let command = NEW.replace("init .", "init kept");
    environment.run(&format!("{command} --ci github --state kept")).expect(0);
    assert!(read(&environment, "kept/offerctl.yaml").contains("\nstate: kept\n"));
}

#[test]
fn workflows_belong_at_the_root_of_the_git_repository() {
    let environment = nothing();
    std::fs::create_dir_all(environment.path(".git")).unwrap();
    let command = NEW.replace("init .", "init offers-of-ours");
    assert_snapshot!(environment.run(&format!("{command} --ci gitlab")), @"
    --- stderr ---
    error: workflows belong at the root of the git repository, which is `/REPOSITORY`; nothing was written
    hint: begin there, or here without workflows: `--ci none`
    --- exit 4 ---
    ");
    environment.run(&command).expect(0);
    assert_snapshot!(environment.run(&command.replace("offers-of-ours", "offers-of-ours/more")), @"
    --- stderr ---
    error: `offers-of-ours/more` is in a repository of offers already: /REPOSITORY/offers-of-ours
    hint: add manifests there, or begin in a folder beside it
    --- exit 4 ---
    ");
}

#[test]
fn workflows_added_later_need_no_answers_and_records_in_a_branch() {
    let environment = nothing();
    environment.run(NEW).expect(0);
    std::fs::create_dir_all(environment.path(".git")).unwrap();
    assert_snapshot!(environment.run("init --ci gitlab"), @"
    left     offerctl.yaml, which was there already
    left     .gitignore, which was there already
    created  .gitlab-ci.yml
    left     schemas/offer.schema.json, which was there already
    left     schemas/part.schema.json, which was there already
    left     schemas/config.schema.json, which was there already
    Init: 1 files created, 5 left as they were.
    --- stderr ---
    warning: `offerctl.yaml` keeps the records in the folder `.offerctl/state`, and a machine of CI ends with its folders: what one job submitted no other would go on with, and nothing would go live. Put this line into `offerctl.yaml`: `state: git:offerctl-state`
    Next: 1. let GitLab CI run it: put the place of offerctl for `your-organization/offerctl` and `REVISION`; commit, push, and set up what docs/ci.md of offerctl lists
    --- exit 0 ---
    ");
    environment.replace("offerctl.yaml", "# state: .offerctl/state", "state: git:offerctl-state");
    std::fs::remove_dir(environment.path(".git")).unwrap();
    crate::git::git(&environment.path(""), "init --quiet");
    let said = environment.run("init --ci github").expect(0);
    assert!(!said.stderr.contains("warning"), "{}", said.stderr);
    // What is asked for is what is needed.
    environment.run("init --ci github --offer edge").expect(4);
    environment.run("init").expect(4);
}

#[test]
fn records_in_a_branch_need_a_git_repository() {
    let environment = nothing();
    assert_snapshot!(environment.run("init x --publisher contoso --import --yes --ci github"), @"
    --- stderr ---
    error: records are to be kept in a git branch, and `x` is in no git repository; nothing was written
    hint: make it one with `git init x`, then run the same command again
    --- exit 4 ---
    ");
    assert!(!environment.path("x").exists());
    let said = environment.run(&format!("{NEW} --ci gitlab")).expect(0);
    assert!(
        said.stderr.starts_with("Next: 1. make it a git repository, which keeps the records: git init\n"),
        "{}",
        said.stderr
    );
    assert_snapshot!(environment.run("plan"), @"
    --- stderr ---
    error: records are to be kept in a git branch, and `/REPOSITORY` is in no git repository that can be used: `git rev-parse` failed: fatal: not a git repository (or any of the parent directories): .git
    hint: Run in a clone of the repository, with `git` installed, or make one with `git init`, or name a folder for the records with `--state`.
    --- exit 4 ---
    ");
    crate::git::git(&environment.path(""), "init --quiet");
    environment.run("plan").expect(0);
    // In a container, the folder belongs to somebody else.
    let mut command = environment.command("plan");
    command.env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
    assert_snapshot!(environment.run_command(command), @"
    --- stderr ---
    error: records are to be kept in a git branch, and `/REPOSITORY` is in no git repository that can be used: `git rev-parse` failed: fatal: detected dubious ownership in repository at '/REPOSITORY'; git config --global --add safe.directory /REPOSITORY
    hint: The folder belongs to another user, so git does not use it. Run as that user, or say that it is to be trusted: `git config --global --add safe.directory FOLDER`.
    --- exit 4 ---
    ");
    let mut command = environment.command("plan --state kept --changed-since HEAD");
    command.env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
    assert_snapshot!(environment.run_command(command), @"
    --- stderr ---
    error: `/REPOSITORY` is in no git repository that can be used: `git rev-parse` failed: fatal: detected dubious ownership in repository at '/REPOSITORY'; git config --global --add safe.directory /REPOSITORY
    hint: The folder belongs to another user, so git does not use it. Run as that user, or say that it is to be trusted: `git config --global --add safe.directory FOLDER`.
    --- exit 4 ---
    ");
}

#[test]
fn live_offers_are_imported() {
    let environment = TestEnvironment::with_live_offer();
    for path in ["offers", ".offerctl"] {
        std::fs::remove_dir_all(environment.path(path)).unwrap();
    }
    std::fs::remove_file(environment.path("offerctl.yaml")).unwrap();
    assert_snapshot!(environment.run("init --publisher contoso --import"), @"
    created  offerctl.yaml
    created  .gitignore
    created  schemas/offer.schema.json
    created  schemas/part.schema.json
    created  schemas/config.schema.json
    contoso/vm
        + offers/vm/offer.yaml
        publishTo: production, for what the draft says is live
        addresses without their signatures: 3; the service keeps the signatures that it has
    Import: 1 offers written, 0 described already, 0 failed.
    Next: `offerctl plan` shows that nothing differs; look through the files and commit them.
    Init: 5 files created, 0 left as they were.
    --- stderr ---
    Next: 1. sign in, as docs/credentials.md of offerctl says, and check it: offerctl auth check contoso
          2. see what the service would get, without writing anything: offerctl plan
    --- exit 0 ---
    ");
    environment.run("plan --detailed-exitcode").expect(0);
    std::fs::remove_dir_all(environment.path("offers")).unwrap();
    let said = environment.run("init --publisher contoso --offer vm --import --output json").expect(0);
    assert_eq!(said.json()["import"]["offers"][0]["manifest"], "offers/vm/offer.yaml");
    // What cannot be imported is said, and the rest is there.
    assert_snapshot!(environment.run("init --publisher contoso --offer other --import"), @"
    left     offerctl.yaml, which was there already
    left     .gitignore, which was there already
    left     schemas/offer.schema.json, which was there already
    left     schemas/part.schema.json, which was there already
    left     schemas/config.schema.json, which was there already
    contoso/other: nothing was written
    Import: 0 offers written, 0 described already, 1 failed.
    Init: 0 files created, 5 left as they were.
    --- stderr ---
    error: contoso/other: the service has no such offer, asked at http://SERVICE
    hint: `offerctl list contoso` shows the offers
    Next: 1. sign in, as docs/credentials.md of offerctl says, and check it: offerctl auth check contoso
          2. see what the service would get, without writing anything: offerctl plan
    --- exit 1 ---
    ");
}

/// Runs the program on a terminal of its own, and types.
fn on_a_terminal(environment: &TestEnvironment, arguments: &str, typed: &str) -> (String, Option<i32>) {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap().into_string().unwrap();
    let open = || File::options().read(true).write(true).open(&name).unwrap();
    let mut command: Command = environment.command(arguments);
    command.stdin(open()).stdout(open()).stderr(open());
    let mut child = command.spawn().unwrap();
    drop(command);
    let mut terminal = File::from(terminal);
    terminal.write_all(typed.as_bytes()).unwrap();
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    // A terminal whose other side is closed ends with an error.
    while let Ok(read @ 1..) = terminal.read(&mut buffer) {
        seen.extend_from_slice(&buffer[..read]);
    }
    let code = child.wait().unwrap().code();
    let seen = String::from_utf8(seen).unwrap().replace('\r', "");
    // What was typed is echoed before the first question, all at once.
    (seen.strip_prefix(typed).unwrap_or(&seen).to_owned(), code)
}

#[test]
fn a_person_is_asked_for_what_no_flag_says() {
    let environment = nothing();
    let typed = "con toso\ncontoso\nn\nedge\n9\n2\n1\nhttps://github.com/contoso/offerctl@v0.1.0\n\ny\n";
    let (seen, code) = on_a_terminal(&environment, "init", typed);
    let mut told = seen;
    write!(told, "--- exit {code:?} ---\n{}", files(&environment)).unwrap();
    assert_snapshot!(told, @"
    Publisher id, as Partner Center shows it: That will not do: `con toso` is not a publisher id: only letters, digits, `-`, `_` and `.` are allowed.
    Publisher id, as Partner Center shows it: Is the offer on the service already, so that its manifest is to be imported? [y/N] Offer id, such as contoso-vm; it cannot be changed later: What is it?
      1  a virtual machine
      2  a core virtual machine
      3  an Azure application
    Number, or the service's name of another type: That will not do: choose one of the numbers.
    What is it?
      1  a virtual machine
      2  a core virtual machine
      3  an Azure application
    Number, or the service's name of another type: Which workflows shall be written?
      1  GitHub Actions
      2  Azure Pipelines
      3  GitLab CI
      4  none
    Number [4]: Where do the workflows get offerctl from? Its git repository, @ and a tag or commit (nothing: fill it in later): Where shall be remembered what was applied?
      1  in a git branch, for all clones and for CI
      2  in a folder of this clone
    Number [1]:   offerctl.yaml
      offers/edge/offer.yaml
      .gitignore
      .github/workflows/offers-plan.yml
      .github/workflows/offers-apply.yml
      .github/workflows/offers-resume.yml
      .github/workflows/offers-drift.yml
      schemas/offer.schema.json
      schemas/part.schema.json
      schemas/config.schema.json
    Write these files into this folder, unless they are there? [y/N] created  offerctl.yaml
    created  offers/edge/offer.yaml
    created  .gitignore
    created  .github/workflows/offers-plan.yml
    created  .github/workflows/offers-apply.yml
    created  .github/workflows/offers-resume.yml
    created  .github/workflows/offers-drift.yml
    created  schemas/offer.schema.json
    created  schemas/part.schema.json
    created  schemas/config.schema.json
    Init: 10 files created, 0 left as they were.
    Next: 1. make it a git repository, which keeps the records: git init
          2. write what the offer should be into offers/edge/offer.yaml, then: offerctl validate
          3. try it on the emulator, without an account: offerctl apply --emulator contoso/edge
          4. sign in, as docs/credentials.md of offerctl says, and check it: offerctl auth check contoso
          5. see what the service would get, without writing anything: offerctl plan
          6. let GitHub Actions run it: commit, push, and set up what docs/ci.md of offerctl lists
    --- exit Some(0) ---
    .github/workflows/offers-apply.yml
    .github/workflows/offers-drift.yml
    .github/workflows/offers-plan.yml
    .github/workflows/offers-resume.yml
    .gitignore
    offerctl.yaml
    offers/edge/offer.yaml
    schemas/config.schema.json
    schemas/offer.schema.json
    schemas/part.schema.json
    ");
    assert!(read(&environment, "offers/edge/offer.yaml").contains("\nofferTypeId: microsoft-azure-corevm\n"));
    assert!(read(&environment, ".github/workflows/offers-plan.yml").contains("uses: contoso/offerctl@v0.1.0\n"));
}

#[test]
fn a_person_can_say_no_or_leave() {
    let environment = nothing();
    let (seen, code) = on_a_terminal(&environment, NEW, "4\n2\nn\n");
    assert!(seen.ends_with("error: nothing was written, as you said\n"), "{seen}");
    assert_eq!(code, Some(130));
    // Ctrl-D.
    let (seen, code) = on_a_terminal(&environment, NEW, "\u{4}");
    assert!(seen.ends_with("error: nothing was written: the questions were left\n"), "{seen}");
    assert_eq!(code, Some(130));
    assert_eq!(files(&environment), "");
    // Nothing is asked when all is said.
    let (seen, code) = on_a_terminal(&environment, &format!("{NEW} --yes"), "");
    assert!(!seen.contains('?') && code == Some(0), "{seen}");
}

#[test]
fn the_manual_has_a_page_for_every_command() {
    let environment = nothing();
    environment.run("man --out manual").expect(0);
    let help = environment.run("--help").expect(0).stdout;
    let (_, commands) = help.split_once("Commands:\n").unwrap();
    let (commands, _) = commands.split_once("\n\n").unwrap();
    let names = commands.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names: Vec<_> =
        names.map(|line| line.split_whitespace().next().unwrap()).filter(|name| *name != "help").collect();
    assert!(names.contains(&"plan") && names.contains(&"man"), "{names:?}");
    for name in names.into_iter().chain(["auth-check", "comment-github"]) {
        let page = read(&environment, &format!("manual/offerctl-{name}.1"));
        assert!(page.contains(".SH SYNOPSIS") && page.contains("\\-\\-emulator"), "{name}: {page}");
    }
    let page = environment.run("man auth check").expect(0).stdout;
    assert_eq!(page, read(&environment, "manual/offerctl-auth-check.1"));
    assert_snapshot!(environment.run("man auth chek"), @"
    --- stderr ---
    error: there is no command `auth chek`
    hint: `offerctl --help` lists the commands
    --- exit 4 ---
    ");
}

#[test]
fn every_shell_completes_the_commands() {
    let environment = nothing();
    for shell in ["bash", "elvish", "fish", "nushell", "powershell", "zsh"] {
        let script = environment.run(&format!("completions {shell}")).expect(0).stdout;
        assert!(script.contains("submissions") && script.contains("detailed-exitcode"), "{shell}: {script}");
    }
}

#[test]
fn yes_asks_nothing() {
    let environment = nothing();
    let (seen, code) = on_a_terminal(&environment, "init --publisher contoso --yes", "");
    assert!(seen.contains("hint: add `--offer contoso-vm`, `--offer-type") && code == Some(4), "{seen}");
}

#[test]
fn the_first_quarter_of_an_hour_goes_as_it_is_written() {
    let environment = nothing();
    let document = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/starting.md")).unwrap();
    let mut folder = environment.path("");
    let mut ran = 0;
    // Up to where an account is needed.
    let (document, _) = document.split_once("## 5.").unwrap();
    let commands = document.lines().filter_map(|line| line.strip_prefix("$ "));
    for command in commands {
        if let Some(into) = command.strip_prefix("cd ") {
            folder.push(into);
            continue;
        }
        let mut command = environment.command(command.strip_prefix("offerctl ").unwrap());
        command.current_dir(&folder);
        let said = environment.run_command(command).expect(0);
        let lines = said.stdout.lines().filter(|line| !line.starts_with("Digest: "));
        for line in lines {
            assert!(document.contains(line), "{line}");
        }
        ran += 1;
    }
    assert_eq!(ran, 4, "{document}");
}
