//! What a plan is recognised by: a digest of all that matters in it, so that what is applied can be proven to be what was
//! reviewed.
//!
//! It does not cover what says nothing about what will be done: `ETag`s, versions and estimates of the service, its
//! messages and our notes, places in files, whose change a difference is, which records decide, and the names that the service
//! gives to the files that it serves.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::file::{Asked, ChangeEntry, OfferEntry, SkippedEntry};
use super::listing::what_matters as of_listing;
use super::{Action, OfferVerdict};
use crate::diff::fit_for_record;
use crate::offer::{CanonicalDigest, Catalogue, Desired, FileDigest, OfferPlansPolicy, canonical_digest};

/// The digest of a plan: `sha256:` and 64 hex digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PlanDigest(String);

/// A text that is no digest of a plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("give the whole digest, as `plan` shows it: `sha256:` and 64 hex digits")]
pub struct InvalidDigest;

/// What stands before the hex digits.
const ALGORITHM: &str = "sha256:";
/// How many hex digits a person can tell apart at sight.
const SHORT: usize = 12;

/// What a digest is made of.
enum Part {
    Offers,
    Service,
    Skipped,
}

impl PlanDigest {
    /// The digest of a plan, of the parts of its file that matter: `{"service", "offers", "skipped"}`. Each offer comes with
    /// its name, and its entry is only there while it is taken in.
    pub(super) fn of<Offer>(
        service: &str,
        asked: &Asked,
        mut offers: Vec<(String, Offer)>,
        entry: impl Fn(&Offer) -> OfferEntry,
        skipped: &[SkippedEntry],
    ) -> Self {
        offers.sort_by_cached_key(|(name, _)| json!(name).to_string());
        let mut digest = CanonicalDigest::default();
        digest.map(
            [("offers", Part::Offers), ("service", Part::Service), ("skipped", Part::Skipped)],
            |digest, part| match part {
                Part::Offers => {
                    digest.list(&offers, |digest, (_, offer)| digest.value(&what_matters(&entry(offer), asked)));
                }
                Part::Service => digest.text(service),
                Part::Skipped => {
                    digest
                        .list(skipped, |digest, it| digest.value(&json!([it.manifest, it.publisher_id, it.offer_id])));
                }
            },
        );
        Self(digest.finish())
    }

    /// The beginning of it, for people: enough to recognise a plan, not to prove which it is.
    pub fn short(&self) -> &str {
        self.0.get(..ALGORITHM.len() + SHORT).unwrap_or(&self.0)
    }
}

impl fmt::Display for PlanDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for PlanDigest {
    type Err = InvalidDigest;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.trim().strip_prefix(ALGORITHM).ok_or(InvalidDigest)?;
        let is_whole = digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_whole.then(|| Self(format!("{ALGORITHM}{}", digits.to_ascii_lowercase()))).ok_or(InvalidDigest)
    }
}

impl TryFrom<String> for PlanDigest {
    type Error = InvalidDigest;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<PlanDigest> for String {
    fn from(digest: PlanDigest) -> Self {
        digest.0
    }
}

/// A digest of what a manifest says, as far as it decides about what is done: the composed document without its signatures,
/// secrets by name, what local files hold, and `reconcile` without its guards, which the plan shows.
pub fn desired_digest(catalogue: &Catalogue, desired: &Desired) -> String {
    let reconcile = &desired.reconcile;
    let ignored: Vec<_> = reconcile.ignore.iter().map(|ignored| ignored.path.to_string()).collect();
    let files = desired.local_files.iter();
    let files: Vec<_> = files.map(|file| json!([file.field.to_string(), file.digest.to_string()])).collect();
    canonical_digest(&json!({
        "document": fit_for_record(catalogue, &desired.document),
        "publishTo": reconcile.publish_to,
        "notificationEmails": reconcile.notification_emails,
        "removesOtherOfferPlans": reconcile.offer_plans == OfferPlansPolicy::Exact,
        "ignore": ignored,
        "files": files,
    }))
}

/// What the local file behind the address of a change holds.
fn held(change: &ChangeEntry) -> Option<&FileDigest> {
    change.file.as_ref().map(|file| &file.after)
}

/// What a reviewer of the offer agrees to. Of one with nothing to do no more than that: whoever edits it meanwhile changes
/// nothing about the plan.
fn what_matters(offer: &OfferEntry, asked: &Asked) -> Value {
    let name = offer.name();
    if offer.verdict == OfferVerdict::InSync {
        return json!({"offer": name, "target": offer.target, "verdict": offer.verdict});
    }
    let changes = offer.changes.iter();
    let mut changes: Vec<_> =
        changes.map(|it| json!([it.path, it.op, it.before, it.after, it.waived.is_some(), held(it)])).collect();
    let passengers = offer.passengers.iter();
    let mut passengers: Vec<_> =
        passengers.map(|it| json!([it.path, it.op, it.from, it.replaces, it.before, it.after])).collect();
    // In which order the manifest says them decides nothing.
    for paths in [&mut changes, &mut passengers] {
        paths.sort_by_cached_key(|it| it[0].to_string());
    }
    let does = |action| offer.steps.iter().any(|step| step.action == action);
    // Whoever agrees to submit again what was rejected has not agreed to every later time.
    let submits_again = asked.retry_failed && does(Action::Publish) && !does(Action::Update);
    let goes_live_alone = does(Action::GoLive) && !does(Action::Publish);
    let is_about_the_submission = does(Action::Cancel) || goes_live_alone || submits_again;
    json!({
        "offer": name,
        "offerType": offer.offer_type_id,
        "target": offer.target,
        "verdict": offer.verdict,
        "content": offer.content,
        "desired": offer.desired,
        "submission": offer.submission.filter(|_| is_about_the_submission),
        "changes": changes,
        "passengers": passengers,
        "steps": offer.steps.iter().map(|step| json!([step.action, step.until])).collect::<Vec<_>>(),
        "blocked": offer.blocked.iter().map(|block| json!([block.guard, block.reason])).collect::<Vec<_>>(),
        "allowed": offer.allowed.iter().map(|block| json!([block.guard, block.reason])).collect::<Vec<_>>(),
        "listing": offer.listing.as_ref().map(|listing| of_listing(Catalogue::built_in(), &listing.open())),
    })
}
