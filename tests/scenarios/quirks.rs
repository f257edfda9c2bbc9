//! The service differs from its reference in many ways, and after an apply there is nothing left to do in any of them.

use std::time::Duration;

use offerctl::emulator::{Options, Quirk, Timing};
use serde_json::{Value, json};

use crate::environment::TestEnvironment;

/// Applies the examples, edits a line, sees nothing but that line, and applies again; then nothing is left, also without
/// records.
#[track_caller]
fn settles(quirks: &[Quirk]) {
    // A real clock, so that the program sees what runs.
    let timing = Timing::instant()
        .with_publish_duration(Duration::from_millis(30))
        .with_go_live_duration(Duration::from_millis(20));
    let options = Options { quirks: quirks.iter().copied().collect(), timing, ..Options::default() };
    let environment = TestEnvironment::with_examples(options);
    environment.run("apply --yes").expect(0);
    environment.replace("offers/contoso-vm/offer.yaml", "single: 0.035", "single: 0.04");
    let plan = environment.run("plan --output json").expect(0).json();
    let summary = &plan["summary"];
    assert_eq!(
        (&summary["inSync"], &summary["change"], &summary["changes"]),
        (&3.into(), &1.into(), &1.into()),
        "{quirks:?}: {plan:#}"
    );
    environment.run("apply --yes").expect(0);
    environment.run("plan --detailed-exitcode").expect(0);
    environment.forget_records();
    environment.run("plan --detailed-exitcode").expect(0);
    finds_no_passengers(&environment);
    import_is_in_sync(&environment, quirks);
}

/// Starts over with an empty repository: what is imported is valid, and leaves nothing to do.
#[track_caller]
fn import_is_in_sync(environment: &TestEnvironment, quirks: &[Quirk]) {
    std::fs::remove_dir_all(environment.path("offers")).unwrap();
    let imported = environment.run("import --publisher contoso --output json").expect(0).json();
    let publish_to: Vec<_> = imported["offers"].as_array().unwrap().iter().map(|offer| &offer["publishTo"]).collect();
    assert_eq!(publish_to, ["preview", "preview", "draft", "production"], "{quirks:?}: {imported:#}");
    assert!(imported["offers"].as_array().unwrap().iter().all(|offer| offer["leftOut"] == json!([])), "{imported:#}");
    insta::allow_duplicates! {
        insta::assert_snapshot!(environment.run("validate"), @"
        Validate: 4 manifests: 4 valid, 0 errors, 0 warnings.
        --- exit 0 ---
        ");
    }
    environment.run("plan --detailed-exitcode").expect(0);
}

/// Of manifests that say nothing but a new name, everything else in the draft could be somebody's edit, and none of it is.
#[track_caller]
fn finds_no_passengers(environment: &TestEnvironment) {
    for example in ["contoso-vm", "contoso-core", "contoso-app"] {
        let path = format!("offers/{example}/offer.yaml");
        let text = std::fs::read_to_string(environment.path(&path)).unwrap();
        let named = |line: &&str| ["publisherId", "offerTypeId", "id"].contains(&line.split(':').next().unwrap());
        let envelope: Vec<&str> = text.lines().filter(named).collect();
        environment.write(&path, &format!("{}\ndefinition: {{displayText: Another name}}\n", envelope.join("\n")));
    }
    let plan = environment.run("plan --output json").expect(0).json();
    let publishes = |offer: &&Value| offer["steps"].as_array().unwrap().iter().any(|step| step["action"] == "publish");
    let offers: Vec<&Value> = plan["offers"].as_array().unwrap().iter().filter(publishes).collect();
    assert_eq!(offers.len(), 3, "{plan:#}");
    for offer in offers {
        assert_eq!((&offer["passengers"], &offer["blocked"]), (&json!([]), &json!([])), "{offer:#}");
    }
}

#[test]
fn none_of_them() {
    settles(&[]);
}

#[test]
fn each_of_them_alone() {
    std::thread::scope(|scope| {
        for some in Quirk::ALL.chunks(Quirk::ALL.len().div_ceil(4)) {
            scope.spawn(move || {
                for quirk in some {
                    settles(&[*quirk]);
                }
            });
        }
    });
}

/// Of the quirks that exclude each other, these are left to another test.
const ONE_WAY: [Quirk; 9] = [
    Quirk::MissingIfMatchAccepted,
    Quirk::CapitalETagInBody,
    Quirk::NoETag,
    Quirk::LocationOnly,
    Quirk::AbsoluteOperationLocation,
    Quirk::NoLocation,
    Quirk::OperationSaysComplete,
    Quirk::UnknownWords,
    Quirk::StageNamesOnly,
];

fn together() -> Vec<Quirk> {
    Quirk::ALL.iter().copied().filter(|quirk| !ONE_WAY.contains(quirk)).collect()
}

fn together_the_other_way() -> Vec<Quirk> {
    let other_way = [
        Quirk::MissingIfMatchConflicts,
        Quirk::ETagInBody,
        Quirk::CapitalETagInBody,
        Quirk::LocationOnly,
        Quirk::AbsoluteOperationLocation,
        Quirk::NonMigratedLocation,
        Quirk::OperationSaysSucceeded,
    ];
    Quirk::ALL.iter().copied().filter(|quirk| !other_way.contains(quirk)).collect()
}

#[test]
fn all_that_go_together() {
    settles(&together());
}

#[test]
fn all_that_go_together_the_other_way() {
    settles(&together_the_other_way());
}

/// A secret is sent, rotated and sent again; then nothing is left, with the variable and without it, and nothing is taken
/// for one that would be blanked.
#[test]
fn a_secret_settles_in_all_that_go_together() {
    for quirks in [vec![], together(), together_the_other_way()] {
        let timing = Timing::instant()
            .with_publish_duration(Duration::from_millis(30))
            .with_go_live_duration(Duration::from_millis(20));
        let told = format!("{quirks:?}");
        let environment = TestEnvironment::with_offer_on(Options {
            quirks: quirks.into_iter().collect(),
            timing,
            ..Options::default()
        });
        let run = |arguments: &str, leads: &str| {
            let mut command = environment.command(arguments);
            command.env("LEADS", leads);
            environment.run_command(command)
        };
        environment.edit(
            "    microsoft-azure-marketplace.smallLogo",
            "    microsoft-azure-marketplace.leadDestination: Table\n    \
             microsoft-azure-marketplace.tableLeadConfiguration: {connectionString: {$secret: LEADS}}\n    \
             microsoft-azure-marketplace.smallLogo",
        );
        run("apply --yes", "first value of the story").expect(0);
        run("plan --detailed-exitcode", "first value of the story").expect(0);
        let plan = run("plan --output json", "second value of the story").expect(0).json();
        assert_eq!(plan["summary"]["changes"], 1, "{told}: {plan:#}");
        run("apply --yes", "second value of the story").expect(0);
        run("plan --detailed-exitcode", "second value of the story").expect(0);
        run("plan --detailed-exitcode", "").expect(0);
        environment.edit("every night", "twice a day");
        run("apply --yes", "second value of the story").expect(0);
        run("plan --detailed-exitcode", "second value of the story").expect(0);
    }
}
