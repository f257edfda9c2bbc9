//! Whatever comes and goes in a list of texts, the file then says what was wanted, and comments stand where they belong.

use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::manifest::{Repository, layout, load};

const ENVELOPE: &str =
    "publisherId: contoso\nofferTypeId: microsoft-azure-virtualmachines\nid: vm\ndefinition:\n  offer:\n";
const ORDERED: &str = "some.ordered";
const SET: &str = "microsoft-azure-virtualmachines.allowedSubscriptions";

/// An element that a manifest has.
#[derive(Debug, Clone)]
struct Held {
    is_told: bool,
    is_kept: bool,
    is_behind_new: bool,
}

fn held() -> impl Strategy<Value = Vec<Held>> {
    let one = any::<[bool; 3]>().prop_map(|[is_told, is_kept, is_behind_new]| Held { is_told, is_kept, is_behind_new });
    proptest::collection::vec(one, 1..6)
}

fn name(index: usize) -> String {
    format!("{}e{index}", "\u{e9}".repeat(index * 7))
}

fn comment(index: usize) -> String {
    format!("# \u{fc}ber {index}")
}

/// What the manifest is after its list was edited.
fn edited(manifest: &str, key: &str, wanted: &[String]) -> Option<(String, Value)> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("offer.yaml"), manifest).unwrap();
    let mut repository = Repository::open(folder.path()).unwrap();
    let path = RepositoryPath::new("offer.yaml").unwrap();
    let root = layout(&mut repository, &path).unwrap();
    let field = ["definition", "offer", key].iter().fold(FieldPath::root(), |path, segment| path.child(*segment));
    let Found::Here { value, rules, .. } = find(&root, &field) else { panic!("{manifest}") };
    let new = Yaml::List(wanted.iter().cloned().map(Yaml::Text).collect());
    let text =
        carried_out(manifest, Source(manifest).replace(value, &new, rules)?).expect("no edit reaches into another");
    repository.suppose(&path, &text);
    let loaded = load(&mut repository, &[path], &|_| None, jiff::civil::date(2026, 11, 22));
    let desired = loaded.desired.into_iter().next().unwrap_or_else(|| panic!("{text}"));
    Some((text, desired.document["definition"]["offer"][key].clone()))
}

proptest! {
    #[test]
    fn elements_come_and_go_with_the_comments_above_them(
        held in held(), is_new_last in any::<bool>(), key in proptest::sample::select(vec![ORDERED, SET])
    ) {
        let (mut manifest, mut wanted) = (format!("{ENVELOPE}    {key}:\n"), Vec::new());
        for (index, element) in held.iter().enumerate() {
            if element.is_told {
                writeln!(manifest, "      {}", comment(index)).unwrap();
            }
            writeln!(manifest, "      - {}", name(index)).unwrap();
            wanted.extend(element.is_behind_new.then(|| format!("new-{index}")));
            wanted.extend(element.is_kept.then(|| name(index)));
        }
        wanted.extend(is_new_last.then(|| "new".to_owned()));
        let is_any_kept = held.iter().any(|element| element.is_kept);
        prop_assume!(is_any_kept);
        let (text, mut said) = edited(&manifest, key, &wanted).unwrap();
        let mut wanted = json!(wanted);
        if key == SET {
            for list in [&mut said, &mut wanted] {
                list.as_array_mut().unwrap().sort_by_key(ToString::to_string);
            }
        }
        prop_assert_eq!(said, wanted, "{}", text);
        if held.iter().all(|element| element.is_told) {
            for (index, element) in held.iter().enumerate() {
                let with_its_comment = format!("{}\n      - {}\n", comment(index), name(index));
                prop_assert_eq!(text.contains(&with_its_comment), element.is_kept, "{}", text);
                prop_assert_eq!(text.contains(&comment(index)), element.is_kept, "{}", text);
            }
        }
    }
}
