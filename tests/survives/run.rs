//! A run: one offer, what happens to it and when. It reads from JSON, and shows itself as a test that is ready to be kept.

use std::collections::hash_map::DefaultHasher;
use std::fmt;
use std::hash::{Hash as _, Hasher as _};

use offerctl::emulator::Quirk;
use offerctl::offer::Slot;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One offer, from what was there before until it is as the manifest says.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Run {
    /// The service's.
    pub quirks: Vec<Quirk>,
    /// How many minutes a publish and a go-live take; each request takes one.
    pub publish_minutes: u32,
    pub go_live_minutes: u32,
    /// What was applied earlier, one after the other, and how far.
    pub before: Vec<Value>,
    pub before_to: Slot,
    /// What the records still say of that.
    pub record: Remembered,
    /// What the manifest says now, and how far it shall go.
    pub desired: Value,
    pub publish_to: Slot,
    /// What goes wrong with requests.
    pub faults: Vec<Fault>,
    /// Where the first, the second, … process ends that tries.
    pub crashes: Vec<Crash>,
    /// Which command the second, the third, … process is, and from then on the last of them.
    pub commands: Vec<Command>,
    /// What others do meanwhile.
    pub others: Vec<Act>,
}

/// How somebody goes on after a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Command {
    /// The same command again.
    Apply,
    /// `offerctl resume`, and the same command again where nothing is on record to resume.
    Resume,
}

/// Which record the first process finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Remembered {
    /// Everything was lost.
    Nothing,
    /// What was applied first, although more was applied later on another machine.
    First,
    /// What was applied last.
    Latest,
}

/// A kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    Read,
    Write,
    Publish,
    GoLive,
}

/// Something that goes wrong with some requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fault {
    pub kind: Kind,
    /// The first request of this kind that meets it, counted from 0 over all processes.
    pub nth: usize,
    /// How many requests of this kind meet it from there on.
    pub times: usize,
    pub harm: Harm,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Harm {
    /// The connection is reset before the service sees the request.
    ResetBefore,
    /// The service acts, and the connection is reset.
    ResetAfter,
    /// The service acts, and half of its answer arrives.
    Truncated,
    /// The service acts, and its answer loses its body.
    Empty,
    /// The service acts, and a web page arrives with the status of success.
    Page,
    /// A status instead of acting.
    Refused(u16),
    /// The service acts, and this status arrives.
    Misreported(u16),
}

/// Where a process ends. Its moments are its requests and the writings of its record, counted from 0 as they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Crash {
    /// Before the request reaches the service, or before the record is written.
    Before(usize),
    /// After the service acted, before the answer arrives; after the record is written.
    After(usize),
}

/// What somebody else does right before a request reaches the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Act {
    /// Before which request, counted from 0 over all processes.
    pub at: usize,
    pub what: Deed,
}

/// What somebody else does in the portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Deed {
    /// Leaves something of their own in the draft.
    Edit,
    /// Cancels whatever is submitted.
    Cancel,
    /// Publishes the draft.
    Publish,
}

impl Run {
    /// Reads what [`Run`] shows.
    pub fn parse(text: &str) -> Self {
        serde_json::from_str(text).unwrap()
    }
}

/// A name that is the same for the same run.
fn name(text: &str) -> String {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    format!("found_{:08x}", hasher.finish() >> 32)
}

impl fmt::Debug for Run {
    /// The run as a test that is ready to be kept.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Value::Object(fields) = serde_json::to_value(self).unwrap() else { return Err(fmt::Error) };
        let lines: Vec<_> = fields.iter().map(|(name, value)| format!("        {name:?}: {value}")).collect();
        let text = lines.join(",\n");
        writeln!(formatter, "\n#[test]\nfn {}() {{", name(&text))?;
        writeln!(formatter, "    survive(&Run::parse(\n        r##\"{{\n{text}\n        }}\"##,\n    ));\n}}")
    }
}
