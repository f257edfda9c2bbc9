//! What the service takes at a field, as far as somebody published or saw it: type, length, words, form. Data of the
//! catalogue (`takes` in `schemas/catalogue.json`); `validate` and the schema for editors both read it here.
//!
//! Where nothing is known there is no rule: an error for what the service accepts would be worse than silence.

use serde::Deserialize;

use super::{Field, closest};

/// What one field takes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Takes {
    /// The type of the value.
    #[serde(default, rename = "type")]
    pub value_type: Option<ValueType>,
    /// The most characters that its text may have.
    #[serde(default)]
    pub max_length: Option<usize>,
    /// The most elements that its list may have.
    #[serde(default)]
    pub max_items: Option<usize>,
    /// The least number that it may be.
    #[serde(default)]
    pub minimum: Option<u32>,
    /// The words that it may be.
    #[serde(default)]
    pub values: Option<Words>,
    /// The table of the keys that its map may have, beside those that the catalogue lists there.
    #[serde(default)]
    pub keys: Option<String>,
    /// The name of the pattern that its text has.
    #[serde(default)]
    pub pattern: Option<String>,
    /// The name of the pattern that the keys of its map have.
    #[serde(default)]
    pub key_pattern: Option<String>,
    /// The names of the offer types that have the field; none means all.
    #[serde(default)]
    pub offer_types: Vec<String>,
    /// Whether its key begins with the id of the offer type where most others have the usual namespace.
    #[serde(default)]
    pub own_namespace: bool,
    /// Where this is from: a name among the sources of `schemas/tables.json`.
    pub source: String,
}

impl Takes {
    /// Whether offers of this type have the field.
    pub fn is_for(&self, offer_type: &str) -> bool {
        self.offer_types.is_empty() || self.offer_types.iter().any(|name| name == offer_type)
    }
}

/// The type of a value, in the words of manifests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ValueType {
    /// Text.
    Text,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// A list.
    List,
    /// A map.
    Map,
    /// Text, or a map that holds it.
    TextOrMap,
    /// A map; a list of maps that name their own keys was seen too.
    MapOrList,
}

impl ValueType {
    /// The type with its article, for sentences.
    pub fn article(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Boolean => "`true` or `false`",
            Self::Number => "a number",
            Self::List => "a list",
            Self::Map | Self::MapOrList => "a map",
            Self::TextOrMap => "text or a map",
        }
    }

    /// Whether a value of the other type will do.
    pub fn takes(self, other: Self) -> bool {
        self == other
            || (self == Self::TextOrMap && matches!(other, Self::Text | Self::Map))
            || (self == Self::MapOrList && matches!(other, Self::Map | Self::List))
    }
}

/// Where the words are that a field may be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub enum Words {
    /// The table of this name.
    Table(String),
    /// The categories of the offer type.
    Categories,
    /// The subcategories of the category that the key names.
    Subcategories,
    /// The currency of the region whose key it stands under.
    CurrencyOfRegion,
}

impl From<String> for Words {
    fn from(name: String) -> Self {
        match name.as_str() {
            "categories" => Self::Categories,
            "subcategories" => Self::Subcategories,
            "currency-of-region" => Self::CurrencyOfRegion,
            _ => Self::Table(name),
        }
    }
}

/// An offer type whose keys are known.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OfferType {
    /// Its short name in the catalogue and on the command line.
    pub name: String,
    /// What `offerTypeId` says.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// The column of the service's tables that its categories stand in.
    pub categories: String,
    /// The namespaces of the keys of `offer`, the usual one first.
    pub offer: Vec<String>,
    /// The namespaces of the keys of an offer plan, the usual one first.
    pub plan: Vec<String>,
    /// Where this is from: `doc` or `seen`.
    pub source: String,
}

/// Which keys of a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeysOf {
    /// Those of `offer`.
    Offer,
    /// Those of an offer plan, or of one of its disk generations.
    OfferPlan,
}

impl OfferType {
    /// The type that somebody meant who wrote another id, if one is close; `None` when it is one of them.
    pub fn resembling<'types>(id: &str, types: &'types [Self]) -> Option<&'types Self> {
        if types.iter().any(|known| known.id == id) {
            return None;
        }
        // What all of them begin with makes any two resemble each other.
        let own = |id: &str| id.to_ascii_lowercase().trim_start_matches("microsoft-azure-").to_owned();
        let names: Vec<(String, &Self)> =
            types.iter().flat_map(|known| [(own(&known.id), known), (known.name.clone(), known)]).collect();
        let id = own(id);
        let meant = closest(&id, names.iter().map(|(name, _)| name.as_str()))?;
        names.iter().find(|(name, _)| name == meant).map(|(_, known)| *known)
    }

    /// The namespaces that keys have, the usual one first.
    pub fn namespaces(&self, keys: KeysOf) -> &[String] {
        match keys {
            KeysOf::Offer => &self.offer,
            KeysOf::OfferPlan => &self.plan,
        }
    }

    /// The whole key of a field that the catalogue lists under a name.
    pub fn key(&self, keys: KeysOf, field: &Field, name: &str) -> String {
        let is_own = field.takes.as_ref().is_some_and(|takes| takes.own_namespace);
        match self.namespaces(keys).first().filter(|_| field.has_namespace()) {
            Some(_) if is_own => format!("{}.{name}", self.id),
            Some(usual) => format!("{usual}.{name}"),
            None => name.to_owned(),
        }
    }

    /// Whether its offers have the field, as far as the catalogue knows.
    pub fn has(&self, field: &Field) -> bool {
        field.takes.as_ref().is_none_or(|takes| takes.is_for(&self.name))
    }

    /// "virtual machine offers".
    pub fn offers(&self) -> String {
        let mut title = self.title.clone();
        // The name of a product keeps its capital.
        if !title.starts_with("Azure") && title.is_char_boundary(1) {
            title[..1].make_ascii_lowercase();
        }
        format!("{title} offers")
    }
}

impl Field {
    /// Whether its key begins with a namespace, as most do.
    pub fn has_namespace(&self) -> bool {
        self.path.rsplit('/').next().is_some_and(|last| last.starts_with("*."))
    }
}
