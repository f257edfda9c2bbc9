//! Shared access signatures and keys inside texts: whoever has one has the file, so none may be shown or kept.

use std::borrow::Cow;
use std::ops::Range;

use jiff::civil::Date;
use url::Url;

use super::{Catalogue, Field, ValueKind};

/// What stands in the place of what must not be shown.
pub const REDACTED: &str = "REDACTED";

/// The names of parameters whose values open something, as they stand in addresses (plain or percent-encoded, once or
/// twice) and in connection strings.
const NAMES: [&str; 7] =
    ["sig=", "sig%3d", "sig%253d", "signature=", "accountkey=", "sharedaccesskey=", "sharedaccesssignature="];

/// The values of signatures and keys in a text, in order and apart from each other, wherever they stand.
pub fn signature_values(text: &str) -> Vec<Range<usize>> {
    // Each name has one of them, and most texts have none.
    if !text.contains(['=', '%']) {
        return Vec::new();
    }
    let lower = text.to_ascii_lowercase();
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(begin) = next_value(&lower, from) {
        let is_part = |character: char| character.is_alphanumeric() || "%+/=_-.~".contains(character);
        let length = lower[begin..].find(|character| !is_part(character)).unwrap_or(lower.len() - begin);
        if length > 0 {
            found.push(begin..begin + length);
        }
        from = begin + length;
    }
    found
}

/// Where the next value begins. A name counts only as a whole word of a query or of a connection string.
fn next_value(lower: &str, from: usize) -> Option<usize> {
    let value_of = |name: &str| {
        let mut names = lower[from..].match_indices(name).map(|(offset, _)| from + offset);
        names.find(|at| begins_a_word(&lower[..*at])).map(|at| at + name.len())
    };
    NAMES.into_iter().filter_map(value_of).min()
}

fn begins_a_word(before: &str) -> bool {
    let encoded = ["%26", "%3f", "%3b", "%2526", "%253f", "%253b"];
    !before.ends_with(char::is_alphanumeric) || encoded.iter().any(|end| before.ends_with(end))
}

/// The text with every signature and key hidden.
pub fn without_signatures(text: &str) -> Cow<'_, str> {
    let values = signature_values(text);
    if values.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut from = 0;
    for value in values {
        shown.push_str(&text[from..value.start]);
        shown.push_str(REDACTED);
        from = value.end;
    }
    shown.push_str(&text[from..]);
    Cow::Owned(shown)
}

/// Whether a text holds what is shown in the place of a signature; `field` is where it stands.
pub fn is_hidden(field: &Field, text: &str) -> bool {
    if !text.contains(REDACTED) {
        return false;
    }
    let is_hidden_value = |value: Range<usize>| text[value].trim_end_matches(['.', '=']) == REDACTED;
    // Behind the address of a sensitive file everything is hidden.
    let is_cut_off = || field.sensitive && text.ends_with(&format!("?{REDACTED}"));
    let is_whole = || field.value == ValueKind::Secret && text == REDACTED;
    signature_values(text).into_iter().any(is_hidden_value) || is_cut_off() || is_whole()
}

/// The last day of a signed address: `se` of its query. One without `se` ends with a policy that only the store knows, and
/// the service renews those of its own storage.
pub fn signed_until(catalogue: &Catalogue, text: &str) -> Option<Date> {
    if !text.contains("sig=") || !text.contains("se=") {
        return None;
    }
    let url =
        Url::parse(text).ok().filter(|url| !url.host_str().is_some_and(|host| catalogue.is_media_storage(host)))?;
    let value = |name: &str| url.query_pairs().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    value("sig")?;
    value("se")?.get(..10)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_and_keys_disappear_wherever_they_stand() {
        let shown = |text| without_signatures(text);
        insta::assert_snapshot!(
            shown("see https://a/b.vhd?sv=1&sig=abc%3D&se=2 and HTTPS://c?SIG=def\" or x?sig=last"),
            @r#"see https://a/b.vhd?sv=1&sig=REDACTED&se=2 and HTTPS://c?SIG=REDACTED" or x?sig=REDACTED"#
        );
        assert_eq!(shown("to=https%3A%2F%2Fa%3Fsv%3D1%26sig%3Dabc"), "to=https%3A%2F%2Fa%3Fsv%3D1%26sig%3DREDACTED");
        assert_eq!(shown("Account=a;AccountKey=hunter2==;x=1"), "Account=a;AccountKey=REDACTED;x=1");
        assert_eq!(shown("design=modern sig= nothing"), "design=modern sig= nothing");
        assert_eq!(shown("ünïcode ?sig=ÄÖ rest"), "ünïcode ?sig=REDACTED rest");
        assert_eq!(shown(&shown("?sig=a&b=1")), shown("?sig=a&b=1"));
    }

    #[test]
    fn what_stands_in_the_place_of_a_signature_is_known_again() {
        let field = |value, sensitive| Field { value, sensitive, ..Field::default() };
        let text = field(ValueKind::Text, false);
        for hidden in
            ["https://a/b.vhd?sv=1&sig=REDACTED&se=2", "Account=a;AccountKey=REDACTED;x=1", "see ?sig=REDACTED."]
        {
            assert!(is_hidden(&text, hidden), "{hidden}");
        }
        for fine in ["REDACTED", "call it with ?token=REDACTED", "https://a/b?REDACTED", "sig=REDACTEDNESS"] {
            assert!(!is_hidden(&text, fine), "{fine}");
        }
        assert!(is_hidden(&field(ValueKind::Media, true), "https://a/b?REDACTED"));
        assert!(is_hidden(&field(ValueKind::Secret, true), "REDACTED"));
    }
}
