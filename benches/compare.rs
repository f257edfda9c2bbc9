//! Comparing one offer of 1 MB, beside parsing it and beside `json_patch::diff` on the same pair.
//!
//! The targets: at most twice the time of parsing, and no slower than `json_patch::diff`, which knows no meaning.

mod document;
mod stopwatch;

use std::fmt;
use std::sync::LazyLock;
use std::time::Duration;

use divan::Bencher;
use offerctl::diff::{Comparison, Context, MediaRecords, MediaTrust, Sides, compare};
use offerctl::offer::{Catalogue, OfferPlansPolicy};
use serde_json::{Value, json};

use document::{Shape, TYPE, document};
use stopwatch::{fastest, milliseconds, time};

const ONE_MEGABYTE: Shape = Shape { offer_plans: 60, images: 12, paragraphs: 8, unknown_keys: 120 };
const ROUNDS: usize = 101;

/// What the manifest wants and what the service has.
#[derive(Debug, Clone, Copy)]
enum Pair {
    /// The same values, byte by byte.
    Identical,
    /// The same by meaning: sets in another order, other signatures, defaults and mirrored prices added.
    Served,
    /// As served, and every tenth offer plan has another summary and one image more.
    Changed,
}

impl Pair {
    const ALL: [Self; 3] = [Self::Identical, Self::Served, Self::Changed];

    fn differences(self) -> usize {
        match self {
            Self::Identical | Self::Served => 0,
            Self::Changed => 2 * ONE_MEGABYTE.offer_plans / 10,
        }
    }
}

impl fmt::Display for Pair {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Identical => "identical",
            Self::Served => "in sync as served",
            Self::Changed => "changed",
        })
    }
}

/// The three sides of a comparison, and the observed one as the service sends it.
struct Material {
    desired: Value,
    observed: Value,
    applied: Value,
    answer: Vec<u8>,
    media: MediaRecords,
}

static IDENTICAL: LazyLock<Material> = LazyLock::new(|| Material::new(Pair::Identical));
static SERVED: LazyLock<Material> = LazyLock::new(|| Material::new(Pair::Served));
static CHANGED: LazyLock<Material> = LazyLock::new(|| Material::new(Pair::Changed));

impl Material {
    fn of(pair: Pair) -> &'static Self {
        match pair {
            Pair::Identical => &IDENTICAL,
            Pair::Served => &SERVED,
            Pair::Changed => &CHANGED,
        }
    }

    fn new(pair: Pair) -> Self {
        let applied = document("contoso-backup", ONE_MEGABYTE);
        let mut desired = applied.clone();
        let mut observed = applied.clone();
        if !matches!(pair, Pair::Identical) {
            serve(&mut observed);
        }
        if matches!(pair, Pair::Changed) {
            change(&mut desired);
        }
        let answer = observed.to_string().into_bytes();
        Self { desired, observed, applied, answer, media: MediaRecords::default() }
    }

    fn compare(&self) -> Comparison {
        let context = Context {
            catalogue: Catalogue::built_in(),
            media: &self.media,
            media_trust: MediaTrust::Unverifiable,
            local_files: &[],
            ignore: &[],
            offer_plans: OfferPlansPolicy::Keep,
        };
        let sides = Sides { desired: &self.desired, observed: Some(&self.observed), applied: Some(&self.applied) };
        compare(&context, sides)
    }

    fn json_patch(&self) -> json_patch::Patch {
        json_patch::diff(&self.observed["definition"], &self.desired["definition"])
    }

    fn parse(&self) -> serde_json::Result<Value> {
        serde_json::from_slice(&self.answer)
    }
}

/// What the service makes of a document.
fn serve(document: &mut Value) {
    sign_anew(document);
    let offer_plans = document["definition"]["plans"].as_array_mut();
    for offer_plan in offer_plans.into_iter().flatten().filter_map(Value::as_object_mut) {
        for set in ["regions".to_owned(), format!("{TYPE}.cloudAvailability"), format!("{TYPE}.recommendedVMSizes")] {
            if let Some(Value::Array(members)) = offer_plan.get_mut(&set) {
                members.reverse();
            }
        }
        let mirrored = offer_plan["virtualMachinePricing"].clone();
        offer_plan.insert("virtualMachinePricingV2".to_owned(), mirrored);
        for (key, value) in
            [("generation", json!("1")), ("supportsBackup", json!(false)), ("isLockedDown", json!(false))]
        {
            offer_plan.insert(format!("{TYPE}.{key}"), value);
        }
    }
}

fn sign_anew(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some(signature) = text.find("&sig=") {
                text.replace_range(signature.., "&sig=YW5vdGhlciBzaWduYXR1cmU%3D");
            }
        }
        Value::Array(items) => items.iter_mut().for_each(sign_anew),
        Value::Object(map) => map.values_mut().for_each(sign_anew),
        _ => {}
    }
}

/// What somebody edits in a manifest.
fn change(document: &mut Value) {
    let offer_plans = document["definition"]["plans"].as_array_mut();
    for offer_plan in offer_plans.into_iter().flatten().step_by(10) {
        offer_plan[format!("{TYPE}.skuSummary")] = json!("Up to 200 protected machines");
        offer_plan[format!("{TYPE}.vmImages")]["6.0.0"] = json!({"osVhdUrl": "https://images.contoso.com/6.0.0.vhd"});
    }
}

#[divan::bench]
fn parse(bencher: Bencher<'_, '_>) {
    let material = Material::of(Pair::Served);
    bencher.bench(|| material.parse());
}

#[divan::bench(name = "compare", args = Pair::ALL)]
fn compare_documents(bencher: Bencher<'_, '_>, pair: Pair) {
    let material = Material::of(pair);
    bencher.bench(|| material.compare());
}

#[divan::bench(args = Pair::ALL)]
fn json_patch(bencher: Bencher<'_, '_>, pair: Pair) {
    let material = Material::of(pair);
    bencher.bench(|| material.json_patch());
}

/// The fastest of rounds in which each is measured once: what others do on the machine only ever adds time.
fn report(pair: Pair) {
    let material = Material::of(pair);
    assert_eq!(material.compare().differences.len(), pair.differences(), "the comparison of {pair} is wrong");
    let mut samples: [Vec<Duration>; 3] = Default::default();
    for _ in 0..ROUNDS {
        samples[0].push(time(|| material.parse()));
        samples[1].push(time(|| material.compare()));
        samples[2].push(time(|| material.json_patch()));
    }
    let [parse, compare, patch] = samples.map(|samples| milliseconds(fastest(&samples)));
    println!(
        "{pair:<18} {parse:>7.2} {compare:>9.2} {patch:>12.2} {:>15.2} {:>20.2}",
        compare / parse,
        compare / patch
    );
}

fn main() {
    divan::main();
    // Without this flag `cargo test` wants to know only whether everything runs.
    if std::env::args().any(|argument| argument == "--bench") {
        let bytes = Material::of(Pair::Served).answer.len();
        println!("\none offer of {bytes} bytes, the fastest of {ROUNDS} rounds in ms");
        println!("pair                 parse   compare   json_patch   compare/parse   compare/json_patch");
        Pair::ALL.into_iter().for_each(report);
    }
}
