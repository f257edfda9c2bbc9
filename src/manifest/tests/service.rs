//! Stories of what the service's pages say about the inside of an offer: all of it warnings, each with its place.

use super::*;

/// What a person reads about one offer of a type whose keys are known.
fn told(offer_type: &str, definition: &str) -> String {
    let manifest = format!("publisherId: contoso\nofferTypeId: {offer_type}\nid: vm\n{definition}");
    report(&[("offers/vm.yaml", &manifest)])
}

fn machine(definition: &str) -> String {
    told("microsoft-azure-virtualmachines", definition)
}

/// The rules that speak, in order.
fn rules(told: &str) -> Vec<&str> {
    told.lines().filter_map(|line| line.split_once('[')?.1.split_once("]: ").map(|(rule, _)| rule)).collect()
}

#[test]
fn keys_that_nobody_published_are_sent_all_the_same() {
    insta::assert_snapshot!(machine("\
definition:
  offer:
    microsoft-azure-marketplace.sumary: a
    title: b
    microsoft-azure-virtualmachnes.title: c
    microsoft-azure-marketplace.brandNew: d
  plans:
    - planId: p
      region: [DE]
      microsoft-azure-virtualmachines.package: {}
"), @"
    warning[unknown-key]: `microsoft-azure-marketplace.sumary` is no known key of virtual machine offers, and is sent as it is
     --> offers/vm.yaml:6:5
      |
    6 |     microsoft-azure-marketplace.sumary: a
      |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: did you mean `microsoft-azure-marketplace.summary`?

    warning[unknown-key]: `title` is no known key of virtual machine offers, and is sent as it is
     --> offers/vm.yaml:7:5
      |
    7 |     title: b
      |     ^^^^^
      |
      = help: did you mean `microsoft-azure-marketplace.title`?

    warning[unknown-key]: `microsoft-azure-virtualmachnes.title` is no known key of virtual machine offers, and is sent as it is
     --> offers/vm.yaml:8:5
      |
    8 |     microsoft-azure-virtualmachnes.title: c
      |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: did you mean `microsoft-azure-marketplace.title`?

    warning[unknown-key]: `microsoft-azure-marketplace.brandNew` is no known key of virtual machine offers, and is sent as it is
     --> offers/vm.yaml:9:5
      |
    9 |     microsoft-azure-marketplace.brandNew: d
      |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: check the spelling; if the service knows it, all is well

    warning[unknown-key]: `region` is no known key of virtual machine offers, and is sent as it is
      --> offers/vm.yaml:12:7
       |
    12 |       region: [DE]
       |       ^^^^^^
       |
       = help: did you mean `regions`?

    warning[unknown-key]: `microsoft-azure-virtualmachines.package` is no known key of virtual machine offers, and is sent as it is
      --> offers/vm.yaml:13:7
       |
    13 |       microsoft-azure-virtualmachines.package: {}
       |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: it is a key of Azure application offers
    ");
}

#[test]
fn lengths_counts_and_forms_are_the_ones_of_the_service() {
    let long = "é".repeat(101);
    let ids = "59160c40-2e25-4dcf-a2fd-6514cb08bf08, ".repeat(101);
    insta::assert_snapshot!(machine(&format!("\
definition:
  offer:
    microsoft-azure-marketplace.summary: {long}
    microsoft-azure-marketplace.title: {}
    microsoft-azure-marketplace.privacyURL: www.contoso.com
    microsoft-azure-marketplace.supportContactEmail: support at contoso
    microsoft-azure-marketplace.allowedSubscriptions: [{ids}mine]
  plans:
    - planId: Gold
      microsoft-azure-virtualmachines.vmImages:
        1.0: {{}}
", "a".repeat(200))).replace(&ids, "… "), @"
    warning[too-long]: `microsoft-azure-marketplace.summary` has 101 characters, and the service takes 100
     --> offers/vm.yaml:6:42
      |
    6 | ...lace.summary: ééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé
      |                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: shorten it by 1

    warning[wrong-form]: `www.contoso.com` is not a web address
     --> offers/vm.yaml:8:45
      |
    8 |     microsoft-azure-marketplace.privacyURL: www.contoso.com
      |                                             ^^^^^^^^^^^^^^^
      |
      = help: for example `https://www.contoso.com/privacy`

    warning[wrong-form]: `support at contoso` is not an e-mail address
     --> offers/vm.yaml:9:54
      |
    9 |     microsoft-azure-marketplace.supportContactEmail: support at contoso
      |                                                      ^^^^^^^^^^^^^^^^^^
      |
      = help: for example `support@contoso.com`

    warning[too-many]: `microsoft-azure-marketplace.allowedSubscriptions` has 102 elements, and the service takes 100
      --> offers/vm.yaml:10:5
       |
    10 |     microsoft-azure-marketplace.allowedSubscriptions: [59160c40-2e25-4dcf-a2fd-6514cb08bf08, 59160c40-2e25-4dcf-a2fd-6514cb08bf08, 5...
       |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: leave 2 out

    warning[wrong-form]: `mine` is not a subscription id
      --> offers/vm.yaml:10:3894
       |
    10 | ...4dcf-a2fd-6514cb08bf08, 59160c40-2e25-4dcf-a2fd-6514cb08bf08, mine]
       |                                                                  ^^^^
       |
       = help: for example `59160c40-2e25-4dcf-a2fd-6514cb08bf08`

    warning[wrong-form]: `Gold` is not an id of lowercase letters, digits, dashes and underscores without a dash at its end
      --> offers/vm.yaml:12:15
       |
    12 |     - planId: Gold
       |               ^^^^
       |
       = help: for example `contoso-vm`

    warning[wrong-form]: `1.0` is not a version of three numbers
      --> offers/vm.yaml:14:9
       |
    14 |         1.0: {}
       |         ^^^
       |
       = help: for example `1.0.1`
    ");
}

#[test]
fn types_are_the_ones_of_the_service() {
    insta::assert_snapshot!(machine("\
definition:
  offer:
    microsoft-azure-marketplace.title: 2027
    microsoft-azure-marketplace.summary: {a: b}
    microsoft-azure-marketplace.usefulLinks: https://contoso.com
  plans:
    - planId: p
      regions: [49]
      microsoft-azure-virtualmachines.hideSKUForSolutionTemplate: \"yes\"
      virtualMachinePricing: [1]
"), @r#"
    warning[unexpected-type]: `microsoft-azure-marketplace.title` is expected to be text
     --> offers/vm.yaml:6:40
      |
    6 |     microsoft-azure-marketplace.title: 2027
      |                                        ^^^^ this is a number
      |
      = help: put it in quotes

    warning[unexpected-type]: `microsoft-azure-marketplace.summary` is expected to be text
     --> offers/vm.yaml:7:5
      |
    7 |     microsoft-azure-marketplace.summary: {a: b}
      |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this is a map

    warning[unexpected-type]: `microsoft-azure-marketplace.usefulLinks` is expected to be a list
     --> offers/vm.yaml:8:46
      |
    8 |     microsoft-azure-marketplace.usefulLinks: https://contoso.com
      |                                              ^^^^^^^^^^^^^^^^^^^ this is text
      |
      = help: write `[…]`, or each element on a line of its own behind a `-`

    warning[unexpected-type]: an element of `regions` is expected to be text
      --> offers/vm.yaml:11:17
       |
    11 |       regions: [49]
       |                 ^^ this is a number
       |
       = help: put it in quotes

    warning[unexpected-type]: `microsoft-azure-virtualmachines.hideSKUForSolutionTemplate` is expected to be `true` or `false`
      --> offers/vm.yaml:12:67
       |
    12 |       microsoft-azure-virtualmachines.hideSKUForSolutionTemplate: "yes"
       |                                                                   ^^^^^ this is text
       |
       = help: write `true` or `false`, without quotes; what `$env`, `$file` and `$secret` bring is always text

    warning[unexpected-type]: `virtualMachinePricing` is expected to be a map
      --> offers/vm.yaml:13:7
       |
    13 |       virtualMachinePricing: [1]
       |       ^^^^^^^^^^^^^^^^^^^^^ this is a list
       |
       = help: write `key: value`, each on a line of its own
    "#);
}

#[test]
fn whatever_stands_for_unset_and_what_is_read_later_is_of_no_type() {
    let told = machine(
        "\
definition:
  offer:
    microsoft-azure-marketplace.title: null
    microsoft-azure-marketplace.usefulLinks: {}
    microsoft-azure-marketplace.privacyURL: \"\"
    microsoft-azure-marketplace.tableLeadConfiguration: {connectionString: {$secret: LEADS}}
    microsoft-azure-marketplace.supportContactEmail: {$env: CONTACT}
  plans:
    - planId: p
      regions: {}
      virtualMachinePricing: null
",
    );
    assert_eq!(told, "");
}

#[test]
fn words_come_from_the_tables_of_the_service() {
    insta::assert_snapshot!(machine("\
definition:
  offer:
    microsoft-azure-marketplace.categoryMap:
      - categoryL1: analytics
        categoryL2-analytics: [anything]
      - categoryL1: storage
        categoryL2-storage: [backup, file-sharng, elsewhere]
      - categoryL1: crypto
  plans:
    - planId: p
      regions: [DE, AZ, DEU, Germany]
      microsoft-azure-virtualmachines.cloudAvailability: [Public]
      microsoft-azure-virtualmachines.operatingSystemFamily: linux
      virtualMachinePricing: {isByol: true, coreMultiplier: {currency: USD, individually: {sharedcore: 1, 3core: 2}}}
"), @"
    warning[wrong-category]: `analytics` is a category of other offers, not of virtual machine offers
     --> offers/vm.yaml:7:21
      |
    7 |       - categoryL1: analytics
      |                     ^^^^^^^^^
      |
      = help: for virtual machine offers it is called `analytics-amp`

    warning[wrong-category]: `backup` is a subcategory of other offers, not of virtual machine offers
      --> offers/vm.yaml:10:30
       |
    10 |         categoryL2-storage: [backup, file-sharng, elsewhere]
       |                              ^^^^^^
       |
       = help: for virtual machine offers it is called `backup-and-recovery`

    warning[unknown-word]: `file-sharng` is no subcategory of `storage`
      --> offers/vm.yaml:10:38
       |
    10 |         categoryL2-storage: [backup, file-sharng, elsewhere]
       |                                      ^^^^^^^^^^^
       |
       = help: did you mean `file-sharing`?

    warning[unknown-word]: `elsewhere` is no subcategory of `storage`
      --> offers/vm.yaml:10:51
       |
    10 |         categoryL2-storage: [backup, file-sharng, elsewhere]
       |                                                   ^^^^^^^^^
       |
       = help: known are `backup-and-recovery`, `enterprise-hybrid-storage`, `file-sharing`, `data-lifecycle-management` and `other`

    warning[unknown-word]: `crypto` is no category of virtual machine offers
      --> offers/vm.yaml:11:21
       |
    11 |       - categoryL1: crypto
       |                     ^^^^^^
       |
       = help: `offerctl schema offer` lists the known ones

    warning[unknown-word]: `DEU` is no known region
      --> offers/vm.yaml:14:25
       |
    14 |       regions: [DE, AZ, DEU, Germany]
       |                         ^^^
       |
       = help: `offerctl schema offer` lists the 88 known ones

    warning[unknown-word]: `Germany` is no known region
      --> offers/vm.yaml:14:30
       |
    14 |       regions: [DE, AZ, DEU, Germany]
       |                              ^^^^^^^
       |
       = help: did you mean `DE`?

    warning[unknown-word]: `Public` is no known cloud
      --> offers/vm.yaml:15:59
       |
    15 |       microsoft-azure-virtualmachines.cloudAvailability: [Public]
       |                                                           ^^^^^^
       |
       = help: known are `PublicAzure`, `Fairfax`, `Mooncake` and `Blackforest`

    warning[unknown-word]: `linux` is no known operating system family
      --> offers/vm.yaml:16:62
       |
    16 |       microsoft-azure-virtualmachines.operatingSystemFamily: linux
       |                                                              ^^^^^
       |
       = help: did you mean `Linux`?

    warning[unknown-key]: `3core` is no known core size
      --> offers/vm.yaml:17:107
       |
    17 |       virtualMachinePricing: {isByol: true, coreMultiplier: {currency: USD, individually: {sharedcore: 1, 3core: 2}}}
       |                                                                                                           ^^^^^
       |
       = help: did you mean `1core`?
    ");
    let of_application = told(
        "microsoft-azure-applications",
        "definition: {offer: {microsoft-azure-marketplace.categoryMap: [{categoryL1: analytics-amp}]}}\n",
    );
    assert!(
        of_application.contains("for Azure application offers it is called `analytics-azure-apps`"),
        "{of_application}"
    );
}

#[test]
fn every_region_in_which_an_offer_plan_is_sold_needs_a_price() {
    let of_map = "\
definition:
  plans:
    - planId: p
      regions: [DE, US, FR]
      virtualMachinePricing:
        regionPrices: {DE: {1core: 1}, FR: null}
";
    insta::assert_snapshot!(machine(of_map), @"
    warning[price-missing]: there is no price for `US` and `FR`, where this offer plan is sold
     --> offers/vm.yaml:9:9
      |
    7 |       regions: [DE, US, FR]
      |                     -- sold here
    8 |       virtualMachinePricing:
    9 |         regionPrices: {DE: {1core: 1}, FR: null}
      |         ^^^^^^^^^^^^ the prices
      |
      = help: add prices for it to `regionPrices`, in the region's own currency; or write one price for a core, `coreMultiplier: {currency: USD, single: …}`, from which the service makes all others
    ");
    let of_list = of_map.replace("{DE: {1core: 1}, FR: null}", "[{region: DE, price: 1}, {region: FR}, {region: US}]");
    assert_eq!(machine(&of_list), "");
    // Prices that the manifest does not name are kept, and a shape that nobody knows says nothing.
    for unknown in ["{}", "[{code: DE}]", "null"] {
        assert_eq!(machine(&of_map.replace("{DE: {1core: 1}, FR: null}", unknown)), "");
    }
}

#[test]
fn a_signature_that_ends_before_a_certification_would_is_told() {
    let image = |end: &str, guards: &str| {
        machine(&format!(
            "reconcile: {guards}\ndefinition:\n  plans:\n    - planId: p\n      \
             microsoft-azure-virtualmachines.vmImages:\n        1.0.0: {{osVhdUrl: \
             'https://c.blob.core.windows.net/a.vhd?se={end}T00%3A00%3A00Z&sig=x'}}\n"
        ))
    };
    insta::assert_snapshot!(image("2026-12-12", "{}"), @"
    warning[sas-ends-soon]: this signed address ends on 2026-12-12, and a certification may need it until 2026-12-13
     --> offers/vm.yaml:9:27
      |
    9 |         1.0.0: {osVhdUrl: 'https://c.blob.core.windows.net/a.vhd?se=2026-12-12T00%3A00%3A00Z&sig=*'}
      |                           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: sign it anew; what the service fetched already does not need it any more
    ");
    assert_eq!(image("2026-12-13", "{}"), "");
    assert_eq!(image("2026-12-12", "{guards: {sas-expiry: 20}}"), "");
    assert_eq!(image("2020-01-01", "{guards: {sas-expiry: allow}}"), "");
    assert_eq!(rules(&image("2026-12-13", "{guards: {sas-expiry: 22}}")), ["sas-ends-soon"]);
}

#[test]
fn an_address_that_may_open_something_is_not_repeated() {
    let told = machine(
        "definition: {plans: [{planId: p, microsoft-azure-virtualmachines.vmImages: {1.0.0: {osVhdUrl: {$env: CONTACT}}}}]}\n",
    );
    assert!(told.contains("warning[wrong-form]: this is not a web address"), "{told}");
    assert!(!told.contains("ops@contoso.com"), "{told}");
}

#[test]
fn nothing_is_known_of_other_offer_types_but_what_all_have() {
    let definition = "definition: {offer: {whatever: 1, x.summary: 1}, plans: [{planId: p, regions: [Xx]}]}\n";
    assert_eq!(rules(&told("microsoft-azure-saas", definition)), ["unexpected-type", "unknown-word"]);
}
