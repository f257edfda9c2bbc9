//! Differences as a table, a field a row, each told by what kind of value it is.

use maud::{Markup, html};
use serde_json::Value;

use super::text::{line, marked, present, told_line, word_by_word};
use crate::diff::{Difference, is_secret_placeholder};
use crate::offer::{Catalogue, FieldPath, ListRule, Rules};
use crate::plan::Presence;
use crate::render::Redaction;
use crate::render::content_words::{content_words, only_content};
use crate::render::look_alike::LookAlikes;
use crate::render::plan_text::{LISTED_LEAVES, place};
use crate::render::value_text::{
    changed_leaves, counted, is_address, is_compound, is_long, leaves, short, without_query,
};
use crate::render::words::Stretch;

/// The differences, each with a remark.
pub(super) fn table(caption: &str, sides: [&str; 2], rows: &[(&Difference, Markup)]) -> Markup {
    html! {
        div class="scroll" tabindex="0" role="region" aria-label=(caption) {
            table class="changes" {
                caption { (caption) }
                thead {
                    tr {
                        th scope="col" class="name" { "Field" }
                        @for side in sides { th scope="col" { (side) } }
                        th scope="col" class="remarks" { "Remarks" }
                    }
                }
                tbody {
                    @for (difference, remark) in rows {
                        tr { (field(&difference.path)) (values(difference)) td { (remark) } }
                    }
                }
            }
        }
    }
}

/// The name of a field, as the head of a row.
pub(super) fn field(path: &FieldPath) -> Markup {
    html! { th scope="row" { (place(path)) } }
}

/// Both sides, as one cell where they are read as one.
fn values(difference: &Difference) -> Markup {
    if let Some(content) = only_content(difference) {
        return html! { td colspan="2" { (line(&content_words(content))) } };
    }
    let rules = Catalogue::built_in().rules_at(&difference.path);
    let [before, after] = redacted(difference);
    if let (Some(before), Some(after)) = (&before, &after)
        && let Some(both) = read_as_one(rules, before, after)
    {
        return html! { td colspan="2" { (both) } };
    }
    let alikes = LookAlikes::among([&before, &after].into_iter().flatten());
    html! {
        @for (value, presence) in [(before, Presence::Removed), (after, Presence::Added)] {
            td { @match value { Some(value) => (present(presence, &whole(rules, &alikes.value(&value)))), None => "not set" } }
        }
    }
}

/// Both values of a difference, fit to be seen.
pub(super) fn redacted(difference: &Difference) -> [Option<Value>; 2] {
    let redaction = Redaction::default();
    [&difference.before, &difference.after]
        .map(|value| value.as_ref().map(|value| redaction.value(&difference.path, value)))
}

/// Two values as one: long texts word by word, sets by their members, compound values by their fields.
pub(super) fn read_as_one(rules: Rules<'_>, before: &Value, after: &Value) -> Option<Markup> {
    Some(match (before, after) {
        (one, other) if one == other && is_secret_placeholder(other) => {
            html! { (short(other)) ", of which the value changed" }
        }
        (Value::String(one), Value::String(other)) if is_address(one) || is_address(other) => return None,
        (Value::String(one), Value::String(other)) if is_long(one) || is_long(other) => word_by_word(one, other),
        (Value::Array(one), Value::Array(other)) if rules.field().list == ListRule::Set => members(one, other),
        (one, other) if is_compound(one) && is_compound(other) => listed(&changed_leaves(rules, one, other)),
        _ => return None,
    })
}

fn members(before: &[Value], after: &[Value]) -> Markup {
    let alikes = LookAlikes::among(before.iter().chain(after));
    let told = |item: &Value| item.as_str().map_or_else(|| short(item), |text| alikes.text(text));
    let come = after.iter().filter(|item| !before.contains(item)).map(|item| (Presence::Added, item));
    let gone = before.iter().filter(|item| !after.contains(item)).map(|item| (Presence::Removed, item));
    html! {
        ul class="chips" {
            @for (presence, item) in come.chain(gone) {
                li { (present(presence, &told_line(&told(item)))) }
            }
        }
    }
}

/// One value, whole or by its fields.
pub(super) fn whole(rules: Rules<'_>, value: &Value) -> Markup {
    match value {
        Value::String(text) if is_address(text) => html! { code { (told_line(without_query(text))) } },
        value if is_compound(value) => listed(&leaves(rules, value).into_iter().map(Stretch::Kept).collect::<Vec<_>>()),
        value => html! { (short(value)) },
    }
}

fn listed(lines: &[Stretch]) -> Markup {
    html! {
        ul class="plain" {
            @for line in lines.iter().take(LISTED_LEAVES) { li { (marked(line)) } }
            @if lines.len() > LISTED_LEAVES { li { "… and " (counted(lines.len() - LISTED_LEAVES, "more field")) } }
        }
    }
}
