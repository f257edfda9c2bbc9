//! A live document → what a manifest says of it: without what the service decides or adds by itself, in an order of its
//! own, with secrets by name and no signature in it.
//!
//! What no manifest can hold is left out, which leaves the field unmanaged: kept by the service as it is.

use serde_json::{Map, Value};

use super::import::{LeftOut, LeftOutReason, Secret, Subject};
use super::yaml::{Entry, Yaml};
use crate::diff::{set_value, signed_file, unseen_in};
use crate::manifest::reads_as_directive;
use crate::offer::{
    Catalogue, Field, FieldPath, ListRule, Ownership, Rules, ValueKind, element_name, is_hidden, signature_values,
};

/// Longer markup than this is easier to edit in a file of its own.
const LONG_MARKUP: usize = 200;
/// What `$file` takes in, with room to grow.
const LONGEST_FILE: usize = 512 * 1024;

const SECRET_COMMENT: &str = "The service never tells this secret. Whoever applies hands it in through this variable.";
const KEY_COMMENT: &str = "This address may hold a key. Whoever applies hands it in, whole, through this variable.";

/// Arranges a document, and keeps count of what became of its values.
pub(super) struct Arrangement<'import> {
    subject: Option<&'import Subject<'import>>,
    holds_secret: &'import dyn Fn(&str) -> bool,
    path: FieldPath,
    found: Found,
}

/// What an arrangement came upon.
#[derive(Default)]
pub(super) struct Found {
    /// The texts that go into files of their own: their paths beside the manifest, and what they hold.
    pub(super) files: Vec<(String, String)>,
    pub(super) secrets: Vec<Secret>,
    /// The addresses that lost their signatures.
    pub(super) unsigned: Vec<FieldPath>,
    pub(super) left_out: Vec<LeftOut>,
}

impl Found {
    fn lengths(&self) -> [usize; 4] {
        [self.files.len(), self.secrets.len(), self.unsigned.len(), self.left_out.len()]
    }

    fn truncate(&mut self, [files, secrets, unsigned, left_out]: [usize; 4]) {
        self.files.truncate(files);
        self.secrets.truncate(secrets);
        self.unsigned.truncate(unsigned);
        self.left_out.truncate(left_out);
    }
}

impl<'import> Arrangement<'import> {
    pub(super) fn new(subject: &'import Subject<'import>) -> Self {
        Self {
            subject: Some(subject),
            holds_secret: subject.holds_secret,
            path: FieldPath::root(),
            found: Found::default(),
        }
    }

    /// What a manifest that is there already says of one value. Secrets are not told anew, and all text stays in the file.
    pub(super) fn of_value(
        path: &FieldPath,
        value: &Value,
        holds_secret: &dyn Fn(&str) -> bool,
    ) -> Result<Yaml, LeftOutReason> {
        let mut arrangement = Arrangement { subject: None, holds_secret, path: path.clone(), found: Found::default() };
        let arranged = arrangement.value(Catalogue::built_in().rules_at(path), value)?;
        match arrangement.found {
            Found { left_out, .. } if !left_out.is_empty() => Err(left_out[0].reason),
            Found { secrets, .. } if !secrets.is_empty() => Err(LeftOutReason::HoldsKey),
            _ => Ok(arranged),
        }
    }

    /// What a manifest says under `definition`, and what became of the values.
    pub(super) fn definition(mut self, definition: &Value) -> (Yaml, Found) {
        self.path.push("definition");
        let rules = Catalogue::built_in().rules().child("definition");
        let arranged = self.value(rules, definition).unwrap_or_else(|reason| {
            self.found.left_out.push(LeftOut { path: self.path.clone(), reason });
            Yaml::Map(Vec::new())
        });
        (arranged, self.found)
    }

    fn value(&mut self, rules: Rules<'_>, value: &Value) -> Result<Yaml, LeftOutReason> {
        match value {
            Value::Object(map) => self.map(rules, map),
            Value::Array(items) => self.list(rules, items),
            Value::String(text) => self.text(rules.field(), text),
            _ if rules.field().value == ValueKind::Secret => Ok(self.secret()),
            scalar => Ok(Yaml::of(scalar)),
        }
    }

    fn map(&mut self, rules: Rules<'_>, map: &Map<String, Value>) -> Result<Yaml, LeftOutReason> {
        let mut entries = Vec::new();
        let mut keys: Vec<_> = map.keys().map(String::as_str).collect();
        let configurations = unseen_in(rules, map);
        keys.extend(configurations.iter().map(|(key, _)| key.as_str()).filter(|key| !map.contains_key(*key)));
        keys.sort_by_key(|key| {
            let place = rules.child(key).field().place;
            (place.is_none(), place, *key)
        });
        for key in keys {
            let below = rules.child(key);
            let before = self.found.lengths();
            self.path.push(key);
            let mut arranged = match set_by_somebody(rules, map, key) {
                Some(value) => self.spellable(key).and_then(|()| self.value(below, value)),
                None => Ok(Yaml::Map(Vec::new())),
            };
            let unseen = configurations.iter().find(|(configuration, _)| configuration == key);
            if let Some(name) = unseen.and_then(|(_, names)| names.first())
                && let Ok(Yaml::Map(entries)) = &mut arranged
            {
                self.path.push(name.as_str());
                entries.push(Entry { comment: Some(SECRET_COMMENT), ..Entry::new(name.clone(), self.secret()) });
                self.path.pop();
            }
            match arranged {
                Ok(Yaml::Map(inner)) if inner.is_empty() => {}
                Ok(value) => {
                    let told = if below.field().value == ValueKind::Secret { SECRET_COMMENT } else { KEY_COMMENT };
                    let comment = matches!(value, Yaml::Directive("$secret", _)).then_some(told);
                    entries.push(Entry { comment, ..Entry::new(key, value) });
                }
                Err(reason) => {
                    // What is left out brings nothing with it.
                    self.found.truncate(before);
                    self.found.left_out.push(LeftOut { path: self.path.clone(), reason });
                }
            }
            self.path.pop();
        }
        if reads_as_directive(entries.iter().map(|entry| entry.key.as_str()).collect::<Vec<_>>().into_iter()) {
            return Err(LeftOutReason::Unspellable);
        }
        Ok(Yaml::Map(entries))
    }

    /// Refuses what was found to be no use before, and keys that a manifest cannot have.
    fn spellable(&self, key: &str) -> Result<(), LeftOutReason> {
        // A key of YAML ends within 1024 characters.
        if key.len() > 1000 {
            return Err(LeftOutReason::Unspellable);
        }
        if !signature_values(key).is_empty() || (self.holds_secret)(key) {
            return Err(LeftOutReason::HoldsKey);
        }
        if self.subject.is_some_and(|subject| subject.leave_out.contains(&self.path)) {
            Err(LeftOutReason::NotComparable)
        } else {
            Ok(())
        }
    }

    fn list(&mut self, rules: Rules<'_>, items: &[Value]) -> Result<Yaml, LeftOutReason> {
        let mut arranged = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let name = match &rules.field().list {
                ListRule::Keyed(key) => element_name(item, key),
                ListRule::Set | ListRule::Atomic => None,
            };
            let segment = name.unwrap_or_else(|| index.to_string());
            self.path.push(segment.as_str());
            let value = self.value(rules.child(&segment), item);
            self.path.pop();
            arranged.push((segment, value?));
        }
        match &rules.field().list {
            ListRule::Keyed(_) => arranged.sort_by(|one, other| one.0.cmp(&other.0)),
            ListRule::Set if items.iter().all(Value::is_string) => {
                arranged.sort_by(|(_, one), (_, other)| text_of(one).cmp(text_of(other)));
            }
            ListRule::Set | ListRule::Atomic => {}
        }
        Ok(Yaml::List(arranged.into_iter().map(|(_, value)| value).collect()))
    }

    fn text(&mut self, field: &Field, text: &str) -> Result<Yaml, LeftOutReason> {
        if field.value == ValueKind::Secret {
            return Ok(self.secret());
        }
        if let Some(file) = signed_file(text) {
            self.found.unsigned.push(self.path.clone());
            return Ok(Yaml::Text(file.to_owned()));
        }
        // Behind the question mark of such an address may stand what opens it.
        if field.sensitive && has_key_in_query(text) {
            return Ok(self.secret());
        }
        if !signature_values(text).is_empty() || (self.holds_secret)(text) {
            return Err(LeftOutReason::HoldsKey);
        }
        if is_hidden(field, text) {
            return Err(LeftOutReason::Unspellable);
        }
        let is_markup = field.value == ValueKind::Html;
        let is_long_markup = is_markup && text.len() > LONG_MARKUP;
        // In markup they mean nothing, and would make one long line of it.
        let without_carriage_returns = text.replace("\r\n", "\n");
        let text = if is_markup { &without_carriage_returns } else { text };
        // A file cannot hold these as they are: its reader takes line ends and a mark at its beginning for the system's.
        let is_kept_by_file = text.len() <= LONGEST_FILE && !text.contains('\r') && !text.starts_with('\u{feff}');
        if self.subject.is_some() && is_long_markup && is_kept_by_file {
            return Ok(Yaml::Directive("$file", self.file(text)));
        }
        Ok(Yaml::Text(text.to_owned()))
    }

    /// Puts a text into a file of its own and names it: `listing/standard/skuDescription.html`.
    fn file(&mut self, text: &str) -> String {
        let is_usual = |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_');
        // `/definition/offer/…` and `/definition/plans/…`: what stands behind them tells the files apart.
        let parts = self.path.segments().iter().skip(2).map(|segment| {
            let name = segment.rsplit('.').next().unwrap_or(segment);
            let name: String = name.chars().filter(|character| is_usual(*character)).take(60).collect();
            if name.is_empty() { "text".to_owned() } else { name }
        });
        let stem = parts.collect::<Vec<_>>().join("/");
        let is_taken = |name: &String| self.found.files.iter().any(|(taken, _)| taken.eq_ignore_ascii_case(name));
        let mut name = format!("listing/{stem}.html");
        let mut number = 1;
        while is_taken(&name) {
            number += 1;
            name = format!("listing/{stem}-{number}.html");
        }
        self.found.files.push((name.clone(), text.to_owned()));
        name
    }

    /// The variable for the secret at the present path: the one of the record, else one that tells where it belongs.
    fn secret(&mut self) -> Yaml {
        let recorded = self.subject.and_then(|subject| subject.applied).and_then(|applied| {
            let concrete = Catalogue::built_in().in_document(applied, &self.path);
            Some(applied.pointer(&concrete.to_string())?.get("$secret")?.as_str()?.to_owned())
        });
        let variable = recorded.unwrap_or_else(|| {
            let last = |segment: &String| segment.rsplit('.').next().unwrap_or(segment).to_owned();
            let below = self.path.segments().iter().skip(2).map(last);
            let words: Vec<_> =
                self.subject.map(|subject| subject.offer_id().to_owned()).into_iter().chain(below).collect();
            format!("SECRET_{}", upper_snake(&words.join("_")))
        });
        self.found.secrets.push(Secret { path: self.path.clone(), variable: variable.clone() });
        Yaml::Directive("$secret", variable)
    }
}

/// Names of parameters whose values open something.
const KEY_NAMES: [&str; 9] = ["code", "key", "token", "secret", "sig", "signature", "password", "pwd", "auth"];
/// No key is shorter than this.
const SHORTEST_KEY: usize = 12;

/// Whether behind the question mark of an address may stand what opens it: anything but short values of harmless names.
fn has_key_in_query(text: &str) -> bool {
    let Some((_, query)) = text.split_once('?') else { return false };
    query.split(['&', ';', '#']).any(|parameter| {
        let (name, value) = parameter.split_once('=').unwrap_or(("", parameter));
        let name = name.to_ascii_lowercase();
        value.len() >= SHORTEST_KEY || KEY_NAMES.iter().any(|key| name.contains(key))
    })
}

/// The value of a key, unless it is the service's, the service would add it by itself, or it is the service's copy.
fn set_by_somebody<'value>(rules: Rules<'_>, map: &'value Map<String, Value>, key: &str) -> Option<&'value Value> {
    let field = rules.child(key).field();
    let is_copy = rules.mirrored_from(key).is_some_and(|original| map.get(&original) == map.get(key));
    if field.ownership != Ownership::Publisher || is_copy || !map.contains_key(key) {
        return None;
    }
    set_value(map, key, field)
}

fn text_of(value: &Yaml) -> &str {
    match value {
        Yaml::Text(text) => text,
        _ => "",
    }
}

/// `contoso-vm.tableLeads` is `CONTOSO_VM_TABLE_LEADS`.
fn upper_snake(text: &str) -> String {
    let mut name = String::new();
    let mut after_lower = false;
    for character in text.chars() {
        let is_part = character.is_ascii_alphanumeric();
        if !is_part || (after_lower && character.is_ascii_uppercase()) {
            name.push('_');
        }
        if is_part {
            name.push(character.to_ascii_uppercase());
        }
        after_lower = character.is_ascii_lowercase() || character.is_ascii_digit();
    }
    name
}
