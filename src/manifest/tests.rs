//! Stories of whole manifests: what a repository's files say, and how a person is told what is wrong with them.

use std::fmt::Write as _;
use std::fs;

use jiff::civil::date;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::offer::{FieldPath, OfferPlansPolicy, Slot};

/// A repository in a temporary folder; every file below `offers/` is a manifest.
struct Files {
    folder: tempfile::TempDir,
    manifests: Vec<RepositoryPath>,
}

impl Files {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let names = files.iter().map(|(name, _)| *name).filter(|name| name.starts_with("offers/"));
        let manifests = names.map(|name| RepositoryPath::new(name).unwrap()).collect();
        Self { folder, manifests }
    }

    fn load(&self) -> (Loaded, Repository) {
        let mut repository = Repository::open(self.folder.path()).unwrap();
        let environment = |name: &str| (name == "CONTACT").then(|| "ops@contoso.com".to_owned());
        let loaded = load(&mut repository, &self.manifests, &environment, date(2026, 11, 22));
        (loaded, repository)
    }
}

/// What a person reads about these files.
fn report(files: &[(&str, &str)]) -> String {
    let (loaded, repository) = Files::new(files).load();
    let texts: Vec<String> =
        loaded.diagnostics.iter().map(|diagnostic| render(diagnostic, &repository, Styled::No)).collect();
    texts.join("\n\n")
}

/// What a person reads about one manifest whose envelope is right.
fn report_on(rest: &str) -> String {
    report(&[("offers/vm.yaml", &format!("{ENVELOPE}{rest}"))])
}

/// The only offer that these files describe without an error.
fn desired(files: &[(&str, &str)]) -> Desired {
    let (mut loaded, repository) = Files::new(files).load();
    for diagnostic in &loaded.diagnostics {
        assert_ne!(diagnostic.severity, Severity::Error, "{}", render(diagnostic, &repository, Styled::No));
    }
    assert_eq!(loaded.desired.len(), 1);
    loaded.desired.remove(0)
}

fn definition(yaml: &str) -> serde_json::Value {
    let indented = yaml.replace('\n', "\n    ");
    let manifest = format!("{ENVELOPE}definition:\n  offer:\n    {indented}\n");
    desired(&[("offers/vm.yaml", &manifest)]).document["definition"]["offer"].clone()
}

const ENVELOPE: &str = "publisherId: contoso\nofferTypeId: microsoft-azure-virtualmachines\nid: contoso-vm\n";

#[test]
fn a_manifest_becomes_a_document_with_positions() {
    let manifest = "\u{feff}# yaml-language-server: $schema=../schemas/offer.schema.json\r
publisherId: contoso\r
offerTypeId: microsoft-azure-virtualmachines\r
id: contoso-vm\r
reconcile:\r
  publishTo: production\r
  notificationEmails: [release@contoso.com]\r
  offerPlans: exact\r
  ignore:\r
    - path: /definition/offer/microsoft-azure-marketplace.summary\r
      reason: marketing edits this in the portal\r
      until: 2027-01-31\r
definition:\r
  displayText: Contoso VM\r
  offer:\r
    microsoft-azure-marketplace.title: Contoso VM\r
  plans:\r
    - planId: gold\r
      microsoft-azure-virtualmachines.vmImages:\r
        1.0: {osVhdUrl: https://contoso.blob.core.windows.net/vhds/a.vhd}\r
        1.0.10: {osVhdUrl: null}\r
";
    let desired = desired(&[("offers/vm.yaml", manifest)]);
    assert_eq!(desired.key.to_string(), "contoso/contoso-vm");
    assert_eq!(desired.manifest.to_string(), "offers/vm.yaml:1:1");
    assert_eq!(
        desired.document,
        json!({
            "publisherId": "contoso",
            "offerTypeId": "microsoft-azure-virtualmachines",
            "id": "contoso-vm",
            "definition": {
                "displayText": "Contoso VM",
                "offer": {"microsoft-azure-marketplace.title": "Contoso VM"},
                "plans": [{
                    "planId": "gold",
                    "microsoft-azure-virtualmachines.vmImages": {
                        "1.0": {"osVhdUrl": "https://contoso.blob.core.windows.net/vhds/a.vhd"},
                        "1.0.10": {"osVhdUrl": null},
                    },
                }],
            },
        })
    );
    let title = desired.positions.descend(["definition", "offer", "microsoft-azure-marketplace.title"]).unwrap();
    assert_eq!(
        (title.key.to_string(), title.value.to_string()),
        ("offers/vm.yaml:16:5".into(), "offers/vm.yaml:16:40".into())
    );
    let plan = desired.positions.descend(["definition", "plans", "0", "planId"]).unwrap();
    assert_eq!(plan.value.to_string(), "offers/vm.yaml:18:15");
    let reconcile = desired.reconcile;
    assert_eq!((reconcile.publish_to, reconcile.offer_plans), (Slot::Production, OfferPlansPolicy::Exact));
    assert_eq!(reconcile.ignore[0].until, Some(date(2027, 1, 31)));
    assert_eq!(reconcile.ignore[0].position.to_string(), "offers/vm.yaml:10:7");
}

#[test]
fn values_reach_the_document_as_written() {
    assert_eq!(
        definition(
            "country: NO\nversion: 1.0.10\ncode: 0123\nid: 636576975611768314\nquoted: \"true\"\nempty:\n\
             price: 0.10\ntagged: !!str 12\nlocal: ! 12\nblock: |\n  a\n  b"
        ),
        json!({
            "country": "NO", "version": "1.0.10", "code": "0123", "id": 636_576_975_611_768_314_u64, "quoted": "true",
            "empty": null, "price": 0.1, "tagged": "12", "local": "12", "block": "a\nb\n",
        })
    );
}

#[test]
fn anchors_aliases_and_merge_keys_unfold() {
    assert_eq!(
        definition(
            "base: &base {a: 1, b: 2}\nother: &other {b: 3, c: 4}\nmerged:\n  b: own\n  <<: [*base, *other]\nname: &name x\n*name : y"
        ),
        json!({
            "base": {"a": 1, "b": 2}, "other": {"b": 3, "c": 4}, "merged": {"b": "own", "a": 1, "c": 4},
            "name": "x", "x": "y",
        })
    );
}

#[test]
fn parts_are_merged_and_the_manifest_wins() {
    let desired = desired(&[
        (
            "offers/vm/offer.yaml",
            "extends: [../../shared/a.yaml, ../../shared/b.yaml]\npublisherId: contoso\nid: contoso-vm\n\
             definition:\n  displayText: {$env: NAME, default: Contoso}\n  offer:\n    own: 1\n    list: [x]\n",
        ),
        (
            "shared/a.yaml",
            "extends: deep.yaml\ndefinition:\n  offer:\n    from: a\n    list: [a, b]\n    text: {$file: a.html}\n",
        ),
        ("shared/b.yaml", "definition:\n  offer:\n    from: b\n    contact: {$env: CONTACT}\n"),
        (
            "shared/deep.yaml",
            "offerTypeId: t\ndefinition:\n  displayText: {$file: missing.txt}\n  offer: {deep: true, from: deep}\n",
        ),
        ("shared/a.html", "<p>a</p>\r\n"),
    ]);
    assert_eq!(
        desired.document["definition"],
        json!({
            "displayText": "Contoso",
            "offer": {
                "deep": true, "own": 1, "list": ["x"], "from": "b", "text": "<p>a</p>\n", "contact": "ops@contoso.com",
            },
        })
    );
    let position = |path: &str| {
        let node = desired.positions.nearest(&FieldPath::parse(path).unwrap());
        format!("{} {}", node.key, node.value)
    };
    assert_eq!(position("/definition/offer/from"), "shared/b.yaml:3:5 shared/b.yaml:3:11");
    assert_eq!(position("/definition/offer/text"), "shared/a.yaml:6:5 shared/a.html:1:1");
    assert_eq!(position("/offerTypeId"), "shared/deep.yaml:1:1 shared/deep.yaml:1:14");
}

#[test]
fn secrets_stay_names_and_are_listed() {
    let desired = desired(&[(
        "offers/vm.yaml",
        &format!(
            "{ENVELOPE}definition:\n  offer:\n    leads: [{{connectionString: {{$secret: LEADS}}}}]\n  \
             plans: [{{planId: gold, password: {{$secret: GOLD}}}}]\n"
        ),
    )]);
    let secrets: Vec<String> = desired.secrets.iter().map(|(path, name)| format!("{path} {name}")).collect();
    assert_eq!(secrets, ["/definition/offer/leads/0/connectionString LEADS", "/definition/plans/gold/password GOLD"]);
    assert_eq!(desired.document["definition"]["plans"][0]["password"], json!({"$secret": "GOLD"}));
}

#[test]
fn syntax_errors_say_where_and_what_to_do() {
    insta::assert_snapshot!(report(&[("offers/tab.yaml", "publisherId: contoso\ndefinition:\n\tdisplayText: x\n")]), @r"
    error[invalid-yaml]: a tab stands where YAML allows only spaces
     --> offers/tab.yaml:3:2
      |
    3 |     displayText: x
      |     ^ here
      |
      = help: indent with spaces
    ");
    insta::assert_snapshot!(report(&[("offers/quote.yaml", "id: 'never closed\n")]), @r"
    error[invalid-yaml]: a quote is never closed
     --> offers/quote.yaml:1:5
      |
    1 | id: 'never closed
      |     ^ here
      |
      = help: add the closing quote
    ");
    insta::assert_snapshot!(report(&[("offers/colon.yaml", "a: b: c\n")]), @r"
    error[invalid-yaml]: a `:` stands where no key can be
     --> offers/colon.yaml:1:5
      |
    1 | a: b: c
      |     ^ here
      |
      = help: check the indentation; text that contains `: ` needs quotes, and a bracket above may never be closed
    ");
    insta::assert_snapshot!(report(&[("offers/list.yaml", "a: [1, 2\nb: 3\n")]), @r"
    error[invalid-yaml]: a `:` stands where no key can be
     --> offers/list.yaml:2:2
      |
    2 | b: 3
      |  ^ here
      |
      = help: check the indentation; text that contains `: ` needs quotes, and a bracket above may never be closed
    ");
    insta::assert_snapshot!(report(&[("offers/indent.yaml", "a:\n    b: 1\n  c: 2\n")]), @r"
    error[invalid-yaml]: a `key: value` is expected here
     --> offers/indent.yaml:3:3
      |
    3 |   c: 2
      |   ^ here
      |
      = help: check the indentation: the keys of one map begin in the same column
    ");
}

#[test]
fn several_files_each_report_their_own_errors() {
    insta::assert_snapshot!(report(&[
        ("offers/two.yaml", "---\na: 1\n---\nb: 2\n"),
        ("offers/empty.yaml", "# nothing\n"),
        ("offers/list.yaml", "- a\n"),
    ]), @r"
    error[empty-file]: the file is empty
     --> offers/empty.yaml:1:1
      |
    1 | # nothing
      | ^
      |
      = help: a manifest says `publisherId`, `offerTypeId`, `id` and `definition`

    error[wrong-type]: a manifest is a map of keys
     --> offers/list.yaml:1:1
      |
    1 | - a
      | ^^^ this is a list
      |
      = help: a manifest says `publisherId`, `offerTypeId`, `id` and `definition`

    error[several-documents]: the file holds more than one YAML document
     --> offers/two.yaml:3:1
      |
    3 | ---
      | ^^^ a second one begins here
      |
      = help: keep one offer in one file: move what follows into a file of its own, or delete the `---`
    ");
}

#[test]
fn a_key_may_stand_once() {
    insta::assert_snapshot!(
        report_on("definition:\n  offer:\n    title: a\n    summary: b\n    title: c\n"), @r"
    error[duplicate-key]: the key `title` stands twice in one map
     --> offers/vm.yaml:8:5
      |
    6 |     title: a
      |     ----- first here
    7 |     summary: b
    8 |     title: c
      |     ^^^^^ again here
      |
      = help: keep one of the two
    ");
    insta::assert_snapshot!(report_on("definition:\n  offer:\n    [a]: 1\n    : 2\n    b: !!str\n"), @r"
    error[key-is-not-text]: the key of a map must be text
     --> offers/vm.yaml:6:5
      |
    6 |     [a]: 1
      |     ^^ this is a map or a list
      |
      = help: write `key: value`; text that starts with `[`, `{`, `?` or `:` needs quotes

    error[key-is-not-text]: the key of a map must be text
     --> offers/vm.yaml:7:5
      |
    7 |     : 2
      |     ^ a key is missing before this `:`
      |
      = help: write `key: value`; text that starts with `[`, `{`, `?` or `:` needs quotes
    ");
}

#[test]
fn numbers_that_would_change_are_refused() {
    insta::assert_snapshot!(
        report_on("definition:\n  offer:\n    a: 99999999999999999999999\n    b: .inf\n"), @r#"
    error[unrepresentable-number]: `99999999999999999999999` is too large for a number of 64 bits
     --> offers/vm.yaml:6:8
      |
    6 |     a: 99999999999999999999999
      |        ^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: quote it if it is meant as text: "99999999999999999999999"

    error[unrepresentable-number]: `.inf` is not a number that JSON knows
     --> offers/vm.yaml:7:8
      |
    7 |     b: .inf
      |        ^^^^
      |
      = help: quote it if it is meant as text: ".inf"
    "#);
}

#[test]
fn text_that_other_tools_read_differently_is_a_warning() {
    insta::assert_snapshot!(report_on("definition:\n  offer:\n    isByol: yes\n    osVersion: 1.10\n    country: NO\n"), @r#"
    warning[ambiguous-boolean]: `yes` is text here, although other YAML tools read it as a boolean
     --> offers/vm.yaml:6:13
      |
    6 |     isByol: yes
      |             ^^^
      |
      = help: write `true` for the boolean, or "yes" for the text

    warning[unquoted-version]: `1.10` is read as a number, although it looks like a version
     --> offers/vm.yaml:7:16
      |
    7 |     osVersion: 1.10
      |                ^^^^ zeros at its end are lost
      |
      = help: quote it: "1.10"
    "#);
}

#[test]
fn tags_that_mean_nothing_are_refused() {
    insta::assert_snapshot!(report_on("definition:\n  offer:\n    a: !Ref b\n    c: !!int d\n"), @r"
    error[unknown-tag]: the tag `!Ref` has no meaning here
     --> offers/vm.yaml:6:8
      |
    6 |     a: !Ref b
      |        ^^^^
      |
      = help: delete the tag; text that starts with `!` needs quotes

    error[wrong-tag]: the tag `!!int` does not fit its value
     --> offers/vm.yaml:7:8
      |
    7 |     c: !!int d
      |        ^^^^^
      |
      = help: delete the tag, or correct the value
    ");
}

#[test]
fn aliases_must_lead_somewhere_and_end() {
    insta::assert_snapshot!(report_on("definition:\n  offer:\n    a: *b\n"), @r"
    error[unknown-alias]: no anchor `&b` stands before this
     --> offers/vm.yaml:6:8
      |
    6 |     a: *b
      |        ^^
      |
      = help: put the anchor at an earlier value, or quote the text if it is not meant as an alias
    ");
    insta::assert_snapshot!(report_on("definition:\n  offer:\n    a: &a [*a]\n"), @r"
    error[endless-alias]: an alias stands inside the value that it repeats
     --> offers/vm.yaml:6:12
      |
    6 |     a: &a [*a]
      |            ^^ this would never end
    ");
}

#[test]
fn bombs_are_refused() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..9 {
        let below = format!("*a{}, ", level - 1).repeat(9);
        writeln!(bomb, "a{level}: &a{level} [{below}]").unwrap();
    }
    insta::assert_snapshot!(report(&[("offers/bomb.yaml", &bomb)]), @r"
    error[too-many-values]: the file unfolds to more than 1000000 values
     --> offers/bomb.yaml:7:10
      |
    7 | a6: &a6 [*a5, *a5, *a5, *a5, *a5, *a5, *a5, *a5, *a5, ]
      |          ^^^ the limit is reached here
      |
      = help: aliases repeat what they name: use fewer of them, or split the file
    ");
    let deep = format!("a: {}{}\n", "[".repeat(200), "]".repeat(200));
    insta::assert_snapshot!(report(&[("offers/deep.yaml", &deep)]), @r"
    error[too-deep]: maps and lists stand more than 128 deep in each other
     --> offers/deep.yaml:1:131
      |
    1 | ...[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]...
      |                                                       ^ the limit is reached here
    ");
    let mut tower = String::from("a0: &a0 x\n");
    for level in 1..2000 {
        writeln!(tower, "a{level}: &a{level} [*a{}]", level - 1).unwrap();
    }
    assert!(report(&[("offers/tower.yaml", &tower)]).contains("error[too-deep]"));
}

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
        report(&[("offers/vm.yaml", "publisherId: con toso\nofferTypeId: ''\nid: 12\ndefinition: {}\n")]), @r"
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

    error[expired-waiver]: this waiver ended on 2026-11-21
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

    warning[unknown-definition-key]: `plan` is no known key of `definition`, and is sent as it is
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

    error[duplicate-plan]: two offer plans have the `planId` `gold`
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
fn directives_are_checked() {
    insta::assert_snapshot!(report_on(
        "definition:\n  offer:\n    a: {$fiel: x}\n    b: {$file: x, trim: true}\n    c: {$env: NONE}\n    d: {$secret: $A}\n    \
         e: {$file: 1}\n    f: {$env: NONE, default: 1}\n"
    ), @r"
    error[unknown-directive]: there is no directive `$fiel`
     --> offers/vm.yaml:6:9
      |
    6 |     a: {$fiel: x}
      |         ^^^^^
      |
      = help: did you mean `$file`?

    error[unknown-directive]: `trim` cannot stand beside `$file`
     --> offers/vm.yaml:7:19
      |
    7 |     b: {$file: x, trim: true}
      |         -----     ^^^^
      |         |
      |         the directive
      |
      = help: a map with `$file` has no other keys

    error[missing-environment]: the environment variable `NONE` is not set
     --> offers/vm.yaml:8:15
      |
    8 |     c: {$env: NONE}
      |               ^^^^
      |
      = help: set it, or give a default: `{$env: NONE, default: text}`

    error[invalid-name]: `$A` cannot name an environment variable
     --> offers/vm.yaml:9:18
      |
    9 |     d: {$secret: $A}
      |                  ^^
      |
      = help: write the name alone, without `$`: letters, digits and `_`

    error[wrong-type]: `$file` takes text, and this is a number
      --> offers/vm.yaml:10:16
       |
    10 |     e: {$file: 1}
       |                ^

    error[wrong-type]: the default of `$env` is text, and this is a number
      --> offers/vm.yaml:11:30
       |
    11 |     f: {$env: NONE, default: 1}
       |                              ^
       |
       = help: put it in quotes
    ");
}

#[test]
fn composition_stays_in_the_repository() {
    insta::assert_snapshot!(report_on(
        "definition:\n  offer:\n    a: {$file: /etc/passwd}\n    b: {$file: ../../x}\n    c: {$file: 'a\\b'}\n    \
         d: {$file: none.html}\n    e: {$file: ''}\n"
    ), @r"
    error[path-outside-repository]: `/etc/passwd` is an absolute path; write it relative to the file that names it
     --> offers/vm.yaml:6:16
      |
    6 |     a: {$file: /etc/passwd}
      |                ^^^^^^^^^^^

    error[path-outside-repository]: `../../x` leads out of the repository; move the file into it
     --> offers/vm.yaml:7:16
      |
    7 |     b: {$file: ../../x}
      |                ^^^^^^^

    error[path-outside-repository]: `a\b` contains `\`; write `/` between the parts of a path
     --> offers/vm.yaml:8:16
      |
    8 |     c: {$file: 'a\b'}
      |                ^^^^^

    error[missing-file]: there is no file `offers/none.html`
     --> offers/vm.yaml:9:16
      |
    9 |     d: {$file: none.html}
      |                ^^^^^^^^^
      |
      = help: the path is relative to `offers/vm.yaml`

    error[path-outside-repository]: the path is empty
      --> offers/vm.yaml:10:16
       |
    10 |     e: {$file: ''}
       |                ^^
    ");
    insta::assert_snapshot!(report_on("definition: {}\nextends: [../../x.yaml, none.yaml, 1]\n"), @r"
    error[path-outside-repository]: `../../x.yaml` leads out of the repository; move the file into it
     --> offers/vm.yaml:5:11
      |
    5 | extends: [../../x.yaml, none.yaml, 1]
      |           ^^^^^^^^^^^^

    error[missing-file]: there is no file `offers/none.yaml`
     --> offers/vm.yaml:5:25
      |
    5 | extends: [../../x.yaml, none.yaml, 1]
      |                         ^^^^^^^^^

    error[wrong-type]: `extends` names files, and this is a number
     --> offers/vm.yaml:5:36
      |
    5 | extends: [../../x.yaml, none.yaml, 1]
      |                                    ^
      |
      = help: for example `extends: [../shared/support.yaml]`
    ");
}

#[test]
fn parts_must_not_extend_each_other_in_a_circle() {
    insta::assert_snapshot!(report(&[
        ("offers/vm.yaml", "extends: ../a.yaml\n"),
        ("a.yaml", "extends: b.yaml\n"),
        ("b.yaml", "extends: [a.yaml, a.yaml]\n"),
    ]), @r"
    error[extends-cycle]: files extend each other in a circle: a.yaml → b.yaml → a.yaml
     --> b.yaml:1:11
      |
    1 | extends: [a.yaml, a.yaml]
      |           ^^^^^^ this closes the circle
      |
     ::: a.yaml:1:10
      |
    1 | extends: b.yaml
      |          ------ `b.yaml` is extended here
      |
      = help: move what they share into a file that extends none of them

    error[duplicate-extends]: `a.yaml` is extended twice
     --> b.yaml:1:19
      |
    1 | extends: [a.yaml, a.yaml]
      |           ------  ^^^^^^ again here
      |           |
      |           first here
      |
      = help: keep one of the two
    ");
}

#[test]
fn signatures_do_not_show() {
    let line = "    url: https://contoso.blob.core.windows.net/v/a.vhd?sp=r&sig=topsecret%3D&se=2027\n";
    let text = report_on(&format!("definition:\n  offer:\n{line}{line}"));
    assert!(text.contains("duplicate-key") && !text.contains("topsecret"), "{text}");
}

#[test]
fn a_faulty_part_is_reported_once_and_spoils_what_extends_it() {
    let manifest =
        |id: &str| format!("extends: ../part.yaml\npublisherId: c\nofferTypeId: t\nid: {id}\ndefinition: {{}}\n");
    let files = Files::new(&[
        ("offers/a.yaml", &manifest("a")),
        ("offers/b.yaml", &manifest("b")),
        ("part.yaml", "definition: {offer: {x: 1, x: 2}}\n"),
    ]);
    let (loaded, _) = files.load();
    assert_eq!((loaded.desired.len(), loaded.diagnostics.len()), (0, 1));
}

#[test]
fn a_value_that_was_refused_is_not_complained_about_again() {
    let (loaded, _) = Files::new(&[(
        "offers/vm.yaml",
        "publisherId: {$env: NONE}\nofferTypeId: 1e999\nid: !Ref x\ndefinition: {}\n\
         reconcile: {notificationEmails: [{$env: NONE}]}\n",
    )])
    .load();
    let rules: Vec<&str> = loaded.diagnostics.iter().map(|diagnostic| diagnostic.rule).collect();
    assert_eq!(rules, ["missing-environment", "unrepresentable-number", "unknown-tag", "missing-environment"]);
}

#[test]
fn memory_keeps_only_the_texts_that_diagnostics_show() {
    let good = format!("{ENVELOPE}definition: {{}}\n");
    let (_, mut repository) = Files::new(&[("offers/good.yaml", &good), ("offers/bad.yaml", "a: 1\n")]).load();
    let mut kept = |name: &str| {
        let file = repository.file(&RepositoryPath::new(name).unwrap());
        repository.text(file).is_some()
    };
    assert_eq!((kept("offers/good.yaml"), kept("offers/bad.yaml")), (false, true));
}

/// Fragments of YAML and of manifests, so that random texts get past the first line.
fn fragment() -> impl Strategy<Value = String> {
    let words = [
        "publisherId: c\n",
        "offerTypeId: t\n",
        "id: v\n",
        "definition:\n",
        "  plans:\n",
        "  offer:\n",
        "extends: a.yaml\n",
        "reconcile:\n",
        "  ignore:\n",
        "  - path: /definition/offer\n",
        "    ",
        "  ",
        "- ",
        "? ",
        ": ",
        "planId: ",
        "planId",
        "{$file: x}",
        "{$env: CONTACT}",
        "{$secret: S}",
        "$file: ",
        "&a ",
        "*a",
        "<<: *a\n",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "!!str ",
        "!x ",
        "|\n",
        ">-\n",
        "'",
        "\"",
        "\\",
        "#",
        "\n",
        "\r\n",
        "\t",
        "---\n",
        "...\n",
        "%YAML 1.1\n",
        "\u{feff}",
        "é",
        "\0",
        "null",
        "1e999",
        "0x1",
        "~",
    ];
    prop_oneof![4 => proptest::sample::select(words.to_vec()).prop_map(str::to_owned), 1 => ".{0,8}"]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_text_is_read_or_refused_at_a_place(
        manifest in proptest::collection::vec(fragment(), 0..40),
        part in proptest::collection::vec(fragment(), 0..10),
        start in proptest::sample::select(vec!["", ENVELOPE, "publisherId: c\nofferTypeId: t\nid: v\ndefinition:\n  offer:\n    "]),
    ) {
        let text = format!("{start}{}", manifest.concat());
        let (loaded, repository) = Files::new(&[("offers/vm.yaml", &text), ("offers/a.yaml", &part.concat())]).load();
        prop_assert!(loaded.has_errors() || loaded.desired.len() == 2, "a manifest was dropped without a word");
        for diagnostic in &loaded.diagnostics {
            let text = render(diagnostic, &repository, Styled::No);
            prop_assert!(text.contains(diagnostic.rule), "{text}");
            prop_assert!(text.contains(&format!("--> {}", diagnostic.position(&repository).file)), "{text}");
        }
    }
}
