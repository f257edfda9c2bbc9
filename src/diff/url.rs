//! Addresses compared as the service treats them: a signature changes, the file behind it stays.

use url::Url;

/// An http address whose token may change while it names the same file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// Host, port and path; without the scheme, the query and the fragment.
    pub(super) file: String,
    /// The host alone, in lower case.
    pub(super) host: String,
    /// Whether a shared access signature is part of it.
    pub(super) signed: bool,
}

/// Reads a text that is an http(s) address and nothing else.
pub(super) fn address(text: &str) -> Option<Address> {
    let scheme_ends = text.find("://")?;
    let scheme = &text[..scheme_ends];
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let host = url.host_str()?.to_owned();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let signed = url.query_pairs().any(|(name, _)| name.eq_ignore_ascii_case("sig"));
    Some(Address { file: format!("{host}{port}{}", url.path()), host, signed })
}

/// The address without its query, of a text that is an address with a signature and nothing else.
pub(crate) fn signed_file(text: &str) -> Option<&str> {
    let (file, _) = text.split_once('?')?;
    address(text).is_some_and(|address| address.signed).then_some(file)
}

/// Whether two addresses, as they are spelt, are the same up to a query that signs the first.
///
/// Says so without taking them apart; of those that are spelt in different ways it says nothing.
pub(super) fn differ_only_in_signature(one: &str, other: &str) -> bool {
    let Some((file, query)) = one.split_once('?') else { return false };
    let signed = || query.split('&').any(|parameter| parameter.starts_with("sig="));
    (file.starts_with("https://") || file.starts_with("http://"))
        && other.strip_prefix(file).is_some_and(|rest| rest.is_empty() || rest.starts_with('?'))
        && signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_no_part_of_the_file() {
        let one = address("https://store.blob.core.windows.net/vhds/a.vhd?sv=1&sig=abc%3D&se=2026").unwrap();
        let other = address("HTTP://Store.blob.core.windows.net/vhds/a.vhd?sig=xyz").unwrap();
        assert!(one.signed && other.signed);
        assert_eq!(one.file, other.file);
        assert_ne!(address("https://store/vhds/b.vhd").unwrap().file, one.file);
        assert_eq!(address("see https://contoso.com"), None);
    }
    #[test]
    fn another_signature_is_seen_without_taking_the_address_apart() {
        let signed = "https://store/a.vhd?sv=1&sig=abc";
        let same = |other| differ_only_in_signature(signed, other);
        assert!(same("https://store/a.vhd?sig=xyz") && same("https://store/a.vhd"));
        assert!(!same("https://store/a.vhd2?sig=abc") && !same("https://store/b.vhd?sv=1&sig=abc"));
        assert!(!differ_only_in_signature("https://store/a.vhd?sv=1", "https://store/a.vhd?sv=2"));
        assert!(!differ_only_in_signature("see a?sig=1", "see a?sig=2"));
    }
}
