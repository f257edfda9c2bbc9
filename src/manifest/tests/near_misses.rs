//! Stories of what is nearly right: one letter off, in the wrong place, or a waiver that would waive nothing.

use super::*;

const MACHINE: &str = "publisherId: contoso\nofferTypeId: microsoft-azure-virtualmachines\nid: vm\n";

fn machine(rest: &str) -> String {
    report(&[("offers/vm.yaml", &format!("{MACHINE}{rest}"))])
}

/// The rules that speak, each with what its help line says, without the excerpts.
fn heard(told: &str) -> String {
    let is_heard = |line: &&str| line.starts_with("warning[") || line.starts_with("error[") || line.contains("= help:");
    told.lines().filter(is_heard).map(str::trim_start).collect::<Vec<_>>().join("\n")
}

#[test]
fn an_offer_type_one_letter_off_is_told_before_an_offer_of_it_is_made() {
    let of_type = |id: &str| {
        report(&[("offers/vm.yaml", &format!("publisherId: contoso\nofferTypeId: {id}\nid: vm\ndefinition: {{}}\n"))])
    };
    insta::assert_snapshot!(of_type("microsoft-azure-virtualmachine"));
    for (wrong, meant) in [
        ("virtual-machine", "microsoft-azure-virtualmachines"),
        ("Microsoft-Azure-CoreVM", "microsoft-azure-corevm"),
        ("microsoft-azure-aplications", "microsoft-azure-applications"),
    ] {
        assert!(of_type(wrong).contains(&format!("did you mean `{meant}`?")), "{wrong}: {}", of_type(wrong));
    }
    for other in ["microsoft-azure-container", "microsoft-azure-saas", "saas", "microsoft-azure-iot-edge", "dynamics"] {
        assert_eq!(of_type(other), "", "{other}");
    }
}

#[test]
fn a_waiver_that_would_waive_nothing_is_told() {
    let waiver = |path: &str| {
        let waiver = format!("reconcile: {{ignore: [{{path: \"{path}\", reason: theirs}}]}}\n");
        heard(&machine(&format!("{waiver}definition: {{plans: [{{planId: gold, regions: [DE]}}]}}\n")))
    };
    let paths = [
        "/definition/plans/*/regions",
        "/definition/offer/*.summary",
        "/definition/offer/~2",
        "/definition/",
        "/definition/offer/microsoft-azure-marketplace.sumary",
        "/definition/offer/summary",
        "/definition/plans/glod/regions",
        "/definition/plans/gold/virtualMachinePricing/isBYOL",
    ];
    let said: Vec<String> = paths.iter().map(|path| format!("{path}\n{}\n", waiver(path))).collect();
    insta::assert_snapshot!(said.join("\n"));
    for fine in [
        "/definition/plans/gold/regions",
        "/definition/plans/silver/regions",
        "/definition/offer/microsoft-azure-marketplace.brandNew",
        "/definition/offer/microsoft-azure-marketplace.summary",
        "/definition/offer/a~1b~0c",
        "/definition/plans",
    ] {
        assert_eq!(waiver(fine), "", "{fine}");
    }
}

#[test]
fn keys_further_inside_are_compared_with_those_that_are_known_there() {
    insta::assert_snapshot!(heard(&machine(
        "\
definition:
  offer:
    microsoft-azure-marketplace.usefulLinks: [{linkTitel: Docs, linkUrl: https://docs.contoso.com}]
    microsoft-azure-marketplace.categoryMap:
      - categoryL1: storage
        categoryL2-networking: [connectivity]
  plans:
    - planId: p
      microsoft-azure-virtualmachines.vmImages: {1.0.0: {osVhdURL: https://c.blob.core.windows.net/a.vhd, newKey: 1}}
      virtualMachinePricing: {isBYOL: true, coreMultiplyer: {}}
"
    )));
}

#[test]
fn a_key_further_inside_that_only_resembles_a_known_one_is_left_alone() {
    let said = |offer: &str, plan: &str| {
        heard(&machine(&format!("definition: {{offer: {{{offer}}}, plans: [{{planId: p, {plan}}}]}}\n")))
    };
    let lead =
        |keys: &str| said(&format!("microsoft-azure-marketplace.crmLeadConfiguration: {{{keys}}}"), "regions: [DE]");
    assert_eq!(lead("url: https://c.com, directoryId: d, applicationId: x, applicationKey: {$secret: KEY}"), "");
    assert_eq!(lead("applicationId: x"), "");
    // It stands there already, so another one was meant.
    assert_eq!(lead("applicationKey: {$secret: KEY}, applicationKey2: x"), "");
    assert!(lead("aplicationKey: {$secret: KEY}").contains("did you mean `applicationKey`?"));
}

#[test]
fn a_waiver_for_what_only_the_service_has_is_taken_as_it_is() {
    let waiver = |declared: &str, waived: &str| {
        let waiver = format!("reconcile: {{ignore: [{{path: /definition/plans/{waived}/regions, reason: theirs}}]}}\n");
        heard(&machine(&format!("{waiver}definition: {{plans: [{{planId: {declared}, regions: [DE]}}]}}\n")))
    };
    for (declared, waived) in [("std-1", "std-2"), ("std-1", "std"), ("plan-a", "plan-b"), ("basic-10", "basic-01")] {
        assert_eq!(waiver(declared, waived), "", "{declared} {waived}");
    }
    for (declared, waived) in [("standard-1", "standrad-1"), ("standard-1", "Standard-1"), ("standard", "standrd")] {
        let said = waiver(declared, waived);
        assert!(said.contains(&format!("did you mean `/definition/plans/{declared}/regions`?")), "{said}");
    }
}

#[test]
fn an_unset_list_of_subcategories_of_another_category_is_how_it_is_removed() {
    let list = |unset: &str| {
        let categories = format!("[{{categoryL1: storage, categoryL2-networking: {unset}}}]");
        heard(&machine(&format!("definition: {{offer: {{microsoft-azure-marketplace.categoryMap: {categories}}}}}\n")))
    };
    for unset in ["[]", "null", "''"] {
        assert_eq!(list(unset), "", "{unset}");
    }
    assert!(list("[connectivity]").starts_with("warning[wrong-category]"));
}

#[test]
fn prices_by_region_have_regions_core_sizes_numbers_and_the_currency_of_the_region() {
    let prices = |prices: &str| {
        heard(&machine(&format!(
            "definition: {{plans: [{{planId: p, virtualMachinePricing: {{regionPrices: {prices}}}}}]}}\n"
        )))
    };
    insta::assert_snapshot!(prices(
        "{Germany: {1core: 1}, UK: {1core: 1}, us: {1core: 1}, DE: {1core: \"0.5\", 3core: 1, 2core: -1, currency: USD}, \
         CH: {currency: chf}, FR: 7}"
    ));
    assert_eq!(prices("{DE: {1core: 0.5, currency: EUR}, AZ: {sharedcore: 0}, US: null}"), "");
    // A list was seen too, and nothing is known of what stands in it.
    assert_eq!(prices("[{region: DE, price: x}]"), "");
    let cores = |cores: &str| {
        let plan = format!("{{planId: p, virtualMachinePricing: {{coreMultiplier: {cores}}}}}");
        heard(&machine(&format!("definition: {{plans: [{plan}]}}\n")))
    };
    insta::assert_snapshot!(cores("{currency: usd, single: -1}"));
    assert_eq!(cores("{currency: USD, single: 0}"), "");
}

#[test]
fn prices_are_missing_only_where_each_region_needs_its_own() {
    let plan = |prices: &str| {
        heard(&machine(&format!(
            "definition: {{plans: [{{planId: p, regions: [DE, US], virtualMachinePricing: {prices}}}]}}\n"
        )))
    };
    let one_of_two = "regionPrices: {DE: {1core: 1}}";
    for fine in [
        format!("{{coreMultiplier: {{currency: USD, single: 1}}, {one_of_two}}}"),
        format!("{{isByol: true, {one_of_two}}}"),
        format!("{{spreadSheetPricing: {{uri: https://c.blob.core.windows.net/p.xlsx}}, {one_of_two}}}"),
        "{coreMultiplier: {currency: USD}}".to_owned(),
        "{isByol: false}".to_owned(),
    ] {
        assert_eq!(plan(&fine), "", "{fine}");
    }
    insta::assert_snapshot!(plan("{coreMultiplier: {currency: USD, individually: {1core: 1}}}"));
    assert!(plan(&format!("{{{one_of_two}}}")).contains("there is no price for `US`, where"));
}

#[test]
fn files_and_secrets_are_of_the_types_that_can_name_them() {
    insta::assert_snapshot!(heard(&machine(
        "\
definition:
  offer:
    microsoft-azure-marketplace.smallLogo: 5
    microsoft-azure-marketplace.largeLogo: [a]
    microsoft-azure-marketplace.wideLogo: logo.png
    microsoft-azure-marketplace.screenshots: [5, {name: One}, https://c.com/1.png]
    microsoft-azure-marketplace.useEnterpriseContract: {$secret: TERMS}
    microsoft-azure-marketplace.title: {$secret: TITLE}
    microsoft-azure-marketplace.tableLeadConfiguration: {connectionString: {$secret: LEADS}}
  plans:
    - planId: p
      virtualMachinePricing: {isByol: yes}
"
    )));
}

#[test]
fn a_text_that_speaks_of_a_signature_stops_nothing() {
    let description = |text: &str| {
        heard(&machine(&format!("definition: {{offer: {{microsoft-azure-marketplace.description: '{text}'}}}}\n")))
    };
    assert_eq!(description("<p>Call it with <code>?token=REDACTED</code></p>"), "");
    insta::assert_snapshot!(description("<p>Call it with <code>?sig=REDACTED</code></p>"));
    assert!(description("https://c.blob.core.windows.net/a?sig=REDACTED").starts_with("error[hidden-value]"));
    assert!(description("Log in with AccountKey=REDACTED").starts_with("error[hidden-value]"));
    // What a field is for that nobody knows, nobody knows: an apply would replace the real key.
    let unknown = "definition: {offer: {some-other.storage: 'Endpoint=x;AccountKey=REDACTED;y=1'}}\n";
    assert!(heard(&machine(unknown)).contains("error[hidden-value]"));
}
