//! Which files of a repository are manifests: the `offers` globs, minus what git ignores.

use std::collections::BTreeSet;
use std::path::Path;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use ignore::WalkBuilder;

use super::source::{InvalidRepositoryPath, RepositoryPath};

/// Folders that never hold manifests.
const SKIPPED: [&str; 3] = [".git", ".offerctl", "target"];

/// Why the manifests could not be found.
#[derive(Debug, thiserror::Error)]
pub enum Undiscoverable {
    /// A glob that is none.
    #[error("`{glob}` is not a glob: {reason}; write for example `offers/**/offer.yaml`")]
    Glob {
        /// What was written.
        glob: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file that was named is not there.
    #[error("there is no manifest `{0}`; check the path, which is relative to the root of the repository")]
    Missing(RepositoryPath),
    /// A path that leads nowhere in the repository.
    #[error(transparent)]
    Path(#[from] InvalidRepositoryPath),
    /// A file whose name cannot be written in a manifest or a report.
    #[error("the name of `{0}` is not UTF-8; rename the file")]
    Name(String),
    /// The operating system refused.
    #[error("the repository cannot be searched: {0}")]
    Walk(#[from] ignore::Error),
}

/// The manifests that the globs match, sorted and without repetition.
///
/// A glob that names one file takes it as it is; the others find `.yaml` and `.yml` files that git does not ignore.
/// A folder stands for everything below it. A glob that begins with `!` takes away.
pub fn discover(root: &Path, globs: &[String]) -> Result<Vec<RepositoryPath>, Undiscoverable> {
    let mut found = BTreeSet::new();
    let mut wanted = GlobSetBuilder::new();
    let mut unwanted = GlobSetBuilder::new();
    let mut walk = false;
    for glob in globs {
        if let Some(glob) = glob.strip_prefix('!') {
            add(&mut unwanted, glob)?;
        } else if glob.contains(['*', '?', '[', '{']) {
            add(&mut wanted, glob.strip_prefix("./").unwrap_or(glob))?;
            walk = true;
        } else {
            let path = RepositoryPath::new(glob)?;
            let full = root.join(path.as_str());
            if full.is_dir() {
                add(&mut wanted, &format!("{}/**", globset::escape(path.as_str())))?;
                walk = true;
            } else if full.exists() {
                found.insert(path);
            } else {
                return Err(Undiscoverable::Missing(path));
            }
        }
    }
    if walk {
        search(root, &built(&wanted)?, &built(&unwanted)?, &mut found)?;
    }
    Ok(found.into_iter().collect())
}

/// Whether the globs would find a file, were it there.
pub fn finds(globs: &[String], path: &RepositoryPath) -> Result<bool, Undiscoverable> {
    let mut wanted = GlobSetBuilder::new();
    let mut unwanted = GlobSetBuilder::new();
    for glob in globs {
        let (set, glob) = match glob.strip_prefix('!') {
            Some(glob) => (&mut unwanted, glob),
            None => (&mut wanted, glob.strip_prefix("./").unwrap_or(glob)),
        };
        add(set, glob)?;
        // A folder stands for everything below it.
        add(set, &format!("{}/**/*.{{yaml,yml}}", glob.trim_end_matches('/')))?;
    }
    Ok(built(&wanted)?.is_match(path.as_str()) && !built(&unwanted)?.is_match(path.as_str()))
}

fn add(set: &mut GlobSetBuilder, glob: &str) -> Result<(), Undiscoverable> {
    let built = GlobBuilder::new(glob).literal_separator(true).build().map_err(|error| refused(&error, glob))?;
    set.add(built);
    Ok(())
}

fn built(set: &GlobSetBuilder) -> Result<GlobSet, Undiscoverable> {
    set.build().map_err(|error| refused(&error, error.glob().unwrap_or_default()))
}

fn refused(error: &globset::Error, glob: &str) -> Undiscoverable {
    Undiscoverable::Glob { glob: glob.to_owned(), reason: error.kind().to_string() }
}

fn search(
    root: &Path,
    wanted: &GlobSet,
    unwanted: &GlobSet,
    found: &mut BTreeSet<RepositoryPath>,
) -> Result<(), Undiscoverable> {
    let walk = WalkBuilder::new(root)
        .hidden(false)
        .require_git(false)
        .follow_links(false)
        .filter_entry(|entry| entry.depth() == 0 || !SKIPPED.iter().any(|skipped| entry.file_name() == *skipped))
        .build();
    for entry in walk {
        let entry = entry?;
        let path = entry.path();
        let is_yaml = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
        let is_folder = entry.file_type().is_none_or(|kind| kind.is_dir());
        let Ok(relative) = path.strip_prefix(root) else { continue };
        if is_folder || !is_yaml || !wanted.is_match(relative) || unwanted.is_match(relative) {
            continue;
        }
        let parts: Option<Vec<&str>> = relative.iter().map(|part| part.to_str()).collect();
        let parts = parts.ok_or_else(|| Undiscoverable::Name(relative.display().to_string()))?;
        found.insert(RepositoryPath::new(&parts.join("/"))?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn repository(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        folder
    }

    fn found(root: &Path, globs: &[&str]) -> String {
        let globs: Vec<String> = globs.iter().map(|&glob| glob.to_owned()).collect();
        match discover(root, &globs) {
            Ok(paths) => paths.iter().map(RepositoryPath::as_str).collect::<Vec<_>>().join(" "),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn globs_find_yaml_files_that_git_does_not_ignore() {
        let folder = repository(&[
            "offers/b/offer.yaml",
            "offers/a/offer.yml",
            "offers/a/listing.html",
            "offers/shared/support.yaml",
            "offers/old/offer.yaml",
            ".offerctl/offers/x.yaml",
            "target/offers/x.yaml",
            "top.yaml",
        ]);
        fs::write(folder.path().join(".gitignore"), "old/\n").unwrap();
        let root = folder.path();
        assert_eq!(
            found(root, &["**/*"]),
            "offers/a/offer.yml offers/b/offer.yaml offers/shared/support.yaml top.yaml"
        );
        assert_eq!(found(root, &["offers/*.yaml"]), "");
        assert_eq!(found(root, &["offers", "!offers/shared/**"]), "offers/a/offer.yml offers/b/offer.yaml");
        let finds = |glob: &str, path: &str| finds(&[glob.to_owned()], &RepositoryPath::new(path).unwrap()).unwrap();
        assert!(finds("offers", "offers/gone/offer.yaml") && finds("./offers/*/offer.yaml", "offers/gone/offer.yaml"));
        assert!(finds("gone.yaml", "gone.yaml") && !finds("offers/*.yaml", "offers/gone/offer.yaml"));
        assert!(!finds("offers", "offers/gone/listing.html") && !finds("!offers", "offers/gone/offer.yaml"));
        assert_eq!(
            found(root, &["./offers/**/offer.y*ml", "top.yaml"]),
            "offers/a/offer.yml offers/b/offer.yaml top.yaml"
        );
    }

    #[test]
    fn a_file_that_is_named_is_taken_as_it_is() {
        let folder = repository(&["old/offer.json"]);
        fs::write(folder.path().join(".gitignore"), "old/\n").unwrap();
        assert_eq!(found(folder.path(), &["old/offer.json"]), "old/offer.json");
        insta::assert_snapshot!(found(folder.path(), &["none.yaml"]), @"there is no manifest `none.yaml`; check the path, which is relative to the root of the repository");
        insta::assert_snapshot!(found(folder.path(), &["offers/[.yaml"]), @"`offers/[.yaml` is not a glob: unclosed character class; missing ']'; write for example `offers/**/offer.yaml`");
        insta::assert_snapshot!(found(folder.path(), &["../offers.yaml"]), @"`../offers.yaml` leads out of the repository; move the file into it");
    }
}
