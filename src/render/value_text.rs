//! One value in the words of a person: short values whole, long ones by what differs.

use std::collections::BTreeSet;

use serde_json::Value;

use super::look_alike::{LookAlikes, apart, is_unseen, revealed, spelt};
use super::palette::Palette;
use super::safe::single_line;
use super::words::{Stretch, word_difference};
use crate::offer::{ListRule, REDACTED, Rules};

/// How many characters of a value fit into a line of a plan.
const SHORT: usize = 72;

/// A value on one line, cut where it gets long.
pub(super) fn short(value: &Value) -> String {
    let text = match value {
        Value::String(text) if is_unseen(text) => format!("\"{}\"", spelt(text)),
        Value::String(text) => format!("\"{}\"", told(text)),
        Value::Array(items) if items.iter().all(|item| !item.is_object() && !item.is_array()) => {
            let items: Vec<_> = items.iter().map(plain).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Array(items) => counted(items.len(), "element"),
        Value::Object(map) => match secret_name(value) {
            Some(name) => format!("secret from {name}"),
            None => counted(map.len(), "field"),
        },
        scalar => scalar.to_string(),
    };
    cut(&text)
}

fn secret_name(value: &Value) -> Option<&str> {
    if crate::diff::is_secret_placeholder(value) { value.get("$secret")?.as_str() } else { None }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), told)
}

/// A text of which the other side may have nothing, on one line: what nobody would see of it is spelt.
pub(super) fn told(text: &str) -> String {
    single_line(&revealed(text))
}

/// One thing, or several.
pub fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= SHORT {
        return text.to_owned();
    }
    let kept: String = text.chars().take(SHORT).collect();
    let closing = if text.ends_with('"') { "\"" } else { "" };
    format!("{}…{closing}", kept.trim_end())
}

/// What happened to a value, on one line where that is enough and on several where it is not.
pub(super) fn replaced(palette: &Palette, rules: Rules<'_>, before: &Value, after: &Value) -> String {
    if let (Value::String(before), Value::String(after)) = (before, after)
        && are_read_as_one(before, after)
    {
        return word_difference(palette, before, after);
    }
    let [before, after] = apart(before, after);
    match (&before, &after) {
        (before, after) if before == after && secret_name(after).is_some() => {
            format!("{}, of which the value changed", short(after))
        }
        (Value::Array(before), Value::Array(after)) if rules.field().list == ListRule::Set => {
            members(palette, before, after)
        }
        (Value::String(before), Value::String(after)) if is_signed_anew(before, after) => {
            let file = palette.paint(palette.changed, &told(without_query(after)));
            format!("{file}, with a signature that lasts longer")
        }
        (Value::String(before), Value::String(after)) if is_address(before) && is_address(after) => {
            format!(
                "{} → {}",
                palette.paint(palette.removed, &told(without_query(before))),
                palette.paint(palette.added, &told(without_query(after)))
            )
        }
        (before, after) => {
            let (before, after) = (short(before), short(after));
            if before == after {
                return format!("{}, changed inside", palette.paint(palette.changed, &after));
            }
            format!("{} → {}", palette.paint(palette.removed, &before), palette.paint(palette.added, &after))
        }
    }
}

/// Whether both are addresses of one file whose signatures, of which nothing is shown, are all that can differ.
fn is_signed_anew(before: &str, after: &str) -> bool {
    let is_signed = |text: &str| text.split_once('?').is_some_and(|(_, query)| query.contains(REDACTED));
    is_address(after) && is_signed(after) && is_signed(before) && without_query(before) == without_query(after)
}

/// Whether two texts are compared word by word, rather than shown whole.
pub(super) fn are_read_as_one(before: &str, after: &str) -> bool {
    (is_long(before) || is_long(after)) && !(is_address(before) && is_address(after))
}

/// Whether a text is long enough to be compared word by word.
pub(super) fn is_long(text: &str) -> bool {
    text.chars().count() > SHORT / 2
}

/// Whether a line shows only the beginning of a text.
pub(super) fn is_cut(value: &Value) -> bool {
    value.as_str().is_some_and(|text| told(text).chars().count() + 2 > SHORT)
}

pub(super) fn is_address(text: &str) -> bool {
    (text.starts_with("https://") || text.starts_with("http://")) && !text.contains(char::is_whitespace)
}

/// The part of an address that names the file.
pub(super) fn without_query(address: &str) -> &str {
    address.split('?').next().unwrap_or_default()
}

/// What came into a set and what left it.
pub(super) fn members(palette: &Palette, before: &[Value], after: &[Value]) -> String {
    let alikes = LookAlikes::among(before.iter().chain(after));
    let names = |items: &[Value]| items.iter().map(|item| plain(&alikes.value(item))).collect::<BTreeSet<_>>();
    let (before, after) = (names(before), names(after));
    let added = after.difference(&before).map(|name| palette.paint(palette.added, &format!("+{name}")));
    let removed = before.difference(&after).map(|name| palette.paint(palette.removed, &format!("-{name}")));
    added.chain(removed).collect::<Vec<_>>().join(" ")
}

/// The leaves below a value that is added or removed as a whole, as `name: value` lines.
pub(super) fn leaves(rules: Rules<'_>, value: &Value) -> Vec<String> {
    named_leaves(rules, value).into_iter().map(|(name, leaf)| format!("{name}: {}", short(leaf))).collect()
}

/// The leaves below a value, each with its place in words; of a value that is a leaf, itself without a place.
pub(super) fn named_leaves<'value>(rules: Rules<'_>, value: &'value Value) -> Vec<(String, &'value Value)> {
    let mut found = Vec::new();
    collect(rules, &mut Vec::new(), value, &mut found);
    found
}

/// Whether a value is told by its fields.
pub(super) fn is_compound(value: &Value) -> bool {
    match value {
        Value::Object(_) => secret_name(value).is_none(),
        Value::Array(items) => items.iter().any(Value::is_object),
        _ => false,
    }
}

/// The leaves in which two compound values differ; none for other values, and none for sets, whose members are told.
pub(super) fn changed_leaves(rules: Rules<'_>, before: &Value, after: &Value) -> Vec<Stretch> {
    if !is_compound(before) || !is_compound(after) || rules.field().list == ListRule::Set {
        return Vec::new();
    }
    let [before, after] = apart(before, after).map(|value| leaves(rules, &value));
    let out = before.iter().filter(|line| !after.contains(line)).map(|line| Stretch::Out(line.clone()));
    let come = after.iter().filter(|line| !before.contains(line)).map(|line| Stretch::In(line.clone()));
    out.chain(come).collect()
}

fn collect<'value>(
    rules: Rules<'_>,
    names: &mut Vec<String>,
    value: &'value Value,
    found: &mut Vec<(String, &'value Value)>,
) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(map) if secret_name(value).is_none() => {
            map.iter().map(|(key, item)| (key.clone(), item)).collect()
        }
        Value::Array(items) if items.iter().any(Value::is_object) => items
            .iter()
            .enumerate()
            .map(|(index, item)| match &rules.field().list {
                ListRule::Keyed(key) => (item.get(key).map_or_else(|| index.to_string(), plain), item),
                _ => (index.to_string(), item),
            })
            .collect(),
        _ => {
            found.push((names.join(" › "), value));
            return;
        }
    };
    for (key, item) in children {
        names.push(title(rules.child(&key), &key));
        collect(rules.child(&key), names, item, found);
        names.pop();
    }
}

/// The name of a field: the catalogue's title, else its key without the namespace. What a manifest names itself, such
/// as an offer plan or an image version, keeps its name.
pub(super) fn title(rules: Rules<'_>, key: &str) -> String {
    let field = rules.field();
    match &field.title {
        Some(title) if field.is_named_by_people() => format!("{title} {}", single_line(key)),
        Some(title) => title.clone(),
        None => single_line(key.rsplit('.').next().unwrap_or(key)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::offer::{Catalogue, FieldPath};

    fn rules(path: &str) -> Rules<'static> {
        Catalogue::built_in().rules_at(&FieldPath::parse(path).unwrap())
    }

    #[test]
    fn a_value_fits_on_one_line() {
        let values = [
            json!("Contoso\nVM"),
            json!(636_576_975_611_768_314_u64),
            json!(["US", "DE"]),
            json!([{"a": 1}]),
            json!({"a": 1, "b": 2}),
            json!({"$secret": "LEADS"}),
            json!("x".repeat(100)),
        ];
        let lines: Vec<_> = values.iter().map(short).collect();
        insta::assert_snapshot!(lines.join("\n"), @r#"
        "Contoso⏎VM"
        636576975611768314
        [US, DE]
        1 element
        2 fields
        secret from LEADS
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…"
        "#);
    }

    #[test]
    fn what_happened_to_a_value_is_told_by_what_it_is() {
        let told = |path: &str, before: Value, after: Value| replaced(&Palette::PLAIN, rules(path), &before, &after);
        let lines = [
            told("/definition/plans/gold/regions", json!(["US", "DE"]), json!(["FR", "DE", "AU"])),
            told("/definition/offer/x.videos", json!(["a", "b"]), json!(["b", "a"])),
            told("/definition/offer/x.videos", json!([{"name": "a"}]), json!([{"name": "b"}])),
            told("/definition/offer/x.title", json!("VM"), json!("Machine")),
            told(
                "/definition/offer/x.summary",
                json!("A machine for the whole company and its many friends"),
                json!("A machine for the whole company and its few friends"),
            ),
            told(
                "/definition/plans/gold/x.vmImages/1.0.0/osVhdUrl",
                json!("https://store.example/a.vhd?sv=1&sig=x"),
                json!("https://store.example/b.vhd?sv=1&sig=y"),
            ),
        ];
        insta::assert_snapshot!(lines.join("\n"), @r#"
        +AU +FR -US
        [a, b] → [b, a]
        1 element, changed inside
        "VM" → "Machine"
        … for the whole company and its [-many-]{+few+} friends
        https://store.example/a.vhd → https://store.example/b.vhd
        "#);
    }

    #[test]
    fn what_looks_alike_is_told_apart() {
        let told = |path: &str, before: Value, after: Value| replaced(&Palette::PLAIN, rules(path), &before, &after);
        let inside = changed_leaves(
            rules("/definition/offer/x.videos"),
            &json!([{"name": "a b"}]),
            &json!([{"name": "a\u{a0}b"}]),
        );
        let lines = [
            told("/definition/offer/x.title", json!("VM"), json!("VM\u{200b}")),
            told("/definition/offer/x.title", json!(""), json!("\u{200b}")),
            told("/definition/plans/gold/regions", json!(["US", "DE"]), json!(["US ", "DE"])),
            told("/definition/offer/x.link", json!("https://a.example/b"), json!("https://a.example/b\u{feff}")),
            format!("{inside:?}"),
            short(&json!("\u{200b}")),
            short(&json!("Contoso VM\u{202e} exe")),
            short(&json!(["US\u{200b}", "DE"])),
            short(&json!("https://a.b/\u{2066}x")),
        ];
        insta::assert_snapshot!(lines.join("\n"), @r#"
        "VM" → "VM\u{200b}"
        "" → "\u{200b}"
        +US\u{20} -US
        https://a.example/b → https://a.example/b\u{feff}
        [Out("0 › name: \"a b\""), In("0 › name: \"a\\u{a0}b\"")]
        "\u{200b}"
        "Contoso VM\u{202e} exe"
        [US\u{200b}, DE]
        "https://a.b/\u{2066}x"
        "#);
    }

    #[test]
    fn what_is_added_as_a_whole_is_listed_by_its_leaves() {
        let plan = json!({
            "planId": "gold",
            "regions": ["US"],
            "virtualMachinePricing": {"isByol": true},
            "x.vmImages": {"1.0.0": {"label": "one", "lunVhdDetails": [{"lun": 0, "name": "data"}]}},
            "x.unknownKey": {"a": null},
        });
        insta::assert_snapshot!(leaves(rules("/definition/plans/gold"), &plan).join("\n"), @r#"
        Offer plan id: "gold"
        Regions: [US]
        Price › Bring your own license: true
        Images › Image 1.0.0 › Label: "one"
        Images › Image 1.0.0 › Data disks › Data disk 0 › LUN: 0
        Images › Image 1.0.0 › Data disks › Data disk 0 › Data disk name: "data"
        unknownKey › a: null
        "#);
    }
}
