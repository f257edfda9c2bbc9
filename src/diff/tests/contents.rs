//! Local files behind addresses: what their content says besides the addresses.

use super::*;

const FIELD: &str = "/definition/offer/x.smallLogo";
const SOURCE: &str = "https://contoso.com/logos/small.png";
const SERVED: &str = "https://publishingstoredm.blob.core.windows.net/prodcontent/one.png?sv=1&sig=x";
const THEIRS: &str = "https://publishingstoredm.blob.core.windows.net/prodcontent/theirs.png?sv=1&sig=x";

fn logo(url: &str) -> Value {
    offer(json!({"x.smallLogo": url}))
}

fn file(url: &str, content: &str) -> LocalFile {
    LocalFile {
        field: path(FIELD),
        url: url.to_owned(),
        file: "assets/small.png".into(),
        digest: FileDigest::of(content.as_bytes()),
    }
}

/// What is known after an address was sent; with the content of a local file, where the manifest named one.
fn sent(content: Option<&str>) -> MediaRecords {
    let mut records = MediaRecords::default();
    let files: Vec<_> = content.map(|content| file(SOURCE, content)).into_iter().collect();
    let files: Vec<_> = files.iter().collect();
    record_media(Catalogue::built_in(), &logo(SOURCE), &logo(SOURCE), &files, &logo(SERVED), &mut records);
    records
}

#[test]
fn a_content_is_compared_with_the_one_that_was_sent() {
    let tried = [
        ("no record", MediaRecords::default()),
        ("sent without a file", sent(None)),
        ("sent with the old content", sent(Some("old"))),
    ];
    let mut table = String::new();
    for (what, media) in &tried {
        for (name, content, url, observed) in [
            ("same content", "old", SOURCE, SERVED),
            ("other content", "new", SOURCE, SERVED),
            ("same content, theirs served", "old", SOURCE, THEIRS),
            ("other content, theirs served", "new", SOURCE, THEIRS),
            ("other content and address", "new", "https://contoso.com/logos/2.png", SERVED),
        ] {
            let word = |media_trust| {
                let local_files = vec![file(url, content)];
                let knowledge = Knowledge { media: media.clone(), media_trust, local_files, ..Knowledge::default() };
                let comparison = knowledge.compare(&logo(url), &logo(observed), Some(&logo(SOURCE)));
                let class = comparison.differences.first().map(|found| format!("{:?}", found.class).to_lowercase());
                let unknown = if comparison.unverifiable.is_empty() { "in sync" } else { "unverifiable" };
                class.unwrap_or_else(|| unknown.to_owned())
            };
            writeln!(
                table,
                "{what}, {name}: {}, resend: {}, just written: {}",
                word(MediaTrust::Unverifiable),
                word(MediaTrust::Resend),
                word(MediaTrust::JustWritten)
            )
            .unwrap();
        }
    }
    insta::assert_snapshot!(table, @"
    no record, same content: unverifiable, resend: drift, just written: in sync
    no record, other content: unverifiable, resend: drift, just written: in sync
    no record, same content, theirs served: unverifiable, resend: drift, just written: in sync
    no record, other content, theirs served: unverifiable, resend: drift, just written: in sync
    no record, other content and address: pending, resend: conflict, just written: in sync
    sent without a file, same content: unverifiable, resend: pending, just written: in sync
    sent without a file, other content: unverifiable, resend: pending, just written: in sync
    sent without a file, same content, theirs served: drift, resend: drift, just written: in sync
    sent without a file, other content, theirs served: drift, resend: drift, just written: in sync
    sent without a file, other content and address: pending, resend: pending, just written: in sync
    sent with the old content, same content: in sync, resend: in sync, just written: in sync
    sent with the old content, other content: pending, resend: pending, just written: in sync
    sent with the old content, same content, theirs served: drift, resend: drift, just written: in sync
    sent with the old content, other content, theirs served: conflict, resend: conflict, just written: in sync
    sent with the old content, other content and address: pending, resend: pending, just written: in sync
    ");
}

#[test]
fn a_change_of_content_names_both_and_sends_the_address_again() {
    let knowledge =
        Knowledge { media: sent(Some("old")), local_files: vec![file(SOURCE, "new")], ..Knowledge::default() };
    let comparison = knowledge.compare(&logo(SOURCE), &logo(SERVED), Some(&logo(SOURCE)));
    insta::assert_snapshot!(story(&comparison), @r#"/definition/offer/x.smallLogo: pending replace, "https://publishingstoredm.blob.core.windows.net/prodcontent/one.png?sv=1&sig=x" → "https://contoso.com/logos/small.png" [assets/small.png: cba06b5736fa → 11507a0e2f5e]"#);
    let body = knowledge.sent_after(&logo(SOURCE), &logo(SERVED), Some(&logo(SOURCE)));
    assert_eq!(body, logo(SOURCE));
}

#[test]
fn a_waived_file_is_shown_and_not_sent() {
    let ignore = vec![waiver(FIELD)];
    let knowledge =
        Knowledge { media: sent(Some("old")), local_files: vec![file(SOURCE, "new")], ignore, ..Knowledge::default() };
    assert_eq!(knowledge.sent_after(&logo(SOURCE), &logo(SERVED), Some(&logo(SOURCE))), logo(SERVED));
    let comparison = knowledge.compare(&logo(SOURCE), &logo(SERVED), Some(&logo(SOURCE)));
    assert!(comparison.is_in_sync() && comparison.differences.len() == 1);
}

#[test]
fn a_file_in_a_list_is_sent_again_in_its_place_alone() {
    let shots = |urls: [&str; 2]| offer(json!({"x.screenshots": [{"name": "a", "url": urls[0]}, urls[1]]}));
    let (desired, served) = (shots([SOURCE, "https://contoso.com/2.png"]), shots([SERVED, THEIRS]));
    let at =
        |content: &str| LocalFile { field: path("/definition/offer/x.screenshots/0/url"), ..file(SOURCE, content) };
    let mut media = MediaRecords::default();
    record_media(Catalogue::built_in(), &desired, &desired, &[&at("old")], &served, &mut media);
    let knowledge = Knowledge { media, local_files: vec![at("new")], ..Knowledge::default() };
    let body = knowledge.sent_after(&desired, &served, Some(&desired));
    assert_eq!(body, shots([SOURCE, THEIRS]));
}

#[test]
fn what_was_served_for_an_earlier_content_is_no_longer_ours() {
    let mut media = sent(Some("old"));
    let new = file(SOURCE, "new");
    record_media(Catalogue::built_in(), &logo(SOURCE), &logo(SOURCE), &[&new], &logo(THEIRS), &mut media);
    let record = media.get(&path(FIELD)).unwrap();
    assert_eq!(record.served, ["publishingstoredm.blob.core.windows.net/prodcontent/theirs.png"]);
    assert_eq!(record.former, ["publishingstoredm.blob.core.windows.net/prodcontent/one.png"]);
    // A slot that still serves the file of the old content is not right yet.
    let knowledge =
        Knowledge { media, media_trust: MediaTrust::InSlot, local_files: vec![new], ..Knowledge::default() };
    assert_eq!(knowledge.word(&logo(SOURCE), &logo(SERVED)), "different");
    assert_eq!(knowledge.word(&logo(SOURCE), &logo(THEIRS)), "same");
}

#[test]
fn a_file_that_the_service_does_not_copy_is_compared_too() {
    let mut media = MediaRecords::default();
    record_media(
        Catalogue::built_in(),
        &logo(SOURCE),
        &logo(SOURCE),
        &[&file(SOURCE, "old")],
        &logo(SOURCE),
        &mut media,
    );
    let with = |content: &str| {
        let local_files = vec![file(SOURCE, content)];
        Knowledge { media: media.clone(), local_files, ..Knowledge::default() }.word(&logo(SOURCE), &logo(SOURCE))
    };
    assert_eq!((with("old"), with("new")), ("same", "different"));
}

#[test]
fn a_content_is_taken_as_sent_only_where_its_address_is_known_to_be() {
    let mut media = sent(None);
    media.take_as_sent(&[file("https://contoso.com/other.png", "now")]);
    assert_eq!(media, sent(None));
    media.take_as_sent(&[file(SOURCE, "now")]);
    media.take_as_sent(&[file(SOURCE, "later")]);
    assert_eq!(media, sent(Some("now")));
}
