//! Taking over into the YAML what somebody edited in the portal.

use serde_json::{Value, json};

use crate::environment::{TestEnvironment, at_once};
use crate::manifests::SIGNATURE;

const MANIFEST: &str = "\
# The offer of the team.
publisherId: contoso
offerTypeId: microsoft-azure-virtualmachines
id: vm
extends: [../shared/support.yaml]
reconcile: {publishTo: draft}

definition:
  displayText: 'Contoso VM'   # the name in the portal
  offer:
    # Marketing reads this.
    microsoft-azure-marketplace.title: \"Contoso VM\"
    microsoft-azure-marketplace.summary: Backs up your machines   # every night
    microsoft-azure-marketplace.longSummary: >-
      One line
      and another.
    microsoft-azure-marketplace.description: {$file: listing/description.html}
    microsoft-azure-marketplace.engineeringContactName: {$env: HOME}
    microsoft-azure-marketplace.usefulLinks:
      # The first link.
      - linkTitle: One
        linkUrl: https://contoso.com/1
      - linkTitle: Two # second
        linkUrl: https://contoso.com/2
  plans:
    - planId: gold
      microsoft-azure-virtualmachines.skuTitle: Gold
      regions: [US, DE]   # for now
      microsoft-azure-virtualmachines.recommendedVMSizes:
        - small # cheap
        # The large one is tested too.
        - large
    - {planId: silver, regions: [DE], microsoft-azure-virtualmachines.skuTitle: Silver}
";

const SHARED: &str = "\
# Shared by all.
definition:
  offer:
    microsoft-azure-marketplace.supportContactName: Contoso   # support
";

/// The offer, applied, with a part and a text of its own.
fn applied() -> TestEnvironment {
    let environment = TestEnvironment::empty(at_once());
    environment.write("offers/vm/offer.yaml", MANIFEST);
    environment.write("offers/shared/support.yaml", SHARED);
    environment.write("offers/vm/listing/description.html", "<p>One</p>\n");
    environment.run("apply --yes").expect(0);
    environment.portal.forget_requests();
    environment
}

fn plans(environment: &TestEnvironment, edit: impl FnOnce(&mut Value)) {
    let mut plans = environment.portal.definition("vm")["plans"].take();
    edit(&mut plans);
    environment.portal.edit("vm", &json!({"plans": plans}));
}

#[test]
fn edits_of_others_go_to_the_files_that_declare_them_and_nothing_else_changes() {
    let environment = applied();
    environment.portal.edit(
        "vm",
        &json!({"displayText": "Contoso's VM", "offer": {
            "microsoft-azure-marketplace.title": "Contoso VM: \"better\"",
            "microsoft-azure-marketplace.summary": "no",
            "microsoft-azure-marketplace.longSummary": "Another line, and this one is so long that it needs more than one line of a \
                                                        file to stand in, as it did before",
            "microsoft-azure-marketplace.description": "<p>One</p>\n<p>Two</p>\n",
            "microsoft-azure-marketplace.supportContactName": "Fabrikam",
            "microsoft-azure-marketplace.usefulLinks": [{"linkTitle": "Second", "linkUrl": "https://contoso.com/2"}],
        }}),
    );
    plans(&environment, |plans| {
        plans[0]["regions"] = json!(["DE", "FR", "NO"]);
        plans[0]["microsoft-azure-virtualmachines.recommendedVMSizes"] = json!(["huge", "large"]);
        plans[1]["microsoft-azure-virtualmachines.skuTitle"] = json!("Silver, for all");
        plans[1]["regions"] = json!([]);
    });
    insta::assert_snapshot!(environment.run("adopt --yes"), @r#"
    --- a/offers/shared/support.yaml
    +++ b/offers/shared/support.yaml
    @@ -1,4 +1,4 @@
     # Shared by all.
     definition:
       offer:
    -    microsoft-azure-marketplace.supportContactName: Contoso   # support
    +    microsoft-azure-marketplace.supportContactName: Fabrikam   # support
    --- a/offers/vm/listing/description.html
    +++ b/offers/vm/listing/description.html
    @@ -1 +1,2 @@
     <p>One</p>
    +<p>Two</p>
    --- a/offers/vm/offer.yaml
    +++ b/offers/vm/offer.yaml
    @@ -6,28 +6,25 @@
     reconcile: {publishTo: draft}
     
     definition:
    -  displayText: 'Contoso VM'   # the name in the portal
    +  displayText: 'Contoso''s VM'   # the name in the portal
       offer:
         # Marketing reads this.
    -    microsoft-azure-marketplace.title: "Contoso VM"
    -    microsoft-azure-marketplace.summary: Backs up your machines   # every night
    +    microsoft-azure-marketplace.title: "Contoso VM: \"better\""
    +    microsoft-azure-marketplace.summary: "no"   # every night
         microsoft-azure-marketplace.longSummary: >-
    -      One line
    -      and another.
    +      Another line, and this one is so long that it needs more than one line of a file to stand in, as it did
    +      before
         microsoft-azure-marketplace.description: {$file: listing/description.html}
         microsoft-azure-marketplace.engineeringContactName: {$env: HOME}
         microsoft-azure-marketplace.usefulLinks:
    -      # The first link.
    -      - linkTitle: One
    -        linkUrl: https://contoso.com/1
    -      - linkTitle: Two # second
    +      - linkTitle: Second # second
             linkUrl: https://contoso.com/2
       plans:
         - planId: gold
           microsoft-azure-virtualmachines.skuTitle: Gold
    -      regions: [US, DE]   # for now
    +      regions: [DE, FR, "NO"]   # for now
           microsoft-azure-virtualmachines.recommendedVMSizes:
    -        - small # cheap
             # The large one is tested too.
             - large
    -    - {planId: silver, regions: [DE], microsoft-azure-virtualmachines.skuTitle: Silver}
    +        - huge
    +    - {planId: silver, microsoft-azure-virtualmachines.skuTitle: "Silver, for all"}
    contoso/vm
        taken over /definition/displayText
        taken over /definition/offer/microsoft-azure-marketplace.supportContactName
        taken over /definition/offer/microsoft-azure-marketplace.title
        taken over /definition/offer/microsoft-azure-marketplace.summary
        taken over /definition/offer/microsoft-azure-marketplace.longSummary
        taken over /definition/offer/microsoft-azure-marketplace.description
        taken over /definition/offer/microsoft-azure-marketplace.usefulLinks/https:~1~1contoso.com~11
        taken over /definition/offer/microsoft-azure-marketplace.usefulLinks/https:~1~1contoso.com~12/linkTitle
        taken over /definition/plans/gold/regions
        taken over /definition/plans/gold/microsoft-azure-virtualmachines.recommendedVMSizes
        taken over /definition/plans/silver/regions
        taken over /definition/plans/silver/microsoft-azure-virtualmachines.skuTitle
    Adopt: 12 fields taken over, 0 not, 0 left; 3 files written.
    Next: `offerctl plan` no longer lists these fields; look through the files and commit them.
    --- exit 0 ---
    "#);
    insta::assert_snapshot!(environment.run("plan --detailed-exitcode"), @"
    Plan: 1 offers: 0 to create, 0 to change, 1 in sync, 0 blocked, 0 unreadable; 0 changes, 0 steps.
    Digest: [digest]
    --- exit 0 ---
    ");
    assert_eq!(environment.portal.writes(), "");
    insta::assert_snapshot!(environment.run("adopt --yes"), @"
    contoso/vm: nothing to take over
    Adopt: 0 fields taken over, 0 not, 0 left; 0 files written.
    --- exit 0 ---
    ");
}

#[test]
fn nothing_is_written_before_somebody_says_yes() {
    let environment = applied();
    environment.portal.edit("vm", &json!({"displayText": "Theirs"}));
    insta::assert_snapshot!(environment.run("adopt"), @r#"
    --- a/offers/vm/offer.yaml
    +++ b/offers/vm/offer.yaml
    @@ -6,7 +6,7 @@
     reconcile: {publishTo: draft}
     
     definition:
    -  displayText: 'Contoso VM'   # the name in the portal
    +  displayText: 'Theirs'   # the name in the portal
       offer:
         # Marketing reads this.
         microsoft-azure-marketplace.title: "Contoso VM"
    contoso/vm
        taken over /definition/displayText
    --- stderr ---
    error: nothing was written: there is no terminal to ask on, and no `--yes`
    hint: read the change above, then run the same command with `--yes`
    --- exit 4 ---
    "#);
    insta::assert_snapshot!(environment.run("adopt --dry-run"), @r#"
    --- a/offers/vm/offer.yaml
    +++ b/offers/vm/offer.yaml
    @@ -6,7 +6,7 @@
     reconcile: {publishTo: draft}
     
     definition:
    -  displayText: 'Contoso VM'   # the name in the portal
    +  displayText: 'Theirs'   # the name in the portal
       offer:
         # Marketing reads this.
         microsoft-azure-marketplace.title: "Contoso VM"
    contoso/vm
        taken over /definition/displayText
    Adopt: 1 fields taken over, 0 not, 0 left; 0 files written.
    --- exit 0 ---
    "#);
    assert_eq!(std::fs::read_to_string(environment.path("offers/vm/offer.yaml")).unwrap(), MANIFEST);
}

#[test]
fn only_the_named_fields_are_taken_over_whoever_changed_them() {
    let environment = applied();
    environment
        .portal
        .edit("vm", &json!({"displayText": "Theirs", "offer": {"microsoft-azure-marketplace.title": "Theirs"}}));
    environment.edit("displayText: 'Contoso VM'", "displayText: 'Ours'");
    insta::assert_snapshot!(environment.run("adopt --dry-run"), @r#"
    --- a/offers/vm/offer.yaml
    +++ b/offers/vm/offer.yaml
    @@ -9,7 +9,7 @@
       displayText: 'Ours'   # the name in the portal
       offer:
         # Marketing reads this.
    -    microsoft-azure-marketplace.title: "Contoso VM"
    +    microsoft-azure-marketplace.title: "Theirs"
         microsoft-azure-marketplace.summary: Backs up your machines   # every night
         microsoft-azure-marketplace.longSummary: >-
           One line
    contoso/vm
        taken over /definition/offer/microsoft-azure-marketplace.title
        left /definition/displayText: the manifest and the portal both changed it; `--path /definition/displayText` takes it over
    Adopt: 1 fields taken over, 0 not, 1 left; 0 files written.
    --- exit 0 ---
    "#);
    insta::assert_snapshot!(environment.run("adopt contoso/vm --path /definition/displayText --yes"), @r#"
    --- a/offers/vm/offer.yaml
    +++ b/offers/vm/offer.yaml
    @@ -6,7 +6,7 @@
     reconcile: {publishTo: draft}
     
     definition:
    -  displayText: 'Ours'   # the name in the portal
    +  displayText: 'Theirs'   # the name in the portal
       offer:
         # Marketing reads this.
         microsoft-azure-marketplace.title: "Contoso VM"
    contoso/vm
        taken over /definition/displayText
    Adopt: 1 fields taken over, 0 not, 0 left; 1 files written.
    Next: `offerctl plan` no longer lists these fields; look through the files and commit them.
    --- exit 0 ---
    "#);
    insta::assert_snapshot!(environment.run("adopt contoso/vm --path displayText"), @"
    --- stderr ---
    error: invalid value 'displayText' for '--path <PATH>': `displayText` is not a path: it starts with `/`, for example `/definition/displayText`

    For more information, try '--help'.
    --- exit 4 ---
    ");
    environment.forget_records();
    insta::assert_snapshot!(environment.run("adopt"), @"
    contoso/vm
        left /definition/offer/microsoft-azure-marketplace.title: no record tells who changed it; `--path /definition/offer/microsoft-azure-marketplace.title` takes it over
    Adopt: 0 fields taken over, 0 not, 1 left; 0 files written.
    --- exit 0 ---
    ");
}

#[test]
fn what_comes_from_outside_holds_a_key_or_is_shared_is_refused() {
    let environment = applied();
    environment.write("offers/other/offer.yaml", &MANIFEST.replace("id: vm", "id: other"));
    environment.write("offers/other/listing/description.html", "");
    environment.portal.edit(
        "vm",
        &json!({"displayText": format!("see https://a/b?sig={SIGNATURE}!"), "offer": {
            "microsoft-azure-marketplace.engineeringContactName": "https://contoso.com/privacy",
            "microsoft-azure-marketplace.supportContactName": "Fabrikam",
            "microsoft-azure-marketplace.title": {"$env": "HOME"},
        }}),
    );
    insta::assert_snapshot!(environment.run("adopt contoso/vm --yes"), @"
    contoso/vm
        not taken over /definition/displayText: its text holds a signature or a key, which must not get into a repository
        not taken over /definition/offer/microsoft-azure-marketplace.supportContactName: `offers/shared/support.yaml` is part of `offers/other/offer.yaml` too; `--shared` changes them all
        not taken over /definition/offer/microsoft-azure-marketplace.title: no manifest can spell it: it would be read as something else
        not taken over /definition/offer/microsoft-azure-marketplace.engineeringContactName: its value comes from `HOME`; change it where the variable is set
    Adopt: 0 fields taken over, 4 not, 0 left; 0 files written.
    --- exit 4 ---
    ");
    insta::assert_snapshot!(environment.run("adopt contoso/vm --yes --shared --output json"), @r#"
    {
      "format": "offerctl-adopt",
      "version": 1,
      "offers": [
        {
          "publisherId": "contoso",
          "offerId": "vm",
          "adopted": [
            "/definition/offer/microsoft-azure-marketplace.supportContactName"
          ],
          "refused": [
            {
              "path": "/definition/displayText",
              "reason": "its text holds a signature or a key, which must not get into a repository"
            },
            {
              "path": "/definition/offer/microsoft-azure-marketplace.title",
              "reason": "no manifest can spell it: it would be read as something else"
            },
            {
              "path": "/definition/offer/microsoft-azure-marketplace.engineeringContactName",
              "reason": "its value comes from `HOME`; change it where the variable is set"
            }
          ],
          "left": []
        }
      ],
      "files": [
        {
          "path": "offers/shared/support.yaml",
          "diff": "--- a/offers/shared/support.yaml\n+++ b/offers/shared/support.yaml\n@@ -1,4 +1,4 @@\n # Shared by all.\n definition:\n   offer:\n-    microsoft-azure-marketplace.supportContactName: Contoso   # support\n+    microsoft-azure-marketplace.supportContactName: Fabrikam   # support\n"
        }
      ],
      "summary": {
        "adopted": 1,
        "refused": 3,
        "left": 0,
        "filesWritten": 1
      }
    }
    --- exit 4 ---
    "#);
}

#[test]
fn aliases_are_left_to_people_and_windows_line_ends_stay() {
    let environment = applied();
    let manifest = MANIFEST
        .replace("\"Contoso VM\"", "&name \"Contoso VM\"")
        .replace("longSummary: >-\n      One line\n      and another.", "longSummary: *name")
        .replace('\n', "\r\n");
    environment.write("offers/vm/offer.yaml", &format!("\u{feff}{manifest}"));
    environment.run("apply --yes").expect(0);
    environment.portal.edit(
        "vm",
        &json!({"displayText": "Theirs", "offer": {"microsoft-azure-marketplace.longSummary": "Theirs",
            "microsoft-azure-marketplace.title": "Theirs"}}),
    );
    plans(&environment, |plans| {
        plans[0]["microsoft-azure-virtualmachines.recommendedVMSizes"] = json!(["large", "new"]);
    });
    insta::assert_snapshot!(environment.run("adopt --yes"), @r#"
    --- a/offers/vm/offer.yaml
    +++ b/offers/vm/offer.yaml
    @@ -6,7 +6,7 @@
     reconcile: {publishTo: draft}
     
     definition:
    -  displayText: 'Contoso VM'   # the name in the portal
    +  displayText: 'Theirs'   # the name in the portal
       offer:
         # Marketing reads this.
         microsoft-azure-marketplace.title: &name "Contoso VM"
    @@ -25,7 +25,7 @@
           microsoft-azure-virtualmachines.skuTitle: Gold
           regions: [US, DE]   # for now
           microsoft-azure-virtualmachines.recommendedVMSizes:
    -        - small # cheap
             # The large one is tested too.
             - large
    +        - new
         - {planId: silver, regions: [DE], microsoft-azure-virtualmachines.skuTitle: Silver}
    contoso/vm
        taken over /definition/displayText
        taken over /definition/plans/gold/microsoft-azure-virtualmachines.recommendedVMSizes
        not taken over /definition/offer/microsoft-azure-marketplace.title: the edited manifest would not say what the service has; edit it by hand
        not taken over /definition/offer/microsoft-azure-marketplace.longSummary: it is written in a way that offerctl does not edit (an alias, a merge, or the only value of its kind); edit it by hand
    Adopt: 2 fields taken over, 2 not, 0 left; 1 files written.
    Next: `offerctl plan` no longer lists these fields; look through the files and commit them.
    --- exit 4 ---
    "#);
    let written = std::fs::read_to_string(environment.path("offers/vm/offer.yaml")).unwrap();
    assert!(written.starts_with('\u{feff}') && !written.replace("\r\n", "").contains('\n'), "{written:?}");
    environment.run("plan").expect(0);
}

#[test]
fn lists_keep_their_lines_wherever_their_dashes_stand() {
    let environment = applied();
    let lists = "regions:\n      - US\n      - DE # first here\n      x.steps:\n        # Before all.\n        - one # keep me\n        \
                 - two\n        - three # keep me too\n";
    environment.replace("offers/vm/offer.yaml", "regions: [US, DE]   # for now\n", lists);
    environment.run("apply --yes").expect(0);
    plans(&environment, |plans| {
        plans[0]["regions"] = json!(["US", "NO", "DE"]);
        plans[0]["x.steps"] = json!(["zero", "one", "between", "three", "four"]);
    });
    insta::assert_snapshot!(environment.run("adopt --yes"), @r#"
    --- a/offers/vm/offer.yaml
    +++ b/offers/vm/offer.yaml
    @@ -28,11 +28,14 @@
           regions:
           - US
           - DE # first here
    +      - "NO"
           x.steps:
             # Before all.
    +        - zero
             - one # keep me
    -        - two
    +        - between
             - three # keep me too
    +        - four
           microsoft-azure-virtualmachines.recommendedVMSizes:
             - small # cheap
             # The large one is tested too.
    contoso/vm
        taken over /definition/plans/gold/regions
        taken over /definition/plans/gold/x.steps
    Adopt: 2 fields taken over, 0 not, 0 left; 1 files written.
    Next: `offerctl plan` no longer lists these fields; look through the files and commit them.
    --- stderr ---
    warning[unknown-key]: `x.steps` is no known key of virtual machine offers, and is sent as it is
      --> offers/vm/offer.yaml:31:7
       |
    31 |       x.steps:
       |       ^^^^^^^
       |
       = help: check the spelling; if the service knows it, all is well

    --- exit 0 ---
    "#);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn line_ends_of_a_web_form_are_no_edit_of_markup_and_keep_nobody_from_adopting_one() {
    let environment = applied();
    let edit = |text: &str| {
        environment.portal.edit("vm", &json!({"offer": {"microsoft-azure-marketplace.description": text}}));
    };
    edit("<p>One</p>\r\n");
    environment.run("drift").expect(0);
    edit("<p>One</p>\r\n<p>Two</p>\r\n");
    environment.run("drift").expect(3);
    environment.run("adopt --yes").expect(0);
    let text = std::fs::read_to_string(environment.path("offers/vm/listing/description.html")).unwrap();
    assert_eq!(text, "<p>One</p>\n<p>Two</p>\n");
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn what_left_the_manifest_and_what_others_added_come_back_by_name() {
    let environment = applied();
    environment.edit("publishTo: draft}", "publishTo: draft, offerPlans: exact}");
    environment.edit("      microsoft-azure-virtualmachines.skuTitle: Gold\n", "");
    environment.edit("    microsoft-azure-marketplace.summary: Backs up your machines   # every night\n", "");
    plans(&environment, |plans| {
        let bronze = json!({"planId": "bronze", "regions": ["FR", "DE"], "virtualMachinePricing": {"isByol": true}});
        plans.as_array_mut().unwrap().push(bronze);
    });
    insta::assert_snapshot!(environment.run("adopt --path /definition --yes"), @"
    --- a/offers/vm/offer.yaml
    +++ b/offers/vm/offer.yaml
    @@ -21,6 +21,7 @@
             linkUrl: https://contoso.com/1
           - linkTitle: Two # second
             linkUrl: https://contoso.com/2
    +    microsoft-azure-marketplace.summary: Backs up your machines
       plans:
         - planId: gold
           regions: [US, DE]   # for now
    @@ -28,4 +29,9 @@
             - small # cheap
             # The large one is tested too.
             - large
    +      microsoft-azure-virtualmachines.skuTitle: Gold
         - {planId: silver, regions: [DE], microsoft-azure-virtualmachines.skuTitle: Silver}
    +    - planId: bronze
    +      regions: [DE, FR]
    +      virtualMachinePricing:
    +        isByol: true
    contoso/vm
        taken over /definition/offer/microsoft-azure-marketplace.summary
        taken over /definition/plans/gold/microsoft-azure-virtualmachines.skuTitle
        taken over /definition/plans/bronze
    Adopt: 3 fields taken over, 0 not, 0 left; 1 files written.
    Next: `offerctl plan` no longer lists these fields; look through the files and commit them.
    --- exit 0 ---
    ");
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn the_comment_of_an_element_goes_with_it_and_the_heading_of_several_stays() {
    let environment = applied();
    let regions = "      regions:\n        # Europe\n        - DE\n        - FR\n        # Overseas\n        # as well\n        - US\n";
    environment.replace("offers/vm/offer.yaml", "      regions: [US, DE]   # for now\n", regions);
    environment.run("apply --yes --allow audience-change").expect(0);
    let mut plans = environment.portal.definition("vm")["plans"].take();
    plans[0]["regions"] = json!(["FR"]);
    plans[0]["microsoft-azure-virtualmachines.recommendedVMSizes"] = json!(["small"]);
    let links = json!([{"linkTitle": "Two", "linkUrl": "https://contoso.com/2"}]);
    environment
        .portal
        .edit("vm", &json!({"plans": plans, "offer": {"microsoft-azure-marketplace.usefulLinks": links}}));
    environment.run("adopt --yes").expect(0);
    let file = std::fs::read_to_string(environment.path("offers/vm/offer.yaml")).unwrap();
    let lists = file.split("usefulLinks:\n").nth(1).unwrap();
    insta::assert_snapshot!(lists, @"
        - linkTitle: Two # second
          linkUrl: https://contoso.com/2
    plans:
      - planId: gold
        microsoft-azure-virtualmachines.skuTitle: Gold
        regions:
          # Europe
          - FR
        microsoft-azure-virtualmachines.recommendedVMSizes:
          - small # cheap
      - {planId: silver, regions: [DE], microsoft-azure-virtualmachines.skuTitle: Silver}
    ");
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn what_replaces_the_first_element_of_a_list_does_not_come_between_it_and_its_comment() {
    let environment = applied();
    let steps = "regions: [US, DE]   # for now\n      x.steps:\n        # das Erste\n        - \u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\n        \
                 # das Zweite\n        - zwei\n";
    environment.replace("offers/vm/offer.yaml", "regions: [US, DE]   # for now\n", steps);
    environment.run("apply --yes").expect(0);
    plans(&environment, |plans| plans[0]["x.steps"] = json!(["zero", "zwei"]));
    environment.run("adopt --yes").expect(0);
    let file = std::fs::read_to_string(environment.path("offers/vm/offer.yaml")).unwrap();
    assert!(file.contains("      x.steps:\n        - zero\n        # das Zweite\n        - zwei\n"), "{file}");
    environment.run("plan --detailed-exitcode").expect(0);
}
