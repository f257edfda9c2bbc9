//! The service's tables: regions with their currencies, core sizes, categories and industries per offer type, and the
//! patterns that texts follow. Data (`schemas/tables.json`, `schemas/categories.json`), each with its source.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex_automata::meta::Regex;
use serde::{Deserialize, Deserializer};

/// All tables.
#[derive(Debug)]
pub struct Tables {
    file: TablesFile,
    shops: ShopsFile,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TablesFile {
    version: u32,
    sources: BTreeMap<String, String>,
    patterns: BTreeMap<String, Pattern>,
    tables: BTreeMap<String, Table>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ShopsFile {
    version: u32,
    categories: Vec<Shop>,
    industries: Vec<Shop>,
}

/// A list of words.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// What one of them is: "region".
    pub noun: String,
    /// Where it is from.
    pub source: String,
    /// Anything that a maintainer should know.
    #[serde(default)]
    pub note: Option<String>,
    /// The form of further words, where the table is known not to have all.
    #[serde(default)]
    pub others: Option<Expression>,
    /// Words of that form that are surely wrong, each with the one that is meant.
    #[serde(default)]
    pub instead: BTreeMap<String, String>,
    /// The words.
    pub values: Vec<TableValue>,
}

/// One word of a table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableValue {
    /// The word.
    pub value: String,
    /// What it means.
    pub title: String,
    /// The currency of prices there, of a region.
    #[serde(default)]
    pub currency: Option<String>,
}

impl Table {
    /// The words alone.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(|value| value.value.as_str())
    }

    /// Whether it has the word, or may lack it.
    pub fn takes(&self, word: &str) -> bool {
        let is_other = || self.others.as_ref().is_some_and(|others| others.fits(word));
        self.words().any(|known| known == word) || (is_other() && !self.instead.contains_key(word))
    }

    /// The word that is surely meant by another one: one of another table of the world, or a name for people.
    pub fn meant(&self, word: &str) -> Option<&str> {
        let named = self.values.iter().find(|known| known.title.eq_ignore_ascii_case(word));
        self.instead.get(word).map(String::as_str).or_else(|| named.map(|named| named.value.as_str()))
    }
}

/// A form that a text has.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// The regular expression.
    pub pattern: Expression,
    /// What such a text is, with its article.
    pub is: String,
    /// One of them.
    pub example: String,
    /// Where it is from.
    pub source: String,
}

/// A regular expression in the common subset of JSON Schema's and Rust's.
#[derive(Debug)]
pub struct Expression {
    text: String,
    regex: Regex,
}

impl Expression {
    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a text has this form.
    pub fn fits(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

impl<'de> Deserialize<'de> for Expression {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let regex = Regex::new(&text).map_err(serde::de::Error::custom)?;
        Ok(Self { text, regex })
    }
}

/// The categories, or the industries, of one shop, with the keys that each kind of offer has for them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shop {
    /// Its name.
    pub shop: String,
    /// Where the table is from.
    pub source: String,
    /// The kinds of offers, one for each key of a row.
    pub columns: Vec<String>,
    /// The categories.
    pub rows: Vec<Category>,
}

/// A category or subcategory.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// Its name for people.
    pub title: String,
    /// Its key for each column; `None` where the service has none.
    pub keys: Vec<Option<String>>,
    /// Its subcategories.
    #[serde(default)]
    pub below: Vec<Category>,
}

impl Category {
    /// Its key in a column.
    pub fn key(&self, column: usize) -> Option<&str> {
        self.keys.get(column)?.as_deref()
    }

    fn is_called(&self, key: &str) -> bool {
        self.keys.iter().flatten().any(|known| known == key)
    }
}

impl Tables {
    /// The tables that this program was built with.
    ///
    /// # Panics
    /// Never in a build that passed its tests: one of them reads the built-in tables.
    pub fn built_in() -> &'static Self {
        static BUILT_IN: LazyLock<Tables> = LazyLock::new(|| {
            let (tables, shops) =
                (include_str!("../../schemas/tables.json"), include_str!("../../schemas/categories.json"));
            // The texts are part of the program, and a unit test parses them.
            #[expect(clippy::expect_used)]
            Tables::parse(tables, shops).expect("the built-in tables are valid")
        });
        &BUILT_IN
    }

    /// Reads the two files.
    fn parse(tables: &str, shops: &str) -> Result<Self, serde_json::Error> {
        let (file, shops): (TablesFile, ShopsFile) = (serde_json::from_str(tables)?, serde_json::from_str(shops)?);
        if (file.version, shops.version) != (1, 1) {
            return Err(serde::de::Error::custom("the service's tables have another version than 1"));
        }
        Ok(Self { file, shops })
    }

    /// The page that a source stands for.
    pub fn source(&self, name: &str) -> Option<&str> {
        self.file.sources.get(name).map(String::as_str)
    }

    /// A pattern by its name.
    pub fn pattern(&self, name: &str) -> Option<&Pattern> {
        self.file.patterns.get(name)
    }

    /// The currency of prices in a region.
    pub fn currency(&self, region: &str) -> Option<&str> {
        let row = self.table("regions")?.values.iter().find(|known| known.value == region)?;
        row.currency.as_deref()
    }

    /// All tables of words, by name.
    pub fn named(&self) -> impl Iterator<Item = (&str, &Table)> {
        self.file.tables.iter().map(|(name, table)| (name.as_str(), table))
    }

    /// A table by its name.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.file.tables.get(name)
    }

    /// The industries of each shop.
    pub fn industries(&self) -> &[Shop] {
        &self.shops.industries
    }

    /// The categories of the kind of offer that a column is about, each with its key there.
    pub fn categories<'a>(&'a self, column: &str) -> Vec<(&'a str, &'a Category, usize)> {
        let columns = self.shops.categories.iter().filter_map(|shop| {
            let index = shop.columns.iter().position(|known| known == column)?;
            Some((shop, index))
        });
        let rows = columns.flat_map(|(shop, index)| shop.rows.iter().map(move |row| (row, index)));
        rows.filter_map(|(row, index)| Some((row.key(index)?, row, index))).collect()
    }

    /// What a kind of offer calls the category that another kind calls so; `None` when nobody does.
    pub fn same_category(&self, key: &str, column: &str) -> Option<&str> {
        self.categories(column).into_iter().find(|(_, row, _)| row.is_called(key)).map(|(own, _, _)| own)
    }

    /// Whether any kind of offer has a category of this key.
    pub fn is_category(&self, key: &str) -> bool {
        self.shops.categories.iter().flat_map(|shop| &shop.rows).any(|row| row.is_called(key))
    }

    /// The subcategories of a category of a kind of offer, by key, or `None` when it has no such category.
    pub fn subcategories<'a>(&'a self, category: &str, column: &str) -> Option<Vec<(&'a str, &'a Category)>> {
        let (_, row, index) = self.categories(column).into_iter().find(|(key, _, _)| *key == category)?;
        Some(row.below.iter().filter_map(|below| Some((below.key(index)?, below))).collect())
    }

    /// What a kind of offer calls the subcategory that another kind calls so.
    pub fn same_subcategory(&self, category: &str, key: &str, column: &str) -> Option<&str> {
        let below = self.subcategories(category, column)?;
        below.into_iter().find(|(_, row)| row.is_called(key)).map(|(own, _)| own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offer::{Catalogue, Words};

    #[test]
    fn whatever_the_catalogue_names_is_in_the_tables() {
        let tables = Tables::built_in();
        for field in Catalogue::built_in().fields() {
            let Some(takes) = &field.takes else { continue };
            if field.list != crate::offer::ListRule::Atomic {
                assert_eq!(takes.value_type, Some(crate::offer::ValueType::List), "the list rule of {}", field.path);
            }
            assert!(tables.source(&takes.source).is_some(), "the source of {}", field.path);
            for name in takes.pattern.iter().chain(&takes.key_pattern) {
                assert!(tables.pattern(name).is_some(), "the pattern of {}", field.path);
            }
            let words = match &takes.values {
                Some(Words::Table(name)) => Some(name),
                _ => None,
            };
            for name in words.into_iter().chain(&takes.keys) {
                assert!(tables.table(name).is_some(), "the table of {}", field.path);
            }
            for name in &takes.offer_types {
                let types = Catalogue::built_in().offer_types();
                assert!(types.iter().any(|known| known.name == *name), "the offer types of {}", field.path);
            }
        }
        let regions = tables.table("regions").unwrap();
        let used: std::collections::BTreeSet<_> =
            regions.values.iter().filter_map(|row| row.currency.as_deref()).collect();
        assert_eq!(
            tables.table("currencies").unwrap().words().collect::<Vec<_>>(),
            used.into_iter().collect::<Vec<_>>()
        );
        assert!(regions.instead.iter().all(|(wrong, right)| !regions.takes(wrong) && regions.takes(right)));
        for offer_type in Catalogue::built_in().offer_types() {
            assert!(tables.categories(&offer_type.categories).len() > 15, "{}", offer_type.name);
        }
        for pattern in tables.file.patterns.values() {
            assert!(pattern.pattern.fits(&pattern.example), "{}", pattern.example);
        }
        let sources = tables.file.tables.values().map(|table| &table.source);
        let sources = sources.chain(tables.file.patterns.values().map(|pattern| &pattern.source));
        let shops = tables.shops.categories.iter().chain(tables.industries());
        for source in sources.chain(shops.map(|shop| &shop.source)) {
            assert!(tables.source(source).is_some(), "{source}");
        }
    }

    #[test]
    fn each_row_has_a_key_for_each_column() {
        for shop in Tables::built_in().shops.categories.iter().chain(Tables::built_in().industries()) {
            for row in shop.rows.iter().flat_map(|row| std::iter::once(row).chain(&row.below)) {
                assert_eq!(row.keys.len(), shop.columns.len(), "{} of {}", row.title, shop.shop);
            }
        }
    }

    #[test]
    fn a_category_is_called_otherwise_by_each_kind_of_offer() {
        let tables = Tables::built_in();
        assert_eq!(tables.same_category("analytics", "machines"), Some("analytics-amp"));
        assert_eq!(tables.same_category("analytics-amp", "applications"), Some("analytics-azure-apps"));
        assert_eq!(tables.same_category("no-such-thing", "machines"), None);
        assert_eq!(tables.same_subcategory("storage", "backup", "machines"), Some("backup-and-recovery"));
        let currency = |code: &str| {
            tables.table("regions").unwrap().values.iter().find(|region| region.value == code)?.currency.as_deref()
        };
        assert_eq!((currency("BY"), currency("AE"), currency("AZ")), (Some("RUB"), Some("EUR"), None));
    }
}
