//! What the program remembers: losing it costs attribution, never correctness, and one service's is not another's.

use serde_json::json;

use crate::environment::{TestEnvironment, at_once};
use crate::portal::Portal;

const RECORD: &str = ".offerctl/state/contoso/vm.json";

#[test]
fn a_damaged_record_is_said_and_set_aside() {
    let environment = TestEnvironment::with_live_offer();
    environment.write(RECORD, "{\"version\": 1, \"publis");
    let said = environment.run("plan --detailed-exitcode").expect(0);
    insta::assert_snapshot!(said.stderr, @"warning: the record `/REPOSITORY/.offerctl/state/contoso/vm.json` cannot be used (it is damaged: EOF while parsing a string at line 1 column 22): whose change a difference is cannot be told for contoso/vm, nor whether a plan of it is unfinished");
    environment.edit("every night", "twice a day");
    environment.run("apply --yes").expect(0);
    let said = environment.run("plan --detailed-exitcode").expect(0);
    assert_eq!(said.stderr, "");
}

#[test]
fn records_are_kept_where_they_are_asked_for() {
    let environment = TestEnvironment::with_offer();
    let mut command = environment.command("apply --yes");
    command.env("OFFERCTL_STATE", "kept/by/variable");
    environment.run_command(command).expect(0);
    environment.run("apply --yes --state kept/by/flag").expect(0);
    assert!(environment.path("kept/by/variable/contoso/vm.json").exists());
    assert!(!environment.path(".offerctl").exists());
    environment.edit("every night", "twice a day");
    let class = |arguments: &str| {
        let plan = environment.run(&format!("plan --output json {arguments}")).expect(0).json();
        plan["offers"][0]["changes"][0]["class"].clone()
    };
    assert_eq!(class("--state kept/by/variable"), "pending");
    assert_eq!(class(""), "unattributed");
}

#[test]
fn records_outlive_an_offer_that_is_gone() {
    let mut environment = TestEnvironment::with_live_offer();
    // Another emulator: the service has forgotten everything.
    environment.portal = Portal::start(at_once());
    environment.endpoint = environment.portal.url().to_owned();
    let plan = environment.run("plan --output json").expect(0).json();
    assert_eq!(plan["summary"]["create"], json!(1));
    environment.run("apply --yes").expect(0);
    environment.run("plan --detailed-exitcode").expect(0);
}
