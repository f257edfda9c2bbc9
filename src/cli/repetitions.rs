//! Warnings that say the same of many places: the first are shown, the others are counted. Of two thousand manifests with one
//! key that nobody knows, two thousand warnings would bury whatever else there is to read.
//!
//! Errors are shown, all of them.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::manifest::{Diagnostic, Severity};

/// Of so many places a warning is shown.
const SHOWN: usize = 10;

/// How often each warning was met in this run.
#[derive(Debug, Default)]
pub(super) struct Repetitions(Mutex<HashMap<Warning, usize>>);

/// What a warning says, wherever that is.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Warning {
    rule: &'static str,
    message: String,
}

impl Repetitions {
    /// Takes a diagnostic in, and answers whether it is to be shown.
    pub(super) fn let_pass(&self, diagnostic: &Diagnostic) -> bool {
        if diagnostic.severity == Severity::Error {
            return true;
        }
        let warning = Warning { rule: diagnostic.rule, message: diagnostic.message.clone() };
        let mut met = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let times = met.entry(warning).or_default();
        *times += 1;
        *times <= SHOWN
    }

    /// How many warnings were not shown, and how to see them.
    pub(super) fn withheld(&self) -> Option<String> {
        let met = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let withheld: usize = met.values().map(|times| times.saturating_sub(SHOWN)).sum();
        (withheld > 0).then(|| {
            format!(
                "note: {withheld} more warnings say what some above say, of other places; `offerctl validate --output \
                 json` has all of them"
            )
        })
    }
}
