//! What the service changes between a PUT and the next GET: defaults, renamed and mirrored keys, media of its own.
//!
//! The tables say which keys; the functions only apply them. Sources: the portal reference ("Create or modify an offer",
//! "Uploading artifacts") and what other clients recorded of the service.

use serde_json::{Map, Value, json};

use super::derived;

/// Where media lie once the service has downloaded them.
pub(super) const MEDIA_HOST: &str = "https://publishingstoredm.blob.core.windows.net/";

/// A key, without its namespace, that holds media or a file the service downloads has one of these words in it.
/// Disk images (`osVhdUrl`) are none of them: they come back as they were sent.
const MEDIA_WORDS: [&str; 6] =
    ["logo", "screenshot", "thumbnail", "uploadedcsvuri", "spreadsheetpricing", "packagefile"];

/// The offer types whose plans are virtual machines; their keys are namespaced by the type itself.
const VIRTUAL_MACHINE_TYPES: [&str; 2] = ["microsoft-azure-virtualmachines", "microsoft-azure-corevm"];
const CORE_VM: &str = "microsoft-azure-corevm";
const MARKETPLACE: &str = "microsoft-azure-marketplace";

/// Keys of `definition.offer` that a GET returns and a PUT refuses.
pub(super) const UNWRITABLE_OFFER_KEYS: [&str; 2] =
    ["microsoft-azure-corevm.legacyOfferId", "microsoft-azure-corevm.legacyPublisherId"];

/// Lead destinations; they appear in the namespace of the offer type, or in the marketplace's.
const LEAD_CONFIGURATIONS: [&str; 6] = [
    "tableLeadConfiguration",
    "blobLeadConfiguration",
    "salesForceLeadConfiguration",
    "crmLeadConfiguration",
    "httpsEndpointLeadConfiguration",
    "marketoLeadConfiguration",
];

fn marketplace_defaults() -> Value {
    json!({
        "microsoft-azure-marketplace.categories": [],
        "microsoft-azure-marketplace.customAmendments": null,
        "microsoft-azure-marketplace.universalAmendmentTerms": "",
        "microsoft-azure-marketplace.useEnterpriseContract": false,
        "microsoft-azure-marketplace-testdrive.enabled": false,
        "microsoft-azure-marketplace-testdrive.videos": [],
        "microsoft-azure-marketplace-testdrive.description": null,
        "microsoft-azure-marketplace-testdrive.accessInformation": null,
        "microsoft-azure-marketplace-testdrive.userManual": "",
    })
}

/// In the namespace of the offer type, unless that is a core VM.
const CONTACT_KEYS: [&str; 4] = ["managerContactName", "managerContactEmail", "managerContactPhone", "gtmMaterials"];

/// Without namespace; `legacyPlanId` comes on top, with the value of `planId`.
fn virtual_machine_plan_defaults() -> Value {
    json!({
        "allowOnlyManagedDiskDeployments": true,
        "certificationsFairfax": [],
        "generation": "1",
        "isCustomArmTemplateRequired": false,
        "isLockedDown": false,
        "isNetworkVirtualAppliance": false,
        "supportsAcceleratedNetworking": false,
        "supportsBackup": false,
        "supportsCloudInit": false,
        "supportsExtensions": true,
        "supportsHibernation": false,
        "supportsNVMe": false,
        "patchOptions": {"supportsHotpatch": false},
    })
}

/// The words of a secret's key, inside a lead configuration and elsewhere.
const SECRET_LEAD_WORDS: [&str; 5] = ["connectionstring", "password", "secret", "token", "key"];
const SECRET_WORDS: [&str; 2] = ["password", "secret"];

/// Arrays in which order carries nothing, by key without namespace.
const SETS: [&str; 7] = [
    "regions",
    "recommendedVMSizes",
    "allowedSubscriptions",
    "cloudAvailability",
    "certificationsFairfax",
    "openPorts",
    "categories",
];

fn without_namespace(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or(key)
}

/// Whether the name of a key holds one of the words, which are in small letters, in whatever case.
fn names_one_of(key: &str, words: &[&str]) -> bool {
    let name = without_namespace(key).as_bytes();
    let holds = |word: &&str| name.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()));
    words.iter().any(holds)
}

/// Where and when something is written or read; names the media and signs them.
pub(super) struct Context<'a> {
    pub(super) seed: u64,
    pub(super) publisher: &'a str,
    pub(super) offer: &'a str,
    pub(super) offer_type: &'a str,
}

impl Context<'_> {
    /// What the service keeps of a definition that was sent to become `version`.
    pub(super) fn keep(&self, mut definition: Value, version: u64) -> Value {
        if let Some(definition) = definition.as_object_mut() {
            let offer = definition.entry("offer").or_insert_with(|| json!({}));
            if let Some(offer) = offer.as_object_mut() {
                self.complete_offer(offer);
            }
            if let Some(plans) = definition.get_mut("plans").and_then(Value::as_array_mut) {
                plans.iter_mut().filter_map(Value::as_object_mut).for_each(|plan| self.complete_plan(plan));
            }
        }
        let version = version.to_string();
        for_each_media(&mut definition, &mut |url| {
            if url.starts_with(MEDIA_HOST) {
                if let Some((served, _token)) = url.split_once('?') {
                    *url = served.to_owned();
                }
            } else if url.starts_with("http://") || url.starts_with("https://") {
                *url = self.hosted(url, &version);
            }
        });
        definition
    }

    fn hosted(&self, source: &str, version: &str) -> String {
        let path = source.split(['?', '#']).next().unwrap_or(source);
        let ending = path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map_or("png", |(_, ending)| ending);
        let guid = derived::guid(self.seed, &["media", self.publisher, self.offer, version, source]);
        format!("{MEDIA_HOST}prodcontent/D6191_publishers_{}/{}/{guid}.{ending}", self.publisher, self.offer)
    }

    fn complete_offer(&self, offer: &mut Map<String, Value>) {
        let namespace = if self.offer_type == CORE_VM { CORE_VM } else { MARKETPLACE };
        offer.entry(format!("{namespace}.leadDestination")).or_insert_with(|| json!("None"));
        for key in LEAD_CONFIGURATIONS {
            offer.entry(format!("{namespace}.{key}")).or_insert_with(|| json!({}));
        }
        offer.entry(format!("{namespace}.leadNotificationEmails")).or_insert_with(|| json!(""));
        if namespace == MARKETPLACE {
            add_missing(offer, "", marketplace_defaults());
            for key in CONTACT_KEYS {
                offer.entry(format!("{}.{key}", self.offer_type)).or_insert_with(|| json!(""));
            }
        }
    }

    fn complete_plan(&self, plan: &mut Map<String, Value>) {
        if let Some(pricing) = plan.get("virtualMachinePricing").cloned() {
            plan.insert("virtualMachinePricingV2".to_owned(), pricing);
        }
        let old_names: Vec<String> =
            plan.keys().filter(|key| without_namespace(key) == "windowsOSType").cloned().collect();
        for old in old_names {
            let new = old.replace("windowsOSType", "osType");
            if let Some(value) = plan.shift_remove(&old) {
                plan.entry(new).or_insert(value);
            }
        }
        if VIRTUAL_MACHINE_TYPES.contains(&self.offer_type) {
            let namespace = format!("{}.", self.offer_type);
            add_missing(plan, &namespace, virtual_machine_plan_defaults());
            if let Some(plan_id) = plan.get("planId").cloned() {
                plan.entry(format!("{namespace}legacyPlanId")).or_insert(plan_id);
            }
        }
    }

    /// What a GET shows of a kept definition; `nonce` makes each answer's signatures its own.
    pub(super) fn show(&self, mut definition: Value, expires: &str, nonce: &str) -> Value {
        remove_secrets(&mut definition, &SECRET_WORDS);
        for_each_media(&mut definition, &mut |url| {
            if url.starts_with(MEDIA_HOST) {
                let signature = derived::signature(self.seed, &[url.as_str(), nonce]);
                *url = format!("{url}?sv=2014-02-14&sr=b&sig={signature}&se={expires}&sp=r");
            }
        });
        if self.offer_type == CORE_VM
            && let Some(offer) = definition.get_mut("offer").and_then(Value::as_object_mut)
        {
            for key in UNWRITABLE_OFFER_KEYS {
                offer.insert(key.to_owned(), json!(""));
            }
        }
        definition
    }
}

fn add_missing(into: &mut Map<String, Value>, namespace: &str, defaults: Value) {
    if let Value::Object(defaults) = defaults {
        for (key, value) in defaults {
            into.entry(format!("{namespace}{key}")).or_insert(value);
        }
    }
}

/// Visits each string below a key that holds media.
fn for_each_media(value: &mut Value, visit: &mut impl FnMut(&mut String)) {
    match value {
        Value::Object(map) => {
            for (key, child) in map {
                if names_one_of(key, &MEDIA_WORDS) {
                    for_each_string(child, visit);
                } else {
                    for_each_media(child, visit);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| for_each_media(item, visit)),
        _ => {}
    }
}

fn for_each_string(value: &mut Value, visit: &mut impl FnMut(&mut String)) {
    match value {
        Value::String(text) => visit(text),
        Value::Array(items) => items.iter_mut().for_each(|item| for_each_string(item, visit)),
        Value::Object(map) => map.values_mut().for_each(|child| for_each_string(child, visit)),
        _ => {}
    }
}

/// "The secret values for secret type fields will not be retrieved by this API" (portal reference, "Retrieve a specific
/// offer"); which fields those are, it does not list.
fn remove_secrets(value: &mut Value, words: &[&str]) {
    match value {
        Value::Object(map) => {
            map.retain(|key, child| !(child.is_string() && names_one_of(key, words)));
            for (key, child) in map {
                let inside = if key.ends_with("LeadConfiguration") { &SECRET_LEAD_WORDS } else { words };
                remove_secrets(child, inside);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| remove_secrets(item, words)),
        _ => {}
    }
}

/// Turns round whatever has no order of its own: sets, map keys, plans.
pub(super) fn reorder(value: &mut Value) {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(String, Value)> = std::mem::take(map).into_iter().collect();
            entries.reverse();
            for (key, mut child) in entries {
                reorder(&mut child);
                let name = without_namespace(&key);
                if let Value::Array(items) = &mut child
                    && (SETS.contains(&name) || name.starts_with("categoryL2-") || name == "plans")
                {
                    items.reverse();
                }
                map.insert(key, child);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(reorder),
        _ => {}
    }
}

/// Spells "unset" another way in the offer and in its plans: null is left out, empty values become null.
pub(super) fn respell_unset(definition: &mut Value) {
    let respell = |map: &mut Map<String, Value>| {
        map.retain(|_, value| !value.is_null());
        for value in map.values_mut() {
            let is_empty = match value {
                Value::String(text) => text.is_empty(),
                Value::Array(items) => items.is_empty(),
                Value::Object(map) => map.is_empty(),
                _ => false,
            };
            if is_empty {
                *value = Value::Null;
            }
        }
    };
    if let Some(offer) = definition.get_mut("offer").and_then(Value::as_object_mut) {
        respell(offer);
    }
    if let Some(plans) = definition.get_mut("plans").and_then(Value::as_array_mut) {
        plans.iter_mut().filter_map(Value::as_object_mut).for_each(respell);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTEXT: Context<'_> =
        Context { seed: 7, publisher: "contoso", offer: "vm", offer_type: "microsoft-azure-virtualmachines" };

    #[test]
    fn media_are_hosted_once_and_signed_anew_for_each_reader() {
        let sent =
            json!({"offer": {"microsoft-azure-marketplace.smallLogo": "https://contoso.example/a/small.png?x=1"}});
        let kept = CONTEXT.keep(sent, 1);
        let logo = |value: &Value| value["offer"]["microsoft-azure-marketplace.smallLogo"].as_str().unwrap().to_owned();
        assert!(logo(&kept).starts_with(MEDIA_HOST) && !logo(&kept).contains('?'), "{}", logo(&kept));

        let first = CONTEXT.show(kept.clone(), "2028-01-01T00%3A00%3A00Z", "1");
        let second = CONTEXT.show(kept.clone(), "2028-01-01T00%3A00%3A00Z", "2");
        assert_ne!(logo(&first), logo(&second));
        assert_eq!(logo(&CONTEXT.keep(first, 2)), logo(&kept), "what is already there is not downloaded again");
    }

    #[test]
    fn pricing_is_mirrored_and_windows_os_type_renamed() {
        let kept = CONTEXT.keep(
            json!({"plans": [{
                "planId": "gen1",
                "virtualMachinePricing": {"isByol": true},
                "microsoft-azure-virtualmachines.windowsOSType": "Other",
                "microsoft-azure-virtualmachines.supportsExtensions": false,
            }]}),
            1,
        );
        let plan = &kept["plans"][0];
        assert_eq!(plan["virtualMachinePricingV2"], json!({"isByol": true}));
        assert_eq!(plan["microsoft-azure-virtualmachines.osType"], "Other");
        assert_eq!(plan.get("microsoft-azure-virtualmachines.windowsOSType"), None);
        assert_eq!(plan["microsoft-azure-virtualmachines.supportsExtensions"], false, "a default replaces nothing");
        assert_eq!(plan["microsoft-azure-virtualmachines.legacyPlanId"], "gen1");
    }

    #[test]
    fn secrets_are_kept_and_never_shown() {
        let kept = CONTEXT.keep(
            json!({"offer": {"microsoft-azure-marketplace.tableLeadConfiguration":
                {"tableStorageConnectionString": "AccountKey=abc", "name": "leads"}}}),
            1,
        );
        let configuration =
            |value: &Value| value["offer"]["microsoft-azure-marketplace.tableLeadConfiguration"].clone();
        assert_eq!(configuration(&kept)["tableStorageConnectionString"], "AccountKey=abc");
        assert_eq!(configuration(&CONTEXT.show(kept, "", "1")), json!({"name": "leads"}));
    }

    #[test]
    fn unset_values_change_their_spelling_and_set_ones_do_not() {
        let mut definition =
            json!({"offer": {"a": null, "b": "", "c": [], "d": "x"}, "plans": [{"planId": "p", "e": {}}]});
        respell_unset(&mut definition);
        assert_eq!(
            definition,
            json!({"offer": {"b": null, "c": null, "d": "x"}, "plans": [{"planId": "p", "e": null}]})
        );
    }
}
