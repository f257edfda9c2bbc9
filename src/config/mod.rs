//! Settings: `offerctl.yaml`, the environment and flags, resolved once; a flag beats a variable, a variable beats the
//! file, the file beats the default.
//!
//! This room reads no manifest and speaks to nobody. The environment's values come in through [`Given`].

pub mod environment;
mod file;
mod root;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use file::{SettingsFile, read_settings_file};
pub use root::{SETTINGS_FILE, find_root, place_in_git};

use crate::credential::{CredentialChoice, UnknownCredential};
use crate::execute::{DEFAULT_WAIT, Pace};
use crate::offer::GuardSettings;
use crate::portal::{Endpoint, InvalidEndpoint};
use crate::state::{InvalidBranch, StatePlace};

/// Which service a command talks to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Service {
    /// The one at this address.
    At(Endpoint),
    /// The embedded emulator, its data under `.offerctl/emulator`.
    Embedded,
}

/// What flags and variables say; a flag has already beaten its variable.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// `--emulator`.
    pub emulator: bool,
    /// `--endpoint`.
    pub endpoint_flag: Option<String>,
    /// `OFFERCTL_ENDPOINT`.
    pub endpoint_variable: Option<String>,
    /// `--auth`, `OFFERCTL_AUTH`.
    pub auth: Option<String>,
    /// `--parallelism`, `OFFERCTL_PARALLELISM`.
    pub parallelism: Option<String>,
    /// `--wait`, `OFFERCTL_WAIT`.
    pub wait: Option<String>,
    /// `--poll-interval`, `OFFERCTL_POLL_INTERVAL`.
    pub poll_interval: Option<String>,
    /// `--state`, `OFFERCTL_STATE`.
    pub state: Option<PathBuf>,
}

/// Everything that a command needs to know, decided.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The root of the repository, which paths are relative to and composition cannot leave.
    pub root: PathBuf,
    /// The globs that find manifests, relative to the root.
    pub offers: Vec<String>,
    /// Where the service is.
    pub service: Service,
    /// Which credential obtains tokens for it; the embedded emulator needs none.
    pub auth: CredentialChoice,
    /// How many offers are worked on side by side, and how many questions the service is asked at once.
    pub parallelism: usize,
    /// How long one offer is waited for.
    pub wait: Duration,
    /// How often the service is asked meanwhile.
    pub pace: Pace,
    /// Where the records are.
    pub state: StatePlace,
    /// Which guards let things pass, and from which value on the others block.
    pub guards: GuardSettings,
}

/// A setting with a value that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InvalidSetting {
    /// The endpoint.
    #[error(transparent)]
    Endpoint(#[from] InvalidEndpoint),
    /// The credential.
    #[error(transparent)]
    Auth(#[from] UnknownCredential),
    /// A host that only the file names: whoever may edit the file must not decide where the token goes.
    #[error(
        "`offerctl.yaml` names the endpoint {0}, which is not the service's own; the token would go there. If that is meant, \
         say so with `--endpoint` or OFFERCTL_ENDPOINT"
    )]
    EndpointOfFile(String),
    /// A duration.
    #[error(
        "`{value}` is not a duration for `--{flag}`, or its variable; write for example `30m`, `2h`, `50ms` or `0`"
    )]
    Duration {
        /// Which setting, as its flag.
        flag: &'static str,
        /// What was given.
        value: String,
    },
    /// A number.
    #[error("`{0}` is not {PARALLELISM}, for `--parallelism` or its variable")]
    Parallelism(String),
    /// Two that exclude each other.
    #[error("`--emulator` and `--endpoint` exclude each other; leave one away")]
    EmulatorWithEndpoint,
    /// A branch for the records.
    #[error(transparent)]
    State(#[from] InvalidBranch),
}

/// Where manifests are looked for when nothing says otherwise.
const DEFAULT_OFFERS: [&str; 2] = ["offers/**/*.yaml", "offers/**/*.yml"];
const DEFAULT_PARALLELISM: usize = 10;
const MOST_PARALLELISM: usize = 256;
/// What a parallelism is, for people.
const PARALLELISM: &str = "a whole number from 1 to 256";
/// Nothing is waited for longer than a year.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// How often the embedded emulator is asked: its submissions take seconds.
const EMBEDDED_POLL_INTERVAL: Duration = Duration::from_millis(100);

impl Settings {
    /// Decides every setting.
    pub fn resolve(root: &Path, given: &Given, file: &SettingsFile) -> Result<Self, InvalidSetting> {
        let service = service(given, file)?;
        let state = state(root, given, file, &service)?;
        let wrong = |flag, value: &str| InvalidSetting::Duration { flag, value: value.to_owned() };
        let pace = match present(given.poll_interval.as_ref()) {
            Some(text) => {
                let interval = duration(text).ok_or_else(|| wrong("poll-interval", text))?;
                Pace::Fixed(interval.max(Duration::from_millis(1)))
            }
            None if service == Service::Embedded => Pace::Fixed(EMBEDDED_POLL_INTERVAL),
            None => Pace::Adaptive,
        };
        let wait = present(given.wait.as_ref()).or(file.wait.as_ref());
        let parallelism = present(given.parallelism.as_ref()).or(file.parallelism.as_ref());
        Ok(Self {
            root: root.to_owned(),
            offers: file.offers.clone().unwrap_or_else(|| DEFAULT_OFFERS.map(str::to_owned).to_vec()),
            parallelism: parallelism.map_or(Ok(DEFAULT_PARALLELISM), |text| {
                whole_number(text).ok_or_else(|| InvalidSetting::Parallelism(text.clone()))
            })?,
            wait: wait.map_or(Ok(DEFAULT_WAIT), |text| duration(text).ok_or_else(|| wrong("wait", text)))?,
            pace,
            auth: present(given.auth.as_ref()).map_or(Ok(CredentialChoice::Auto), |text| text.parse())?,
            service,
            state,
            guards: file.guards.clone(),
        })
    }

    /// The folder of offerctl's own files, which git need not see.
    pub fn own_folder(&self) -> PathBuf {
        own_folder(&self.root)
    }

    /// Where the embedded emulator keeps its offers.
    pub fn emulator_data(&self) -> PathBuf {
        self.own_folder().join("emulator/data")
    }
}

impl fmt::Display for Service {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(endpoint) => write!(formatter, "{endpoint}"),
            Self::Embedded => formatter.write_str("the embedded emulator"),
        }
    }
}

fn own_folder(root: &Path) -> PathBuf {
    root.join(".offerctl")
}

/// Where the records are. What is tried out on the emulator must never be taken for what was applied to the service, nor
/// reach the branch that others share.
fn state(root: &Path, given: &Given, file: &SettingsFile, service: &Service) -> Result<StatePlace, InvalidBranch> {
    let tried_out = StatePlace::Folder(own_folder(root).join("emulator/state"));
    if let Some(given) = &given.state {
        return StatePlace::parse(given, None);
    }
    let of_file = file.state.as_ref().map(|file| StatePlace::parse(file, Some(root))).transpose()?;
    Ok(match of_file {
        Some(StatePlace::Branch(_)) | None if *service == Service::Embedded => tried_out,
        Some(place) => place,
        None => StatePlace::Folder(own_folder(root).join("state")),
    })
}

fn service(given: &Given, file: &SettingsFile) -> Result<Service, InvalidSetting> {
    let flag = present(given.endpoint_flag.as_ref());
    if given.emulator {
        return if flag.is_some() { Err(InvalidSetting::EmulatorWithEndpoint) } else { Ok(Service::Embedded) };
    }
    if let Some(text) = flag.or(present(given.endpoint_variable.as_ref())) {
        return Ok(Service::At(Endpoint::parse(text)?));
    }
    let Some(text) = &file.endpoint else { return Ok(Service::At(Endpoint::default())) };
    let endpoint = Endpoint::parse(text)?;
    if endpoint.is_loopback() || endpoint.is_published() {
        Ok(Service::At(endpoint))
    } else {
        Err(InvalidSetting::EndpointOfFile(endpoint.to_string()))
    }
}

/// An empty variable counts as one that is not set: CI systems set what they do not have.
fn present(text: Option<&String>) -> Option<&String> {
    text.filter(|text| !text.trim().is_empty())
}

fn duration(text: &str) -> Option<Duration> {
    if text.trim() == "0" {
        return Some(Duration::ZERO);
    }
    humantime::parse_duration(text.trim()).ok().filter(|duration| *duration <= LONGEST)
}

fn whole_number(text: &str) -> Option<usize> {
    text.trim().parse().ok().filter(|number| (1..=MOST_PARALLELISM).contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(given: &Given, file: &SettingsFile) -> Result<Settings, String> {
        Settings::resolve(Path::new("/repository"), given, file).map_err(|error| error.to_string())
    }

    #[test]
    fn a_flag_or_variable_beats_the_file_and_the_file_beats_the_default() {
        let file = SettingsFile { wait: Some("1h".into()), parallelism: Some("3".into()), ..SettingsFile::default() };
        let given = Given { wait: Some("0".into()), ..Given::default() };
        let settings = resolve(&given, &file).unwrap();
        assert_eq!((settings.wait, settings.parallelism), (Duration::ZERO, 3));
        assert_eq!(settings.service.to_string(), "https://cloudpartner.azure.com");
        assert_eq!(settings.pace, Pace::Adaptive);
    }

    #[test]
    fn the_emulator_keeps_records_of_its_own() {
        let settings = resolve(&Given { emulator: true, ..Given::default() }, &SettingsFile::default()).unwrap();
        let own = StatePlace::Folder("/repository/.offerctl/emulator/state".into());
        assert_eq!(settings.state, own);
        let shared = SettingsFile { state: Some("git:offerctl-state".into()), ..SettingsFile::default() };
        assert_eq!(resolve(&Given { emulator: true, ..Given::default() }, &shared).unwrap().state, own);
        assert_ne!(resolve(&Given::default(), &shared).unwrap().state, own);
    }

    #[test]
    fn the_emulator_flag_beats_a_variable_with_an_endpoint() {
        let variable = Some("https://elsewhere.example".to_owned());
        let given = Given { emulator: true, endpoint_variable: variable, ..Given::default() };
        assert_eq!(resolve(&given, &SettingsFile::default()).unwrap().service, Service::Embedded);
    }

    #[test]
    fn a_file_alone_does_not_send_the_token_to_anybody_else() {
        let file = |endpoint: &str| SettingsFile { endpoint: Some(endpoint.into()), ..SettingsFile::default() };
        for fine in ["https://cloudpartner.azure.com", "http://127.0.0.1:8080"] {
            assert!(resolve(&Given::default(), &file(fine)).is_ok(), "{fine}");
        }
        for wrong in
            ["https://evil.example", "https://mine.cloudapp.azure.com", "https://cloudpartner.azure.com.evil.example"]
        {
            assert!(resolve(&Given::default(), &file(wrong)).unwrap_err().contains("not the service's own"), "{wrong}");
            let given = Given { endpoint_variable: Some(wrong.into()), ..Given::default() };
            assert!(resolve(&given, &file(wrong)).is_ok(), "{wrong}");
        }
    }

    #[test]
    fn what_cannot_be_used_is_refused_with_an_example() {
        let wrong = |given: Given| resolve(&given, &SettingsFile::default()).unwrap_err();
        insta::assert_snapshot!(
            wrong(Given { wait: Some("soon".into()), ..Given::default() }),
            @"`soon` is not a duration for `--wait`, or its variable; write for example `30m`, `2h`, `50ms` or `0`"
        );
        insta::assert_snapshot!(
            wrong(Given { parallelism: Some("0".into()), ..Given::default() }),
            @"`0` is not a whole number from 1 to 256, for `--parallelism` or its variable"
        );
        assert!(wrong(Given { state: Some("git:a..b".into()), ..Given::default() }).contains("names no git branch"));
        let both = Given { emulator: true, endpoint_flag: Some("http://127.0.0.1:1".into()), ..Given::default() };
        assert!(wrong(both).contains("exclude each other"));
        let auth = wrong(Given { auth: Some("msi".into()), ..Given::default() });
        assert!(auth.contains("`msi` is not a credential") && auth.contains("managed"), "{auth}");
        let empty = Given { endpoint_variable: Some(String::new()), auth: Some(String::new()), ..Given::default() };
        assert!(resolve(&empty, &SettingsFile::default()).is_ok());
    }
}
