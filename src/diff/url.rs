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
}
