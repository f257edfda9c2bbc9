//! The elements of a keyed list, found by their names.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::offer::element_name;

/// Up to so many elements, looking at each is quicker than a table of them; most keyed lists are short.
const FEW: usize = 8;

/// A keyed list, with the name of each element that has one.
pub(super) struct Elements<'list> {
    items: &'list [Value],
    names: Vec<Option<String>>,
    table: Option<HashMap<String, usize>>,
}

impl<'list> Elements<'list> {
    pub(super) fn new(items: &'list [Value], key: &str) -> Self {
        let names: Vec<_> = items.iter().map(|item| element_name(item, key)).collect();
        let table = (names.len() > FEW).then(|| {
            // Backwards, so that the first of several stays.
            names.iter().enumerate().rev().filter_map(|(index, name)| Some((name.clone()?, index))).collect()
        });
        Self { items, names, table }
    }

    /// Whether each element has a name of its own: only then do names tell the elements apart.
    pub(super) fn are_distinct(&self) -> bool {
        let mut seen = HashSet::new();
        self.names.iter().all(|name| name.as_ref().is_some_and(|name| seen.insert(name)))
    }

    /// The elements that have a name, with it, in their order.
    pub(super) fn named(&self) -> impl Iterator<Item = (&str, &'list Value)> {
        self.names.iter().zip(self.items).filter_map(|(name, item)| Some((name.as_deref()?, item)))
    }

    /// The element with this name; the first of several, as in the service's own look-ups.
    pub(super) fn get(&self, name: &str) -> Option<&'list Value> {
        let index = match &self.table {
            Some(table) => table.get(name).copied(),
            None => self.names.iter().position(|known| known.as_deref() == Some(name)),
        };
        index.and_then(|index| self.items.get(index))
    }

    /// Whether there is an element with this name.
    pub(super) fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_of_several_is_found_in_short_lists_and_in_long_ones() {
        for length in [FEW, FEW + 4] {
            let items: Vec<Value> = (0..length).map(|index| json!({"id": index / 2, "at": index})).collect();
            let elements = Elements::new(&items, "id");
            assert_eq!(elements.get("1"), Some(&json!({"id": 1, "at": 2})));
            assert!(!elements.contains("9") && !elements.are_distinct());
            assert_eq!(elements.named().count(), length);
        }
        let items = [json!({"id": "a"}), json!("no name")];
        assert!(!Elements::new(&items, "id").are_distinct());
        assert!(Elements::new(&items[..1], "id").are_distinct());
    }
}
