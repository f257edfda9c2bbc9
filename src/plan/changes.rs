//! The changes of an offer.

use serde::{Deserialize, Serialize};

use super::Packed;
use crate::diff::Difference;
use crate::offer::SourcePosition;

/// One field that is to be written, or that is waived, and where the manifest says so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// What differs.
    pub difference: Difference,
    /// Whether its values must not be shown as they are.
    pub sensitive: bool,
    /// Where the manifest declares it; for a removal, the nearest place around it.
    pub source: SourcePosition,
}

/// Everything that differs of an offer, in little room: of a new one that is all that it holds. How much it is can be told
/// without a look inside.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes {
    packed: Packed<Vec<Change>>,
    written: usize,
    waived: usize,
}

impl Changes {
    /// The changes, in their order.
    pub fn open(&self) -> Vec<Change> {
        self.packed.open()
    }

    /// Changes the changes.
    pub fn edit(&mut self, edit: impl FnOnce(&mut Vec<Change>)) {
        let mut changes = self.open();
        edit(&mut changes);
        *self = changes.into_iter().collect();
    }

    /// What differs and is to be written.
    pub fn to_write(&self) -> impl Iterator<Item = Difference> {
        let differences = self.open().into_iter().map(|change| change.difference);
        differences.filter(Difference::is_written)
    }

    /// How many fields are to be written.
    pub fn written(&self) -> usize {
        self.written
    }

    /// How many fields differ and are left to somebody else.
    pub fn waived(&self) -> usize {
        self.waived
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.written + self.waived == 0
    }
}

impl Default for Changes {
    fn default() -> Self {
        std::iter::empty().collect()
    }
}

impl FromIterator<Change> for Changes {
    fn from_iter<Found: IntoIterator<Item = Change>>(found: Found) -> Self {
        let changes: Vec<_> = found.into_iter().collect();
        let written = changes.iter().filter(|change| change.difference.is_written()).count();
        Self { written, waived: changes.len() - written, packed: Packed::new(&changes) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::diff::{Class, Operation};
    use crate::offer::FieldPath;

    fn change(before: Option<Value>, after: Option<Value>, waived: Option<&str>) -> Change {
        let difference = Difference {
            path: FieldPath::parse("/definition/offer/x.a~1b").unwrap(),
            operation: Operation::Replace,
            class: Class::Conflict,
            before,
            after,
            waived: waived.map(str::to_owned),
            content: None,
        };
        Change { difference, sensitive: true, source: SourcePosition { file: "offer.yaml".into(), line: 3, column: 7 } }
    }

    #[test]
    fn nothing_gets_lost_inside() {
        // As deep as an answer of the service may be, and the list around it is deeper.
        let deep = (0..126).fold(json!("bottom"), |inner, _| json!([inner]));
        let values = [None, Some(Value::Null), Some(json!({})), Some(json!(0.1)), Some(json!(u64::MAX)), Some(deep)];
        let each = values.iter().map(|value| change(value.clone(), None, None));
        let changes: Vec<_> =
            each.chain(values.iter().map(|value| change(None, value.clone(), Some("theirs")))).collect();
        let mut packed = Changes::from_iter(changes.clone());
        assert_eq!(packed.open(), changes);
        assert_eq!((packed.written(), packed.waived()), (6, 6));
        packed.edit(|changes| changes.truncate(1));
        assert_eq!((packed.written(), packed.waived(), packed.open().len()), (1, 0, 1));
        assert!(!packed.is_empty() && Changes::default().is_empty());
    }
}
