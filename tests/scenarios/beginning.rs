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
    assert_snapshot!(environment.run(NEW), @"");
    assert_snapshot!(read(&environment, "offers/vm/offer.yaml"), @"");
    assert_snapshot!(environment.run("validate"), @"");
    environment.run("apply --yes").expect(0);
    assert_snapshot!(environment.run("plan --detailed-exitcode"), @"");
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
    assert_snapshot!(environment.run(&format!("{NEW} --output json")), @"");
    assert_eq!(read(&environment, "offerctl.yaml"), "offers: [\"manifests/*.yaml\"]\n");
    assert_eq!(read(&environment, ".gitignore"), "/target\n");
    environment.write("offers/vm/offer.yaml", "# mine\n");
    let said = environment.run(NEW).expect(0);
    assert!(said.stdout.ends_with("Init: 0 files created, 3 left as they were.\n"), "{}", said.stdout);
    assert_eq!(read(&environment, "offers/vm/offer.yaml"), "# mine\n");
}

#[test]
fn without_a_terminal_flags_are_named() {
    let environment = nothing();
    assert_snapshot!(environment.run("init"), @"");
    assert_snapshot!(environment.run("init --import"), @"");
    assert_snapshot!(environment.run("init --publisher contoso/vm --offer vm"), @"");
    assert_snapshot!(environment.run(&format!("{NEW} --ci github --source github.com/contoso/offerctl")), @"");
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
    assert_snapshot!(environment.run(&format!("{command} --ci gitlab")), @"");
    environment.run(&command).expect(0);
    assert_snapshot!(environment.run(&command.replace("offers-of-ours", "offers-of-ours/more")), @"");
}

#[test]
fn live_offers_are_imported() {
    let environment = TestEnvironment::with_live_offer();
    for path in ["offers", ".offerctl"] {
        std::fs::remove_dir_all(environment.path(path)).unwrap();
    }
    std::fs::remove_file(environment.path("offerctl.yaml")).unwrap();
    assert_snapshot!(environment.run("init --publisher contoso --import"), @"");
    environment.run("plan --detailed-exitcode").expect(0);
    std::fs::remove_dir_all(environment.path("offers")).unwrap();
    let said = environment.run("init --publisher contoso --offer vm --import --output json").expect(0);
    assert_eq!(said.json()["import"]["offers"][0]["manifest"], "offers/vm/offer.yaml");
    // What cannot be imported is said, and the rest is there.
    assert_snapshot!(environment.run("init --publisher contoso --offer other --import"), @"");
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
    assert_snapshot!(told, @"");
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
