//! The schema of a definition, from the patterns of the catalogue: for an offer type whose keys are known with their
//! whole names, so that an editor can offer them, and for others by the names that all namespaces share.

use serde_json::{Map, Value, json};

use super::words::{DIRECTIVES, OF_MEDIA, OF_OURS, OF_SECRET, OF_TEXT, UNSET, defined, either, meaning, others};
use crate::offer::{
    Catalogue, Field, KeysOf, ListRule, OfferType, Ownership, TableValue, Tables, Takes, ValueKind, ValueType, Words,
};

/// Types that nothing more is known of.
#[derive(Clone, Copy)]
pub(super) enum PlainType {
    Text,
    /// The address of a file.
    Media,
    Secret,
    Boolean,
    Number,
    /// A number that is not negative.
    Amount,
}

impl PlainType {
    pub(super) const ALL: [Self; 6] =
        [Self::Text, Self::Media, Self::Secret, Self::Boolean, Self::Number, Self::Amount];

    /// Its name among the definitions.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Media => "media",
            Self::Secret => "secret",
            Self::Boolean => "boolean",
            Self::Number => "number",
            Self::Amount => "amount",
        }
    }

    pub(super) fn schema(self) -> Value {
        let value = match self {
            Self::Text | Self::Media | Self::Secret => json!({"type": "string"}),
            Self::Boolean => json!({"type": "boolean"}),
            Self::Number => json!({"type": "number"}),
            Self::Amount => json!({"type": "number", "minimum": 0}),
        };
        json!({"anyOf": either(&value, self.others())})
    }

    /// What else brings it, or says "unset".
    fn others(self) -> &'static [&'static str] {
        match self {
            Self::Text => &OF_TEXT,
            Self::Media => &OF_MEDIA,
            Self::Secret => &OF_SECRET,
            // What a variable or a file holds is text.
            Self::Boolean | Self::Number | Self::Amount => &[UNSET],
        }
    }

    /// The one of a text field.
    fn of_text(field: &Field) -> Self {
        match field.value {
            ValueKind::Media => Self::Media,
            ValueKind::Secret => Self::Secret,
            _ => Self::Text,
        }
    }
}

/// What an offer must have to be one; everything else may be unset, which removes it.
const NEVER_REMOVED: [&str; 4] = ["/definition", "/definition/displayText", "/definition/offer", "/definition/plans"];

fn is_removable(field: Option<&Field>) -> bool {
    !field.is_some_and(|field| NEVER_REMOVED.contains(&field.path.as_str()))
}

/// What surrounds a place.
#[derive(Clone, Copy, Default)]
struct Surroundings<'a> {
    /// Whose keys stand in it.
    keys: Option<KeysOf>,
    /// The category whose subcategories stand in it.
    category: Option<&'a str>,
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
        self.tree
            .find("definition")
            .map_or(Value::Null, |tree| Value::Object(self.schema(tree, Surroundings::default())))
    }

    /// What stands at each key of a table, where it is large: by name, so that it is said once.
    pub(super) fn shared(&self) -> Map<String, Value> {
        let mut found = Map::new();
        let mut places = vec![&self.tree];
        while let Some(place) = places.pop() {
            places.extend(place.children.iter().map(|(_, child)| child));
            let has_table =
                place.field.is_some_and(|field| field.takes.as_ref().is_some_and(|takes| takes.keys.is_some()));
            let held = place.find("*").filter(|_| has_table);
            found.extend(held.and_then(|held| {
                Some((Self::shared_name(held)?, Value::Object(self.schema(held, Surroundings::default()))))
            }));
        }
        found
    }

    /// The name of the definition of a map that stands at each key of a table.
    fn shared_name(place: &Tree<'_>) -> Option<String> {
        let field = place.field?;
        let is_map = field.takes.as_ref()?.value_type == Some(ValueType::Map);
        field.title.as_deref().filter(|_| is_map).map(|title| title.to_lowercase().replace(' ', "-"))
    }

    /// The schema of what stands at a place.
    fn schema(&self, tree: &Tree<'_>, around: Surroundings<'_>) -> Map<String, Value> {
        let mut schema = self.heading(tree.field);
        let takes = tree.field.and_then(|field| field.takes.as_ref());
        let value = match takes.and_then(|takes| takes.value_type) {
            Some(ValueType::Map) => unless_unset(tree.field, self.map(tree, around)),
            Some(ValueType::List) => unless_unset(tree.field, self.list(tree, around)),
            Some(ValueType::Text) => self.text(tree.field, around),
            Some(ValueType::Boolean) => reference(PlainType::Boolean.name()),
            Some(ValueType::Number) => number(takes.and_then(|takes| takes.minimum)),
            Some(ValueType::TextOrMap) => {
                let mut either = vec![json!({"type": "string"}), Value::Object(self.map(tree, around))];
                let plain = tree.field.map_or(PlainType::Text, PlainType::of_text);
                either.extend(plain.others().iter().map(|name| defined(name)));
                any_of(either)
            }
            Some(ValueType::MapOrList) => {
                any_of(vec![Value::Object(self.map(tree, around)), json!({"type": "array"}), defined(UNSET)])
            }
            None => Map::new(),
        };
        schema.extend(value);
        schema
    }

    fn heading(&self, field: Option<&Field>) -> Map<String, Value> {
        let title = field.and_then(|field| field.title.clone()).map(|title| ("title".to_owned(), title.into()));
        let description = field.and_then(|field| self.description(field));
        title.into_iter().chain(description.map(|text| ("description".to_owned(), text.into()))).collect()
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

    fn text(&self, field: Option<&Field>, around: Surroundings<'_>) -> Map<String, Value> {
        let Some((field, takes)) = field.and_then(|field| Some((field, field.takes.as_ref()?))) else {
            return reference(PlainType::Text.name());
        };
        match &takes.values {
            Some(Words::Table(name)) => return reference(name),
            // Which of them is in the whole to be seen only.
            Some(Words::CurrencyOfRegion) => return reference("currencies"),
            _ => {}
        }
        let plain = PlainType::of_text(field);
        let mut value = takes.values.as_ref().and_then(|words| self.words(words, around.category)).unwrap_or_default();
        value.extend(self.form(takes));
        match (value.is_empty(), is_removable(Some(field))) {
            (true, true) => reference(plain.name()),
            (_, is_removable) => {
                value.insert("type".to_owned(), "string".into());
                let others = if is_removable { plain.others() } else { &OF_OURS };
                any_of_value(either(&Value::Object(value), others))
            }
        }
    }

    /// How long a text may be, and how it looks.
    fn form(&self, takes: &Takes) -> Map<String, Value> {
        let pattern = takes.pattern.as_deref().and_then(|name| self.tables.pattern(name));
        let most = takes.max_length.map(|most| ("maxLength".to_owned(), most.into()));
        let pattern = pattern.map(|pattern| ("pattern".to_owned(), pattern.pattern.as_str().into()));
        most.into_iter().chain(pattern).collect()
    }

    /// The words that a text may be; `None` when they are not known.
    fn words(&self, words: &Words, category: Option<&str>) -> Option<Map<String, Value>> {
        let of_type = |titles: Vec<(&str, &str)>| {
            let (keys, titles): (Vec<_>, Vec<_>) = titles.into_iter().unzip();
            json!({"enum": keys, "enumDescriptions": titles})
        };
        let known = match words {
            // Many fields refer to one table.
            Words::Table(_) | Words::CurrencyOfRegion => return None,
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

    fn list(&self, tree: &Tree<'_>, around: Surroundings<'_>) -> Map<String, Value> {
        let mut schema = Map::from_iter([("type".to_owned(), "array".into())]);
        if let Some(most) = tree.field.and_then(|field| field.takes.as_ref()?.max_items) {
            schema.insert("maxItems".to_owned(), most.into());
        }
        let Some(element) = tree.find("*") else { return schema };
        let items = match tree.field.map(|field| &field.list) {
            Some(ListRule::Keyed(key)) if element.field.is_some_and(|field| field.removal_guard.is_some()) => {
                self.named_element(element, key)
            }
            _ => self.schema(element, around),
        };
        schema.insert("items".to_owned(), Value::Object(items));
        schema
    }

    /// An element that must have a name of its own, or it would be lost: an offer plan, or a disk generation of one.
    fn named_element(&self, element: &Tree<'_>, key: &str) -> Map<String, Value> {
        let mut schema = self.heading(element.field);
        schema.extend(self.map(element, Surroundings { keys: Some(KeysOf::OfferPlan), category: None }));
        schema.insert("required".to_owned(), json!([key]));
        let field = element.find(key).and_then(|name| name.field);
        let takes = field.and_then(|field| field.takes.as_ref());
        let mut value = takes.map(|takes| self.form(takes)).unwrap_or_default();
        value.insert("type".to_owned(), if takes.is_some() { json!("string") } else { json!(["string", "number"]) });
        value.insert("minLength".to_owned(), 1.into());
        let mut name = self.heading(field);
        name.extend(any_of_value(either(&Value::Object(value), &OF_OURS)));
        if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
            properties.insert(key.to_owned(), Value::Object(name));
        }
        schema
    }

    fn map(&self, tree: &Tree<'_>, around: Surroundings<'_>) -> Map<String, Value> {
        let takes = tree.field.and_then(|field| field.takes.as_ref());
        let mut properties = Map::new();
        let mut patterns = Map::new();
        for (segment, child) in &tree.children {
            self.describe_child(tree, (segment, child), around.keys, &mut properties, &mut patterns);
        }
        let any = tree.find("*").map(|child| Value::Object(self.schema(child, Surroundings::default())));
        let table = takes.and_then(|takes| self.tables.table(takes.keys.as_deref()?));
        let pattern = takes.and_then(|takes| self.tables.pattern(takes.key_pattern.as_deref()?));
        let mut schema = Map::from_iter([("type".to_owned(), "object".into())]);
        if let Some(table) = table {
            let held = match tree.find("*").and_then(Self::shared_name) {
                Some(name) => reference(&name),
                None => any.as_ref().and_then(Value::as_object).cloned().unwrap_or_default(),
            };
            let named = |word: &TableValue| {
                let title = [("title".to_owned(), meaning(word).into())];
                (word.value.clone(), Value::Object(held.clone().into_iter().chain(title).collect()))
            };
            properties.extend(table.values.iter().map(named));
            patterns.extend(others(table).map(|form| (form, Value::Object(held.clone()))));
            schema.insert("additionalProperties".to_owned(), false.into());
        } else if let Some(pattern) = pattern {
            patterns.insert(pattern.pattern.as_str().to_owned(), any.unwrap_or(Value::Bool(true)));
            schema.insert("additionalProperties".to_owned(), false.into());
        } else {
            patterns.insert(DIRECTIVES.to_owned(), false.into());
            schema.extend(any.map(|any| ("additionalProperties".to_owned(), any)));
        }
        schema.insert("properties".to_owned(), Value::Object(properties));
        schema.insert("patternProperties".to_owned(), Value::Object(patterns));
        schema
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
        let below = Surroundings { keys: is_offer.then_some(KeysOf::Offer), category: None };
        let value = Value::Object(self.schema(child, below));
        match (segment.strip_prefix("*."), segment.strip_suffix('*'), self.offer_type.zip(keys), child.field) {
            (Some(name), _, Some((offer_type, keys)), Some(field)) => {
                properties.insert(offer_type.key(keys, field, name), value);
            }
            (Some(name), ..) => {
                patterns.insert(ending(parent, name), value);
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
        let list_of = |(key, _, _): (&str, _, _)| {
            let around = Surroundings { keys: None, category: Some(key) };
            (format!("{prefix}{key}"), Value::Object(self.schema(list, around)))
        };
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

/// The pattern of the keys that end so, in any namespace, without those that are listed with theirs.
fn ending(parent: &Tree<'_>, name: &str) -> String {
    let is_so =
        |segment: &&str| !segment.starts_with('*') && segment.rsplit_once('.').is_some_and(|(_, end)| end == name);
    let listed = parent.children.iter().map(|(segment, _)| *segment).filter(is_so);
    let listed: Vec<String> = listed.map(|segment| segment.replace('.', "[.]")).collect();
    let except = if listed.is_empty() { String::new() } else { format!("(?!({})$)", listed.join("|")) };
    format!("^{except}(.*[.])?{name}$")
}

/// The value, or where the offer can do without it one of the spellings of "unset".
fn unless_unset(field: Option<&Field>, value: Map<String, Value>) -> Map<String, Value> {
    if is_removable(field) { any_of_value(either(&Value::Object(value), &[UNSET])) } else { value }
}

fn number(minimum: Option<u32>) -> Map<String, Value> {
    match minimum {
        None => reference(PlainType::Number.name()),
        Some(0) => reference(PlainType::Amount.name()),
        Some(least) => any_of_value(either(&json!({"type": "number", "minimum": least}), &[UNSET])),
    }
}

fn any_of(alternatives: Vec<Value>) -> Map<String, Value> {
    any_of_value(Value::Array(alternatives))
}

fn any_of_value(alternatives: Value) -> Map<String, Value> {
    Map::from_iter([("anyOf".to_owned(), alternatives)])
}

fn reference(name: &str) -> Map<String, Value> {
    defined(name).as_object().cloned().unwrap_or_default()
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}
