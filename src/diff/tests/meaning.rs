//! When two values mean the same: each rule with a pair that it makes equal and the nearest pair that it does not.

use super::*;

/// Checks rows of `desired, observed, word`.
#[track_caller]
fn check(knowledge: &Knowledge, document: fn(Value) -> Value, rows: Vec<(Value, Value, &str)>) {
    for (desired, observed, word) in rows {
        let found = knowledge.word(&document(desired.clone()), &document(observed.clone()));
        assert_eq!(found, word, "desired {desired}, observed {observed}");
    }
}

#[test]
fn unset_is_spelt_in_five_ways() {
    let spellings = [json!({}), json!({"f": null}), json!({"f": ""}), json!({"f": []}), json!({"f": {}})];
    for desired in &spellings {
        for observed in &spellings {
            assert_eq!(
                Knowledge::default().word(&offer(desired.clone()), &offer(observed.clone())),
                "same",
                "{desired} and {observed}"
            );
        }
    }
    let set = [json!(0), json!(false), json!("x"), json!([""]), json!({"a": 0}), json!([null])];
    for value in set {
        let set = offer(json!({"f": value}));
        for unset in &spellings {
            assert_eq!(Knowledge::default().word(&set, &offer(unset.clone())), "different", "{set} and {unset}");
        }
        for unset in &spellings[1..] {
            let kept = unset.get("f") == Some(&json!({})) && value.is_object();
            let word = if kept { "same" } else { "different" };
            assert_eq!(Knowledge::default().word(&offer(unset.clone()), &set), word, "{unset} and {set}");
        }
    }
}

#[test]
fn what_the_service_adds_by_itself_is_no_difference() {
    let rows = |key: &'static str, default: Value, other: Value| {
        let with = |value: Value| json!({key: value});
        let mut rows = vec![(with(default.clone()), with(default.clone()), "same")];
        for unset in [json!({}), with(json!(null)), with(json!("")), with(json!([])), with(json!({}))] {
            rows.push((unset.clone(), with(default.clone()), "same"));
            rows.push((with(default.clone()), unset.clone(), "same"));
            rows.push((with(other.clone()), unset, "different"));
        }
        rows.push((with(json!(null)), with(other.clone()), "different"));
        rows.push((with(other.clone()), with(default), "different"));
        rows
    };
    let knowledge = Knowledge::default();
    check(&knowledge, offer, rows("x.useEnterpriseContract", json!(false), json!(true)));
    check(&knowledge, offer, rows("x.customAmendments", json!(null), json!("x")));
    check(&knowledge, offer, rows("x.categories", json!([]), json!(["a"])));
    check(&knowledge, plan, rows("x.supportsExtensions", json!(true), json!(false)));
    check(&knowledge, plan, rows("x.generation", json!("1"), json!("2")));
    check(
        &knowledge,
        plan,
        rows("x.patchOptions", json!({"supportsHotpatch": false}), json!({"supportsHotpatch": true})),
    );
    // What follows from a sibling: `legacyPlanId` is `planId` unless something else was sent.
    check(
        &knowledge,
        plan,
        vec![
            (json!({"x.legacyPlanId": "gold"}), json!({}), "same"),
            (json!({"x.legacyPlanId": "old"}), json!({}), "different"),
            (json!({"x.legacyPlanId": "gold"}), json!({"x.legacyPlanId": "old"}), "different"),
        ],
    );
}

#[test]
fn numbers_are_compared_by_value_and_exactly() {
    check(
        &Knowledge::default(),
        |value| offer(json!({"n": value})),
        vec![
            (json!(1), json!(1.0), "same"),
            (json!(1.0), json!(1), "same"),
            (json!(-0.0), json!(0), "same"),
            (json!(0.1), json!(0.10), "same"),
            (json!(1), json!(1.5), "different"),
            (json!(1), json!("1"), "different"),
            (json!(1), json!(true), "different"),
            (json!(636_576_975_611_768_314_u64), json!(636_576_975_611_768_314_u64), "same"),
            (json!(636_576_975_611_768_314_u64), json!(636_576_975_611_768_315_u64), "different"),
            (json!(636_576_975_611_768_314_u64), json!(636_576_975_611_768_314_f64), "different"),
            (json!(636_576_975_611_768_320_u64), json!(636_576_975_611_768_314_f64), "same"),
            (json!(u64::MAX), json!(u64::MAX), "same"),
            (json!(u64::MAX), json!(-1), "different"),
        ],
    );
}

#[test]
fn text_is_compared_exactly() {
    check(
        &Knowledge::default(),
        |value| offer(json!({"x.description": value})),
        vec![
            (json!("<p>One</p>"), json!("<p>One</p>"), "same"),
            (json!("<p>One</p>"), json!("<p>One</p>\n"), "different"),
            (json!("<p>One</p>"), json!("<P>One</P>"), "different"),
            (json!("1.10"), json!("1.1"), "different"),
        ],
    );
}

#[test]
fn sets_have_no_order_and_atomic_lists_have() {
    let regions = |value| plan(json!({"regions": value}));
    check(
        &Knowledge::default(),
        regions,
        vec![
            (json!(["US", "DE"]), json!(["DE", "US"]), "same"),
            (json!(["US", "US"]), json!(["US"]), "same"),
            (json!(["US"]), json!(["US", "DE"]), "different"),
            (json!(["US", "DE"]), json!(["US"]), "different"),
            (json!(["US"]), json!(["us"]), "different"),
        ],
    );
    let ports = |value| plan(json!({"x.openPorts": value}));
    check(
        &Knowledge::default(),
        ports,
        vec![
            (json!([22, {"port": 80}]), json!([{"port": 80}, 22.0]), "same"),
            (json!([22]), json!([22, 80]), "different"),
        ],
    );
    let atomic = |value| offer(json!({"x.videos": value}));
    check(
        &Knowledge::default(),
        atomic,
        vec![
            (json!([{"name": "a"}, {"name": "b"}]), json!([{"name": "a", "id": 1}, {"name": "b"}]), "same"),
            (json!([{"name": "a"}, {"name": "b"}]), json!([{"name": "b"}, {"name": "a"}]), "different"),
            (json!([{"name": "a"}]), json!([{"name": "a"}, {"name": "b"}]), "different"),
        ],
    );
}

#[test]
fn elements_of_keyed_lists_are_found_by_their_key() {
    check(
        &Knowledge::default(),
        plans,
        vec![
            (
                json!([{"planId": "gold", "a": 1}, {"planId": "tin", "a": 2}]),
                json!([{"planId": "tin", "a": 2}, {"planId": "gold", "a": 1, "more": true}]),
                "same",
            ),
            (json!([{"planId": "gold", "a": 1}]), json!([{"planId": "tin", "a": 1}]), "different"),
            (json!([{"planId": "gold", "a": 1}]), json!([{"planId": "Gold", "a": 1}]), "different"),
            (json!([]), json!([{"planId": "tin"}]), "same"),
        ],
    );
    // A LUN is a number, and may be written as a text.
    let luns = |value| plan(json!({"x.vmImages": {"1.0.0": {"lunVhdDetails": value}}}));
    check(
        &Knowledge::default(),
        luns,
        vec![
            (json!([{"lun": 1, "a": 1}, {"lun": 0}]), json!([{"lun": 0}, {"lun": 1, "a": 1}]), "same"),
            (json!([{"lun": 1, "a": 1}]), json!([{"lun": 1, "a": 2}]), "different"),
        ],
    );
}

#[test]
fn a_field_is_found_where_the_service_puts_it() {
    check(
        &Knowledge::default(),
        plan,
        vec![
            (json!({"x.windowsOSType": "Other"}), json!({"x.osType": "Other"}), "same"),
            (json!({"x.windowsOSType": "Other"}), json!({"x.osType": "Windows"}), "different"),
            (json!({"x.windowsOSType": "Other"}), json!({"y.osType": "Other"}), "unverifiable"),
            (json!({"x.windowsOSType": "Other"}), json!({"x.osType": null}), "different"),
            (json!({"x.osType": "Other"}), json!({"x.osType": "Other"}), "same"),
            (
                json!({"virtualMachinePricing": {"isByol": true}}),
                json!({"virtualMachinePricingV2": {"isByol": true}}),
                "same",
            ),
            (
                json!({"virtualMachinePricing": {"isByol": true}}),
                json!({"virtualMachinePricingV2": {"isByol": false}}),
                "different",
            ),
            (
                json!({"virtualMachinePricing": {"isByol": true}}),
                json!({"virtualMachinePricing": {"isByol": true}, "virtualMachinePricingV2": {"isByol": true, "more": 1}}),
                "same",
            ),
        ],
    );
}

#[test]
fn a_disk_image_is_its_address_without_the_token() {
    let url = |value| plan(json!({"x.vmImages": {"1.0.0": {"osVhdUrl": value}}}));
    let one = "https://store.blob.core.windows.net/vhds/a.vhd?sv=2019&sig=one&se=2027-01-01";
    check(
        &Knowledge::default(),
        url,
        vec![
            (json!(one), json!("https://store.blob.core.windows.net/vhds/a.vhd?sv=2020&sig=two&se=2028-01-01"), "same"),
            (json!(one), json!("http://STORE.blob.core.windows.net/vhds/a.vhd"), "same"),
            (json!("https://store.blob.core.windows.net/vhds/a.vhd"), json!(one), "same"),
            (
                json!(one),
                json!("https://store.blob.core.windows.net/vhds/b.vhd?sv=2019&sig=one&se=2027-01-01"),
                "different",
            ),
            (
                json!(one),
                json!("https://other.blob.core.windows.net/vhds/a.vhd?sv=2019&sig=one&se=2027-01-01"),
                "different",
            ),
            (json!("https://contoso.com/?page=1"), json!("https://contoso.com/?page=2"), "different"),
        ],
    );
}

const SOURCE: &str = "https://contoso.com/logos/small.png";
const SERVED: &str = "https://publishingstoredm.blob.core.windows.net/prodcontent/one.png?sv=1&sig=x";
const SERVED_ELSE: &str = "https://publishingstoredm.blob.core.windows.net/prodcontent/two.png?sv=1&sig=x";

#[test]
fn a_served_file_is_ours_when_the_record_says_so() {
    let logo = |url: &str| offer(json!({"x.smallLogo": url}));
    let mut recorded = MediaRecords::default();
    record_media(Catalogue::built_in(), &logo(SOURCE), &logo(SOURCE), &[], &logo(SERVED), &mut recorded);
    let later = "https://publishingstoredm.blob.core.windows.net/prodcontent/one.png?sv=9&sig=y";
    let copied = "https://contoso.com/logos/other.png";

    let with =
        |media: &MediaRecords, media_trust| Knowledge { media: media.clone(), media_trust, ..Knowledge::default() };
    let mut table = String::new();
    for (what, media) in [("no record", &MediaRecords::default()), ("a record", &recorded)] {
        for (name, desired, observed) in [
            ("served as recorded", SOURCE, later),
            ("served another file", SOURCE, SERVED_ELSE),
            ("another source", copied, SERVED),
            ("not served by the service", SOURCE, copied),
            ("served, and wanted as served", SERVED, later),
            ("served, and another served one wanted", SERVED_ELSE, SERVED),
        ] {
            let word = |trust| with(media, trust).word(&logo(desired), &logo(observed));
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
    no record, served as recorded: unverifiable, resend: different, just written: same
    no record, served another file: unverifiable, resend: different, just written: same
    no record, another source: unverifiable, resend: different, just written: same
    no record, not served by the service: different, resend: different, just written: different
    no record, served, and wanted as served: same, resend: same, just written: same
    no record, served, and another served one wanted: different, resend: different, just written: same
    a record, served as recorded: same, resend: same, just written: same
    a record, served another file: different, resend: different, just written: same
    a record, another source: different, resend: different, just written: same
    a record, not served by the service: different, resend: different, just written: different
    a record, served, and wanted as served: same, resend: same, just written: same
    a record, served, and another served one wanted: different, resend: different, just written: same
    ");
}

#[test]
fn a_record_of_media_knows_every_slot_and_forgets_an_old_source() {
    let logo = |url: &str| offer(json!({"x.smallLogo": url}));
    let catalogue = Catalogue::built_in();
    let mut records = MediaRecords::default();
    record_media(catalogue, &logo(SOURCE), &logo(SOURCE), &[], &logo(SERVED), &mut records);
    record_media(catalogue, &logo(SOURCE), &logo(SOURCE), &[], &logo(SERVED_ELSE), &mut records);
    record_media(catalogue, &logo(SOURCE), &logo(SOURCE), &[], &logo(SERVED), &mut records);
    let place = path("/definition/offer/x.smallLogo");
    assert_eq!(records.get(&place).unwrap().served.len(), 2);
    assert!(!serde_json::to_string(&records).unwrap().contains("sig"), "no signature is recorded");
    record_media(
        catalogue,
        &logo("https://contoso.com/new.png"),
        &logo("https://contoso.com/new.png"),
        &[],
        &logo(SERVED_ELSE),
        &mut records,
    );
    let record = records.get(&place).unwrap();
    assert_eq!(record.source, "contoso.com/new.png");
    assert_eq!(record.served.len(), 1);
}

#[test]
fn a_waived_value_and_the_services_own_keys_are_never_compared() {
    let document = |version: u64, key: &str| json!({"version": version, "eTag": key, "definition": {"offer": {"microsoft-azure-corevm.legacyOfferId": key}}});
    assert_eq!(Knowledge::default().word(&document(1, "a"), &document(2, "b")), "same");
}

#[test]
fn a_value_that_is_no_secret_anywhere_is_compared_and_a_secret_is_not() {
    let leads = |value: Value| offer(json!({"x.crmLeadConfiguration": value}));
    let secret = json!({"$secret": "CRM"});
    check(
        &Knowledge::default(),
        leads,
        vec![
            (json!({"password": secret, "url": "https://crm"}), json!({"url": "https://crm"}), "unverifiable"),
            (json!({"password": secret, "url": "https://crm"}), json!({"url": "https://other"}), "different"),
        ],
    );
}

#[test]
fn a_set_of_signed_addresses_ignores_signatures_and_order() {
    // No field that is known is a set of addresses; the rule holds for one that comes.
    let set = |items: &[&str]| offer(json!({"x.allowedSubscriptions": items}));
    let [one, other] = ["https://store/a.vhd", "https://store/b.vhd"];
    let signed = set(&[&format!("{one}?sig=1"), &format!("{other}?sig=2")]);
    let word = |desired: &Value, observed: &Value| Knowledge::default().word(desired, observed);
    assert_eq!(word(&signed, &set(&[&format!("{other}?sig=3"), one])), "same");
    assert_eq!(word(&signed, &set(&[&format!("{other}?sig=3")])), "different");
    assert_eq!(word(&signed, &set(&[one, other, "https://store/c.vhd"])), "different");
    assert_eq!(
        word(&set(&[one]), &set(&[&format!("{one}?version=2")])),
        "different",
        "an unsigned query is a part of it"
    );
}
