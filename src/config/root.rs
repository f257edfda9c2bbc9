//! Finding the root of the repository: where `offerctl.yaml` stands.

use std::path::{Path, PathBuf};

/// The name of the file with the settings.
pub const SETTINGS_FILE: &str = "offerctl.yaml";

/// The nearest folder with `offerctl.yaml`, from the first of the given places upward, then from the next; else the
/// nearest git repository around the first place; else the first place itself.
///
/// The first place is where the person is, the others are what they named: `offerctl plan examples/offers` works from
/// outside of `examples`.
pub fn find_root<'path>(places: impl IntoIterator<Item = &'path Path> + Clone) -> Option<PathBuf> {
    let upward = |place: &Path, name: &str| {
        let full = std::fs::canonicalize(place).ok()?;
        full.ancestors().find(|folder| folder.join(name).exists()).map(Path::to_owned)
    };
    let with_settings = places.clone().into_iter().find_map(|place| upward(place, SETTINGS_FILE));
    with_settings.or_else(|| {
        let first = places.into_iter().next()?;
        upward(first, ".git").or_else(|| std::fs::canonicalize(first).ok())
    })
}

/// The folder within the git repository around it, with `/` between and at the beginning; `/` alone for the top, and where
/// there is no repository.
pub fn place_in_git(folder: &Path) -> String {
    let top = folder.ancestors().find(|folder| folder.join(".git").exists());
    let below = top.and_then(|top| folder.strip_prefix(top).ok()).unwrap_or(Path::new(""));
    let names: Vec<_> = below.components().map(|name| name.as_os_str().to_string_lossy()).collect();
    format!("/{}", names.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_file_marks_the_root() {
        let folder = tempfile::tempdir().unwrap();
        let base = std::fs::canonicalize(folder.path()).unwrap();
        std::fs::create_dir_all(base.join("examples/offers/vm")).unwrap();
        std::fs::create_dir(base.join(".git")).unwrap();
        let inner = base.join("examples/offers/vm");
        assert_eq!(find_root([inner.as_path()]), Some(base.clone()));
        std::fs::write(base.join("examples").join(SETTINGS_FILE), "").unwrap();
        assert_eq!(find_root([base.as_path()]), Some(base.clone()));
        assert_eq!(find_root([base.as_path(), inner.as_path()]), Some(base.join("examples")));
        assert_eq!(place_in_git(&inner), "/examples/offers/vm");
        assert_eq!(place_in_git(&base), "/");
        assert_eq!(place_in_git(Path::new("/nowhere/at/all")), "/");
    }
}
