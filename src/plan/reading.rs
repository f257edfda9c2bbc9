//! A plan's file read back: is it one, can this version read it, is it as it was written; then the domain's plan of it,
//! which every renderer takes.
//!
//! The text comes from anywhere, an artefact of another job or a mail; whoever reads the file bounds its size.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::de::Read;
use serde_json::error::Category;

use super::file::{
    AllowedEntry, BlockEntry, ChangeEntry, Coverage, FileOf, OfferEntry, PLAN_FORMAT_VERSION, PassengerEntry, PlanFile,
    SecretEntry, SkippedEntry, StepEntry,
};
use super::{Block, Change, Passenger, Plan, PlanDigest, PlannedOffer, PlannedSecret, Step, Terms, UnplannedOffer};
use crate::diff::{Class, Difference, FileContent};
use crate::offer::{GuardSettings, OfferKey};

/// A text that is no plan, or none that can be used.
#[derive(Debug, thiserror::Error)]
pub enum UnusablePlan {
    /// It cannot be read to its end.
    #[error("it cannot be read: {0}")]
    Unreadable(serde_json::Error),
    /// It is no JSON.
    #[error("it is no JSON, or only a part of it: {0}")]
    NotJson(serde_json::Error),
    /// It is other JSON.
    #[error("it is JSON, but not a plan: {said}")]
    NotAPlan {
        /// What it says that it is.
        said: String,
    },
    /// A newer program wrote it.
    #[error("it has version {version} of the format, and this program reads up to {PLAN_FORMAT_VERSION}")]
    Newer {
        /// The version that it says.
        version: u64,
    },
    /// It says that it is a plan, and is not whole.
    #[error("it is damaged: {0}")]
    Damaged(serde_json::Error),
    /// Somebody changed it.
    #[error("it was changed after it was written: it says the digest {said}, and what it holds has {found}")]
    Altered {
        /// The digest that it says.
        said: PlanDigest,
        /// The digest of what it holds.
        found: PlanDigest,
    },
}

impl UnusablePlan {
    /// What to do next.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Unreadable(_) | Self::NotJson(_) | Self::NotAPlan { .. } => {
                "`offerctl plan --out plan.json` writes a plan"
            }
            Self::Newer { .. } => "use the version of offerctl that made the plan, or plan anew with this one",
            Self::Damaged(_) | Self::Altered { .. } => {
                "take the file as `plan --out` wrote it, or plan anew; a plan cannot be edited"
            }
        }
    }
}

/// What of a text tells whether it can be read as a plan. The rest is passed over, for it may be large.
#[derive(Default)]
struct Head {
    format: Option<Value>,
    version: Option<Value>,
}

impl<'de> Deserialize<'de> for Head {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(HeadOfAnything)
    }
}

/// Nothing but a map has keys; whatever else it is, it is passed over.
struct HeadOfAnything;

impl<'de> Visitor<'de> for HeadOfAnything {
    type Value = Head;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Head, A::Error> {
        #[derive(Deserialize)]
        struct Keys {
            format: Option<Value>,
            version: Option<Value>,
        }
        let Keys { format, version } = Keys::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Head { format, version })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Head, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Head::default())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Head, E> {
        Ok(Head::default())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Head, E> {
        Ok(Head::default())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Head, E> {
        Ok(Head::default())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Head, E> {
        Ok(Head::default())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Head, E> {
        Ok(Head::default())
    }

    fn visit_unit<E: Error>(self) -> Result<Head, E> {
        Ok(Head::default())
    }
}

impl UnusablePlan {
    fn of(error: serde_json::Error) -> Self {
        match error.classify() {
            Category::Data => Self::Damaged(error),
            Category::Io => Self::Unreadable(error),
            Category::Syntax | Category::Eof => Self::NotJson(error),
        }
    }
}

impl Head {
    /// Refuses what is no plan, or one that this program cannot read.
    fn expect_plan(self) -> Result<(), UnusablePlan> {
        match self.format {
            Some(Value::String(format)) if format == "offerctl-plan" => {}
            Some(Value::String(other)) => {
                return Err(UnusablePlan::NotAPlan { said: format!("its format is `{other}`") });
            }
            _ => return Err(UnusablePlan::NotAPlan { said: "it has no `format`".to_owned() }),
        }
        match self.version.as_ref().and_then(Value::as_u64) {
            Some(0) => Err(UnusablePlan::NotAPlan { said: "its version is 0, and there was none".to_owned() }),
            Some(version) if version > u64::from(PLAN_FORMAT_VERSION) => Err(UnusablePlan::Newer { version }),
            _ => Ok(()),
        }
    }
}

/// A value and nothing behind it.
fn parsed<'de, T: DeserializeOwned>(mut reader: serde_json::Deserializer<impl Read<'de>>) -> serde_json::Result<T> {
    let value = T::deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// An offer of a file, which may have many: none stays unpacked.
#[derive(Debug)]
pub(super) struct ReadOffer(PlannedOffer);

impl<'de> Deserialize<'de> for ReadOffer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entry = OfferEntry::deserialize(deserializer)?;
        let verdict = entry.verdict;
        let planned = entry.into_planned();
        if verdict == planned.verdict() {
            Ok(Self(planned))
        } else {
            Err(D::Error::custom(format!("the verdict of `{}` is not that of its steps and blocks", planned.key)))
        }
    }
}

impl PlanFile {
    /// Reads a plan from what `open` opens, at its beginning each time, which need not have it in memory.
    pub fn read<'de, Source: Read<'de>>(
        mut open: impl FnMut() -> serde_json::Result<serde_json::Deserializer<Source>>,
    ) -> Result<Self, UnusablePlan> {
        let mut open = || open().map_err(UnusablePlan::Unreadable);
        let read = match parsed::<FileOf<Vec<ReadOffer>, Coverage>>(open()?) {
            Ok(read) if read.version == PLAN_FORMAT_VERSION => read,
            other => {
                // Only now it matters what else it may be.
                parsed::<Head>(open()?).map_err(UnusablePlan::of)?.expect_plan()?;
                other.map_err(UnusablePlan::Damaged)?
            }
        };
        let digest = read.digest.clone();
        let plan = plan_of(read);
        // Its values are fit to be seen already.
        let found = PlanDigest::of_plan(&plan, &|_, value| value.clone());
        if digest == found { Ok(Self { digest, plan }) } else { Err(UnusablePlan::Altered { said: digest, found }) }
    }

    /// What the plan is recognised by.
    pub fn digest(&self) -> &PlanDigest {
        &self.digest
    }

    /// The plan that the file is of, its values fit to be seen. The settings of guards are not in it: what they decided is.
    pub fn into_plan(self) -> Plan {
        self.plan
    }
}

fn plan_of(file: FileOf<Vec<ReadOffer>, Coverage>) -> Plan {
    Plan {
        offers: file.offers.into_iter().map(|ReadOffer(planned)| planned).collect(),
        failed: file.coverage.skipped.into_iter().map(SkippedEntry::into_unplanned).collect(),
        terms: Terms {
            service: file.service,
            supersede: file.asked.supersede,
            retry_failed: file.asked.retry_failed,
            resend_media: file.asked.resend_media,
        },
        unchanged: file.coverage.unchanged,
    }
}

impl OfferEntry {
    fn into_planned(self) -> PlannedOffer {
        let blocked = self.blocked.into_iter();
        let allowed = self.allowed.into_iter();
        PlannedOffer {
            listing: self.listing,
            key: OfferKey { publisher: self.publisher_id, offer: self.offer_id },
            offer_type: self.offer_type_id,
            manifest: self.source,
            target: self.target,
            etag: self.etag,
            content: self.content,
            version: self.draft_version,
            desired: self.desired,
            submission: self.submission,
            replaces: self.replaces,
            changes: self.changes.into_iter().map(ChangeEntry::into_change).collect(),
            secrets: self.secrets.into_iter().map(SecretEntry::into_planned).collect(),
            passengers: self.passengers.into_iter().map(PassengerEntry::into_passenger).collect(),
            steps: self.steps.into_iter().map(StepEntry::into_step).collect(),
            blocks: blocked.map(BlockEntry::into_block).collect(),
            allowed: allowed.map(AllowedEntry::into_block).collect(),
            guards: GuardSettings::default(),
            notes: self.notes,
        }
    }
}

impl ChangeEntry {
    fn into_change(self) -> Change {
        let Self { path, op: operation, class, before, after, sensitive, source, waived, file } = self;
        let content = file.map(|file| FileContent { path: file.path.into(), before: file.before, after: file.after });
        Change { difference: Difference { path, operation, class, before, after, waived, content }, sensitive, source }
    }
}

impl SecretEntry {
    fn into_planned(self) -> PlannedSecret {
        let Self { path, variable, verdict, doubt } = self;
        PlannedSecret { path, variable, verdict, doubt }
    }
}

impl PassengerEntry {
    fn into_passenger(self) -> Passenger {
        let Self { path, op: operation, from, replaces, before, after, sensitive, waived } = self;
        // Somebody else's, always.
        let class = Class::Drift;
        let difference = Difference { path, operation, class, before, after, waived, content: None };
        Passenger { difference, sensitive, from, replaces }
    }
}

impl BlockEntry {
    fn into_block(self) -> Block {
        Block { guard: self.guard, sentence: self.reason, messages: self.messages, fields: self.fields }
    }
}

impl AllowedEntry {
    fn into_block(self) -> Block {
        Block { guard: self.guard, sentence: self.reason, messages: Vec::new(), fields: self.fields }
    }
}

impl StepEntry {
    fn into_step(self) -> Step {
        // What can be undone follows from the action, whatever a file says.
        let Self { action, until, reason, undo: _, estimate, source } = self;
        Step { action, until, reason, estimate, source }
    }
}

impl SkippedEntry {
    fn into_unplanned(self) -> UnplannedOffer {
        let key = self.publisher_id.zip(self.offer_id).map(|(publisher, offer)| OfferKey { publisher, offer });
        UnplannedOffer { key, manifest: self.manifest.into(), reason: self.reason }
    }
}
