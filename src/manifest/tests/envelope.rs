//! What a person is told about manifests that are YAML, and still no offers.

use super::*;

#[test]
fn own_keys_are_known() {
    insta::assert_snapshot!(
        report(&[("offers/vm.yaml", "publisherID: contoso\nversion: 3\neTag: x\nplans: []\nid: [a]\ncolour: red\n")]), @r"
    error[unknown-key]: a manifest has no key `publisherID`
     --> offers/vm.yaml:1:1
      |
    1 | publisherID: contoso
      | ^^^^^^^^^^^
      |
      = help: did you mean `publisherId`?

    error[missing-key]: `offerTypeId` is missing
     --> offers/vm.yaml:1:1
      |
    1 | publisherID: contoso
      | ^ in this manifest
      |
      = help: add `offerTypeId: microsoft-azure-virtualmachines`

    error[missing-key]: `definition` is missing
     --> offers/vm.yaml:1:1
      |
    1 | publisherID: contoso
      | ^ in this manifest
      |
      = help: add `definition:` with `displayText`, `offer` and `plans`; if this file is only a part that others extend, keep it out of the `offers` globs

    error[service-key]: `version` is set by the service and cannot be declared
     --> offers/vm.yaml:2:1
      |
    2 | version: 3
      | ^^^^^^^
      |
      = help: delete the line

    error[service-key]: `eTag` is set by the service and cannot be declared
     --> offers/vm.yaml:3:1
      |
    3 | eTag: x
      | ^^^^
      |
      = help: delete the line

    error[unknown-key]: a manifest has no key `plans`
     --> offers/vm.yaml:4:1
      |
    4 | plans: []
      | ^^^^^
      |
      = help: `plans` belongs inside `definition`

    error[wrong-type]: `id` must be text
     --> offers/vm.yaml:5:5
      |
    5 | id: [a]
      |     ^^ this is a list

    error[unknown-key]: a manifest has no key `colour`
     --> offers/vm.yaml:6:1
      |
    6 | colour: red
      | ^^^^^^
      |
      = help: known are `publisherId`, `offerTypeId`, `id`, `definition`, `reconcile`, `extends` and `offerTypeVersions`
    ");
}

#[test]
fn identifiers_are_checked() {
    insta::assert_snapshot!(
        report(&[("offers/vm.yaml", "publisherId: con toso\nofferTypeId: ''\nid: 12\ndefinition: {}\n")]), @"
    error[invalid-identifier]: `con toso` is not a publisher id: only letters, digits, `-`, `_` and `.` are allowed
     --> offers/vm.yaml:1:14
      |
    1 | publisherId: con toso
      |              ^^^^^^^^

    error[invalid-identifier]: `offerTypeId` is empty
     --> offers/vm.yaml:2:14
      |
    2 | offerTypeId: ''
      |              ^^
      |
      = help: write the id, as Partner Center shows it

    error[wrong-type]: `id` must be text
     --> offers/vm.yaml:3:5
      |
    3 | id: 12
      |     ^^ this is a number
      |
      = help: put it in quotes
    ");
}

#[test]
fn the_reconcile_section_is_typed() {
    insta::assert_snapshot!(report_on(
        "definition: {}\nreconcile:\n  publishto: draft\n  publishTo: live\n  notificationEmails: [a@b, x@contoso.com]\n  \
         offerPlans: exactly\n  ignore:\n    - path: definition/offer\n      reason: x\n    - path: /id\n    \
         - path: /definition/offer/a\n      reason: x\n      until: 2026-11-21\n    - path: /definition/offer/b\n      \
         reason: x\n      until: soon\n"
    ), @r"
    error[unknown-key]: `reconcile` has no key `publishto`
     --> offers/vm.yaml:6:3
      |
    6 |   publishto: draft
      |   ^^^^^^^^^
      |
      = help: did you mean `publishTo`?

    error[unknown-word]: `publishTo` cannot be `live`
     --> offers/vm.yaml:7:14
      |
    7 |   publishTo: live
      |              ^^^^
      |
      = help: it is one of `draft`, `preview` and `production`

    error[invalid-email]: `a@b` is not an e-mail address
     --> offers/vm.yaml:8:24
      |
    8 |   notificationEmails: [a@b, x@contoso.com]
      |                        ^^^
      |
      = help: write one address per element, for example `release@contoso.com`

    error[unknown-word]: `offerPlans` cannot be `exactly`
     --> offers/vm.yaml:9:15
      |
    9 |   offerPlans: exactly
      |               ^^^^^^^
      |
      = help: did you mean `exact`? It is one of `keep` and `exact`

    error[invalid-path]: `definition/offer` is not a path
      --> offers/vm.yaml:11:13
       |
    11 |     - path: definition/offer
       |             ^^^^^^^^^^^^^^^^
       |
       = help: a path begins with `/definition/`, for example `/definition/offer/microsoft-azure-marketplace.summary`

    error[missing-key]: this waiver has no `reason`
      --> offers/vm.yaml:13:7
       |
    13 |     - path: /id
       |       ^^^^^^^^^
       |
       = help: add `reason: who owns the field, and why`

    error[invalid-path]: `/id` is not a field of the definition
      --> offers/vm.yaml:13:13
       |
    13 |     - path: /id
       |             ^^^
       |
       = help: a path begins with `/definition/`, for example `/definition/offer/microsoft-azure-marketplace.summary`

    error[waiver-expired]: this waiver ended on 2026-11-21
      --> offers/vm.yaml:16:14
       |
    16 |       until: 2026-11-21
       |              ^^^^^^^^^^ the last day on which it held
       |
       = help: delete the waiver, or agree on a new date with the field's owner

    error[invalid-date]: `soon` is not a date
      --> offers/vm.yaml:19:14
       |
    19 |       until: soon
       |              ^^^^
       |
       = help: write it as year-month-day: 2027-01-31
    ");
}

#[test]
fn the_definition_has_a_shape() {
    insta::assert_snapshot!(
        report_on("definition:\n  displayText: 1\n  offer:\n  plan: []\n  plans:\n    - planId: gold\n    - title: x\n    - planId: gold\n    - x\n"), @r"
    error[wrong-type]: `displayText` must be text
     --> offers/vm.yaml:5:16
      |
    5 |   displayText: 1
      |                ^ this is a number
      |
      = help: put it in quotes

    error[wrong-type]: `offer` must be a map
     --> offers/vm.yaml:6:3
      |
    6 |   offer:
      |   ^^^^^ it is empty

    warning[unknown-key]: `plan` is no known key of `definition`, and is sent as it is
     --> offers/vm.yaml:7:3
      |
    7 |   plan: []
      |   ^^^^
      |
      = help: did you mean `plans`?

    error[missing-key]: this offer plan has no `planId`
      --> offers/vm.yaml:10:7
       |
    10 |     - title: x
       |       ^^^^^^^^
       |
       = help: add `planId: …`: it tells the offer plans apart

    error[duplicate-offer-plan]: two offer plans have the `planId` `gold`
      --> offers/vm.yaml:11:15
       |
     9 |     - planId: gold
       |               ---- first here
    10 |     - title: x
    11 |     - planId: gold
       |               ^^^^ again here
       |
       = help: give each offer plan an id of its own

    error[wrong-type]: an offer plan is a map, and this is text
      --> offers/vm.yaml:12:7
       |
    12 |     - x
       |       ^
    ");
    insta::assert_snapshot!(report_on("definition: []\n"), @r"
    error[wrong-type]: `definition` must be a map
     --> offers/vm.yaml:4:13
      |
    4 | definition: []
      |             ^ this is a list
    ");
}

#[test]
fn one_offer_has_one_manifest() {
    let manifest = format!("{ENVELOPE}definition: {{}}\n");
    insta::assert_snapshot!(
        report(&[("offers/a.yaml", &manifest), ("offers/b.yaml", &manifest.replace("contoso-vm", "Contoso-VM"))]), @r"
    error[duplicate-offer]: two manifests describe the offer `contoso/Contoso-VM`
     --> offers/b.yaml:3:5
      |
    3 | id: Contoso-VM
      |     ^^^^^^^^^^ the same offer again
      |
     ::: offers/a.yaml:3:5
      |
    3 | id: contoso-vm
      |     ---------- the offer's other manifest
      |
      = help: keep one manifest for each offer, or correct the id
    ");
}

#[test]
fn a_manifest_that_is_not_there_is_named() {
    let files = Files::new(&[]);
    let mut repository = Repository::open(files.folder.path()).unwrap();
    let manifests = [RepositoryPath::new("offers/vm.yaml").unwrap()];
    let loaded = load(&mut repository, &manifests, &|_| None, date(2026, 11, 22));
    insta::assert_snapshot!(render(&loaded.diagnostics[0], &repository, Styled::No), @r"
    error[missing-file]: there is no file `offers/vm.yaml`
    --> offers/vm.yaml
    ");
}

#[test]
fn what_offerctl_hid_is_not_taken_for_the_real_value() {
    let hidden = report_on(
        "definition:\n  offer:\n    m.smallLogo: https://x.blob.core.windows.net/a.png?sv=1&sig=REDACTED&sp=r\n",
    );
    insta::assert_snapshot!(hidden, @"
    error[hidden-value]: this value was hidden by offerctl and is not the real one
     --> offers/vm.yaml:6:18
      |
    6 |     m.smallLogo: https://x.blob.core.windows.net/a.png?sv=1&sig=********&sp=r
      |                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: write the real one (`{$env: NAME}`, `{$secret: NAME}`), or leave the field out to keep what is there
    ");
    let fine = report_on("definition:\n  offer:\n    m.title: REDACTED, a game of secrets\n");
    assert_eq!(fine, "");
}

#[test]
fn elements_that_hold_images_need_names_of_their_own() {
    let generations = report_on(
        "definition:\n  plans:\n    - planId: p\n      diskGenerations:\n        - planid: gen2\n        - planId: a\n        - planId: a\n",
    );
    insta::assert_snapshot!(generations, @"
    error[missing-key]: this element has no `planId`
     --> offers/vm.yaml:8:11
      |
    8 |         - planid: gen2
      |           ^^^^^^^^^^^^
      |
      = help: add `planId: …`: it tells the elements of this list apart

    error[duplicate-element]: two elements of this list have the `planId` `a`
      --> offers/vm.yaml:10:11
       |
     9 |         - planId: a
       |           --------- first here
    10 |         - planId: a
       |           ^^^^^^^^^ again here
       |
       = help: give each a `planId` of its own, or make one element of them
    ");
}

#[test]
fn the_variables_of_offerctl_itself_are_no_part_of_an_offer() {
    let token = report_on("definition:\n  displayText: {$env: OFFERCTL_TOKEN}\n");
    insta::assert_snapshot!(token, @"
    error[invalid-name]: `OFFERCTL_TOKEN` is a variable of offerctl itself, and no part of an offer
     --> offers/vm.yaml:5:23
      |
    5 |   displayText: {$env: OFFERCTL_TOKEN}
      |                       ^^^^^^^^^^^^^^
      |
      = help: name another variable
    ");
}
