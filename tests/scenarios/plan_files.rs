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
    let printed = environment.run("plan --out /dev/stdout");
    let printed = printed.expect(0);
    assert!(printed.stdout.contains("\"format\": \"offerctl-plan\""));
    assert!(printed.stderr.contains("is saved into `/dev/stdout`"), "{}", printed.stderr);
}

#[cfg(unix)]
#[test]
fn a_plan_may_be_saved_into_a_pipe_with_a_name() {
    let environment = TestEnvironment::with_offer();
    let pipe = environment.path("pipe.json");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let cat = Command::new("cat").arg(&pipe).stdout(Stdio::piped()).spawn().unwrap();
    environment.run("plan --out pipe.json").expect(0);
    let read = String::from_utf8(cat.wait_with_output().unwrap().stdout).unwrap();
    assert!(read.contains("\"format\": \"offerctl-plan\"") && read.ends_with("}\n"), "{read}");
}

/// What stands in a folder beside the plans.
fn rests(environment: &TestEnvironment) -> Vec<String> {
    let names = std::fs::read_dir(environment.path("")).unwrap().filter_map(Result::ok);
    let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| name.contains(".plan-")).collect()
}

/// A link stays one, and whoever may read the file still may.
#[cfg(unix)]
#[test]
fn an_earlier_plan_is_replaced_where_it_is_and_by_a_whole_one() {
    use std::io::Read as _;
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let environment = TestEnvironment::with_offer();
    environment.run("plan --out real.json").expect(0);
    let real = environment.path("real.json");
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
    symlink("real.json", environment.path("plan.json")).unwrap();
    // Whoever reads the earlier plan meanwhile reads all of it.
    let mut reader = std::fs::File::open(&real).unwrap();
    environment.edit("every night", "twice a day");
    environment.run("plan --out plan.json").expect(0);
    let mut earlier = String::new();
    reader.read_to_string(&mut earlier).unwrap();
    assert!(earlier.contains("every night") && !earlier.contains("twice a day"), "{earlier}");
    assert!(std::fs::read_to_string(&real).unwrap().contains("twice a day"));
    assert_eq!(real.metadata().unwrap().permissions().mode() & 0o777, 0o640);
    assert!(environment.path("plan.json").is_symlink());
    assert!(rests(&environment).is_empty(), "{:?}", rests(&environment));
}

/// One with a second name keeps both, and a link that leads nowhere leads to the plan afterwards.
#[cfg(unix)]
#[test]
fn what_would_not_be_the_same_after_a_replacement_is_written_in_its_place() {
    let environment = TestEnvironment::with_offer();
    environment.run("plan --out plan.json").expect(0);
    std::fs::hard_link(environment.path("plan.json"), environment.path("kept.json")).unwrap();
    std::os::unix::fs::symlink("nowhere.json", environment.path("link.json")).unwrap();
    environment.edit("every night", "twice a day");
    environment.run("plan --out plan.json").expect(0);
    environment.run("plan --out link.json").expect(0);
    for name in ["plan.json", "kept.json", "nowhere.json"] {
        assert!(std::fs::read_to_string(environment.path(name)).unwrap().contains("twice a day"), "{name}");
    }
    assert!(environment.path("link.json").is_symlink());
    assert!(rests(&environment).is_empty(), "{:?}", rests(&environment));
}
