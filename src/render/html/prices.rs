//! Prices as a table: what each is for, what it is now, what it will be, and by how much that is more or less.

use maud::{Markup, html};

use super::text::{line, told_line};
use crate::plan::ListedItem;
use crate::render::value_text::counted;

/// The prices of an offer plan; those that stay are folded.
pub(super) fn prices(caption: &str, items: &[ListedItem]) -> Markup {
    let (same, changed): (Vec<_>, Vec<_>) = items.iter().partition(|item| item.before == item.after);
    html! {
        @if !changed.is_empty() { (table(caption, &changed)) }
        @if !same.is_empty() && !changed.is_empty() {
            details {
                summary { (counted(same.len(), "price")) @if same.len() == 1 { " stays" } @else { " stay" } }
                (table(&format!("{caption}, unchanged"), &same))
            }
        } @else if !same.is_empty() {
            (table(caption, &same))
        }
    }
}

fn table(caption: &str, items: &[&ListedItem]) -> Markup {
    html! {
        table class="prices" {
            caption { (line(caption)) }
            thead {
                tr {
                    th scope="col" { "For" }
                    th scope="col" class="number" { "Now" }
                    th scope="col" class="number" { "After" }
                    th scope="col" class="number" { "Change" }
                }
            }
            tbody {
                @for item in items {
                    tr {
                        th scope="row" { (told_line(&item.name)) }
                        (cell(item.before.as_deref(), item.before == item.after, "gone"))
                        (cell(item.after.as_deref(), item.before == item.after, "come"))
                        td class="number" { (change(item.before.as_deref(), item.after.as_deref())) }
                    }
                }
            }
        }
    }
}

fn cell(price: Option<&str>, same: bool, class: &str) -> Markup {
    let class = if same || price.is_none() { "number".to_owned() } else { format!("number {class}") };
    html! { td class=(class) { @match price { Some(price) => (line(price)), None => "–" } } }
}

/// How a price changes, in words that need no colour.
fn change(before: Option<&str>, after: Option<&str>) -> String {
    let number = |price: Option<&str>| price.and_then(|price| price.parse::<f64>().ok());
    match (before, after) {
        _ if before == after => "stays".to_owned(),
        (None, _) => "new".to_owned(),
        (_, None) => "removed".to_owned(),
        _ => match (number(before), number(after)) {
            (Some(was), Some(is)) if was > 0.0 => format!("{:+.1} %", (is / was - 1.0) * 100.0),
            _ => "changed".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_in_percent_where_there_is_one() {
        let told = [
            (Some("0.1"), Some("0.15")),
            (Some("0.2"), Some("0.1")),
            (Some("3"), Some("3.001")),
            (Some("0"), Some("1")),
            (None, Some("1")),
            (Some("1"), None),
            (Some("1"), Some("1")),
        ];
        let told = told.map(|(before, after)| change(before, after));
        assert_eq!(told.join(", "), "+50.0 %, -50.0 %, +0.0 %, changed, new, removed, stays");
    }
}
