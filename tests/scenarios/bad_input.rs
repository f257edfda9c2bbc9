//! Manifests and command lines that are wrong: everything that is wrong is said at once, and nothing is written.

use std::fmt::Write as _;

use crate::environment::{TestEnvironment, at_once};
use crate::manifests::{VIRTUAL_MACHINE, draft};

fn with_errors() -> TestEnvironment {
    let environment = TestEnvironment::with_offer();
    environment.write(
        "offers/typo/offer.yaml",
        "publisherId: contoso\noferTypeId: microsoft-azure-virtualmachines\nid: typo\nreconcile:\n  publishTo: \
         live\n  ignoer: []\ndefinition:\n  displayText: {$file: ../../../etc/passwd}\n  offer:\n    a: 1\n    a: 2\n",
    );
    environment.write("offers/broken/offer.yaml", "publisherId: contoso\n  id: [broken\n");
    environment
}

#[test]
fn all_errors_of_all_manifests_are_shown_and_nothing_is_written() {
    let environment = with_errors();
    insta::assert_snapshot!("invalid_manifests", environment.run("validate"));
    let said = environment.run("apply --yes").expect(4);
    for shown in ["did you mean `offerTypeId`", "typo/offer.yaml:11:5", "broken/offer.yaml:2:"] {
        assert!(said.stderr.contains(shown), "{shown} in {}", said.stderr);
    }
    assert_eq!(environment.portal.writes(), "");
    let document = environment.run("validate --output json").expect(4).json();
    assert_eq!((&document["manifests"], &document["valid"][0]["offerId"]), (&3.into(), &"vm".into()));
}

#[test]
fn a_plan_shows_the_valid_offers_beside_the_errors() {
    let environment = with_errors();
    let said = environment.run("plan").expect(4);
    insta::assert_snapshot!(said.stdout.lines().rev().nth(1).unwrap(), @"Plan: 3 offers: 1 to create, 0 to change, 0 in sync, 0 blocked, 2 unreadable; 6 changes, 5 steps.");
    assert!(said.stdout.contains("contoso/vm will be created"), "{}", said.stdout);
}

#[test]
fn two_manifests_for_one_offer() {
    let environment = TestEnvironment::with_offer();
    environment.write("offers/copy/offer.yaml", &VIRTUAL_MACHINE.replace("id: vm\n", "id: VM\n"));
    let said = environment.run("apply --yes").expect(4);
    insta::assert_snapshot!(said.stderr, @"
    error: two manifests describe the offer contoso/VM: in `offers/copy/offer.yaml` and in `offers/vm/offer.yaml`
    hint: keep one manifest for each offer, or correct the id
    error: nothing was written, because some manifests have errors
    hint: correct them, or name only the manifests or offers that are to be applied
    ");
    assert_eq!(environment.portal.writes(), "");
    environment.run("validate").expect(4);
}

#[test]
fn an_expired_waiver_is_an_error() {
    let environment = TestEnvironment::with_offer();
    environment.edit(
        "  publishTo: production\n",
        "  publishTo: production\n  ignore:\n    - path: /definition/displayText\n      reason: later\n      until: \
         2020-01-31\n",
    );
    insta::assert_snapshot!(environment.run("validate"), @"
    Validate: 1 manifests: 0 valid, 1 errors, 0 warnings.
    --- stderr ---
    error[waiver-expired]: this waiver ended on 2020-01-31
     --> offers/vm/offer.yaml:9:14
      |
    9 |       until: 2020-01-31
      |              ^^^^^^^^^^ the last day on which it held
      |
      = help: delete the waiver, or agree on a new date with the field's owner

    --- exit 4 ---
    ");
}

#[test]
fn wrong_command_lines_are_bad_input() {
    let environment = TestEnvironment::with_offer();
    let mut told = String::new();
    for arguments in [
        "aply",
        "apply --yess",
        "plan --until live",
        "plan --allow everything",
        "plan --allow conflict:contoso",
        "apply --wait soon",
        "apply --parallelism 0",
        "plan --output yaml",
        "plan --emulator --endpoint http://127.0.0.1:1",
        "get",
        "get contoso/vm --slot draft --version 1",
        "-C nowhere plan",
        "--endpoint ftp://example.com plan",
    ] {
        let said = environment.run(arguments).expect(4);
        assert_eq!(said.stdout, "", "{arguments}");
        writeln!(told, "$ offerctl {arguments}\n{}", said.stderr).unwrap();
    }
    insta::assert_snapshot!("usage", told);
    assert_eq!(environment.portal.writes(), "");
}

#[test]
fn a_wrong_setting_is_shown_in_its_line() {
    let environment = TestEnvironment::with_offer();
    environment.write("offerctl.yaml", "offers: [\"offers/*/offer.yaml\"]\nparalelism: 4\n");
    insta::assert_snapshot!(environment.run("plan"), @"
    --- stderr ---
    error[unknown-key]: there is no setting `paralelism`
     --> offerctl.yaml:2:1
      |
    2 | paralelism: 4
      | ^^^^^^^^^^
      |
      = help: did you mean `parallelism`?

    error: the settings in `offerctl.yaml` cannot be used
    --- exit 4 ---
    ");
}

#[test]
fn a_repository_without_manifests() {
    let environment = TestEnvironment::empty(at_once());
    insta::assert_snapshot!(environment.run("plan"), @r#"
    --- stderr ---
    error: no manifest was found below `/REPOSITORY` (looked for offers/*/offer.yaml)
    hint: name a manifest, or say in `offerctl.yaml` where they are: `offers: ["offers/*/offer.yaml"]`
    --- exit 4 ---
    "#);
    insta::assert_snapshot!(environment.run("list"), @r#"
    --- stderr ---
    error: no manifest was found below `/REPOSITORY` (looked for offers/*/offer.yaml)
    hint: name a manifest, or say in `offerctl.yaml` where they are: `offers: ["offers/*/offer.yaml"]`
    --- exit 4 ---
    "#);
}

#[test]
fn nothing_outside_of_the_repository_is_read() {
    let environment = TestEnvironment::empty(at_once());
    let outside = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(outside.path(), "outside").unwrap();
    environment.write("offers/one/offer.yaml", &draft("one").replace("The offer one", "{$file: link.html}"));
    std::os::unix::fs::symlink(outside.path(), environment.path("offers/one/link.html")).unwrap();
    let said = environment.run("validate").expect(4);
    assert!(said.stderr.contains("offers/one/offer.yaml:6:24"), "{}", said.stderr);
    environment.write("offers/one/offer.yaml", &draft("one").replace("The offer one", "{$file: /etc/hostname}"));
    environment.run("validate").expect(4);
}
