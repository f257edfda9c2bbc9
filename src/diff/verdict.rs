//! What the comparison of two values came to, and the rule that made it so.
//!
//! The comparison itself gives the reason, so that whoever explains it cannot disagree with it.

use serde::Serialize;

use super::Comparison;
use crate::offer::{FieldPath, LocalFile};

/// Whether a desired and an observed value mean the same, and why. The least certain of several counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// They mean the same.
    Same(Sameness),
    /// Nobody can tell.
    Unverifiable(Doubt),
    /// They mean something else.
    Different(Unlikeness),
}

/// Why two values mean the same; first what is plain to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Sameness {
    /// They are the same.
    Identical,
    /// Both say nothing: null, "", {}, [] and absence are one.
    Unset,
    /// Numbers go by value: 1 is 1.0.
    Number,
    /// The service adds this value when nothing is sent.
    Default,
    /// The order of a set carries nothing.
    Order,
    /// The same markup, with the line ends of another system.
    LineEnds,
    /// The same file behind another signature.
    Signature,
    /// The service serves this file for the address that was sent; a record says so.
    Served,
    /// A slot may serve the file of the draft under another address, and no record says that it is an older one.
    ServedInSlot,
    /// It was sent a moment ago, so that whatever is served there is what was sent.
    JustWritten,
    /// The service never returns the secret, and the environment's value is the one that was sent last.
    SecretUnchanged,
    /// The service decides it alone, or takes it back from nobody: it is never compared.
    ServiceOwned,
}

/// Why nobody can tell whether two values mean the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Doubt {
    /// The service renames the field, and sometimes returns it under neither name.
    NotReturned,
    /// No record tells what the local file held when its address was sent last.
    Content,
    /// The service serves a copy of its own, and no record tells what it was made from.
    Unrecorded,
    /// The service never returns secrets.
    Secret,
}

/// Why two values do not mean the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Unlikeness {
    /// The local file behind the address holds something else than when the address was sent last.
    Content,
    /// Two texts, compared exactly.
    Text,
    /// Two numbers or truth values.
    Value,
    /// One is a text and the other a list, or the like.
    Kind,
    /// A list in which the order counts has more or fewer elements.
    Length,
    /// A set has other members.
    Members,
    /// There is nothing on the service.
    Missing,
    /// The manifest asks for nothing, and there is something.
    Unwanted,
    /// An address of another file.
    File,
    /// The service serves another file than the one that it made of the address that was sent.
    Replaced,
    /// The service serves what it made of an earlier address.
    FormerSource,
    /// The file is to be sent again, because no record tells what is served.
    SentAgain,
    /// It cannot be compared with what the service has, and it is not what was sent last.
    NotApplied,
    /// The service never returns the secret, and the environment's value is not the one that was sent last.
    SecretChanged,
    /// It was applied and is in the manifest no more.
    LeftManifest,
    /// The manifest names all offer plans, and not this one.
    NotListed,
}

impl Verdict {
    /// Whether they are known to mean something else.
    pub fn is_different(self) -> bool {
        matches!(self, Self::Different(_))
    }

    /// Whether they are known to mean the same.
    pub fn is_same(self) -> bool {
        matches!(self, Self::Same(_))
    }
}

/// What a comparison came to, field by field.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trace {
    /// Each place at which values were compared as a whole, in the order of the manifest.
    pub judgements: Vec<Judgement>,
    /// Where a field was found under another key of the same map, and which.
    pub elsewhere: Vec<(FieldPath, String)>,
}

impl Trace {
    /// Takes in what the content of local files added to what was found in the documents.
    pub(super) fn take_in_contents(&mut self, files: &[LocalFile], found: &Comparison) {
        for file in files {
            let Some(judgement) = self.judgements.iter_mut().find(|judgement| judgement.path == file.field) else {
                continue;
            };
            if found.differences.iter().any(|difference| difference.path == file.field) {
                judgement.verdict = judgement.verdict.max(Verdict::Different(Unlikeness::Content));
            } else if found.unverifiable.contains(&file.field) {
                judgement.verdict = judgement.verdict.max(Verdict::Unverifiable(Doubt::Content));
            }
        }
    }
}

/// What the comparison came to at one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// Where.
    pub path: FieldPath,
    /// What it came to.
    pub verdict: Verdict,
}
