//! Where findings are annotated: the flag, and what it means where the program runs.

use std::str::FromStr;

use crate::config::environment as variable;
use crate::render::Runner;

/// Whose runner shows findings on the lines that they are about, as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Annotations {
    /// That of the CI system around us, if there is one that we know.
    #[default]
    Auto,
    /// This one, wherever we are.
    For(Runner),
    /// Nobody's.
    None,
}

/// A word that names no runner.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("annotations are for auto, github, azure-pipelines or none")]
pub struct UnknownRunner;

impl FromStr for Annotations {
    type Err = UnknownRunner;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            // CI systems set variables to nothing, and that counts as not set.
            "" | "auto" => Ok(Self::Auto),
            "github" => Ok(Self::For(Runner::GitHub)),
            "azure-pipelines" => Ok(Self::For(Runner::AzurePipelines)),
            "none" => Ok(Self::None),
            _ => Err(UnknownRunner),
        }
    }
}

impl Annotations {
    /// Whose runner reads what is written, told from the environment when nobody says it.
    pub fn runner(self, environment: impl Fn(&str) -> Option<String>) -> Option<Runner> {
        let says = |name: &str| environment(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        match self {
            Self::For(runner) => Some(runner),
            Self::Auto if says(variable::GITHUB_ACTIONS) => Some(Runner::GitHub),
            Self::Auto if says(variable::AZURE_BUILD) => Some(Runner::AzurePipelines),
            Self::Auto | Self::None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_decides_when_nobody_else_does() {
        let in_ci = |variable: &'static str, value: &'static str| {
            move |name: &str| (name == variable).then(|| value.to_owned())
        };
        let nowhere = |_: &str| None;
        assert_eq!(Annotations::Auto.runner(in_ci("GITHUB_ACTIONS", "true")), Some(Runner::GitHub));
        assert_eq!(Annotations::Auto.runner(in_ci("TF_BUILD", "True")), Some(Runner::AzurePipelines));
        assert_eq!(Annotations::Auto.runner(in_ci("GITHUB_ACTIONS", "")), None);
        assert_eq!(Annotations::Auto.runner(nowhere), None);
        assert_eq!(Annotations::None.runner(in_ci("GITHUB_ACTIONS", "true")), None);
        assert_eq!("github".parse::<Annotations>().unwrap().runner(nowhere), Some(Runner::GitHub));
        assert_eq!("".parse(), Ok(Annotations::Auto));
        assert_eq!("gitlab".parse::<Annotations>(), Err(UnknownRunner));
    }
}
