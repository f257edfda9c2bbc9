//! What a repository begins with: its settings, a first manifest, what git ignores, and the workflows of a CI system. The
//! texts are the files in `templates/`, with what the person answered in them.
//!
//! Terms: a *first file* is one that is written unless something is there already; the *source* is where workflows get
//! offerctl from.

use std::fmt;
use std::fs::symlink_metadata;
use std::path::Path;
use std::str::FromStr;

use super::placing::{PlacingError, write_new};
use super::quoting::{Place, quoted};
use crate::offer::{OfferId, OfferTypeId, PublisherId};

const SETTINGS: &str = include_str!("../../templates/offerctl.yaml");
const IGNORED: &str = include_str!("../../templates/gitignore");
const VIRTUAL_MACHINE: &str = include_str!("../../templates/offers/virtual-machine.yaml");
const CORE_VIRTUAL_MACHINE: &str = include_str!("../../templates/offers/core-virtual-machine.yaml");
const AZURE_APPLICATION: &str = include_str!("../../templates/offers/azure-application.yaml");
const OTHER: &str = include_str!("../../templates/offers/other.yaml");

/// What stands in the templates for the source until it is known: its address, its owner and name, its revision.
const UNKNOWN_ADDRESS: &str = "https://github.com/your-organization/offerctl";
const UNKNOWN_NAME: &str = "your-organization/offerctl";
const UNKNOWN_REVISION: &str = "REVISION";

/// Which CI system runs the workflows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CiSystem {
    /// GitHub Actions.
    GitHub,
    /// Azure Pipelines.
    AzurePipelines,
    /// GitLab CI.
    GitLab,
}

/// Where workflows get offerctl from: the address of a git repository, and a revision in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    address: String,
    revision: String,
}

/// A text that names no source.
#[derive(Debug, thiserror::Error)]
#[error(
    "write the https address of offerctl's git repository, `@` and a tag or commit: `https://github.com/contoso/offerctl@v0.1.0`"
)]
pub struct InvalidSource;

/// What the person answered.
#[derive(Debug, Clone)]
pub struct Beginning {
    /// The offer of the first manifest; none when manifests are imported.
    pub offer: Option<FirstOffer>,
    /// Which workflows are written.
    pub system: Option<CiSystem>,
    /// Where workflows get offerctl from; none leaves the placeholder.
    pub source: Option<Source>,
    /// The setting `state`; none leaves the default.
    pub state: Option<String>,
}

/// The offer of the first manifest.
#[derive(Debug, Clone)]
pub struct FirstOffer {
    /// Whose it is.
    pub publisher: PublisherId,
    /// Which.
    pub offer: OfferId,
    /// Its type, which decides about the keys.
    pub offer_type: OfferTypeId,
}

/// A file to be written, by its path in the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstFile {
    /// Relative, with `/`.
    pub path: String,
    /// All of it.
    pub text: String,
}

/// What became of a first file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstFileOutcome {
    /// It is there now.
    Created,
    /// Something was there, and was left as it is.
    Left,
}

impl CiSystem {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::GitHub, Self::AzurePipelines, Self::GitLab];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::GitHub => "github",
            Self::AzurePipelines => "azure-pipelines",
            Self::GitLab => "gitlab",
        }
    }

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::GitHub => "GitHub Actions",
            Self::AzurePipelines => "Azure Pipelines",
            Self::GitLab => "GitLab CI",
        }
    }

    /// Its files: where they belong, and the template.
    fn templates(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::GitHub => &[
                (".github/workflows/offers-plan.yml", include_str!("../../templates/github/offers-plan.yml")),
                (".github/workflows/offers-apply.yml", include_str!("../../templates/github/offers-apply.yml")),
                (".github/workflows/offers-resume.yml", include_str!("../../templates/github/offers-resume.yml")),
                (".github/workflows/offers-drift.yml", include_str!("../../templates/github/offers-drift.yml")),
            ],
            Self::AzurePipelines => &[
                ("azure-pipelines.yml", include_str!("../../templates/azure-pipelines/azure-pipelines.yml")),
                (
                    ".azure-pipelines/install-offerctl.yml",
                    include_str!("../../templates/azure-pipelines/install-offerctl.yml"),
                ),
            ],
            Self::GitLab => &[(".gitlab-ci.yml", include_str!("../../templates/gitlab/gitlab-ci.yml"))],
        }
    }
}

impl Source {
    /// The owner and the name of the repository, as GitHub wants an action named.
    fn name(&self) -> &str {
        let path = self.address.splitn(4, '/').nth(3).unwrap_or_default();
        path.strip_suffix(".git").unwrap_or(path)
    }

    /// The template with this source in it.
    fn fill(&self, template: &str) -> String {
        let addressed = template.replace(UNKNOWN_ADDRESS, &self.address).replace(UNKNOWN_NAME, self.name());
        addressed.replace(UNKNOWN_REVISION, &self.revision)
    }
}

impl FromStr for Source {
    type Err = InvalidSource;

    fn from_str(text: &str) -> Result<Self, InvalidSource> {
        let (address, revision) = text.rsplit_once('@').ok_or(InvalidSource)?;
        let address = address.trim_end_matches('/');
        let place = address.strip_prefix("https://").ok_or(InvalidSource)?;
        // Nothing that a shell or YAML would take for its own.
        let is_fine = |text: &str| {
            let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
            !text.is_empty() && text.bytes().all(is_word) && !text.starts_with('-') && !text.contains("..")
        };
        let has_path = place.split('/').count() >= 3 && place.split('/').all(|part| !part.is_empty());
        if has_path && is_fine(place) && is_fine(revision) {
            Ok(Self { address: address.to_owned(), revision: revision.to_owned() })
        } else {
            Err(InvalidSource)
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}@{}", self.address, self.revision)
    }
}

/// The files that a repository begins with, in the order in which people read them.
pub fn first_files(beginning: &Beginning) -> Vec<FirstFile> {
    let file = |path: &str, text: String| FirstFile { path: path.to_owned(), text };
    let mut files = vec![file("offerctl.yaml", settings(beginning.state.as_deref()))];
    if let Some(first) = &beginning.offer {
        files.push(file(&format!("offers/{}/offer.yaml", first.offer), manifest(first)));
    }
    files.push(file(".gitignore", IGNORED.to_owned()));
    for (path, template) in beginning.system.map_or(&[][..], CiSystem::templates) {
        let text = beginning.source.as_ref().map_or_else(|| (*template).to_owned(), |source| source.fill(template));
        files.push(file(path, text));
    }
    files
}

/// Writes those of the files where nothing is yet, each as a whole, into a folder, which is made if need be.
pub fn place_first(files: &[FirstFile], folder: &Path) -> Result<Vec<FirstFileOutcome>, PlacingError> {
    let place = |file: &FirstFile| {
        let path = folder.join(&file.path);
        // A link that leads nowhere is there too.
        if symlink_metadata(&path).is_ok() {
            return Ok(FirstFileOutcome::Left);
        }
        match write_new(&path, &file.text) {
            Ok(()) => Ok(FirstFileOutcome::Created),
            Err(PlacingError::Taken(_)) => Ok(FirstFileOutcome::Left),
            Err(error) => Err(error),
        }
    };
    files.iter().map(place).collect()
}

fn settings(state: Option<&str>) -> String {
    let line = match state {
        Some(state) => format!("state: {}", quoted(state, Place::Block)),
        None => "# state: .offerctl/state".to_owned(),
    };
    SETTINGS.replace("@STATE@", &line)
}

fn manifest(first: &FirstOffer) -> String {
    let template = match first.offer_type.as_str() {
        "microsoft-azure-virtualmachines" => VIRTUAL_MACHINE,
        "microsoft-azure-corevm" => CORE_VIRTUAL_MACHINE,
        "microsoft-azure-applications" => AZURE_APPLICATION,
        _ => OTHER,
    };
    let written = |text: &str| quoted(text, Place::Block);
    template
        .replace("@PUBLISHER@", &written(first.publisher.as_str()))
        .replace("@OFFER_TYPE@", &written(first.offer_type.as_str()))
        .replace("@OFFER@", &written(first.offer.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beginning(offer_type: &str, system: Option<CiSystem>, source: Option<&str>) -> Vec<FirstFile> {
        let offer = FirstOffer {
            publisher: PublisherId::new("0123").unwrap(),
            offer: OfferId::new("true").unwrap(),
            offer_type: OfferTypeId::new(offer_type).unwrap(),
        };
        let source = source.map(|text| text.parse().unwrap());
        first_files(&Beginning { offer: Some(offer), system, source, state: Some("git:offerctl-state".to_owned()) })
    }

    #[test]
    fn names_that_yaml_would_take_for_something_else_are_quoted() {
        let files = beginning("microsoft-azure-corevm", None, None);
        let manifest = &files[1];
        assert_eq!(manifest.path, "offers/true/offer.yaml");
        assert!(manifest.text.contains("\npublisherId: \"0123\"\n"), "{}", manifest.text);
        assert!(manifest.text.contains("\nid: \"true\"\n"), "{}", manifest.text);
        assert!(files[0].text.contains("\nstate: git:offerctl-state\n"), "{}", files[0].text);
    }

    #[test]
    fn no_placeholder_is_left_but_the_source() {
        for offer_type in ["microsoft-azure-virtualmachines", "microsoft-azure-applications", "saas"] {
            for system in CiSystem::ALL {
                for file in beginning(offer_type, Some(system), None) {
                    for name in ["@PUBLISHER@", "@OFFER@", "@OFFER_TYPE@", "@STATE@"] {
                        assert!(!file.text.contains(name), "{name} in {}", file.path);
                    }
                }
            }
        }
    }

    #[test]
    fn the_source_is_filled_in_wherever_offerctl_comes_from() {
        for system in CiSystem::ALL {
            let told = beginning("saas", Some(system), Some("https://github.com/contoso/offerctl.git@v0.1.0"));
            let text: String = told.iter().map(|file| file.text.as_str()).collect();
            assert!(!text.contains("your-organization") && !text.contains(UNKNOWN_REVISION), "{text}");
            let wanted =
                if system == CiSystem::GitHub { "uses: contoso/offerctl@v0.1.0\n" } else { "contoso/offerctl.git" };
            assert!(text.contains(wanted) && text.contains("v0.1.0"), "{text}");
        }
    }

    #[test]
    fn a_source_is_an_address_and_a_revision() {
        let source: Source = "https://git.contoso.com/tools/offerctl@5f0c9d6b".parse().unwrap();
        assert_eq!(source.to_string(), "https://git.contoso.com/tools/offerctl@5f0c9d6b");
        for text in [
            "https://github.com/contoso/offerctl",
            "github.com/contoso/offerctl@v1",
            "https://github.com@v1",
            "https://github.com/contoso/offerctl@",
            "https://github.com/contoso/offerctl@-f",
            "https://github.com/contoso/offer ctl@v1",
            "https://github.com/contoso/$(x)@v1",
            "https://user:word@github.com/contoso/offerctl@v1",
        ] {
            assert!(text.parse::<Source>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_there_is_left() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("offerctl.yaml"), "# mine\n").unwrap();
        let files = beginning("saas", None, None);
        assert_eq!(
            place_first(&files, folder.path()).unwrap(),
            [FirstFileOutcome::Left, FirstFileOutcome::Created, FirstFileOutcome::Created]
        );
        assert_eq!(place_first(&files, folder.path()).unwrap(), [FirstFileOutcome::Left; 3]);
        assert_eq!(std::fs::read_to_string(folder.path().join("offerctl.yaml")).unwrap(), "# mine\n");
    }
}
