//! What the file of a plan can hold, and what it can come through.

use std::process::{Command, Stdio};

use serde_json::json;

use crate::environment::TestEnvironment;

/// A list in a list, so often.
fn lists(count: usize) -> String {
    format!("{}{}", "[".repeat(count), "]".repeat(count))
}

#[test]
fn what_is_as_deep_as_a_manifest_may_be_comes_back_from_plans_and_records() {
    let environment = TestEnvironment::with_offer();
    // Below the document, its definition and its offer.
    let deepest = 97;
    let custom = |count| format!("    contoso.custom: {}\n    microsoft-azure-marketplace.summary", lists(count));
    environment.edit("    microsoft-azure-marketplace.summary", &custom(deepest));
    environment.run("plan --out plan.json").expect(0);
    environment.run("apply --yes plan.json").expect(0);
    environment.run("plan --detailed-exitcode").expect(0);
    environment.edit(&lists(deepest), &lists(deepest + 1));
    assert!(environment.run("validate").expect(4).stderr.contains("error[too-deep]"));
}

#[test]
fn a_plan_is_not_saved_when_the_service_has_what_is_too_deep_for_its_file() {
    let environment = TestEnvironment::with_live_offer();
    environment.edit(
        "    microsoft-azure-marketplace.summary",
        "    contoso.custom: flat\n    microsoft-azure-marketplace.summary",
    );
    let deep: serde_json::Value = serde_json::from_str(&lists(124)).unwrap();
    environment.portal.edit("vm", &json!({"offer": {"contoso.custom": deep}}));
    insta::assert_snapshot!(environment.run("plan --out plan.json").expect(4).stderr, @"
    warning[unknown-key]: `contoso.custom` is no known key of virtual machine offers, and is sent as it is
      --> offers/vm/offer.yaml:10:5
       |
    10 |     contoso.custom: flat
       |     ^^^^^^^^^^^^^^
       |
       = help: check the spelling; if the service knows it, all is well

    error: the plan cannot be saved as `plan.json`: a value of contoso/vm has more maps and lists in each other than a plan that is read may have
    hint: apply without a saved plan, or leave the offer out of it
    ");
    environment.run("plan").expect(0);
}

#[test]
fn a_key_that_means_something_to_a_parser_means_nothing_here() {
    let environment = TestEnvironment::with_offer();
    environment.edit(
        "    microsoft-azure-marketplace.summary",
        "    contoso.custom: {$serde_json::private::RawValue: hello, b: 1}\n    microsoft-azure-marketplace.summary",
    );
    environment.run("plan --out plan.json").expect(0);
    environment.run("apply --yes plan.json").expect(0);
    environment.run("plan --detailed-exitcode").expect(0);
    let definition = environment.portal.definition("vm");
    assert_eq!(definition["offer"]["contoso.custom"], json!({"$serde_json::private::RawValue": "hello", "b": 1}));
}

#[test]
fn a_plan_may_come_through_a_pipe() {
    let environment = TestEnvironment::with_offer();
    environment.run("plan --out plan.json").expect(0);
    for command in ["show /dev/stdin", "apply --yes /dev/stdin"] {
        let mut command = environment.command(command);
        let mut cat = Command::new("cat").arg(environment.path("plan.json")).stdout(Stdio::piped()).spawn().unwrap();
        command.stdin(cat.stdout.take().unwrap());
        environment.run_command(command).expect(0);
        cat.wait().unwrap();
    }
    environment.run("plan --detailed-exitcode").expect(0);
}
