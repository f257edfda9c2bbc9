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

#[test]
fn a_plan_may_be_saved_into_a_pipe() {
    let environment = TestEnvironment::with_offer();
    let mut command = environment.command("plan --out /dev/stdout");
    let result = environment.run_command({
        command.stdout(Stdio::piped());
        command
    });
    assert!(result.expect(0).stdout.contains("\"format\": \"offerctl-plan\""));
}

/// A link stays one, and whoever may read the file still may.
#[cfg(unix)]
#[test]
fn an_earlier_plan_is_replaced_where_it_is_and_by_a_whole_one() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let environment = TestEnvironment::with_offer();
    environment.run("plan --out real.json").expect(0);
    let real = environment.path("real.json");
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
    symlink("real.json", environment.path("plan.json")).unwrap();
    environment.edit("every night", "twice a day");
    environment.run("plan --out plan.json").expect(0);
    assert!(std::fs::read_to_string(&real).unwrap().contains("twice a day"));
    assert_eq!(real.metadata().unwrap().permissions().mode() & 0o777, 0o640);
    assert!(environment.path("plan.json").is_symlink());
    let beside = std::fs::read_dir(environment.path("")).unwrap().filter_map(Result::ok);
    let beside: Vec<_> = beside.filter(|entry| entry.file_name().to_string_lossy().contains(".plan-")).collect();
    assert!(beside.is_empty(), "{beside:?}");
}
