//! The schema of a definition, from the patterns of the catalogue: for an offer type whose keys are known with their
//! whole names, so that an editor can offer them, and for others by the names that all namespaces share.

use serde_json::{Map, Value, json};

use super::words::{defined, or_directive};
use crate::offer::{Catalogue, Field, KeysOf, ListRule, OfferType, Ownership, Tables, ValueType, Words};

/// Types that nothing more is known of.
#[derive(Clone, Copy)]
pub(super) enum PlainType {
    Text,
    Boolean,
    Number,
}

impl PlainType {
    pub(super) const ALL: [Self; 3] = [Self::Text, Self::Boolean, Self::Number];

    /// Its name among the definitions.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Boolean => "boolean",
            Self::Number => "number",
        }
    }

    pub(super) fn schema(self) -> Value {
        let name = match self {
            Self::Text => "string",
            Self::Boolean => "boolean",
            Self::Number => "number",
        };
        or_directive(&json!({"type": [name, "null"]}))
    }
}

/// What an offer must have to be one; everything else may be `null`, which removes it.
const NEVER_REMOVED: [&str; 5] =
    ["/definition", "/definition/displayText", "/definition/offer", "/definition/plans", "/definition/plans/*"];

/// The type of a field, and whether it can be removed.
fn types(name: &str, field: Option<&Field>) -> Value {
    if field.is_some_and(|field| NEVER_REMOVED.contains(&field.path.as_str())) {
        return name.into();
    }
    json!([name, "null"])
}

/// The patterns below one place of the catalogue.
#[derive(Default)]
struct Tree<'a> {
    field: Option<&'a Field>,
    children: Vec<(&'a str, Tree<'a>)>,
}

impl<'a> Tree<'a> {
    fn child(&mut self, segment: &'a str) -> &mut Self {
        let index = self.children.iter().position(|(known, _)| *known == segment).unwrap_or_else(|| {
            self.children.push((segment, Self::default()));
            self.children.len() - 1
        });
        &mut self.children[index].1
    }

    fn find(&self, segment: &str) -> Option<&Self> {
        self.children.iter().find(|(known, _)| *known == segment).map(|(_, child)| child)
    }
}

/// Makes the schema of the definitions of one offer type, or of those whose keys are not known.
pub(super) struct Fields<'a> {
    tree: Tree<'a>,
    tables: &'a Tables,
    offer_type: Option<&'a OfferType>,
}

impl<'a> Fields<'a> {
    pub(super) fn of(catalogue: &'a Catalogue, tables: &'a Tables, offer_type: Option<&'a OfferType>) -> Self {
        let mut tree = Tree::default();
        for field in catalogue.fields() {
            if field.ownership == Ownership::Publisher {
                let segments = field.path.split('/').skip(1);
                segments.fold(&mut tree, |tree, segment| tree.child(segment)).field = Some(field);
            }
        }
        Self { tree, tables, offer_type }
    }

    pub(super) fn definition(&self) -> Value {
        self.tree.find("definition").map_or(Value::Null, |tree| Value::Object(self.schema(tree, None, None)))
    }

    /// The schema of what stands at a place; `keys` says whose keys these are, `category` which subcategories.
    fn schema(&self, tree: &Tree<'_>, keys: Option<KeysOf>, category: Option<&str>) -> Map<String, Value> {
        let mut schema = Map::new();
        let field = tree.field;
        if let Some(title) = field.and_then(|field| field.title.as_deref()) {
            schema.insert("title".to_owned(), title.into());
        }
        let takes = field.and_then(|field| field.takes.as_ref());
        if let Some(description) = field.and_then(|field| self.description(field)) {
            schema.insert("description".to_owned(), description.into());
        }
        let is_keyed_list = field.is_some_and(|field| field.list != ListRule::Atomic);
        match takes.and_then(|takes| takes.value_type) {
            Some(ValueType::Map) => self.describe_map(tree, keys, &mut schema),
            Some(ValueType::List) => self.describe_list(tree, category, &mut schema),
            None if is_keyed_list => self.describe_list(tree, category, &mut schema),
            Some(ValueType::Text) => schema.extend(self.text(field, category)),
            Some(ValueType::Boolean) => schema.extend(reference(PlainType::Boolean.name())),
            Some(ValueType::Number) => schema.extend(reference(PlainType::Number.name())),
            // The key of a keyed list has a check of its own, and a form all the same.
            None if takes.is_some_and(|takes| takes.pattern.is_some()) => schema.extend(self.text(field, category)),
            None => {}
        }
        schema
    }

    /// What is not plain to see from the title.
    fn description(&self, field: &Field) -> Option<String> {
        let mut sentences = Vec::new();
        if let Some(takes) = &field.takes {
            sentences.extend(takes.max_length.map(|most| format!("At most {most} characters.")));
            sentences.extend(takes.max_items.map(|most| format!("At most {most} elements.")));
            let pattern = takes.pattern.as_deref().and_then(|name| self.tables.pattern(name));
            sentences
                .extend(pattern.map(|pattern| format!("{}, for example {}.", capital(&pattern.is), pattern.example)));
        }
        if let Some(demand) = &field.file {
            let types = demand.types.iter().map(ToString::to_string).collect::<Vec<_>>();
            let sizes = demand.pixels.iter().map(ToString::to_string).collect::<Vec<_>>();
            let kinds = [types.join(" or "), sizes.join(" or ")];
            let kinds: Vec<&str> = kinds.iter().map(String::as_str).filter(|kind| !kind.is_empty()).collect();
            sentences.push(format!("A file: {}.", kinds.join(", ")));
        }
        sentences.extend(field.note.as_deref().map(|note| format!("{}.", capital(note))));
        (!sentences.is_empty()).then(|| sentences.join(" "))
    }

    fn text(&self, field: Option<&Field>, category: Option<&str>) -> Map<String, Value> {
        let types = types("string", field);
        let Some(takes) = field.and_then(|field| field.takes.as_ref()) else {
            return reference(PlainType::Text.name());
        };
        if let Some(Words::Table(name)) = &takes.values {
            return reference(name);
        }
        let words = takes.values.as_ref().and_then(|words| self.words(words, category));
        let pattern = takes.pattern.as_deref().and_then(|name| self.tables.pattern(name));
        if types.is_array() && words.is_none() && pattern.is_none() && takes.max_length.is_none() {
            return reference(PlainType::Text.name());
        }
        let mut value = Map::from_iter([("type".to_owned(), types)]);
        if let Some(most) = takes.max_length {
            value.insert("maxLength".to_owned(), most.into());
        }
        if let Some(pattern) = pattern {
            // An empty text is how the service spells "unset".
            value.insert("pattern".to_owned(), format!("^$|{}", pattern.pattern.as_str()).into());
        }
        let mut words = words.unwrap_or_default();
        if let Some(known) = words.get_mut("enum").and_then(Value::as_array_mut) {
            known.push(Value::Null);
        }
        value.extend(words);
        let Value::Object(schema) = or_directive(&Value::Object(value)) else { return Map::new() };
        schema
    }

    /// The words that a text may be; `None` when they are not known.
    fn words(&self, words: &Words, category: Option<&str>) -> Option<Map<String, Value>> {
        let of_type = |titles: Vec<(&str, &str)>| {
            let (keys, titles): (Vec<_>, Vec<_>) = titles.into_iter().unzip();
            json!({"enum": keys, "enumDescriptions": titles})
        };
        let known = match words {
            // Many fields refer to one table.
            Words::Table(_) => return None,
            Words::Categories => {
                let rows = self.tables.categories(&self.offer_type?.categories);
                of_type(rows.into_iter().map(|(key, row, _)| (key, row.title.as_str())).collect())
            }
            Words::Subcategories => {
                let rows = self.tables.subcategories(category?, &self.offer_type?.categories)?;
                of_type(rows.into_iter().map(|(key, row)| (key, row.title.as_str())).collect())
            }
        };
        known.as_object().cloned()
    }

    fn describe_list(&self, tree: &Tree<'_>, category: Option<&str>, schema: &mut Map<String, Value>) {
        let field = tree.field;
        schema.insert("type".to_owned(), types("array", field));
        if let Some(most) = field.and_then(|field| field.takes.as_ref()?.max_items) {
            schema.insert("maxItems".to_owned(), most.into());
        }
        let Some(element) = tree.find("*") else { return };
        let is_offer_plan = element.field.is_some_and(|field| field.removal_guard.is_some());
        let keys = is_offer_plan.then_some(KeysOf::OfferPlan);
        let mut items = self.schema(element, keys, category);
        if let Some(ListRule::Keyed(key)) = field.map(|field| &field.list)
            && is_offer_plan
        {
            items.insert("required".to_owned(), json!([key]));
        }
        schema.insert("items".to_owned(), Value::Object(items));
    }

    fn describe_map(&self, tree: &Tree<'_>, keys: Option<KeysOf>, schema: &mut Map<String, Value>) {
        let takes = tree.field.and_then(|field| field.takes.as_ref());
        schema.insert("type".to_owned(), types("object", tree.field));
        let mut properties = Map::new();
        let mut patterns = Map::new();
        for (segment, child) in &tree.children {
            self.describe_child(tree, (segment, child), keys, &mut properties, &mut patterns);
        }
        let any = tree.find("*").map(|child| Value::Object(self.schema(child, None, None)));
        if let Some(table) = takes.and_then(|takes| self.tables.table(takes.keys.as_deref()?)) {
            let value = any.clone().unwrap_or(Value::Bool(true));
            properties.extend(table.words().map(|word| (word.to_owned(), value.clone())));
            schema.insert("additionalProperties".to_owned(), false.into());
        } else if let Some(pattern) = takes.and_then(|takes| self.tables.pattern(takes.key_pattern.as_deref()?)) {
            patterns.insert(pattern.pattern.as_str().to_owned(), any.unwrap_or(Value::Bool(true)));
            schema.insert("additionalProperties".to_owned(), false.into());
        } else if let Some(any) = any {
            schema.insert("additionalProperties".to_owned(), any);
        }
        schema.insert("properties".to_owned(), Value::Object(properties));
        if !patterns.is_empty() {
            schema.insert("patternProperties".to_owned(), Value::Object(patterns));
        }
    }

    fn describe_child(
        &self,
        parent: &Tree<'_>,
        (segment, child): (&str, &Tree<'_>),
        keys: Option<KeysOf>,
        properties: &mut Map<String, Value>,
        patterns: &mut Map<String, Value>,
    ) {
        if segment == "*" || child.field.is_some_and(|field| self.offer_type.is_some_and(|it| !it.has(field))) {
            return;
        }
        let is_offer = child.field.is_some_and(|field| field.path == "/definition/offer");
        let below = is_offer.then_some(KeysOf::Offer);
        let value = Value::Object(self.schema(child, below, None));
        match (segment.strip_prefix("*."), segment.strip_suffix('*'), self.offer_type.zip(keys), child.field) {
            (Some(name), _, Some((offer_type, keys)), Some(field)) => {
                properties.insert(offer_type.key(keys, field, name), value);
            }
            (Some(name), ..) => {
                patterns.insert(format!("^(.*[.])?{name}$"), value);
            }
            (None, Some(prefix), ..) => {
                properties.extend(self.subcategories(prefix, child));
                patterns.insert(beginning(parent, prefix), value);
            }
            (None, None, ..) => {
                properties.insert(segment.to_owned(), value);
            }
        }
    }

    /// The lists of subcategories, one for each category that the offer type has.
    fn subcategories(&self, prefix: &str, list: &Tree<'_>) -> Vec<(String, Value)> {
        let words = list.find("*").and_then(|element| element.field?.takes.as_ref()?.values.as_ref());
        let (Some(Words::Subcategories), Some(offer_type)) = (words, self.offer_type) else { return Vec::new() };
        let categories = self.tables.categories(&offer_type.categories).into_iter();
        let list_of =
            |(key, _, _): (&str, _, _)| (format!("{prefix}{key}"), Value::Object(self.schema(list, None, Some(key))));
        categories.map(list_of).collect()
    }
}

/// The pattern of the keys that begin so, without those that are listed by themselves: in a schema all patterns count,
/// in the catalogue the most specific one.
fn beginning(parent: &Tree<'_>, prefix: &str) -> String {
    let begun = prefix.rsplit('.').next().unwrap_or(prefix);
    let named = parent.children.iter().filter_map(|(segment, _)| segment.strip_prefix("*.")?.strip_prefix(begun));
    let named: Vec<&str> = named.collect();
    let except = if named.is_empty() { String::new() } else { format!("(?!({})$)", named.join("|")) };
    format!("^{}{except}", prefix.replace('.', "[.]"))
}

fn reference(name: &str) -> Map<String, Value> {
    defined(name).as_object().cloned().unwrap_or_default()
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}
