//! What a command works with once its settings are decided: the repository, the service, the records.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::arguments::{Global, WaitOptions};
use super::event_file::EventFile;
use super::interrupt::Interruption;
use super::offers::is_about;
use super::printer::Printer;
use super::step_summary::summarize_error;
use super::tracing_back::Tracer;
use super::{CommandError, Exit, secrets};
use crate::config::{Given, Service, Settings, environment, find_root, place_in_git, read_settings_file};
use crate::credential::{Selection, Surroundings, select};
use crate::emulator::{Emulator, Options, Storage};
use crate::execute::AtHand;
use crate::findings::{Finding, of_diagnostic};
use crate::manifest::{Diagnostic, Repository, Styled, render};
use crate::offer::OfferKey;
use crate::portal::{ClientOptions, Endpoint, ReadyToken, TokenSource, WritingClient};
use crate::render::CommentId;
use crate::state::{Fingerprinter, State};

/// A command's surroundings.
#[derive(Debug, Clone)]
pub(super) struct Session {
    pub(super) settings: Settings,
    pub(super) printer: Printer,
    /// The flags that a later command has to repeat to meet the same service and the same records.
    flags: Vec<String>,
    /// Where what happens is told to programs.
    pub(super) events: Arc<EventFile>,
    pub(super) interruption: Interruption,
    /// What makes and compares fingerprints of secrets.
    pub(super) fingerprinter: Arc<Fingerprinter>,
    /// Whether it is known which secrets the repository names.
    surroundings: Arc<OnceLock<()>>,
}

/// The service, ready to be talked to, and the emulator if it is that.
pub(super) struct Connection {
    pub(super) client: WritingClient,
    pub(super) state: State,
    /// What finds the fields that the service complains about.
    pub(super) tracer: Arc<Tracer>,
    /// How tokens are obtained; the embedded emulator needs none.
    pub(super) credential: Option<Selection>,
    emulator: Option<Emulator>,
}

impl Session {
    /// Decides the settings, from what is named on the command line down to the defaults.
    pub(super) fn open(
        global: &Global,
        named: &[String],
        waiting: WaitOptions,
        printer: Printer,
    ) -> Result<Self, CommandError> {
        enter(global.directory.as_deref())?;
        let places = std::iter::once(Path::new(".")).chain(named.iter().map(Path::new).filter(|path| path.exists()));
        let root = find_root(places.collect::<Vec<_>>())
            .ok_or_else(|| CommandError::other("the working directory cannot be read"))?;
        let mut repository = Repository::open(&root)
            .map_err(|error| CommandError::other(format!("`{}` cannot be read: {error}", root.display())))?;
        let file = read_settings_file(&mut repository).map_err(|diagnostics| {
            show_diagnostics(&diagnostics, &repository, printer);
            let place = place_in_git(&root);
            printer.found(diagnostics.iter().map(|found| of_diagnostic(found, &repository).below(&place)));
            CommandError::bad_input("the settings in `offerctl.yaml` cannot be used")
        })?;
        let given = Given {
            emulator: global.emulator,
            endpoint_flag: global.endpoint.clone(),
            endpoint_variable: std::env::var(environment::ENDPOINT).ok(),
            auth: global.auth.clone(),
            parallelism: global.parallelism.clone(),
            wait: waiting.wait,
            poll_interval: waiting.poll_interval,
            state: global.state.clone().filter(|path| !path.as_os_str().is_empty()),
        };
        let settings = Settings::resolve(&root, &given, &file)?;
        let run = format!("{:016x}", fastrand::u64(..));
        let now = || jiff::Timestamp::now().to_string();
        let events = Arc::new(EventFile::open(waiting.events.as_deref(), run, now, printer)?);
        let interruption = Interruption::new();
        let fingerprinter = Arc::new(secrets::fingerprinter()?);
        let flags = flags_to_repeat(global);
        printer.repeat(typed(&flags));
        Ok(Self { settings, printer, flags, events, interruption, fingerprinter, surroundings: Arc::default() })
    }

    /// What plans depend on besides manifests, records and the service.
    pub(super) fn at_hand(&self) -> AtHand {
        AtHand {
            now: jiff::Timestamp::now(),
            environment: secrets::secret,
            fingerprinter: Arc::clone(&self.fingerprinter),
        }
    }

    /// The exact command that goes on with what is left of the plans of offers.
    pub(super) fn resume_command(&self, keys: &[&OfferKey]) -> String {
        self.command_line("resume", keys)
    }

    /// The exact command that does something with offers where this session does.
    pub(super) fn command_line(&self, command: &str, keys: &[&OfferKey]) -> String {
        self.command_line_on(command, keys.iter().map(ToString::to_string))
    }

    /// The same for a command about something else.
    pub(super) fn command_line_on(&self, command: &str, objects: impl IntoIterator<Item = String>) -> String {
        let words = ["offerctl".to_owned(), command.to_owned()].into_iter().chain(self.flags.iter().cloned());
        typed(&words.chain(objects).collect::<Vec<_>>())
    }

    /// Lets a command that acts run, told in the file of `--events` from its beginning to its end, also when it is
    /// interrupted.
    pub(super) async fn following(
        &self,
        command: &'static str,
        run: impl Future<Output = Result<Exit, CommandError>>,
    ) -> Result<Exit, CommandError> {
        let printer = self.printer;
        let goes_on = if command == "cancel" { "cancel" } else { "resume" };
        self.interruption.listen(move |text| printer.warning(text), self.command_line(goes_on, &[]));
        self.events.run_started(command, self.settings.service.to_string());
        let outcome = run.await;
        self.events.run_ended(&outcome);
        if let Err(error) = &outcome {
            summarize_error(self.printer, command, error);
        }
        outcome
    }

    /// Does what writes nothing, and drops it as soon as the person wants to stop: nothing is lost by that.
    pub(super) async fn looking<T>(
        &self,
        look: impl Future<Output = Result<T, CommandError>>,
    ) -> Result<T, CommandError> {
        tokio::select! {
            found = look => found,
            () = self.interruption.wanted() => Err(CommandError::interrupted("interrupted before anything was written")),
        }
    }

    /// The error of an interrupted run, with the command that goes on with what earlier runs left of the offers that are
    /// named. Any other error as it is.
    pub(super) fn with_unfinished(&self, error: CommandError, state: &State, named: &[String]) -> CommandError {
        if error.exit() != Exit::Interrupted {
            return error;
        }
        let mut keys = state.recorded().unwrap_or_default();
        let is_left = |key: &OfferKey| {
            let rest = state.load(key).record.and_then(|record| record.rest);
            // One that was stopped cannot be gone on with.
            rest.is_some_and(|rest| rest.stopped.is_none())
        };
        keys.retain(|key| is_about(named, key) && is_left(key));
        if keys.is_empty() {
            return error;
        }
        let go_on = self.resume_command(&keys.iter().collect::<Vec<_>>());
        error.hint(format!("an earlier run left something to do; go on with: {go_on}"))
    }

    /// The name of the comment on a pull request that is about this repository's offers.
    pub(super) fn comment_id(&self) -> CommentId {
        CommentId::of_place(&place_in_git(&self.settings.root))
    }

    /// Takes in what was found in the files of this repository, to be shown on its lines.
    pub(super) fn found(&self, findings: impl IntoIterator<Item = Finding>) {
        let place = place_in_git(&self.settings.root);
        self.printer.found(findings.into_iter().map(|finding| finding.below(&place)));
    }

    fn know_secrets(&self) {
        self.surroundings.get_or_init(|| secrets::keep_of_surroundings(self));
    }

    /// A fresh view of the repository's files. What is wrong with the first of them is shown before the last is read, so that the
    /// secrets of all have to be known.
    pub(super) fn repository(&self) -> Result<Repository, CommandError> {
        self.know_secrets();
        let root = &self.settings.root;
        Repository::open(root)
            .map_err(|error| CommandError::other(format!("`{}` cannot be read: {error}", root.display())))
    }

    /// Makes the folder of offerctl's own files, unless it is there, and keeps it out of git.
    pub(super) fn make_own_folder(&self) -> Result<(), CommandError> {
        let folder = self.settings.own_folder();
        let ignore = folder.join(".gitignore");
        let written = std::fs::create_dir_all(&folder)
            .and_then(|()| if ignore.exists() { Ok(()) } else { std::fs::write(&ignore, "*\n") });
        written.map_err(|error| CommandError::other(format!("`{}` cannot be written: {error}", folder.display())))
    }

    /// Opens the records and takes over what other machines have shared of them.
    async fn records(&self, service: String) -> Result<State, CommandError> {
        let state = State::open(&self.settings.state, &self.settings.root, service)?;
        for warning in state.refresh().await? {
            self.printer.warning(&warning);
        }
        secrets::keep_of_records(self.printer.secrets(), &state);
        Ok(state)
    }

    /// Connects to the service, starting the embedded one if that is asked for.
    pub(super) async fn connect(&self) -> Result<Connection, CommandError> {
        // Before others speak, who may repeat what they were told.
        self.know_secrets();
        let (endpoint, emulator, credential, tokens) = match &self.settings.service {
            Service::At(endpoint) => {
                let surroundings = Surroundings::of_process(fastrand::u64(..));
                let credential = select(self.settings.auth, endpoint, &surroundings)?;
                let tokens = Arc::clone(&credential.tokens);
                (endpoint.clone(), None, Some(credential), tokens)
            }
            Service::Embedded => {
                self.make_own_folder()?;
                let storage = Storage::Folder(self.settings.emulator_data());
                let options = Options { storage, ..Options::default() };
                let emulator = Emulator::start(([127, 0, 0, 1], 0).into(), options).await?;
                let endpoint = Endpoint::parse(emulator.url())
                    .map_err(|error| CommandError::other(format!("the emulator's address is unusable: {error}")))?;
                let tokens: Arc<dyn TokenSource> =
                    Arc::new(ReadyToken::new(&format!("{:016x}", fastrand::u64(..)), "the embedded emulator")?);
                (endpoint, Some(emulator), None, tokens)
            }
        };
        let service = if endpoint.is_loopback() { "loopback".to_owned() } else { endpoint.to_string() };
        let state = self.records(service).await?;
        let mut options = ClientOptions::new(endpoint, fastrand::u64(..));
        options.secrets = self.printer.secrets().clone();
        options.stop = self.interruption.switch();
        options.reads_at_once = self.settings.parallelism;
        let client = WritingClient::new(options, tokens)?;
        let tracer = Arc::new(Tracer::new(self, &state));
        Ok(Connection { client, state, tracer, credential, emulator })
    }
}

/// The name of the comment on a pull request that is about the offers of the repository around us.
pub(super) fn comment_id_here() -> CommentId {
    CommentId::of_place(&place_here())
}

/// Where the repository around us is in its git repository.
pub(super) fn place_here() -> String {
    place_in_git(&find_root([Path::new(".")]).unwrap_or_default())
}

/// The repository around the working directory, for a command that does without settings; `None` where it cannot be read.
pub(super) fn repository_here() -> Option<Repository> {
    Repository::open(&find_root([Path::new(".")])?).ok()
}

/// Works as if started in the folder that was named.
pub(super) fn enter(directory: Option<&Path>) -> Result<(), CommandError> {
    let Some(directory) = directory else { return Ok(()) };
    std::env::set_current_dir(directory).map_err(|error| {
        CommandError::bad_input(format!("the folder `{}` cannot be used: {error}", directory.display()))
    })
}

/// What was said by flags and not by the environment, where a later command finds it again.
/// Words as they are typed.
fn typed(words: &[String]) -> String {
    let quoted = words.iter().map(|word| shlex::try_quote(word).unwrap_or_else(|_| word.into()));
    quoted.collect::<Vec<_>>().join(" ")
}

fn flags_to_repeat(global: &Global) -> Vec<String> {
    let mut flags = Vec::new();
    if global.emulator {
        flags.push("--emulator".to_owned());
    }
    let mut repeat = |flag: &str, value: Option<String>, variable: Option<&str>| {
        let in_environment = || std::env::var(variable?).ok();
        if let Some(value) = value.filter(|value| in_environment().as_ref() != Some(value)) {
            flags.extend([flag.to_owned(), value]);
        }
    };
    let shown = |path: &PathBuf| path.display().to_string();
    repeat("--endpoint", global.endpoint.clone(), None);
    repeat("--auth", global.auth.clone(), Some(environment::AUTH));
    repeat("--directory", global.directory.as_ref().map(shown), None);
    repeat("--state", global.state.as_ref().map(shown), Some(environment::STATE));
    flags
}

impl Connection {
    /// Ends the embedded service, if there is one, after its answers are out.
    pub(super) async fn close(self) {
        if let Some(emulator) = self.emulator {
            emulator.shutdown().await;
        }
    }
}

/// Shows what is wrong with files, each with its lines.
pub(super) fn show_diagnostics(diagnostics: &[Diagnostic], repository: &Repository, printer: Printer) {
    let styled = if printer.stderr_palette().is_coloured() { Styled::Yes } else { Styled::No };
    for diagnostic in diagnostics {
        printer.note(&format!("{}\n", render(diagnostic, repository, styled).trim_end()));
    }
}
