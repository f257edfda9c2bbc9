//! What the service complains about, traced back to the line of the manifest: in text, in JSON, in events, and on a machine
//! that has nothing but the records.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::environment::{CommandResult, TestEnvironment};

const COMPLAINT: &str = "<p>Plan ID: <b>gold</b>, version: 1.0.0. The VHD is not aligned to 1 MB.</p>";

/// The small offer's draft, and Microsoft holding up its first submission.
fn held_up() -> TestEnvironment {
    let environment = TestEnvironment::with_offer();
    environment.run("apply --yes --until draft").expect(0);
    environment.portal.script("vm", "displaycertify", "rejected", &[COMPLAINT]);
    environment
}

/// The end of what a command says to people.
#[track_caller]
fn last_lines(result: CommandResult, code: i32) -> String {
    let said = result.expect(code);
    let from = said.stderr.find("contoso/vm: failed").unwrap_or_default();
    said.stderr[from..].to_owned()
}

fn concern(whole: &Value) -> Value {
    json!({"path": whole["path"], "names": whole["names"], "source": whole["source"]})
}

#[test]
fn a_complaint_stands_above_the_line_that_it_speaks_of() {
    let environment = held_up();
    assert_snapshot!(environment.run("apply --yes").expect(8).stderr, @r#"
    contoso/vm: submitted for the preview
    contoso/vm: waiting until the preview is ready
    contoso/vm: Validate Pre-Requisites: complete
    contoso/vm: Certification: rejected
    contoso/vm: the service says: error: Plan ID: gold, version: 1.0.0. The VHD is not aligned to 1 MB.
      offers/vm/offer.yaml:19:11: Offer plan gold › Images › Image 1.0.0 › OS disk, for it names `gold`, `1.0.0`, `VHD`
    contoso/vm: failed
      the submission needs a person: "Certification" is rejected:
        Plan ID: gold, version: 1.0.0. The VHD is not aligned to 1 MB.
          offers/vm/offer.yaml:19:11: Offer plan gold › Images › Image 1.0.0 › OS disk, for it names `gold`, `1.0.0`, `VHD`
      what next: Follow it up in the portal or with Microsoft's support. The submission still runs.
      once it is mended: offerctl apply contoso/vm --supersede
      go on with: offerctl resume contoso/vm
    "#);
    assert_snapshot!(last_lines(environment.run("resume"), 8), @r#"
    contoso/vm: failed
      the submission needs a person: "Certification" is rejected:
        Plan ID: gold, version: 1.0.0. The VHD is not aligned to 1 MB.
          offers/vm/offer.yaml:19:11: Offer plan gold › Images › Image 1.0.0 › OS disk, for it names `gold`, `1.0.0`, `VHD`
      what next: Follow it up in the portal or with Microsoft's support. The submission still runs.
      once it is mended: offerctl apply contoso/vm --supersede
      go on with: offerctl resume contoso/vm
    "#);
    let status = environment.run("status").expect(0).stdout;
    let certification = status.lines().skip_while(|line| !line.contains("Certification")).take(3);
    assert_snapshot!(certification.collect::<Vec<_>>().join("\n"), @"
    Certification                               rejected
      Plan ID: gold, version: 1.0.0. The VHD is not aligned to 1 MB.
        offers/vm/offer.yaml:19:11: Offer plan gold › Images › Image 1.0.0 › OS disk, for it names `gold`, `1.0.0`, `VHD`
    ");
}

#[test]
fn programs_are_told_the_field_and_the_line() {
    let environment = held_up();
    let said = environment.run("apply --yes --output json --events events.jsonl").expect(8).json();
    let expected = json!({
        "path": "/definition/plans/gold/microsoft-azure-virtualmachines.vmImages/1.0.0/osVhdUrl",
        "names": ["gold", "1.0.0", "VHD"],
        "source": {"file": "offers/vm/offer.yaml", "line": 19, "column": 11},
    });
    let result = &said["results"][0];
    assert_eq!(concern(&result["complaints"][0]), expected);
    assert_eq!(result["complaints"][0]["text"], "Plan ID: gold, version: 1.0.0. The VHD is not aligned to 1 MB.");
    let next = result["whatNext"].as_str().unwrap();
    assert!(next.contains("Once it is mended: `offerctl apply contoso/vm --supersede`."), "{next}");
    let events = std::fs::read_to_string(environment.path("events.jsonl")).unwrap();
    let events: Vec<Value> = events.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |kind: &str| events.iter().find(|event| event["event"] == kind).unwrap();
    assert_eq!(concern(of("serviceMessage")), expected);
    assert_eq!(concern(&of("offerEnded")["complaints"][0]), expected);
    let status = environment.run("status --output json").expect(0).json();
    assert_eq!(concern(&status["offers"][0]["stages"][1]["messages"][0]), expected);
    assert_eq!(
        concern(&status["offers"][0]["stages"][0]["messages"][0]),
        json!({"path": null, "names": null, "source": null})
    );
}

#[test]
fn a_runner_shows_the_complaint_on_the_line() {
    let environment = held_up();
    let mut command = environment.command("apply --yes");
    command.env("GITHUB_ACTIONS", "true");
    let said = environment.run_command(command).expect(8).stderr;
    let annotations: Vec<_> = said.lines().filter(|line| line.starts_with("::")).collect();
    assert_snapshot!(annotations.join("\n"), @"::error file=offers/vm/offer.yaml,line=19,col=11,title=contoso/vm%3A certification-failed::Plan ID: gold, version: 1.0.0. The VHD is not aligned to 1 MB%0ATo mend it: change what it speaks of, then `offerctl apply contoso/vm --supersede`");
}

#[test]
fn the_line_is_that_of_the_manifest_as_it_is_now() {
    let environment = held_up();
    environment.run("apply --yes --wait 0").expect(7);
    environment.edit("    - planId: gold", "    # The one that sells.\n    - planId: gold");
    let said = last_lines(environment.run("resume"), 8);
    assert!(said.contains("offers/vm/offer.yaml:20:11: "), "{said}");
}

#[test]
fn without_the_manifest_the_field_is_told_and_no_line() {
    let environment = held_up();
    environment.run("apply --yes --wait 0").expect(7);
    std::fs::remove_dir_all(environment.path("offers")).unwrap();
    assert_snapshot!(last_lines(environment.run("resume contoso/vm"), 8), @r#"
    contoso/vm: failed
      the submission needs a person: "Certification" is rejected:
        Plan ID: gold, version: 1.0.0. The VHD is not aligned to 1 MB.
          Offer plan gold › Images › Image 1.0.0 › OS disk, for it names `gold`, `1.0.0`, `VHD` (/definition/plans/gold/microsoft-azure-virtualmachines.vmImages/1.0.0/osVhdUrl)
      what next: Follow it up in the portal or with Microsoft's support. The submission still runs.
      go on with: offerctl resume contoso/vm
    "#);
    let status = environment.run("status contoso/vm").expect(0).stdout;
    assert!(status.contains("vmImages/1.0.0/osVhdUrl)"), "{status}");
    // With no record either there is nothing to trace it with, and nothing fails because of that.
    environment.forget_records();
    let status = environment.run("status contoso/vm").expect(0).stdout;
    assert!(status.contains("not aligned") && !status.contains("osVhdUrl"), "{status}");
}

#[test]
fn a_manifest_with_errors_is_no_reason_to_fail() {
    let environment = held_up();
    environment.run("apply --yes --wait 0").expect(7);
    environment.write("offers/vm/offer.yaml", "publisherId: [\n");
    let said = environment.run("status contoso/vm").expect(0);
    assert!(
        said.stdout.contains("vmImages/1.0.0/osVhdUrl)") && said.stderr.is_empty(),
        "{}{}",
        said.stdout,
        said.stderr
    );
}

#[test]
fn what_is_refused_at_once_is_traced_too() {
    let environment = TestEnvironment::with_offer();
    environment.edit("      microsoft-azure-virtualmachines.skuTitle: Silver\n", "");
    assert_snapshot!(last_lines(environment.run("apply --yes"), 8), @"
    contoso/vm: failed
      POST http://SERVICE/api/publishers/contoso/offers/vm/publish?api-version=2017-10-31 was answered with 422 Unprocessable Entity: The plan silver needs a skuTitle (code ValidationFailed, correlation id [guid])
        offers/vm/offer.yaml:20:7: Offer plan silver › Offer plan title, for it names `silver`, `skuTitle`
      what next: The offer did not pass the service's validation. Mend what the message names, apply, and publish again.
      once it is mended: offerctl apply contoso/vm
    ");
}

#[test]
fn what_is_published_by_hand_is_traced_too() {
    let environment = held_up();
    assert_snapshot!(last_lines(environment.run("publish contoso/vm --yes"), 8), @r#"
    contoso/vm: failed
      the submission needs a person: "Certification" is rejected:
        Plan ID: gold, version: 1.0.0. The VHD is not aligned to 1 MB.
          offers/vm/offer.yaml:19:11: Offer plan gold › Images › Image 1.0.0 › OS disk, for it names `gold`, `1.0.0`, `VHD`
      what next: Follow it up in the portal or with Microsoft's support. The submission still runs: `offerctl publish contoso/vm` goes on with it, `offerctl cancel contoso/vm` ends it.
    "#);
}

#[test]
fn a_message_that_names_nothing_is_said_to_name_nothing() {
    let environment = TestEnvironment::with_offer();
    environment.run("apply --yes --until draft").expect(0);
    environment.portal.script("vm", "displaycertify", "failed", &["The bash history is not empty."]);
    assert_snapshot!(last_lines(environment.run("apply --yes"), 8), @"
    contoso/vm: failed
      the service says that the submission failed:
        Certification: The bash history is not empty.
          offers/vm/offer.yaml:1:1: the message names no field
      what next: Change what the service complains about and apply again; `--retry-failed` submits the same again.
    ");
}
