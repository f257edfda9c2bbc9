//! Generated offers that look like real ones: listings, offer plans with images and prices, and keys that nobody knows.
//!
//! The same shape and id always make the same document, so that two runs measure the same work.

use serde_json::{Map, Value, json};

/// How much is in an offer; the bytes follow from it.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Offer plans.
    pub offer_plans: usize,
    /// Image versions of each offer plan, each with an operating system disk and a data disk.
    pub images: usize,
    /// Paragraphs of each description.
    pub paragraphs: usize,
    /// Keys of each offer plan that the field catalogue does not list.
    pub unknown_keys: usize,
}

/// The namespace of most keys of an offer plan, and the offer's type.
pub const TYPE: &str = "microsoft-azure-virtualmachines";

const REGIONS: [&str; 15] = ["AU", "BE", "CA", "CH", "DE", "ES", "FR", "GB", "IE", "IT", "JP", "NL", "SE", "SG", "US"];
const CORES: [&str; 12] = [
    "sharedcore",
    "1core",
    "2core",
    "4core",
    "8core",
    "16core",
    "20core",
    "32core",
    "40core",
    "64core",
    "96core",
    "128core",
];
const PARAGRAPH: &str = "<p>Contoso Backup Server protects the machines, databases and file shares of a virtual network, \
                         keeps what the law asks you to keep, and brings back a single file or a whole machine in \
                         <b>minutes</b>. See the <a href=\"https://docs.contoso.com/backup-server\">guide</a>.</p>";

/// The document of one offer of the publisher `contoso`, as a manifest would hold it.
pub fn document(offer_id: &str, shape: Shape) -> Value {
    let offer_plans: Vec<Value> = (0..shape.offer_plans).map(|number| offer_plan(number, shape)).collect();
    json!({
        "publisherId": "contoso",
        "offerTypeId": TYPE,
        "id": offer_id,
        "definition": {
            "displayText": format!("Contoso Backup Server ({offer_id})"),
            "offer": listing(shape),
            "plans": offer_plans,
        },
    })
}

fn listing(shape: Shape) -> Value {
    json!({
        "microsoft-azure-marketplace.title": "Contoso Backup Server",
        "microsoft-azure-marketplace.summary": "Back up virtual machines, databases and file shares on a schedule",
        "microsoft-azure-marketplace.description": description(shape.paragraphs),
        "microsoft-azure-marketplace.cspOfferOptIn": true,
        "microsoft-azure-marketplace.allowedSubscriptions": ["2f6c1f0a-5d0e-4c57-9a3b-7c1e0d9b4a21"],
        "microsoft-azure-marketplace.usefulLinks": [
            {"linkTitle": "Guide", "linkUrl": "https://docs.contoso.com/backup-server/admin"},
            {"linkTitle": "Release notes", "linkUrl": "https://docs.contoso.com/backup-server/releases"},
        ],
        "microsoft-azure-marketplace.categoryMap": [
            {"categoryL1": "storage", "categoryL2-storage": ["backup-and-recovery", "data-lifecycle-management"]},
        ],
        "microsoft-azure-marketplace.smallLogo": "https://assets.contoso.com/backup-server/logo-48x48.png",
        "microsoft-azure-marketplace.largeLogo": "https://assets.contoso.com/backup-server/logo-216x216.png",
        "microsoft-azure-marketplace.privacyURL": "https://www.contoso.com/privacy",
    })
}

fn offer_plan(number: usize, shape: Shape) -> Value {
    let prices: Map<String, Value> = CORES
        .into_iter()
        .zip(1_u32..)
        .map(|(cores, price)| (cores.to_owned(), json!(f64::from(price) / 8.0)))
        .collect();
    let mut offer_plan = json!({
        "planId": format!("edition-{number}"),
        "regions": REGIONS,
        "virtualMachinePricing": {
            "isByol": false,
            "freeTrialDurationInMonths": 1,
            "coreMultiplier": {"currency": "USD", "individually": prices},
        },
    });
    let own = json!({
        "skuTitle": format!("Edition {number} on Ubuntu, pay as you go"),
        "skuSummary": "Up to 100 protected machines, billed by the hour and core",
        "skuDescription": description(shape.paragraphs),
        "hideSKUForSolutionTemplate": false,
        "cloudAvailability": ["PublicAzure", "Fairfax"],
        "operatingSystemFamily": "Linux",
        "osType": "Ubuntu",
        "operationSystem": "Ubuntu Server 24.04 LTS",
        "recommendedVMSizes": ["ds2-standard-v2", "d2s-standard-v3", "d4s-standard-v3"],
        "supportsAcceleratedNetworking": true,
        "vmImages": images(number, shape.images),
    });
    let unknown = (0..shape.unknown_keys).map(|key| (format!("contoso-extension.setting{key:04}"), unlisted(key)));
    if let (Some(all), Value::Object(own)) = (offer_plan.as_object_mut(), own) {
        all.extend(own.into_iter().map(|(key, value)| (format!("{TYPE}.{key}"), value)));
        all.extend(unknown);
    }
    offer_plan
}

fn images(offer_plan: usize, count: usize) -> Map<String, Value> {
    let image = |version: usize| {
        let disk = |name: &str| {
            format!(
                "https://contosoimages.blob.core.windows.net/edition-{offer_plan}/{name}-5.2.{version}.vhd\
                 ?sv=2024-11-04&se=2036-01-01T00%3A00%3A00Z&sr=b&sp=r&sig=bm90LWEtcmVhbC1zaWduYXR1cmU%3D"
            )
        };
        json!({"osVhdUrl": disk("system"), "lunVhdDetails": [{"lun": 0, "srcVhdUri": disk("catalog")}]})
    };
    (0..count).map(|version| (format!("5.2.{version}"), image(version))).collect()
}

fn unlisted(number: usize) -> Value {
    match number % 4 {
        0 => json!(format!("a value that only the service understands, number {number}")),
        1 => json!(number),
        2 => json!(number.is_multiple_of(3)),
        _ => json!({"enabled": true, "label": format!("Setting {number}"), "limits": [number, 16, 64]}),
    }
}

fn description(paragraphs: usize) -> String {
    vec![PARAGRAPH; paragraphs].join("\n")
}
