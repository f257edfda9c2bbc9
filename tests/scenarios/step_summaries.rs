//! The summary of a step of GitHub Actions: what each command adds to the file that the runner names, and that nothing of it
//! changes how the command ends.

use insta::assert_snapshot;
use serde_json::json;

use crate::environment::{CommandResult, TestEnvironment};

const SUMMARY: &str = "summary.md";

/// Runs a command in a step, and says how it ended and what is in the summary.
fn step(environment: &TestEnvironment, arguments: &str) -> (CommandResult, String) {
    let path = environment.path(SUMMARY);
    let mut command = environment.command(arguments);
    command.env("GITHUB_STEP_SUMMARY", &path);
    let result = environment.run_command(command);
    (result, std::fs::read_to_string(path).unwrap_or_default())
}

/// The summary of a step that runs one command.
#[track_caller]
fn summary(environment: &TestEnvironment, arguments: &str, code: i32) -> String {
    drop(std::fs::remove_file(environment.path(SUMMARY)));
    let (result, summary) = step(environment, arguments);
    drop(result.expect(code));
    summary
}

#[test]
fn errors_of_manifests_are_a_table_with_their_places() {
    let environment = TestEnvironment::with_offer();
    assert_snapshot!(summary(&environment, "validate", 0), @"## Validate: 1 manifests: 1 valid, 0 errors, 0 warnings");
    environment.edit("regions: [DE, US]", "regions: [DE, \"a|b @octo\"]");
    environment.edit("  displayText: Contoso VM", "  displayText: [Contoso]");
    assert_snapshot!(summary(&environment, "validate", 4), @"
    ## Validate: 1 manifests: 0 valid, 1 errors, 1 warnings

    | Where | Level | What | What to do |
    |---|---|---|---|
    | <code>offers/vm/offer.yaml&#58;7&#58;16</code> | **error** | <code>displayText</code> must be text |  |
    | <code>offers/vm/offer.yaml&#58;15&#58;21</code> | warning | <code>a&#124;b &#64;octo</code> is no known region | <code>offerctl schema offer</code> lists the 88 known ones |
    ");
}

#[test]
fn a_plan_and_a_report_of_drift_are_there_in_whatever_form_they_are_printed() {
    let environment = TestEnvironment::with_live_offer();
    environment.portal.edit("vm", &json!({"offer": {"microsoft-azure-marketplace.summary": "Edited"}}));
    let plan = environment.run("plan --output markdown").expect(0).stdout;
    for arguments in ["plan", "plan --output json", "plan --output markdown", "plan --out plan.json --output html"] {
        assert_eq!(summary(&environment, arguments, 0), plan, "{arguments}");
    }
    let drift = environment.run("drift --output markdown").expect(3).stdout;
    assert_eq!(summary(&environment, "drift --output json", 3), drift);
    // To print a plan that is in a summary already puts it into no other.
    assert_eq!(summary(&environment, "show plan.json", 0), "");
}

#[test]
fn an_apply_says_what_was_done_and_a_resume_what_the_service_says_to_which_line() {
    let environment = TestEnvironment::with_offer();
    environment.run("apply --yes --until draft").expect(0);
    environment.portal.script(
        "vm",
        "displaycertify",
        "rejected",
        &["<p>Plan ID: gold: the image 1.0.0 is @octo's|not ours.</p>"],
    );
    assert_snapshot!(summary(&environment, "apply --yes --wait 0", 7), @"
    ## Apply: 1 offers: 0 done, 0 in sync, 1 still in progress, 0 blocked, 0 failed, 0 unreadable, 0 interrupted

    | Offer | Result | Done | What is in the way | What to type |
    |---|---|---|---|---|
    | contoso/vm | still in progress | publish |  | offerctl resume contoso/vm |
    ");
    assert_snapshot!(summary(&environment, "resume", 8), @r#"
    ## Resume: 1 offers: 0 done, 0 in sync, 0 still in progress, 0 blocked, 1 failed, 0 unreadable, 0 interrupted

    | Offer | Result | Done | What is in the way | What to type |
    |---|---|---|---|---|
    | contoso/vm | **failed** |  | the submission needs a person&#58; "Certification" is rejected&#58;<br><code>Plan ID&#58; gold&#58; the image 1.0.0 is &#64;octo's&#124;not ours.</code><br><code>offers/vm/offer.yaml&#58;18&#58;9</code> Offer plan gold › Images › Image 1.0.0 | Follow it up in the portal or with Microsoft's support. The submission still runs. Once it is mended&#58; <code>offerctl apply contoso/vm --supersede</code>&#46; Go on with&#58; offerctl resume contoso/vm |
    "#);
    assert_snapshot!(summary(&environment, "apply --yes --retry-failed --output json", 0), @"
    ## Apply: 1 offers: 1 done, 0 in sync, 0 still in progress, 0 blocked, 0 failed, 0 unreadable, 0 interrupted

    | Offer | Result | Done | What is in the way | What to type |
    |---|---|---|---|---|
    | contoso/vm | done | cancel, publish, go live |  |  |
    ");
    assert_snapshot!(summary(&environment, "apply --yes", 0), @"## Apply: 1 offers: 0 done, 1 in sync, 0 still in progress, 0 blocked, 0 failed, 0 unreadable, 0 interrupted");
}

#[test]
fn a_run_that_does_not_begin_says_why() {
    let environment = TestEnvironment::with_offer();
    assert_snapshot!(summary(&environment, "apply", 4), @"
    ## Apply: failed

    **nothing was written&#58; there is no terminal to ask on, and no <code>&#45;-yes</code>**

    What to do: read the plan above, then run the same command with <code>&#45;-yes</code>
    ");
}

#[test]
fn what_earlier_commands_of_a_step_said_stays() {
    let environment = TestEnvironment::with_offer();
    environment.write(SUMMARY, "# Mine");
    let (result, all) = step(&environment, "validate");
    drop(result.expect(0));
    assert!(all.starts_with("# Mine\n\n## Validate"), "{all}");
    let (result, more) = step(&environment, "plan");
    drop(result.expect(0));
    assert!(more.strip_prefix(&all).is_some_and(|added| added.starts_with("\n\n<!--")), "{more}");
}

#[test]
fn a_summary_that_cannot_be_written_costs_a_warning_and_nothing_else() {
    let environment = TestEnvironment::with_offer();
    environment.write(SUMMARY, &"x".repeat(1024 * 1024 - 4_000));
    let (result, all) = step(&environment, "validate");
    assert_snapshot!(result, @"
    Validate: 1 manifests: 1 valid, 0 errors, 0 warnings.
    --- stderr ---
    warning: the summary of the step cannot be added to `/REPOSITORY/summary.md`: what earlier commands of the step wrote leaves no room in it
    --- exit 0 ---
    ");
    assert_eq!(all.len(), 1024 * 1024 - 4_000);
    std::fs::remove_file(environment.path(SUMMARY)).unwrap();
    std::fs::create_dir(environment.path(SUMMARY)).unwrap();
    let (result, _) = step(&environment, "validate");
    assert_snapshot!(result, @"
    Validate: 1 manifests: 1 valid, 0 errors, 0 warnings.
    --- stderr ---
    warning: the summary of the step cannot be added to `/REPOSITORY/summary.md`: Is a directory (os error 21)
    --- exit 0 ---
    ");
}

#[test]
fn without_a_file_nothing_is_added_anywhere() {
    let environment = TestEnvironment::with_offer();
    let mut command = environment.command("validate");
    command.env("GITHUB_STEP_SUMMARY", "");
    let said = environment.run_command(command).expect(0);
    assert_eq!(said.stderr, "");
}

#[test]
fn what_does_not_fit_is_left_out_and_counted() {
    let environment = TestEnvironment::with_offer();
    for number in 0..40 {
        environment.write(&format!("offers/broken-{number}/offer.yaml"), "publisherId: contoso\nid: [\n");
    }
    // What is left has room for some of it.
    environment.write(SUMMARY, &"x".repeat(1024 * 1024 - 9_000));
    let (result, all) = step(&environment, "validate");
    drop(result.expect(4));
    assert!(all.len() < 1024 * 1024, "{}", all.len());
    assert!(
        all.contains("Not everything fits here") && all.contains("| **error** |"),
        "{}",
        &all[1024 * 1024 - 9_000..]
    );
}
