//! Stories of whole manifests: what a repository's files say, and how a person is told what is wrong with them.

use std::fs;

use jiff::civil::date;
use serde_json::json;

use super::*;
use crate::offer::{FieldPath, OfferPlansPolicy, Slot};

mod any_text;
mod composition;
mod envelope;
mod media;
mod near_misses;
mod service;
mod yaml;

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
    let files = Files::new(files);
    let (loaded, repository) = files.load();
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
    let files = Files::new(files);
    let (mut loaded, repository) = files.load();
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

/// Of an offer type whose keys nobody published: what stands inside is not what these stories are about.
const ENVELOPE: &str = "publisherId: contoso\nofferTypeId: microsoft-azure-saas\nid: contoso-vm\n";

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
         reconcile: {notificationEmails: [{$env: NONE}]}\n*none : x\n",
    )])
    .load();
    let rules: Vec<&str> = loaded.diagnostics.iter().map(|diagnostic| diagnostic.rule).collect();
    assert_eq!(
        rules,
        ["missing-environment", "unrepresentable-number", "unknown-tag", "missing-environment", "unknown-alias"]
    );
}

#[test]
fn memory_keeps_no_text_and_a_diagnostic_shows_its_line_all_the_same() {
    let good = format!("{ENVELOPE}definition: {{}}\n");
    let files = Files::new(&[("offers/good.yaml", &good), ("offers/bad.yaml", "a: 1\n")]);
    let (loaded, mut repository) = files.load();
    let mut kept = |name: &str| {
        let file = repository.file(&RepositoryPath::new(name).unwrap());
        repository.text(file).is_some()
    };
    assert_eq!((kept("offers/good.yaml"), kept("offers/bad.yaml")), (false, false));
    let unknown = loaded.diagnostics.iter().find(|diagnostic| diagnostic.rule == "unknown-key").unwrap();
    assert!(render(unknown, &repository, Styled::No).contains("1 | a: 1"));
}
