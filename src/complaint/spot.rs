//! Every place of an offer's document that a message may speak of: what is there, and what the catalogue knows to belong
//! there and is missing.

use serde_json::Value;

use crate::offer::{Catalogue, Field, FieldPath, ListRule, OfferType, Ownership, Rules, element_name};

/// One place of a document.
#[derive(Debug)]
pub(super) struct Spot<'document> {
    /// Where it is; elements of keyed lists by their key, those of other lists by their index.
    pub(super) path: FieldPath,
    /// What is there; `None` for a field that the catalogue knows and that is missing.
    pub(super) value: Option<&'document Value>,
    /// What the catalogue says about it.
    pub(super) field: &'document Field,
}

impl Spot<'_> {
    /// Its own key.
    pub(super) fn key(&self) -> &str {
        self.path.last().unwrap_or_default()
    }

    /// The name that people chose for an element: an image version, the id of an offer plan, a word of a set.
    pub(super) fn name(&self) -> Option<&str> {
        match self.value? {
            _ if !self.field.is_named_by_people() => None,
            Value::String(word) => Some(word),
            _ => Some(self.key()),
        }
    }

    /// The names for people: the catalogue's title, and what the service calls it. Nobody complains about what the service
    /// writes itself.
    pub(super) fn titles(&self) -> impl Iterator<Item = &str> {
        let titles = self.field.title.iter().chain(&self.field.called).map(String::as_str);
        titles.filter(|_| self.field.ownership == Ownership::Publisher)
    }
}

/// All places, what contains others before it.
pub(super) fn spots<'document>(catalogue: &'document Catalogue, document: &'document Value) -> Vec<Spot<'document>> {
    let type_id = document.get("offerTypeId").and_then(Value::as_str).unwrap_or_default();
    let offer_type = catalogue.offer_types().iter().find(|known| known.id == type_id);
    let mut walk = Walk { offer_type, spots: Vec::new() };
    walk.inside(&FieldPath::root(), document, catalogue.rules());
    walk.spots
}

struct Walk<'document> {
    offer_type: Option<&'document OfferType>,
    spots: Vec<Spot<'document>>,
}

impl<'document> Walk<'document> {
    fn inside(&mut self, path: &FieldPath, value: &'document Value, rules: Rules<'document>) {
        match value {
            Value::Object(map) => {
                for (key, item) in map {
                    self.at(&path.child(key), item, rules.child(key));
                }
                self.missing(path, &map.keys().map(String::as_str).collect::<Vec<_>>(), rules);
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    let named = match &rules.field().list {
                        ListRule::Keyed(key) => element_name(item, key),
                        ListRule::Set | ListRule::Atomic => None,
                    };
                    let key = named.unwrap_or_else(|| index.to_string());
                    self.at(&path.child(&key), item, rules.child(&key));
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn at(&mut self, path: &FieldPath, value: &'document Value, rules: Rules<'document>) {
        self.spots.push(Spot { path: path.clone(), value: Some(value), field: rules.field() });
        self.inside(path, value, rules);
    }

    /// The fields that the catalogue lists right below a map and that the map does not have.
    fn missing(&mut self, path: &FieldPath, keys: &[&str], rules: Rules<'document>) {
        for name in rules.listed() {
            let field = rules.child(name).field();
            let is_there = |key: &&str| *key == name || key.rsplit('.').next() == Some(name);
            if keys.iter().any(is_there) || field.is_named_by_people() {
                continue;
            }
            let in_namespace = field.path.rsplit('/').next().is_some_and(|pattern| pattern.starts_with("*."));
            let key = match (in_namespace, self.namespace(path)) {
                (true, Some(namespace)) => format!("{namespace}.{name}"),
                (false, _) => name.to_owned(),
                (true, None) => continue,
            };
            self.spots.push(Spot { path: path.child(key), value: None, field });
        }
    }

    /// What stands before the keys of a map, where the type of the offer tells.
    fn namespace(&self, path: &FieldPath) -> Option<&'document str> {
        let namespaces = match path.segments().get(1).map(String::as_str) {
            Some("offer") => &self.offer_type?.offer,
            _ => &self.offer_type?.plan,
        };
        namespaces.first().map(String::as_str)
    }
}
