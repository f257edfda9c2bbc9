//! The field catalogue: which field follows which rule of comparison, as data (`schemas/catalogue.json`).
//!
//! One source for comparison, writing and display. Which rule a field follows is never decided in code.

use std::sync::LazyLock;

use foldhash::HashMap;
use serde::Deserialize;
use serde_json::Value;

use super::{FieldPath, FileDemand, Listed, ListingPart, OfferType, Takes};

/// What the catalogue knows about one field.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Field {
    /// The pattern that names the field, as written in the catalogue.
    pub path: String,
    /// The name for people: "Recommended sizes".
    #[serde(default)]
    pub title: Option<String>,
    /// What else the service calls it when it speaks to people: "VHD".
    #[serde(default)]
    pub called: Vec<String>,
    /// How a list is compared.
    #[serde(default)]
    pub list: ListRule,
    /// What kind of value it is.
    #[serde(default)]
    pub value: ValueKind,
    /// What the service adds when nothing was sent.
    #[serde(default)]
    pub default: Option<Value>,
    /// The sibling, by its whole key, whose value the service adds when nothing was sent.
    #[serde(default)]
    pub default_from: Option<String>,
    /// The sibling under which a GET returns it; the namespace before the last dot stays.
    #[serde(default)]
    pub returned_as: Option<String>,
    /// The sibling to which the service copies it.
    #[serde(default)]
    pub mirrored_to: Option<String>,
    /// The guard that stands before a removal of what is here.
    #[serde(default)]
    pub removal_guard: Option<String>,
    /// What the file must be whose address the field holds.
    #[serde(default)]
    pub file: Option<FileDemand>,
    /// What the value says about who may see or buy something.
    #[serde(default)]
    pub audience: Option<Audience>,
    /// Whether the value must not be shown as it is.
    #[serde(default)]
    pub sensitive: bool,
    /// What the service takes here, as far as that is known.
    #[serde(default)]
    pub takes: Option<Takes>,
    /// Where the fact is from: the published reference (`doc`) or observed behaviour (`seen`).
    #[serde(default)]
    pub source: Option<String>,
    /// Anything that a maintainer should know.
    #[serde(default)]
    pub note: Option<String>,
    /// What may be done with it; set from the catalogue's section that lists the field.
    #[serde(skip)]
    pub ownership: Ownership,
    /// Its place among the fields, as the catalogue lists them; `None` for one that it does not list.
    #[serde(skip)]
    pub place: Option<usize>,
    /// Which part of the listing it is; set from the catalogue's section that says what customers see.
    #[serde(skip)]
    pub listed: Option<Listed>,
}

/// How two lists are compared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ListRule {
    /// As a whole; the order counts.
    #[default]
    Atomic,
    /// Without order.
    Set,
    /// Element by element, matched by the value of this key; without order.
    Keyed(String),
}

/// What kind of value a field holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ValueKind {
    /// Anything; strings are compared exactly.
    #[default]
    Text,
    /// Text with markup.
    Html,
    /// The address of a disk image or package, with a token that changes.
    SasUri,
    /// The address of a file that the service downloads and serves itself.
    Media,
    /// Never returned by the service.
    Secret,
    /// Prices of an offer plan.
    Price,
}

/// What a field says about who may see or buy something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// Who may see the preview.
    Preview,
    /// `true` hides an offer plan.
    Hides,
    /// `false` hides an offer plan.
    Shows,
    /// Once it is set, an offer plan is for chosen customers only.
    Restricts,
    /// Customers for whom an offer plan is, each with an `id`.
    Customers,
    /// The address of a file that names them.
    CustomerFile,
    /// Where an offer plan is sold.
    Regions,
    /// In which clouds an offer plan is to be had.
    Clouds,
}

/// What may be done with a field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ownership {
    /// The publisher's: compared and written.
    #[default]
    Publisher,
    /// The service's, anew on each answer: neither compared nor sent.
    Volatile,
    /// Returned by a GET and refused by a PUT: neither compared nor sent.
    Unwritable,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CatalogueFile {
    version: u32,
    media_storage: Vec<String>,
    offer_types: Vec<OfferType>,
    volatile: Vec<Field>,
    unwritable: Vec<Field>,
    fields: Vec<Field>,
    #[serde(default)]
    listing: Vec<ListedField>,
}

/// One line of the section that says what customers see.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListedField {
    part: ListingPart,
    path: String,
}

/// All fields that we know, findable along a document's paths.
#[derive(Debug)]
pub struct Catalogue {
    root: Node,
    media_storage: Vec<String>,
    offer_types: Vec<OfferType>,
}

/// One segment of the patterns; children are told apart by how specific they are.
#[derive(Debug, Default)]
struct Node {
    field: Option<Field>,
    exact: HashMap<String, Node>,
    suffix: HashMap<String, Node>,
    prefix: Vec<(String, Node)>,
    any: Option<Box<Node>>,
}

impl Node {
    fn child_for_pattern(&mut self, segment: &str) -> &mut Self {
        if segment == "*" {
            self.any.get_or_insert_default()
        } else if let Some(suffix) = segment.strip_prefix("*.") {
            self.suffix.entry(suffix.to_owned()).or_default()
        } else if let Some(prefix) = segment.strip_suffix('*') {
            let index = self.prefix.iter().position(|(known, _)| known == prefix).unwrap_or_else(|| {
                self.prefix.push((prefix.to_owned(), Self::default()));
                self.prefix.len() - 1
            });
            &mut self.prefix[index].1
        } else {
            self.exact.entry(segment.to_owned()).or_default()
        }
    }

    /// The node of a pattern; `None` when it does not begin as a path does.
    fn descendant(&mut self, pattern: &str) -> Option<&mut Self> {
        Some(pattern.strip_prefix('/')?.split('/').fold(self, |node, segment| node.child_for_pattern(segment)))
    }

    /// The children that match a key, the most specific first.
    fn children<'node>(&'node self, key: &str) -> impl Iterator<Item = &'node Self> {
        let name = key.rsplit('.').next().unwrap_or(key);
        let prefixed = self.prefix.iter().filter(move |(prefix, _)| key.starts_with(prefix.as_str()));
        let exact = if self.exact.is_empty() { None } else { self.exact.get(key) };
        let suffixed = if self.suffix.is_empty() { None } else { self.suffix.get(name) };
        exact.into_iter().chain(suffixed).chain(prefixed.map(|(_, node)| node)).chain(self.any.as_deref())
    }
}

/// How many patterns may match one key at the same time.
const CANDIDATES: usize = 4;

static UNLISTED: LazyLock<Field> = LazyLock::new(Field::default);

/// The rules at one place of a document; goes down with the document.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'catalogue> {
    candidates: [Option<&'catalogue Node>; CANDIDATES],
}

impl<'catalogue> Rules<'catalogue> {
    /// The rules where nothing is known.
    pub fn of_nothing() -> Self {
        Self { candidates: [None; CANDIDATES] }
    }

    /// The rules for what stands under the key, or for the list element with that key.
    #[must_use]
    pub fn child(&self, key: &str) -> Self {
        let mut found = [None; CANDIDATES];
        let mut count = 0;
        for node in self.candidates.into_iter().flatten() {
            for child in node.children(key) {
                if count < CANDIDATES {
                    found[count] = Some(child);
                    count += 1;
                }
            }
        }
        Self { candidates: found }
    }

    /// The rules of the elements of a list. They are all alike, for the catalogue names none by its number.
    #[must_use]
    pub fn element(&self) -> Self {
        self.child("*")
    }

    /// What the catalogue says about this place; an unlisted field is plain text, and its lists are atomic.
    pub fn field(&self) -> &'catalogue Field {
        self.candidates.iter().flatten().find_map(|node| node.field.as_ref()).unwrap_or(&UNLISTED)
    }

    /// The last segments of the patterns that the catalogue lists right below this place, in its order.
    pub fn listed(&self) -> Vec<&'catalogue str> {
        let named = |node: &'catalogue Node| node.exact.iter().chain(&node.suffix);
        let mut listed: Vec<_> = self.candidates.iter().flatten().flat_map(|node| named(node)).collect();
        listed.sort_by_key(|(_, node)| node.field.as_ref().and_then(|field| field.place));
        listed.into_iter().map(|(name, _)| name.as_str()).collect()
    }

    /// The key whose value the service copies to the key that is given, both under this place.
    pub fn mirrored_from(&self, key: &str) -> Option<String> {
        let name = key.rsplit('.').next().unwrap_or(key);
        let copies_to_it =
            |node: &Node| node.field.as_ref().is_some_and(|field| field.mirrored_to.as_deref() == Some(name));
        let children = self.candidates.iter().flatten().flat_map(|node| node.exact.iter().chain(&node.suffix));
        children.into_iter().find(|(_, node)| copies_to_it(node)).map(|(original, _)| sibling(key, original))
    }
}

impl Field {
    /// Whether people choose the key, as that of an image version: it names an element, and is no field of the service.
    pub fn is_named_by_people(&self) -> bool {
        self.path.ends_with("/*")
    }

    /// The key under which a GET returns the field whose own key is given.
    pub fn returned_key(&self, key: &str) -> Option<String> {
        self.returned_as.as_deref().map(|name| sibling(key, name))
    }

    /// The key to which the service copies the field whose own key is given.
    pub fn mirrored_key(&self, key: &str) -> Option<String> {
        self.mirrored_to.as_deref().map(|name| sibling(key, name))
    }
}

/// The name of an element of a keyed list: the value of its key as text. Numbers go by value, `0.0` is `0`.
pub fn element_name(element: &Value, key: &str) -> Option<String> {
    match element.get(key)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(match number.as_f64() {
            // `{:.0}` writes a whole float without its fraction; integers above 2^53 keep their own digits.
            Some(float) if number.is_f64() && float.fract() == 0.0 => format!("{float:.0}"),
            _ => number.to_string(),
        }),
        _ => None,
    }
}

/// The name in the same namespace as the key: `a-b.windowsOSType` and `osType` make `a-b.osType`.
fn sibling(key: &str, name: &str) -> String {
    match key.rsplit_once('.') {
        Some((namespace, _)) => format!("{namespace}.{name}"),
        None => name.to_owned(),
    }
}

/// A catalogue file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InvalidCatalogue {
    /// Not the documented JSON.
    #[error("the field catalogue cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// Written for another program.
    #[error("the field catalogue has version {0}, and this program reads version 1")]
    Version(u32),
    /// A pattern that is no path.
    #[error("the field catalogue's path `{0}` does not start with `/`")]
    Path(String),
    /// A field listed twice.
    #[error("the field catalogue lists `{0}` twice")]
    Duplicate(String),
    /// A part of the listing that is no field, or two parts.
    #[error("the field catalogue's listing names `{0}`, which is no field, or is named twice")]
    Listing(String),
}

impl Catalogue {
    /// The catalogue that this program was built with.
    ///
    /// # Panics
    /// Never in a build that passed its tests: one of them reads the built-in catalogue.
    pub fn built_in() -> &'static Self {
        static BUILT_IN: LazyLock<Catalogue> = LazyLock::new(|| {
            let text = include_str!("../../schemas/catalogue.json");
            // The text is part of the program, and a unit test parses it.
            #[expect(clippy::expect_used)]
            Catalogue::parse(text).expect("the built-in catalogue is valid")
        });
        &BUILT_IN
    }

    /// Reads a catalogue.
    pub fn parse(text: &str) -> Result<Self, InvalidCatalogue> {
        let file: CatalogueFile = serde_json::from_str(text)?;
        if file.version != 1 {
            return Err(InvalidCatalogue::Version(file.version));
        }
        let mut root = Node::default();
        let owned = |fields: Vec<Field>, ownership| fields.into_iter().map(move |field| Field { ownership, ..field });
        let all = owned(file.volatile, Ownership::Volatile)
            .chain(owned(file.unwritable, Ownership::Unwritable))
            .chain(owned(file.fields, Ownership::Publisher));
        for (place, field) in all.enumerate() {
            let field = Field { place: Some(place), ..field };
            let Some(node) = root.descendant(&field.path) else {
                return Err(InvalidCatalogue::Path(field.path));
            };
            if node.field.is_some() {
                return Err(InvalidCatalogue::Duplicate(field.path));
            }
            node.field = Some(field);
        }
        for (place, ListedField { part, path }) in file.listing.into_iter().enumerate() {
            let field = root.descendant(&path).and_then(|node| node.field.as_mut());
            match field.filter(|field| field.listed.is_none()) {
                Some(field) => field.listed = Some(Listed { part, place }),
                None => return Err(InvalidCatalogue::Listing(path)),
            }
        }
        Ok(Self { root, media_storage: file.media_storage, offer_types: file.offer_types })
    }

    /// The offer types whose keys are known.
    pub fn offer_types(&self) -> &[OfferType] {
        &self.offer_types
    }

    /// Every field that it lists, in its order.
    pub fn fields(&self) -> Vec<&Field> {
        let mut fields = Vec::new();
        let mut nodes = vec![&self.root];
        while let Some(node) = nodes.pop() {
            fields.extend(&node.field);
            nodes.extend(node.exact.values().chain(node.suffix.values()));
            nodes.extend(node.prefix.iter().map(|(_, node)| node).chain(node.any.as_deref()));
        }
        fields.sort_by_key(|field| field.place);
        fields
    }

    /// The rules at the root of a document.
    pub fn rules(&self) -> Rules<'_> {
        let mut candidates = [None; CANDIDATES];
        candidates[0] = Some(&self.root);
        Rules { candidates }
    }

    /// The rules at a path of a document.
    pub fn rules_at(&self, path: &FieldPath) -> Rules<'_> {
        path.segments().iter().fold(self.rules(), |rules, segment| rules.child(segment))
    }

    /// The path as it stands in one concrete document: elements of keyed lists are addressed by their index there.
    ///
    /// An element that the document does not have keeps its key, which then leads nowhere.
    pub fn in_document(&self, document: &Value, path: &FieldPath) -> FieldPath {
        let mut rules = self.rules();
        let mut here = Some(document);
        let mut concrete = FieldPath::root();
        for segment in path.segments() {
            let step = match (here, &rules.field().list) {
                (Some(Value::Array(items)), ListRule::Keyed(key)) => {
                    let index = items.iter().position(|item| element_name(item, key).as_ref() == Some(segment));
                    index.map_or_else(|| segment.clone(), |index| index.to_string())
                }
                _ => segment.clone(),
            };
            here = match here {
                Some(Value::Array(items)) => step.parse::<usize>().ok().and_then(|index| items.get(index)),
                Some(Value::Object(map)) => map.get(&step),
                _ => None,
            };
            rules = rules.child(segment);
            concrete.push(step);
        }
        concrete
    }

    /// Whether the service serves files from this host after it downloaded them.
    pub fn is_media_storage(&self, host: &str) -> bool {
        self.media_storage.iter().any(|known| known.eq_ignore_ascii_case(host))
    }
}

#[cfg(test)]
mod tests;
