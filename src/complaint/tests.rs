//! Messages as the service, its documents and its reviewers word them, and the field that each speaks of.

use serde_json::{Value, json};

use super::*;

/// Two offer plans of virtual machines, one with two versions of its image and a data disk.
fn offer() -> Value {
    json!({
        "publisherId": "contoso", "offerTypeId": "microsoft-azure-virtualmachines", "id": "contoso-vm",
        "definition": {
            "displayText": "Contoso VM",
            "offer": {
                "microsoft-azure-marketplace.title": "Contoso VM",
                "microsoft-azure-marketplace.summary": "A machine",
                "microsoft-azure-marketplace.description": "<p>A machine</p>",
                "microsoft-azure-marketplace.smallLogo": "https://assets.contoso.com/logo-48x48.png",
                "microsoft-azure-marketplace.largeLogo": "https://assets.contoso.com/logo-216x216.png",
                "microsoft-azure-marketplace.screenshots": [],
                "microsoft-azure-marketplace.privacyURL": "https://www.contoso.com/privacy",
                "microsoft-azure-marketplace.publicAzureSupportUrl": "https://www.contoso.com/support",
                "microsoft-azure-marketplace.categoryMap": [
                    {"categoryL1": "networking", "categoryL2-networking": ["load-balancers"]},
                ],
                "microsoft-azure-marketplace.usefulLinks": [{"linkTitle": "Guide", "linkUrl": "https://docs.contoso.com/a"}],
                "microsoft-azure-marketplace.allowedSubscriptions": ["2f6c1f0a-5d0e-4c57-9a3b-7c1e0d9b4a21"],
            },
            "plans": [
                {
                    "planId": "gold",
                    "microsoft-azure-virtualmachines.skuTitle": "Gold",
                    "microsoft-azure-virtualmachines.recommendedVMSizes": ["d2s-standard-v3"],
                    "regions": ["US", "DE"],
                    "virtualMachinePricing": {"isByol": false, "coreMultiplier": {"currency": "USD", "individually": {"1core": 0.1}}},
                    "microsoft-azure-virtualmachines.vmImages": {
                        "1.0.0": {
                            "osVhdUrl": "https://contoso.blob.core.windows.net/vhds/gold-1.0.0.vhd?sig=x",
                            "lunVhdDetails": [{"lun": 0, "lunVhdUrl": "https://contoso.blob.core.windows.net/vhds/data.vhd?sig=x"}],
                        },
                        "1.0.1": {"osVhdUrl": "https://contoso.blob.core.windows.net/vhds/gold-1.0.1.vhd?sig=x"},
                    },
                },
                {
                    "planId": "silver-byol",
                    "microsoft-azure-virtualmachines.skuTitle": "Silver",
                    "regions": ["US"],
                    "microsoft-azure-virtualmachines.vmImages": {
                        "2.0.0": {"osVhdUrl": "https://contoso.blob.core.windows.net/vhds/silver.vhd?sig=x"},
                    },
                    "diskGenerations": [{
                        "planId": "silver-byol-gen2",
                        "microsoft-azure-virtualmachines.vmImages": {
                            "2.0.0": {"osVhdUrl": "https://contoso.blob.core.windows.net/vhds/silver-gen2.vhd?sig=x"},
                        },
                    }],
                },
            ],
        },
    })
}

/// The same with nothing but one image of one offer plan, as most offers are.
fn small_offer() -> Value {
    let mut offer = offer();
    let plans = offer["definition"]["plans"].as_array_mut().unwrap();
    plans.truncate(1);
    let images = plans[0]["microsoft-azure-virtualmachines.vmImages"].as_object_mut().unwrap();
    images.shift_remove("1.0.0");
    offer
}

fn traced(document: &Value, messages: &[&str]) -> String {
    let lines = messages.iter().map(|message| {
        let concern = Concern::in_document(Catalogue::built_in(), document, message);
        let path = concern.path.to_string().replace("/microsoft-azure-marketplace.", "/m.");
        let path = path.replace("/microsoft-azure-virtualmachines.", "/v.");
        let path = path.strip_prefix("/definition").map_or(path.clone(), str::to_owned);
        let path = if path.is_empty() { "-".to_owned() } else { path };
        format!("{message}\n  {path}  {}\n", concern.names.join(", "))
    });
    lines.collect()
}

/// `articles/marketplace/azure-vm-common-sas-uri-issues.md` and `azure-vm-certification-faq.yml` of the service's documents.
#[test]
fn messages_of_the_certification_lead_to_the_image_when_there_is_one() {
    let messages = [
        "Failure: Copying Images. Not able to download blob using provided SAS Uri.",
        "Failure: Copying Images. Not able to download blob due to authorization error.",
        "The specified cookie value in VHD footer indicates that disk 'gold-1.0.1.vhd' with blob https://contoso.blob.core.windows.net/vhds/gold-1.0.1.vhd is not a supported VHD. Disk is expected to have cookie value 'conectix'.",
        "DataDisk- NotFound: the data disk is not located at the specified SAS URL",
        "The minimum Linux agent version is 2.2.41 or later. This requirement has been mandatory since May 1, 2020.",
        "Bash history test case failed: the size of the Bash history is more than 1 KB.",
        "The OS disk should be installed only with Windows.",
    ];
    insta::assert_snapshot!(traced(&small_offer(), &messages), @"
    Failure: Copying Images. Not able to download blob using provided SAS Uri.
      /plans/gold/v.vmImages/1.0.1/osVhdUrl  SAS Uri
    Failure: Copying Images. Not able to download blob due to authorization error.
      /plans/gold/v.vmImages/1.0.1/osVhdUrl  Images, blob
    The specified cookie value in VHD footer indicates that disk 'gold-1.0.1.vhd' with blob https://contoso.blob.core.windows.net/vhds/gold-1.0.1.vhd is not a supported VHD. Disk is expected to have cookie value 'conectix'.
      /plans/gold/v.vmImages/1.0.1/osVhdUrl  https://contoso.blob.core.windows.net/vhds/gold-1.0.1.vhd
    DataDisk- NotFound: the data disk is not located at the specified SAS URL
      /plans/gold/v.vmImages/1.0.1  data disk, SAS URL
    The minimum Linux agent version is 2.2.41 or later. This requirement has been mandatory since May 1, 2020.
      -  
    Bash history test case failed: the size of the Bash history is more than 1 KB.
      -  
    The OS disk should be installed only with Windows.
      /plans/gold/v.vmImages/1.0.1/osVhdUrl  OS disk
    ");
}

#[test]
fn what_is_named_narrows_down_what_is_meant() {
    let messages = [
        "The image 1.0.0 is not generalized: how to (https://aka.ms/vm). Run sysprep & upload it again.",
        "Failure: Copying Images. Not able to download blob using provided SAS Uri.",
        "Plan ID: gold, version: v1.0.1. Provisioning timeout or not properly generalized.",
        "SKU silver-byol version 2.0.0 could not be provisioned.",
        "The VHD of image 2.0.0 in 'silver-byol-gen2' is not aligned to 1 MB.",
        "Not able to download https://contoso.blob.core.windows.net/vhds/data.vhd?sv=2024&sig=REDACTED: 403",
        "The blob gold-1.0.0.vhd could not be found.",
        "Prices are missing for the region DE of the plan gold.",
        "The VM size d2s-standard-v3 is not available.",
        "The category 'load-balancers' is not valid for this offer type.",
        "The images of this offer do not boot.",
        "The plan gold and the plan silver-byol have the same title.",
    ];
    insta::assert_snapshot!(traced(&offer(), &messages), @"
    The image 1.0.0 is not generalized: how to (https://aka.ms/vm). Run sysprep & upload it again.
      /plans/gold/v.vmImages/1.0.0  1.0.0
    Failure: Copying Images. Not able to download blob using provided SAS Uri.
      /plans  SAS Uri
    Plan ID: gold, version: v1.0.1. Provisioning timeout or not properly generalized.
      /plans/gold/v.vmImages/1.0.1  gold, v1.0.1
    SKU silver-byol version 2.0.0 could not be provisioned.
      /plans/silver-byol  silver-byol, 2.0.0
    The VHD of image 2.0.0 in 'silver-byol-gen2' is not aligned to 1 MB.
      /plans/silver-byol/diskGenerations/silver-byol-gen2/v.vmImages/2.0.0/osVhdUrl  2.0.0, silver-byol-gen2, VHD
    Not able to download https://contoso.blob.core.windows.net/vhds/data.vhd?sv=2024&sig=REDACTED: 403
      /plans/gold/v.vmImages/1.0.0/lunVhdDetails/0/lunVhdUrl  https://contoso.blob.core.windows.net/vhds/data.vhd
    The blob gold-1.0.0.vhd could not be found.
      /plans/gold/v.vmImages/1.0.0/osVhdUrl  gold-1.0.0.vhd
    Prices are missing for the region DE of the plan gold.
      /plans/gold/regions/1  DE
    The VM size d2s-standard-v3 is not available.
      /plans/gold/v.recommendedVMSizes/0  d2s-standard-v3
    The category 'load-balancers' is not valid for this offer type.
      /offer/m.categoryMap/networking/categoryL2-networking/0  load-balancers
    The images of this offer do not boot.
      /plans  images
    The plan gold and the plan silver-byol have the same title.
      /plans  gold, silver-byol
    ");
}

#[test]
fn listings_are_traced_by_the_names_that_people_use() {
    let messages = [
        "Your offer's small logo must be 48 x 48 pixels.",
        "The privacy policy link returns 404.",
        "The support URL is not reachable: https://www.contoso.com/support",
        "100.4.2 The description must not mention competing clouds.",
        "At least one screenshot is required.",
        "The offer needs a title.",
        "The plan title is too long.",
        "The test drive description is missing.",
        "The value of 'https://docs.contoso.com/a' is not a valid link.",
        "Subscription 2f6c1f0a-5d0e-4c57-9a3b-7c1e0d9b4a21 does not exist.",
    ];
    insta::assert_snapshot!(traced(&offer(), &messages), @"
    Your offer's small logo must be 48 x 48 pixels.
      /offer/m.smallLogo  small logo
    The privacy policy link returns 404.
      /offer/m.privacyURL  privacy policy link
    The support URL is not reachable: https://www.contoso.com/support
      /offer/m.publicAzureSupportUrl  https://www.contoso.com/support
    100.4.2 The description must not mention competing clouds.
      /offer/m.description  description
    At least one screenshot is required.
      /offer/m.screenshots  screenshot
    The offer needs a title.
      /offer/m.title  title
    The plan title is too long.
      /plans  plan title
    The test drive description is missing.
      /offer/microsoft-azure-marketplace-testdrive.description  test drive description
    The value of 'https://docs.contoso.com/a' is not a valid link.
      /offer/m.usefulLinks/https:~1~1docs.contoso.com~1a/linkUrl  https://docs.contoso.com/a
    Subscription 2f6c1f0a-5d0e-4c57-9a3b-7c1e0d9b4a21 does not exist.
      /offer/m.allowedSubscriptions/0  2f6c1f0a-5d0e-4c57-9a3b-7c1e0d9b4a21
    ");
}

/// As the service words refusals of a PUT and of a publish, and as other services of Microsoft write paths.
#[test]
fn paths_and_keys_are_followed_as_they_are_spelt() {
    let messages = [
        "definition.plans[1].diskGenerations[0] has no planId.",
        "#/definition/plans/0/microsoft-azure-virtualmachines.skuTitle: string is too long",
        "Required property 'skuTitle' not found in JSON. Path 'definition.plans[0]', line 1, position 200.",
        "$.definition.offer['microsoft-azure-marketplace.title']: must not be blank",
        "Invalid value at /definition/plans/gold/regions/1.",
        "definition.plans[0].virtualMachinePricing.coreMultiplier.individually.1core must be positive",
        "definition.displayText is required.",
        "The property microsoft-azure-marketplace.smallLogo of definition.offer is read-only.",
        "The plan gold needs a skuTitle.",
        "The plan silver-byol needs prices: virtualMachinePricing.",
        "No virtual machine image was found for the plan gold.",
        "The planId \"silver-byol-gen2\" appears twice in definition.plans[1].diskGenerations.",
        "definition.plans[7] is unknown",
        "osVhdUrl is not a SAS URI",
    ];
    insta::assert_snapshot!(traced(&offer(), &messages), @r#"
    definition.plans[1].diskGenerations[0] has no planId.
      /plans/silver-byol/diskGenerations/silver-byol-gen2/planId  definition.plans[1].diskGenerations[0], planId
    #/definition/plans/0/microsoft-azure-virtualmachines.skuTitle: string is too long
      /plans/gold/v.skuTitle  #/definition/plans/0/microsoft-azure-virtualmachines.skuTitle
    Required property 'skuTitle' not found in JSON. Path 'definition.plans[0]', line 1, position 200.
      /plans/gold/v.skuTitle  definition.plans[0], skuTitle
    $.definition.offer['microsoft-azure-marketplace.title']: must not be blank
      /offer/m.title  $.definition.offer['microsoft-azure-marketplace.title']
    Invalid value at /definition/plans/gold/regions/1.
      /plans/gold/regions/1  /definition/plans/gold/regions/1
    definition.plans[0].virtualMachinePricing.coreMultiplier.individually.1core must be positive
      /plans/gold/virtualMachinePricing/coreMultiplier/individually/1core  definition.plans[0].virtualMachinePricing.coreMultiplier.individually.1core
    definition.displayText is required.
      /displayText  definition.displayText
    The property microsoft-azure-marketplace.smallLogo of definition.offer is read-only.
      /offer/m.smallLogo  definition.offer, microsoft-azure-marketplace.smallLogo
    The plan gold needs a skuTitle.
      /plans/gold/v.skuTitle  gold, skuTitle
    The plan silver-byol needs prices: virtualMachinePricing.
      /plans/silver-byol/virtualMachinePricing  silver-byol, virtualMachinePricing
    No virtual machine image was found for the plan gold.
      /plans/gold/v.vmImages  gold, virtual machine image
    The planId "silver-byol-gen2" appears twice in definition.plans[1].diskGenerations.
      /plans/silver-byol/diskGenerations/silver-byol-gen2/planId  definition.plans[1].diskGenerations, planId
    definition.plans[7] is unknown
      /plans  definition.plans
    osVhdUrl is not a SAS URI
      /plans  osVhdUrl
    "#);
}

#[test]
fn what_names_nothing_is_about_the_offer() {
    let messages = [
        "The submission failed.",
        "An internal error occurred. Try again later. Correlation id 1.0.0-4711.",
        "Step completed.",
        "The policy 100.1 is not met; the standard contract of a golden partner would do.",
        "You need to contact support.",
        "",
        "See https://docs.microsoft.com/vhd/description/title.",
        "The offer contoso-vm of contoso was rejected.",
    ];
    insta::assert_snapshot!(traced(&offer(), &messages), @"
    The submission failed.
      -  
    An internal error occurred. Try again later. Correlation id 1.0.0-4711.
      -  
    Step completed.
      -  
    The policy 100.1 is not met; the standard contract of a golden partner would do.
      -  
    You need to contact support.
      -  

      -  
    See https://docs.microsoft.com/vhd/description/title.
      -  
    The offer contoso-vm of contoso was rejected.
      -
    ");
}

mod any {
    use proptest::prelude::*;

    use super::*;

    fn pieces() -> impl Strategy<Value = String> {
        let parts = prop::sample::select(vec![
            "definition",
            ".",
            "plans",
            "[",
            "]",
            "0",
            "9",
            "/",
            "#/",
            "'",
            "\"",
            "gold",
            " ",
            "image",
            "1.0.0",
            "https://",
            "contoso.blob.core.windows.net/vhds/data.vhd",
            "?",
            "ä",
            "🌈",
            "“",
            "”",
            "skuTitle",
            "small logo",
            "-",
            "plan",
            "$.",
        ]);
        prop::collection::vec(parts, 0..12).prop_map(|parts| parts.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn message_leads_to_a_place_of_the_offer_by_its_own_words(message in pieces()) {
            let offer = offer();
            let concern = Concern::in_document(Catalogue::built_in(), &offer, &message);
            let known = spots(Catalogue::built_in(), &offer);
            let is_there = concern.path == FieldPath::root() || known.iter().any(|spot| spot.path == concern.path);
            prop_assert!(is_there, "{}", concern.path);
            for named in &concern.names {
                prop_assert!(message.contains(named.as_str()), "{} in {}", named, message);
            }
            let again = Concern::in_document(Catalogue::built_in(), &offer, &message);
            prop_assert_eq!(concern, again);
        }
    }
}
