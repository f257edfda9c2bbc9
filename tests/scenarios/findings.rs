//! Findings on the line: what a person has to look at, as SARIF and as the annotations of CI systems.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::environment::{CommandResult, TestEnvironment, at_once};
use crate::manifests::{VIRTUAL_MACHINE, silver};

const TITLE: &str = "microsoft-azure-marketplace.title";

const GITHUB: (&str, &str) = ("GITHUB_ACTIONS", "true");
const AZURE: (&str, &str) = ("TF_BUILD", "True");

/// Runs a command as a job of a CI system does.
fn run_in(environment: &TestEnvironment, system: (&str, &str), arguments: &str) -> CommandResult {
    let mut command = environment.command(arguments);
    command.env(system.0, system.1);
    environment.run_command(command)
}

/// The lines that a runner takes for commands.
fn annotations(text: &str) -> String {
    let lines = text.lines().filter(|line| line.starts_with("::") || line.starts_with("##vso["));
    lines.collect::<Vec<_>>().join("\n")
}

/// The results of SARIF that the standard has nothing against.
#[track_caller]
fn results(sarif: &Value) -> &Value {
    // The standard's own schema, but for a bracket too many in an expression, which JavaScript alone lets pass.
    let schema = include_str!("../fixtures/sarif-schema-2.1.0.json").replace("{2}]?$", "{2}$");
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let complaints: Vec<_> =
        validator.iter_errors(sarif).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
    &sarif["runs"][0]["results"]
}

/// Where each result is, and what it is about.
fn places(results: &Value) -> Vec<String> {
    let place = |result: &Value| {
        let location = &result["locations"][0]["physicalLocation"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let uri = text(&location["artifactLocation"]["uri"]);
        let [level, rule] = ["level", "ruleId"].map(|key| text(&result[key]));
        format!("{uri}:{}: {level}: {rule}", location["region"]["startLine"])
    };
    results.as_array().unwrap().iter().map(place).collect()
}

/// A repository in which the manifest takes its listing from a shared file, and both have mistakes.
fn mistaken() -> TestEnvironment {
    let environment = TestEnvironment::empty(at_once());
    let manifest = VIRTUAL_MACHINE
        .replace("regions: [DE]\n", "regions: [DE]\n      colour: blue\n")
        .replace("publishTo: production", "publishTo: prodution")
        .replace("reconcile:", "extends: ../../shared/listing.yaml\nreconcile:");
    environment.write("offers/vm/offer.yaml", &manifest);
    environment.write(
        "shared/listing.yaml",
        "definition:\n  offer:\n    microsoft-azure-marketplace.longSummary: [not text]\n",
    );
    environment
}

#[test]
fn what_is_wrong_with_a_manifest_stands_on_its_line() {
    let environment = mistaken();
    let said = run_in(&environment, GITHUB, "validate").expect(4);
    assert_snapshot!(annotations(&said.stderr), @"
    ::error file=offers/vm/offer.yaml,line=6,col=14,endLine=6,endColumn=23,title=unknown-word::`publishTo` cannot be `prodution`%0ATo mend it: did you mean `production`? It is one of `draft`, `preview` and `production`
    ::warning file=offers/vm/offer.yaml,line=24,col=7,endLine=24,endColumn=13,title=unknown-key::`colour` is no known key of virtual machine offers, and is sent as it is%0ATo mend it: check the spelling; if the service knows it, all is well
    ::warning file=shared/listing.yaml,line=3,col=5,endLine=3,endColumn=44,title=unexpected-type::`microsoft-azure-marketplace.longSummary` is expected to be text (this is a list)
    ");
    assert_eq!(annotations(&said.stdout), "");
    let said = run_in(&environment, AZURE, "validate").expect(4);
    assert_snapshot!(annotations(&said.stderr), @"
    ##vso[task.logissue type=error;sourcepath=offers/vm/offer.yaml;linenumber=6;columnnumber=14;code=unknown-word]`publishTo` cannot be `prodution`%0ATo mend it: did you mean `production`? It is one of `draft`, `preview` and `production`
    ##vso[task.logissue type=warning;sourcepath=offers/vm/offer.yaml;linenumber=24;columnnumber=7;code=unknown-key]`colour` is no known key of virtual machine offers, and is sent as it is%0ATo mend it: check the spelling; if the service knows it, all is well
    ##vso[task.logissue type=warning;sourcepath=shared/listing.yaml;linenumber=3;columnnumber=5;code=unexpected-type]`microsoft-azure-marketplace.longSummary` is expected to be text (this is a list)
    ");
}

#[test]
fn warnings_are_annotated_by_validate_alone_for_every_job_reads_the_manifests() {
    let environment = mistaken();
    for arguments in ["plan", "drift", "apply --yes", "list"] {
        let said = run_in(&environment, GITHUB, arguments).expect(4);
        let shown = annotations(&said.stderr);
        assert!(shown.lines().count() == 1 && shown.contains("title=unknown-word"), "{arguments}: {shown}");
        assert!(said.stderr.contains("warning[unknown-key]"), "{}", said.stderr);
    }
}

#[test]
fn nothing_is_annotated_where_nobody_looks_and_anything_where_somebody_asks() {
    let environment = mistaken();
    let said = environment.run("validate").expect(4);
    assert_eq!(annotations(&said.stderr), "");
    let said = run_in(&environment, GITHUB, "validate --annotations none").expect(4);
    assert_eq!(annotations(&said.stderr), "");
    let said = environment.run("validate --annotations github").expect(4);
    assert!(annotations(&said.stderr).starts_with("::error file=offers/vm/offer.yaml,"), "{}", said.stderr);
    let said = run_in(&environment, ("OFFERCTL_ANNOTATIONS", "azure-pipelines"), "validate").expect(4);
    assert!(annotations(&said.stderr).starts_with("##vso[task.logissue "), "{}", said.stderr);
    assert_snapshot!(environment.run("validate --annotations gitlab"), @"
    --- stderr ---
    error: invalid value 'gitlab' for '--annotations <SYSTEM>': annotations are for auto, github, azure-pipelines or none

    For more information, try '--help'.
    --- exit 4 ---
    ");
}

#[test]
fn settings_that_cannot_be_used_are_annotated_too() {
    let environment = TestEnvironment::with_offer();
    environment.write("offerctl.yaml", "ofers: [a]\n");
    let said = run_in(&environment, GITHUB, "plan").expect(4);
    assert_snapshot!(annotations(&said.stderr), @"::error file=offerctl.yaml,line=1,col=1,endLine=1,endColumn=6,title=unknown-key::there is no setting `ofers`%0ATo mend it: did you mean `offers`?");
}

#[test]
fn sarif_has_every_finding_at_the_file_that_declares_it() {
    let environment = mistaken();
    let sarif = environment.run("validate --output sarif").expect(4).json();
    assert_snapshot!(format!("{:#}", results(&sarif)), @r#"
    [
      {
        "ruleId": "unknown-word",
        "ruleIndex": 6,
        "level": "error",
        "message": {
          "text": "`publishTo` cannot be `prodution`. To mend it: did you mean `production`? It is one of `draft`, `preview` and `production`"
        },
        "locations": [
          {
            "physicalLocation": {
              "artifactLocation": {
                "uri": "offers/vm/offer.yaml",
                "uriBaseId": "%SRCROOT%"
              },
              "region": {
                "startLine": 6,
                "startColumn": 14,
                "endLine": 6,
                "endColumn": 23
              }
            }
          }
        ],
        "partialFingerprints": {
          "offerctlFinding/v1": "0c4afb1fffad1c7ff844147072cc398d0621f5c3b873bb9a6c99ccb7a69437b4:1"
        }
      },
      {
        "ruleId": "unknown-key",
        "ruleIndex": 0,
        "level": "warning",
        "message": {
          "text": "`colour` is no known key of virtual machine offers, and is sent as it is. To mend it: check the spelling; if the service knows it, all is well"
        },
        "locations": [
          {
            "physicalLocation": {
              "artifactLocation": {
                "uri": "offers/vm/offer.yaml",
                "uriBaseId": "%SRCROOT%"
              },
              "region": {
                "startLine": 24,
                "startColumn": 7,
                "endLine": 24,
                "endColumn": 13
              }
            }
          }
        ],
        "partialFingerprints": {
          "offerctlFinding/v1": "734b3c0d20421a1eca2570abb712169b2168e57ea488c2faf474806228540812:1"
        }
      },
      {
        "ruleId": "unexpected-type",
        "ruleIndex": 1,
        "level": "warning",
        "message": {
          "text": "`microsoft-azure-marketplace.longSummary` is expected to be text (this is a list)"
        },
        "locations": [
          {
            "physicalLocation": {
              "artifactLocation": {
                "uri": "shared/listing.yaml",
                "uriBaseId": "%SRCROOT%"
              },
              "region": {
                "startLine": 3,
                "startColumn": 5,
                "endLine": 3,
                "endColumn": 44
              }
            }
          }
        ],
        "partialFingerprints": {
          "offerctlFinding/v1": "15a94ed8b8bf5dba6bc25e4a88c98483d0d637a4c129ee082956ba9d0a043271:1"
        }
      }
    ]
    "#);
    let rules = sarif["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    let used = sarif["runs"][0]["results"].as_array().unwrap().iter();
    for result in used {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    assert_eq!(sarif["runs"][0]["automationDetails"]["id"], "offerctl/validate/");
    assert_eq!(sarif["runs"][0]["properties"]["summary"], "Validate: 1 manifests: 0 valid, 1 errors, 2 warnings.");
}

#[test]
fn sarif_without_findings_is_a_run_all_the_same() {
    let environment = TestEnvironment::with_live_offer();
    for command in ["validate", "plan", "drift"] {
        let sarif = environment.run(&format!("{command} --output sarif")).expect(0).json();
        assert_eq!(results(&sarif), &json!([]), "{command}");
        assert_eq!(sarif["runs"][0]["invocations"][0]["executionSuccessful"], true);
    }
    environment.run("plan --out plan.json").expect(0);
    assert_eq!(results(&environment.run("show plan.json --output sarif").expect(0).json()), &json!([]));
}

#[test]
fn only_reports_and_validate_have_a_sarif_form() {
    let environment = TestEnvironment::with_offer();
    assert_snapshot!(environment.run("status --output sarif"), @"
    --- stderr ---
    error: only `validate`, `plan`, `show` and `drift` have a SARIF form
    hint: every other command has `--output text` and `--output json`
    --- exit 4 ---
    ");
    assert_snapshot!(environment.run("validate --output html"), @"
    --- stderr ---
    error: only `plan`, `show` and `drift` have an HTML form
    hint: every other command has `--output text` and `--output json`
    --- exit 4 ---
    ");
}

/// A live offer whose title stands in a shared file and was edited on both sides; the manifest lost an offer plan.
fn contested() -> TestEnvironment {
    let environment = TestEnvironment::with_offer();
    let manifest = VIRTUAL_MACHINE
        .replace("    microsoft-azure-marketplace.title: Contoso VM\n", "")
        .replace("reconcile:\n", "extends: ../../shared/listing.yaml\nreconcile:\n  offerPlans: exact\n");
    let listing = |title: &str| {
        format!("# Shared by all offers.\ndefinition:\n  offer:\n    microsoft-azure-marketplace.title: {title}\n")
    };
    environment.write("offers/vm/offer.yaml", &manifest);
    environment.write("shared/listing.yaml", &listing("Contoso VM"));
    environment.run("apply --yes").expect(0);
    environment.portal.edit("vm", &json!({"offer": {TITLE: "Contoso Cloud VM"}}));
    environment.write("shared/listing.yaml", &listing("Contoso Machine"));
    environment.edit(silver(), "");
    environment
}

#[test]
fn guards_stand_on_the_line_of_what_they_are_about_also_in_a_shared_file() {
    let environment = contested();
    let said = run_in(&environment, GITHUB, "plan").expect(0);
    assert_snapshot!(annotations(&said.stderr), @"
    ::error file=offers/vm/offer.yaml,line=13,col=3,title=contoso/vm%3A remove-offer-plan::the offer plan `silver` would be removed for its customers%0ATo mend it: put it back into the manifest, or let it go with `--allow remove-offer-plan:contoso/vm`
    ::error file=shared/listing.yaml,line=4,col=5,title=contoso/vm%3A conflict::`/definition/offer/microsoft-azure-marketplace.title` was changed here and on the service since the last apply%0ATo mend it: take their values into the manifest, or write yours over them with `--allow conflict:contoso/vm`
    ");
    assert_eq!(annotations(&said.stdout), "");
    let sarif = environment.run("plan --output sarif --out plan.json").expect(0).json();
    assert_eq!(
        places(results(&sarif)),
        ["offers/vm/offer.yaml:13: error: remove-offer-plan", "shared/listing.yaml:4: error: conflict",]
    );
    // The file of the plan has all of it.
    let shown = environment.run("show plan.json --output sarif").expect(0).json();
    assert_eq!(results(&shown), results(&sarif));
}

#[test]
fn what_was_let_pass_is_a_note_and_apply_says_what_blocks() {
    let environment = contested();
    let said = run_in(&environment, GITHUB, "apply --yes --allow remove-offer-plan:contoso/vm").expect(9);
    assert_snapshot!(annotations(&said.stderr), @"
    ::error file=shared/listing.yaml,line=4,col=5,title=contoso/vm%3A conflict::`/definition/offer/microsoft-azure-marketplace.title` was changed here and on the service since the last apply%0ATo mend it: take their values into the manifest, or write yours over them with `--allow conflict:contoso/vm`
    ::notice file=offers/vm/offer.yaml,line=13,col=3,title=contoso/vm%3A remove-offer-plan::let pass: the offer plan `silver` would be removed for its customers
    ");
}

#[test]
fn drift_stands_on_the_line_that_declares_the_field() {
    let environment = TestEnvironment::with_live_offer();
    environment.portal.edit("vm", &json!({"offer": {TITLE: "50 %, said: ##vso[task.complete]\n::error::no"}}));
    let said = run_in(&environment, GITHUB, "drift").expect(3);
    assert_snapshot!(annotations(&said.stderr), @"::warning file=offers/vm/offer.yaml,line=9,col=5,title=contoso/vm%3A drift::`/definition/offer/microsoft-azure-marketplace.title` was edited elsewhere%0ATo mend it: `offerctl adopt contoso/vm --path /definition/offer/microsoft-azure-marketplace.title` takes it over, and `offerctl apply` puts back what the repository says");
    let sarif = environment.run("drift --output sarif").expect(3).json();
    assert_eq!(places(results(&sarif)), ["offers/vm/offer.yaml:9: warning: drift"]);
    environment.forget_records();
    let sarif = environment.run("drift --output sarif").expect(3).json();
    assert_eq!(places(results(&sarif)), ["offers/vm/offer.yaml:9: note: unattributed"]);
}

#[test]
fn files_are_named_from_the_top_of_the_git_repository() {
    let environment = TestEnvironment::empty(at_once());
    std::fs::create_dir(environment.path(".git")).unwrap();
    environment.write("market/offerctl.yaml", "");
    environment.write("market/offers/vm/offer.yaml", &VIRTUAL_MACHINE.replace("publishTo: production", "publishTo: x"));
    let said = run_in(&environment, GITHUB, "validate -C market").expect(4);
    assert!(
        annotations(&said.stderr).starts_with("::error file=market/offers/vm/offer.yaml,line=5,"),
        "{}",
        said.stderr
    );
    let sarif = environment.run("validate -C market --output sarif").expect(4).json();
    assert_eq!(places(results(&sarif)), ["market/offers/vm/offer.yaml:5: error: unknown-word"]);
}

#[test]
fn an_offer_that_cannot_be_planned_or_compared_is_an_error_at_its_manifest() {
    let environment = TestEnvironment::with_live_offer();
    let effect = json!({"status": {"code": 403, "body": {"error": {"code": "No", "message": "not yours"}}}});
    environment.portal.fault(&json!({"path": "*/publishers/contoso/*", "times": null, "effect": effect}));
    for (command, rule) in [("plan", "not-planned"), ("drift", "not-compared")] {
        let sarif = environment.run(&format!("{command} --output sarif")).expect(5).json();
        assert_eq!(places(results(&sarif)), [format!("offers/vm/offer.yaml:1: error: {rule}")]);
        assert_eq!(sarif["runs"][0]["invocations"][0]["executionSuccessful"], false);
    }
}

#[test]
fn two_manifests_of_one_offer_are_told_in_the_second() {
    let environment = TestEnvironment::empty(at_once());
    for folder in ["one", "two"] {
        environment.write(&format!("offers/{folder}/offer.yaml"), &crate::manifests::draft("vm"));
    }
    for (command, code) in [("validate", 4), ("plan", 4), ("drift", 4)] {
        let sarif = environment.run(&format!("{command} --output sarif")).expect(code).json();
        let places = places(results(&sarif));
        assert!(places.len() == 1 && places[0].starts_with("offers/two/offer.yaml:"), "{command}: {places:?}");
        assert!(places[0].ends_with(": error: duplicate-offer"), "{command}: {places:?}");
    }
}

#[test]
fn one_offer_that_was_let_pass_hides_none_of_those_that_are_blocked() {
    let environment = TestEnvironment::empty(at_once());
    for number in 0..12 {
        let manifest = VIRTUAL_MACHINE.replace("\nid: vm\n", &format!("\nid: offer-{number}\n"));
        environment.write(&format!("offers/{number}/offer.yaml"), &manifest);
    }
    environment.run("apply --yes --allow mass-change").expect(0);
    for number in 0..12 {
        environment.replace(&format!("offers/{number}/offer.yaml"), "every night", "every hour");
    }
    let report = environment.run("plan --allow mass-change:contoso/offer-3 --output sarif").expect(0).json();
    let results = report["runs"][0]["results"].as_array().unwrap().iter();
    let told = results.map(|result| format!("{} {}", result["level"], result["ruleId"]));
    insta::assert_snapshot!(told.collect::<Vec<_>>().join("\n"), @r#"
    "error" "mass-change"
    "note" "mass-change"
    "#);
}
