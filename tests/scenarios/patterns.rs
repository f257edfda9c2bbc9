//! Offers by patterns of their names.

use crate::environment::TestEnvironment;
use crate::manifests::draft;

fn repository() -> TestEnvironment {
    let environment = TestEnvironment::with_offer();
    for offer in ["vm-one", "vm-two", "app"] {
        environment.write(&format!("offers/{offer}/offer.yaml"), &draft(offer));
    }
    environment
        .write("offers/theirs/offer.yaml", &draft("vm-one").replace("publisherId: contoso", "publisherId: fabrikam"));
    environment
}

#[test]
fn a_pattern_selects_the_offers_whose_names_it_matches() {
    let environment = repository();
    let planned = |arguments: &str| {
        let said = environment.run(&format!("plan --output json {arguments}")).expect(0).json();
        let name = |offer: &serde_json::Value| {
            format!("{}/{}", offer["publisherId"].as_str().unwrap(), offer["offerId"].as_str().unwrap())
        };
        said["offers"].as_array().unwrap().iter().map(name).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(planned("*/vm-*"), "contoso/vm-one contoso/vm-two fabrikam/vm-one");
    assert_eq!(planned("Contoso/{app,VM}"), "contoso/app contoso/vm");
    assert_eq!(planned("fabrikam/* offers/app contoso/vm"), "contoso/app contoso/vm fabrikam/vm-one");
    assert_eq!(planned("--offers contoso/{app,vm}"), "contoso/app contoso/vm");
    assert_eq!(planned("--offers fabrikam/* offers/app --offers contoso/vm"), "contoso/app contoso/vm fabrikam/vm-one");
}

#[test]
fn every_command_that_takes_offers_takes_patterns() {
    let environment = repository();
    environment.run("apply --yes --offers contoso/v?").expect(0);
    insta::assert_snapshot!(environment.run("validate contoso/vm-*"), @"
    Validate: 2 manifests: 2 valid, 0 errors, 0 warnings.
    --- exit 0 ---
    ");
    insta::assert_snapshot!(environment.run("drift contoso/v? --output json").expect(0).json()["coverage"], @r#"{"found":1,"read":1,"compared":1,"skipped":[]}"#);
    insta::assert_snapshot!(environment.run("status contoso/vm-*"), @"
    contoso/vm-one: the service has no such offer
    contoso/vm-two: the service has no such offer
    --- exit 0 ---
    ");
    assert!(environment.run("get contoso/?m").expect(0).stdout.contains("Contoso VM"));
    insta::assert_snapshot!(environment.run("get contoso/vm*"), @"
    --- stderr ---
    error: `contoso/vm*` is not one valid manifest
    hint: name the offer as publisher/offer
    --- exit 4 ---
    ");
    environment.run("explain contoso/v?").expect(0);
    insta::assert_snapshot!(environment.run("resume contoso/v?"), @"
    Resume: 1 offers: 0 done, 1 in sync, 0 still in progress, 0 blocked, 0 failed, 0 unreadable, 0 interrupted.
    --- stderr ---
    contoso/vm: nothing to resume, no plan of it is on record as unfinished
    --- exit 0 ---
    ");
}

#[test]
fn a_pattern_that_matches_nothing_is_an_error() {
    let environment = repository();
    insta::assert_snapshot!(environment.run("plan contosso/*"), @"
    --- stderr ---
    error: no manifest describes an offer that `contosso/*` matches
    hint: patterns are of publisher/offer; `offerctl validate --output json` lists all offers of the manifests
    --- exit 4 ---
    ");
    insta::assert_snapshot!(environment.run("plan contoso/vm-ona"), @"
    --- stderr ---
    error: no manifest describes the offer contoso/vm-ona
    hint: did you mean `contoso/vm-one`?
    --- exit 4 ---
    ");
    insta::assert_snapshot!(environment.run("validate offers/*/nothing.yaml"), @"
    --- stderr ---
    error: there is no file or folder `offers/*/nothing.yaml`
    hint: paths are relative to the folder where you are; offers are written publisher/offer, or as a pattern 'contoso/*'
    --- exit 4 ---
    ");
    insta::assert_snapshot!(environment.run("status vm-*"), @"
    --- stderr ---
    error: `vm-*` is no pattern of offers, which has two parts: `publisher/offer`, for example `contoso/*` or `*/vm-*`
    --- exit 4 ---
    ");
    insta::assert_snapshot!(environment.run("publish contoso/x-* --yes"), @"
    --- stderr ---
    error: no manifest describes an offer that `contoso/x-*` matches
    hint: patterns are of publisher/offer; `offerctl validate --output json` lists all offers of the manifests
    --- exit 4 ---
    ");
}
