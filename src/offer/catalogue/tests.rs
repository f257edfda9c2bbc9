//! The catalogue of fields: how patterns find a field, and that the built-in one is sound.

use super::*;

fn field(path: &str) -> &'static Field {
    Catalogue::built_in().rules_at(&FieldPath::parse(path).unwrap()).field()
}

#[test]
fn fields_are_found_bare_and_in_any_namespace() {
    assert_eq!(field("/definition/plans").list, ListRule::Keyed("planId".into()));
    assert_eq!(field("/definition/plans/gold/regions").list, ListRule::Set);
    for key in ["microsoft-azure-virtualmachines.recommendedVMSizes", "microsoft-azure-corevm.recommendedVMSizes"] {
        assert_eq!(field(&format!("/definition/plans/gold/{key}")).list, ListRule::Set, "{key}");
    }
    assert_eq!(field("/definition").ownership, Ownership::Publisher);
    assert_eq!(field("/eTag").ownership, Ownership::Volatile);
    assert_eq!(field("/definition/offer/nobody.knows/this").list, ListRule::Atomic);
    assert_eq!(field("/definition/offer/nobody.knows/this").place, None);
}

#[test]
fn what_is_listed_below_a_place_comes_in_the_order_of_the_catalogue() {
    let configuration = FieldPath::parse("/definition/offer/x.crmLeadConfiguration").unwrap();
    assert_eq!(Catalogue::built_in().rules_at(&configuration).listed(), ["password", "applicationKey"]);
}

#[test]
fn the_more_specific_pattern_wins() {
    let text = r#"{"version": 1, "mediaStorage": [], "offerTypes": [], "volatile": [], "unwritable": [], "fields": [
        {"path": "/a/*", "title": "any"}, {"path": "/a/*.key", "title": "suffix"},
        {"path": "/a/pre*", "title": "prefix"}, {"path": "/a/pre.key", "title": "exact"},
        {"path": "/a/*/deep", "title": "deep"}]}"#;
    let catalogue = Catalogue::parse(text).unwrap();
    let title = |path: &str| catalogue.rules_at(&FieldPath::parse(path).unwrap()).field().title.clone().unwrap();
    assert_eq!(title("/a/pre.key"), "exact");
    assert_eq!(title("/a/other.key"), "suffix");
    assert_eq!(title("/a/prefix"), "prefix");
    assert_eq!(title("/a/x"), "any");
    assert_eq!(title("/a/pre.key/deep"), "deep");
}

#[test]
fn a_wrong_catalogue_is_refused() {
    let wrong = |fields: &str| {
        let text = format!(
            r#"{{"version": 1, "mediaStorage": [], "offerTypes": [], "volatile": [], "unwritable": [], "fields": [{fields}]}}"#
        );
        Catalogue::parse(&text).unwrap_err().to_string()
    };
    assert!(wrong(r#"{"path": "a"}"#).contains("does not start with"));
    assert!(wrong(r#"{"path": "/a"}, {"path": "/a"}"#).contains("twice"));
    assert!(wrong(r#"{"path": "/a", "lisst": "set"}"#).contains("unknown field"));
    let title = r#"{"part": "title", "path": "/a"}"#;
    assert!(wrong(&format!(r#"{{"path": "/b"}}], "listing": [{title}"#)).contains("names `/a`, which is no field"));
    assert!(wrong(&format!(r#"{{"path": "/a"}}], "listing": [{title}, {title}"#)).contains("named twice"));
}
