//! Bringing offers that live on the service under offerctl.

use serde_json::json;

use crate::environment::{TestEnvironment, at_once};
use crate::manifests::SIGNATURE;

/// The small offer, live, and a repository without manifests and records.
fn only_on_the_service() -> TestEnvironment {
    let environment = TestEnvironment::with_live_offer();
    std::fs::remove_dir_all(environment.path("offers")).unwrap();
    environment.forget_records();
    environment
}

fn manifest(environment: &TestEnvironment) -> String {
    std::fs::read_to_string(environment.path("offers/vm/offer.yaml")).unwrap()
}

#[test]
fn a_live_offer_becomes_a_manifest() {
    let environment = only_on_the_service();
    insta::assert_snapshot!(environment.run("import contoso/vm"), @"
    contoso/vm
        + offers/vm/offer.yaml
        publishTo: production, for what the draft says is live
        addresses without their signatures: 3; the service keeps the signatures that it has
    Import: 1 offers written, 0 described already, 0 failed.
    Next: `offerctl plan` shows that nothing differs; look through the files and commit them.
    --- exit 0 ---
    ");
    insta::assert_snapshot!(manifest(&environment), @r#"
    # Written by `offerctl import contoso/vm`; from here on it is yours.
    # Addresses stand here without their signatures, which do not belong in a repository. The service keeps those that it
    # has; a new file needs its own, handed in from outside: `osVhdUrl: {$env: IMAGE_ADDRESS}`.
    publisherId: contoso
    offerTypeId: microsoft-azure-virtualmachines
    id: vm
    reconcile:
      publishTo: production
    definition:
      displayText: Contoso VM
      offer:
        microsoft-azure-marketplace.title: Contoso VM
        microsoft-azure-marketplace.summary: Backs up your machines every night
        microsoft-azure-marketplace.smallLogo: https://publishingstoredm.blob.core.windows.net/prodcontent/D6191_publishers_contoso/vm/aa513d80-074a-46fb-83df-31e06a013019.png
      plans:
        - planId: gold
          microsoft-azure-virtualmachines.skuTitle: Gold
          regions: [DE, US]
          virtualMachinePricing:
            isByol: true
          microsoft-azure-virtualmachines.vmImages:
            "1.0.0":
              osVhdUrl: https://contoso.blob.core.windows.net/vhds/gold.vhd
        - planId: silver
          microsoft-azure-virtualmachines.skuTitle: Silver
          regions: [DE]
          virtualMachinePricing:
            isByol: true
          microsoft-azure-virtualmachines.vmImages:
            "1.0.0":
              osVhdUrl: https://contoso.blob.core.windows.net/vhds/silver.vhd
    "#);
    environment.run("plan --detailed-exitcode").expect(0);
    assert_eq!(environment.portal.writes(), "");
}

#[test]
fn what_is_hard_to_write_down_comes_back() {
    let environment = only_on_the_service();
    let html = format!("<p>{}</p>\n<p>Second</p>", "word ".repeat(60));
    environment.portal.edit(
        "vm",
        &json!({"offer": {
            "microsoft-azure-marketplace.description": html,
            "microsoft-azure-marketplace.termsOfUse": "short",
            "microsoft-azure-marketplace.longSummary": "One sentence. ".repeat(20).trim_end(),
            "microsoft-azure-marketplace.summary": "two\nlines",
            "microsoft-azure-marketplace.leadDestination": "AzureTable",
            "x.country": "NO", "x.version": "1.0.10", "x.code": "0123", "x.id": 636_576_975_611_768_314_u64,
            "x.number": 1.5, "x.off": "off", "x.nothing": null, "x.apiVersion": 2.0, "<<": "merge", "0x1": ["a, b", "", null],
            "x.hidden": "\u{202e}right to left\r\n", "x.list": [{"a": [1, {"b": "c: d"}]}, []],
        }}),
    );
    insta::assert_snapshot!(environment.run("import contoso/vm"), @"
    contoso/vm
        + offers/vm/offer.yaml
        + offers/vm/listing/description.html
        publishTo: draft, for what the draft says is not published; write `preview` or `production` when it shall be
        set SECRET_VM_TABLE_LEAD_CONFIGURATION_CONNECTION_STRING when you apply, to the secret of /definition/offer/microsoft-azure-marketplace.tableLeadConfiguration/connectionString
        addresses without their signatures: 3; the service keeps the signatures that it has
    Import: 1 offers written, 0 described already, 0 failed.
    Next: `offerctl plan` shows that nothing differs; look through the files and commit them.
    --- exit 0 ---
    ");
    let manifest = manifest(&environment);
    insta::assert_snapshot!(manifest.split("  plans:").next().unwrap(), @r#"
    # Written by `offerctl import contoso/vm`; from here on it is yours.
    # Addresses stand here without their signatures, which do not belong in a repository. The service keeps those that it
    # has; a new file needs its own, handed in from outside: `osVhdUrl: {$env: IMAGE_ADDRESS}`.
    publisherId: contoso
    offerTypeId: microsoft-azure-virtualmachines
    id: vm
    reconcile:
      publishTo: draft
    definition:
      displayText: Contoso VM
      offer:
        microsoft-azure-marketplace.title: Contoso VM
        microsoft-azure-marketplace.summary: |-
          two
          lines
        microsoft-azure-marketplace.longSummary: >-
          One sentence. One sentence. One sentence. One sentence. One sentence. One sentence. One sentence. One
          sentence. One sentence. One sentence. One sentence. One sentence. One sentence. One sentence. One
          sentence. One sentence. One sentence. One sentence. One sentence. One sentence.
        microsoft-azure-marketplace.description: {$file: listing/description.html}
        microsoft-azure-marketplace.smallLogo: https://publishingstoredm.blob.core.windows.net/prodcontent/D6191_publishers_contoso/vm/aa513d80-074a-46fb-83df-31e06a013019.png
        microsoft-azure-marketplace.termsOfUse: short
        microsoft-azure-marketplace.leadDestination: AzureTable
        microsoft-azure-marketplace.tableLeadConfiguration:
          # The service never tells this secret. Whoever applies hands it in through this variable.
          connectionString: {$secret: SECRET_VM_TABLE_LEAD_CONFIGURATION_CONNECTION_STRING}
        "0x1": ["a, b", "", null]
        "<<": merge
        x.apiVersion: !!float 2.0
        x.code: "0123"
        x.country: "NO"
        x.hidden: "\u202eright to left\r\n"
        x.id: 636576975611768314
        x.list:
          - a:
              - 1
              - b: "c: d"
          - []
        x.number: 1.5
        x.off: "off"
        x.version: "1.0.10"
    "#);
    assert_eq!(std::fs::read_to_string(environment.path("offers/vm/listing/description.html")).unwrap(), html);
    // What it holds is not what the service's pages say, which is no error.
    let said = environment.run("validate").expect(0).stdout;
    assert!(said.starts_with("Validate: 1 manifests: 1 valid, 0 errors, "), "{said}");
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn an_address_that_the_service_tells_and_that_opens_nothing_is_no_secret() {
    let environment = only_on_the_service();
    let leads = |query: &str| {
        json!({"offer": {"microsoft-azure-marketplace.httpsEndpointLeadConfiguration":
            {"httpsEndpointUrl": format!("https://contoso.com/leads?{query}")}}})
    };
    environment.portal.edit("vm", &leads("source=market"));
    environment.run("import contoso/vm").expect(0);
    let manifest = std::fs::read_to_string(environment.path("offers/vm/offer.yaml")).unwrap();
    assert!(manifest.contains("httpsEndpointUrl: https://contoso.com/leads?source=market\n"), "{manifest}");
    environment.run("plan --detailed-exitcode").expect(0);
    std::fs::remove_file(environment.path("offers/vm/offer.yaml")).unwrap();
    environment.portal.edit("vm", &leads("apiKey=4711"));
    environment.run("import contoso/vm").expect(0);
    let manifest = std::fs::read_to_string(environment.path("offers/vm/offer.yaml")).unwrap();
    assert!(!manifest.contains("4711") && manifest.contains("This address may hold a key."), "{manifest}");
}

#[test]
fn nothing_in_the_offer_can_become_a_directive_or_carry_a_key_into_the_repository() {
    let environment = only_on_the_service();
    environment.portal.edit(
        "vm",
        &json!({"offer": {
            "x.environment": {"$env": "HOME"},
            "x.file": [{"$file": "../../offerctl.yaml"}],
            "x.signed": format!("see https://a.blob.core.windows.net/b.vhd?sig={SIGNATURE} for more"),
            "x.token": format!("Bearer {}", crate::environment::TOKEN),
            "microsoft-azure-marketplace.httpsEndpointLeadConfiguration":
                {"httpsEndpointUrl": format!("https://contoso.com/leads?code={SIGNATURE}")},
        }}),
    );
    insta::assert_snapshot!(environment.run("import contoso/vm"), @"
    contoso/vm
        + offers/vm/offer.yaml
        publishTo: draft, for what the draft says is not published; write `preview` or `production` when it shall be
        set SECRET_VM_HTTPS_ENDPOINT_LEAD_CONFIGURATION_HTTPS_ENDPOINT_URL when you apply, to the secret of /definition/offer/microsoft-azure-marketplace.httpsEndpointLeadConfiguration/httpsEndpointUrl
        addresses without their signatures: 3; the service keeps the signatures that it has
        left out /definition/offer/x.environment: no manifest can spell it: it would be read as something else
        left out /definition/offer/x.file: no manifest can spell it: it would be read as something else
        left out /definition/offer/x.signed: its text holds a signature or a key, which must not get into a repository
        left out /definition/offer/x.token: its text holds a signature or a key, which must not get into a repository
    Import: 1 offers written, 0 described already, 0 failed.
    Next: `offerctl plan` shows that nothing differs; look through the files and commit them.
    --- exit 0 ---
    ");
    let manifest = manifest(&environment);
    assert!(
        !manifest.contains(SIGNATURE) && !manifest.contains("$env: HOME") && !manifest.contains("Bearer"),
        "{manifest}"
    );
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn a_signed_address_in_a_set_is_imported_without_its_signature() {
    let environment = only_on_the_service();
    let signed = format!("https://a.blob.core.windows.net/b?sig={SIGNATURE}");
    environment.portal.edit("vm", &json!({"offer": {"microsoft-azure-marketplace.allowedSubscriptions": [signed]}}));
    insta::assert_snapshot!(environment.run("import contoso/vm"), @"
    contoso/vm
        + offers/vm/offer.yaml
        publishTo: draft, for what the draft says is not published; write `preview` or `production` when it shall be
        addresses without their signatures: 4; the service keeps the signatures that it has
    Import: 1 offers written, 0 described already, 0 failed.
    Next: `offerctl plan` shows that nothing differs; look through the files and commit them.
    --- exit 0 ---
    ");
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn no_file_that_is_there_is_touched() {
    let environment = only_on_the_service();
    environment.write("offers/vm/offer.yaml", "# mine\n");
    insta::assert_snapshot!(environment.run("import contoso/vm"), @"
    contoso/vm: nothing was written
    Import: 0 offers written, 0 described already, 1 failed.
    --- stderr ---
    error: contoso/vm: `offers/vm/offer.yaml` is there already, and was left as it is
    hint: move it away, or import into another folder with `--out`
    --- exit 4 ---
    ");
    assert_eq!(manifest(&environment), "# mine\n");
    insta::assert_snapshot!(environment.run("import contoso/vm --out elsewhere"), @"
    contoso/vm
        + elsewhere/vm/offer.yaml
        publishTo: production, for what the draft says is live
        addresses without their signatures: 3; the service keeps the signatures that it has
    Import: 1 offers written, 0 described already, 0 failed.
    Next: `offerctl plan` shows that nothing differs; look through the files and commit them.
    --- stderr ---
    warning: `elsewhere/vm/offer.yaml` is not among the manifests (`offers: [offers/*/offer.yaml]`): add its place to `offers` in `offerctl.yaml`
    --- exit 0 ---
    ");
    insta::assert_snapshot!(environment.run("import contoso/vm --out ../elsewhere"), @"
    --- stderr ---
    error: `../elsewhere` is outside of the repository `/REPOSITORY`
    hint: name a folder in the repository, or go into the one that you mean (`--directory`)
    --- exit 4 ---
    ");
    insta::assert_snapshot!(environment.run("import contoso/none"), @"
    contoso/none: nothing was written
    Import: 0 offers written, 0 described already, 1 failed.
    --- stderr ---
    error: contoso/none: the service has no such offer, asked at http://SERVICE
    hint: `offerctl list contoso` shows the offers
    --- exit 1 ---
    ");
    insta::assert_snapshot!(environment.run("import offers/vm/offer.yaml"), @"
    --- stderr ---
    error: `offers/vm/offer.yaml` is no offer
    hint: name it as publisher/offer; it has no file yet
    --- exit 4 ---
    ");
}

#[test]
fn an_offer_with_a_manifest_is_not_imported_again() {
    let environment = TestEnvironment::with_live_offer();
    insta::assert_snapshot!(environment.run("import contoso/VM"), @"
    --- stderr ---
    error: `offers/vm/offer.yaml` describes contoso/VM already; nothing was written
    hint: `offerctl plan contoso/VM` shows how the service differs from it
    --- exit 4 ---
    ");
    insta::assert_snapshot!(environment.run("import --publisher contoso"), @"
    contoso/vm: offers/vm/offer.yaml describes it already
    Import: 0 offers written, 1 described already, 0 failed.
    --- exit 0 ---
    ");
    insta::assert_snapshot!(environment.run("import --publisher nobody"), @"
    Import: 0 offers written, 0 described already, 0 failed.
    --- stderr ---
    nobody has no offers on http://SERVICE
    --- exit 0 ---
    ");
}

#[test]
fn a_repository_without_settings_is_enough_and_gets_the_schema_line_when_it_has_the_schema() {
    let environment = only_on_the_service();
    std::fs::remove_file(environment.path("offerctl.yaml")).unwrap();
    environment.write("schemas/offer.schema.json", "{}");
    let said = environment.run("import contoso/vm --output json").expect(0).json();
    insta::assert_snapshot!(serde_json::to_string_pretty(&said).unwrap());
    let manifest = manifest(&environment);
    assert_eq!(manifest.lines().next(), Some("# yaml-language-server: $schema=../../schemas/offer.schema.json"));
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn an_edit_that_was_never_published_stays_in_the_draft() {
    let environment = only_on_the_service();
    environment.portal.edit("vm", &json!({"displayText": "Unfinished"}));
    insta::assert_snapshot!(environment.run("import contoso/vm"), @"
    contoso/vm
        + offers/vm/offer.yaml
        publishTo: draft, for what the draft says is not published; write `preview` or `production` when it shall be
        addresses without their signatures: 3; the service keeps the signatures that it has
    Import: 1 offers written, 0 described already, 0 failed.
    Next: `offerctl plan` shows that nothing differs; look through the files and commit them.
    --- exit 0 ---
    ");
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn secrets_keep_the_names_that_the_record_knows() {
    let environment = TestEnvironment::with_offer_on(at_once());
    environment.edit(
        "    microsoft-azure-marketplace.smallLogo",
        "    microsoft-azure-marketplace.leadDestination: Table\n    \
         microsoft-azure-marketplace.tableLeadConfiguration: {connectionString: {$secret: LEADS}}\n    \
         microsoft-azure-marketplace.smallLogo",
    );
    let mut command = environment.command("apply --yes");
    command.env("LEADS", "lead secret of the story");
    environment.run_command(command).expect(0);
    std::fs::remove_dir_all(environment.path("offers")).unwrap();
    environment.run("import contoso/vm").expect(0);
    assert!(manifest(&environment).contains("connectionString: {$secret: LEADS}"), "{}", manifest(&environment));
    environment.run("plan --detailed-exitcode").expect(0);
}
