//! Which offer a manifest describes and which files it is made of, whether or not it is valid: for whoever has to choose
//! among manifests before any of them counts.

use super::compose::Composer;
use super::node::Node;
use super::source::{Repository, RepositoryPath};
use crate::offer::OfferKey;

/// A manifest from afar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// The offer, as far as the manifest says.
    pub key: Option<OfferKey>,
    /// The manifest itself and every file that it takes in, there or not.
    pub files: Vec<RepositoryPath>,
}

/// Looks at a manifest; what is wrong with it is for [`load`](super::load) to report.
pub fn outline(
    mut repository: Repository,
    manifest: &RepositoryPath,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Outline {
    let mut ignored = Vec::new();
    let tree = Composer::new(&mut repository, environment, &mut ignored).manifest(manifest).tree;
    Outline { key: tree.as_ref().and_then(key), files: repository.named().cloned().collect() }
}

fn key(tree: &Node) -> Option<OfferKey> {
    let text = |key: &str| tree.get(key)?.value.as_text();
    OfferKey::parse(&format!("{}/{}", text("publisherId")?, text("id")?)).ok()
}
