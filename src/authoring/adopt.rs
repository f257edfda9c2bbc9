//! What was edited elsewhere → the texts of the files that say otherwise, and nothing else in them.
//!
//! Every change is tried on supposed texts, and the outcome is composed again: only when the manifest then says what the
//! service has, and says nothing else anew, is there anything to write.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::Value;

use super::arrange::Arrangement;
use super::edit::{Edit, Found, Source, carried_out, find};
use super::import::LeftOutReason;
use super::yaml::Yaml;
use crate::diff::Comparison;
use crate::manifest::{Repository, RepositoryPath, WrittenValue, layout, load};
use crate::offer::{Catalogue, Desired, FieldPath, ListRule, element_name};

/// What is needed to try a change.
pub struct Adopting<'adopt> {
    /// The manifest.
    pub manifest: &'adopt RepositoryPath,
    /// What it says now.
    pub desired: &'adopt Desired,
    /// The environment, for `$env`.
    pub environment: &'adopt dyn Fn(&str) -> Option<String>,
    /// Decides which waivers are over.
    pub today: Date,
    /// Compares what a manifest says with what the service has.
    pub compare: &'adopt dyn Fn(&Value) -> Comparison,
    /// Whether a text holds a secret of this run.
    pub holds_secret: &'adopt dyn Fn(&str) -> bool,
    /// Other manifests that take in a file, which would change with this one; none when that is wanted.
    pub others: &'adopt dyn Fn(&RepositoryPath) -> Vec<RepositoryPath>,
}

/// What adopting comes to.
#[derive(Debug, Default)]
pub struct Adopted {
    /// The files that change: what they say now, and what they shall say.
    pub files: BTreeMap<RepositoryPath, (String, String)>,
    /// The fields that then say what the service has.
    pub adopted: Vec<FieldPath>,
    /// Those that cannot be adopted, and why.
    pub refused: Vec<(FieldPath, Unadoptable)>,
}

/// Why a value cannot be taken into the files.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unadoptable {
    /// It comes from outside of the repository.
    #[error("its value comes from `{0}`; change it where the variable is set")]
    FromOutside(String),
    /// A local file stands for it, and only the service can hand out the one that it serves.
    #[error(
        "it is the address of the local file `{file}`; to keep what is served now, download it in the portal, put it in the \
         place of `{file}` and serve it at the address: the plan then shows a conflict, because nobody can compare the two, \
         and `--allow conflict` lets it pass"
    )]
    LocalFile {
        /// The file.
        file: String,
    },
    /// It must not, or cannot, be written down.
    #[error("{0}")]
    Unwritable(#[from] LeftOutReason),
    /// An alias, a merge, an anchor, or a shape that cannot be edited.
    #[error(
        "it is written in a way that offerctl does not edit (an alias, a merge, or the only value of its kind); edit it by hand"
    )]
    ByHand,
    /// Other manifests would change too.
    #[error("`{file}` is part of {} too; `--shared` changes them all", listed(others))]
    Shared {
        /// The file.
        file: RepositoryPath,
        /// The manifests.
        others: Vec<RepositoryPath>,
    },
    /// Others own it.
    #[error(
        "it is waived (\"{0}\"), so the manifest has no say in it; delete its entry in `reconcile.ignore` first, if the \
         manifest shall say it"
    )]
    Waived(String),
    /// The edited files say something else than they should.
    #[error("the edited manifest would not say what the service has; edit it by hand")]
    NotReached,
}

fn listed(manifests: &[RepositoryPath]) -> String {
    manifests.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", ")
}

/// A field that the files shall say as the service has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// Where.
    pub path: FieldPath,
    /// What the service has; `None` for nothing.
    pub observed: Option<Value>,
}

/// Adopts fields, one after the other.
pub fn adopt(repository: &mut Repository, adopting: &Adopting<'_>, wanted: &[Wanted]) -> Adopted {
    let mut adopted = Adopted::default();
    for wanted in wanted {
        match adopting.one(repository, &adopted.files, wanted) {
            Ok(files) => {
                for (path, (old, new)) in files {
                    adopted.files.entry(path).or_insert((old, String::new())).1 = new;
                }
                adopted.adopted.push(wanted.path.clone());
            }
            Err(reason) => adopted.refused.push((wanted.path.clone(), reason)),
        }
    }
    adopted
}

type Files = BTreeMap<RepositoryPath, (String, String)>;

impl Adopting<'_> {
    fn one(&self, repository: &mut Repository, before: &Files, wanted: &Wanted) -> Result<Files, Unadoptable> {
        suppose(repository, before);
        let root = layout(repository, self.manifest).ok_or(Unadoptable::ByHand)?;
        let observed = wanted.observed.as_ref().map(|value| self.spelt(&wanted.path, value)).transpose()?;
        let found = edits(repository, &root, &wanted.path, observed)?;
        let mut files = Files::new();
        for (path, edits) in by_file(found) {
            let others = (self.others)(&path);
            if !others.is_empty() {
                return Err(Unadoptable::Shared { file: path, others });
            }
            let text = repository.text_of(&path).map_err(|_| Unadoptable::ByHand)?.to_string();
            let new = carried_out(&text, edits).ok_or(Unadoptable::ByHand)?;
            files.insert(path, (text, new));
        }
        let mut after = before.clone();
        after.extend(files.clone());
        let was = self.said(repository, before).ok_or(Unadoptable::NotReached)?;
        let is = self.said(repository, &after).ok_or(Unadoptable::NotReached)?;
        let others = |said: &Desired| -> Vec<_> {
            let found = (self.compare)(&said.document).differences.into_iter();
            found.filter(|found| found.path != wanted.path).collect()
        };
        let still = (self.compare)(&is.document).differences.iter().any(|found| found.path == wanted.path);
        let stays = others(&was) == others(&is)
            && was.reconcile.ignore.len() == is.reconcile.ignore.len()
            && was.key == is.key
            && was.offer_type == is.offer_type
            && elsewhere(&was.document, &wanted.path) == elsewhere(&is.document, &wanted.path);
        if still || !stays { Err(Unadoptable::NotReached) } else { Ok(files) }
    }

    /// The observed value as a file may hold it.
    fn spelt(&self, path: &FieldPath, value: &Value) -> Result<Yaml, Unadoptable> {
        let spelt = Arrangement::of_value(path, value, self.holds_secret)?;
        // What the manifest holds in another order stays in its order.
        let declared = Catalogue::built_in().in_document(&self.desired.document, path);
        let declared = self.desired.document.pointer(&declared.to_string()).and_then(Value::as_array);
        match (spelt, declared, &Catalogue::built_in().rules_at(path).field().list) {
            (Yaml::List(items), Some(declared), ListRule::Set) => {
                let declared: Vec<_> = declared.iter().map(Yaml::of).collect();
                let kept = declared.iter().filter(|item| items.contains(item)).cloned();
                let new = items.iter().filter(|item| !declared.contains(item)).cloned();
                Ok(Yaml::List(kept.chain(new).collect()))
            }
            (spelt, ..) => Ok(spelt),
        }
    }

    fn said(&self, repository: &mut Repository, files: &Files) -> Option<Desired> {
        suppose(repository, files);
        load(repository, std::slice::from_ref(self.manifest), self.environment, self.today).desired.pop()
    }
}

/// The edits after which a path has the observed value, or none.
fn edits(
    repository: &mut Repository,
    root: &WrittenValue,
    path: &FieldPath,
    observed: Option<Yaml>,
) -> Result<Vec<Edit>, Unadoptable> {
    let mut text = |path: &RepositoryPath| repository.text_of(path).map_err(|_| Unadoptable::ByHand);
    match (find(root, path), observed) {
        (Found::Directive { name: "$file", argument }, Some(Yaml::Text(new))) => {
            let named = argument.text.as_deref().and_then(|text| argument.file.resolve(text).ok());
            let file = named.ok_or(Unadoptable::ByHand)?;
            let old = text(&file)?;
            Ok(vec![Edit { file, range: 0..old.len(), text: new }])
        }
        (Found::Directive { name: "$file", .. }, _) => Err(Unadoptable::ByHand),
        (Found::Directive { name: "$media", argument }, _) => {
            let text = argument.text.as_deref().unwrap_or_default();
            let file = argument.file.resolve(text).map_or_else(|_| text.to_owned(), |file| file.to_string());
            Err(Unadoptable::LocalFile { file })
        }
        (Found::Directive { name, argument }, _) => {
            let name = argument.text.as_deref().unwrap_or(name);
            Err(Unadoptable::FromOutside(name.to_owned()))
        }
        (Found::Here { parent, value, .. }, None) => {
            let source = text(&value.file)?;
            Source(&source).remove(parent, value).map(|edit| vec![edit]).ok_or(Unadoptable::ByHand)
        }
        (Found::Here { value, rules, .. }, Some(new)) => {
            let source = text(&value.file)?;
            Source(&source).replace(value, &new, rules).ok_or(Unadoptable::ByHand)
        }
        (Found::Missing { parent, segment }, Some(new)) => {
            let source = text(&parent.file)?;
            Source(&source).add(parent, segment, &new).map(|edit| vec![edit]).ok_or(Unadoptable::ByHand)
        }
        (Found::Missing { .. } | Found::Nowhere, _) => Err(Unadoptable::ByHand),
    }
}

fn suppose(repository: &mut Repository, files: &Files) {
    for (path, (_, new)) in files {
        repository.suppose(path, new);
    }
}

fn by_file(edits: Vec<Edit>) -> BTreeMap<RepositoryPath, Vec<Edit>> {
    let mut files: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for edit in edits {
        files.entry(edit.file.clone()).or_default().push(edit);
    }
    files
}

/// The document without what stands at the path, so that two of them can be compared.
fn elsewhere(document: &Value, path: &FieldPath) -> Value {
    let concrete = Catalogue::built_in().in_document(document, path);
    let mut rest = document.clone();
    let Some((last, parents)) = concrete.segments().split_last() else { return rest };
    let parent = parents.iter().try_fold(&mut rest, |value, segment| match value {
        Value::Array(items) => items.get_mut(segment.parse::<usize>().ok()?),
        value => value.get_mut(segment),
    });
    match parent {
        Some(Value::Object(map)) => drop(map.shift_remove(last)),
        Some(Value::Array(items)) => {
            if let ListRule::Keyed(key) = &Catalogue::built_in().rules_at(&parent_of(path)).field().list {
                items.retain(|item| element_name(item, key).as_deref() != path.last());
            }
        }
        _ => {}
    }
    rest
}

fn parent_of(path: &FieldPath) -> FieldPath {
    let mut parent = path.clone();
    parent.pop();
    parent
}
