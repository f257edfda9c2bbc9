//! A run on its own emulator: processes that begin, die and begin again until the offer is as it should be, and the one
//! oracle that says whether they survived.
//!
//! Time stands still but for the waits of the engine; the emulator's clock moves a minute with each request. So a run is
//! the same each time.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use offerctl::emulator::{Emulator, Fault as ServiceFault, Options, Quirk, TimeSource, Timing};
use offerctl::execute::{Concurrency, ExecuteError, ExecuteSettings, Job, OfferOutcome, Pace};
use offerctl::offer::Slot;
use offerctl::plan::{Action, Directives, Guard};
use offerctl::portal::{ClientOptions, Endpoint, ErrorKind, PortalError};
use offerctl::state::{Fingerprinter, Holder};
use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;

use super::documents::TITLE;
use super::engine::Engine;
use super::interposer::{Interposer, Passage, Process};
use super::others::{OFFER, Others, Versions};
use super::run::{Command, Crash, Remembered, Run};

/// How often the engine looks while it waits.
const PACE: Duration = Duration::from_secs(1);
/// How long it waits: no submission of a run takes so many looks.
const WAIT: Duration = Duration::from_secs(120);

/// From a cancel to its effect, so that it falls on the next request.
const CANCEL_TAKES: Duration = Duration::from_secs(120);

/// How a process ended.
enum End {
    Crashed,
    Done,
    Failed(ExecuteError),
    StillGoing,
}

/// What a run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Survived {
    /// How many processes it took.
    pub processes: usize,
    /// How many of them crashed.
    pub crashes: usize,
    pub publishes: usize,
    pub go_lives: usize,
}

pub struct World<'run> {
    run: &'run Run,
    emulator: Emulator,
    records: TempDir,
    passage: Arc<Passage>,
    /// How many publishes and go-lives an undisturbed process would need.
    needed: (usize, usize),
}

/// Lives through a run; panics where the engine does not survive it.
#[track_caller]
pub fn survive(run: &Run) -> Survived {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        // Otherwise a moment without work would let the time jump to the end of a time-out, although bytes are on their way.
        tokio::spawn(async {
            loop {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        World::begin(run).await.survive().await
    })
}

impl<'run> World<'run> {
    async fn begin(run: &'run Run) -> Self {
        let emulator = Emulator::start("127.0.0.1:0".parse().unwrap(), options(run)).await.unwrap();
        let records = folder_in_memory();
        let mut first = None;
        for document in &run.before {
            let engine = engine(emulator.url(), records.path(), run.before_to);
            let job = engine.plan(document, &Directives::default()).await.unwrap();
            let outcome = engine.execute(&job, settings(String::new)).await;
            assert!(matches!(outcome, OfferOutcome::Done), "{outcome:#?}");
            first.get_or_insert_with(|| Files::of(records.path()));
        }
        match run.record {
            Remembered::Nothing => Files::default().put_back(records.path()),
            Remembered::First => first.unwrap_or_default().put_back(records.path()),
            Remembered::Latest => {}
        }
        let is_untold = run.quirks.contains(&Quirk::NoETag);
        let others =
            Others::new(emulator.url(), &run.others, if is_untold { Versions::Untold } else { Versions::Told });
        let service = emulator.url().trim_start_matches("http://").parse().unwrap();
        let passage = Passage::new(service, &run.faults, others);
        passage.log().is_there = !run.before.is_empty();
        let mut world = Self { run, emulator, records, passage, needed: (0, 0) };
        let planned = world.undisturbed().await.planned;
        world.needed = (usize::from(planned.has(Action::Publish)), usize::from(planned.has(Action::GoLive)));
        world
    }

    async fn survive(&self) -> Survived {
        let (mut crashes, mut failures, mut processes) = (0, 0, 0);
        loop {
            let crash = self.run.crashes.get(processes).copied();
            let command = match (processes, &self.run.commands[..]) {
                (0, _) | (_, []) => Command::Apply,
                (again, commands) => commands[(again - 1).min(commands.len() - 1)],
            };
            processes += 1;
            match self.process(command, crash).await {
                End::Done => break,
                End::Crashed => crashes += 1,
                End::Failed(error) => {
                    self.expect_honest(&error);
                    failures += 1;
                }
                End::StillGoing => failures += 1,
            }
            // A cancel is met when it is asked for, and again when it takes effect.
            let excuses = self.passage.log().harmed + 2 * self.passage.others().done().count();
            assert!(failures <= excuses, "it fails once more, and nothing new went wrong");
        }
        self.expect_nothing_left().await;
        self.expect_counts();
        self.expect_slots().await;
        self.expect_others_kept().await;
        let log = self.passage.log();
        assert!(log.refused.is_empty(), "asked for what could not be: {:#?}", log.refused);
        Survived { processes, crashes, publishes: log.publishes, go_lives: log.go_lives }
    }

    /// A command, in a process of its own.
    async fn process(&self, command: Command, crash: Option<Crash>) -> End {
        let Interposer { url, process, .. } = &self.passage.open(crash).await;
        let engine = engine(url, self.records.path(), self.run.publish_to);
        Saves::watch(process, self.records.path());
        let end = tokio::select! {
            biased;
            () = process.died() => End::Crashed,
            end = self.command(command, &engine) => end.unwrap_or_else(|error| End::Failed(error.into())),
        };
        Saves::settle();
        if process.is_dead() { End::Crashed } else { end }
    }

    async fn command(&self, command: Command, engine: &Engine) -> Result<End, PortalError> {
        let rest = if command == Command::Resume { engine.plan_rest(&self.run.desired).await? } else { None };
        let job = match rest {
            Some(job) => job,
            None => self.apply(engine).await?,
        };
        Ok(match engine.execute(&job, settings(Saves::now)).await {
            OfferOutcome::Done => End::Done,
            OfferOutcome::Failed(error) => End::Failed(*error),
            // Somebody's publish can hide the end of our go-live; the next process sees what became of it.
            OfferOutcome::StillGoing { .. } if self.passage.others().done().publishes > 0 => End::StillGoing,
            other => panic!("{other:?}, and the steps were {:#?}", job.planned.steps),
        })
    }

    async fn apply(&self, engine: &Engine) -> Result<Job, PortalError> {
        let mut job = engine.plan(&self.run.desired, &Directives::default()).await?;
        if job.planned.blocks.iter().any(|block| block.guard == Guard::FailedSubmission) {
            // Somebody canceled it, and the person who applies decides that it shall be all the same.
            assert!(self.passage.others().done().cancels > 0, "{:#?}", job.planned);
            let directives = Directives { retry_failed: true, ..Directives::default() };
            job = engine.plan(&self.run.desired, &directives).await?;
        }
        assert!(job.planned.blocks.is_empty(), "{:#?}", job.planned);
        Ok(job)
    }

    /// What the same command would do now, if nothing came between.
    async fn undisturbed(&self) -> Job {
        let engine = engine(self.emulator.url(), self.records.path(), self.run.publish_to);
        engine.plan(&self.run.desired, &Directives::default()).await.unwrap()
    }

    /// An error must be one that says "run it again", and be somebody's fault.
    fn expect_honest(&self, error: &ExecuteError) {
        let was_harmed = self.passage.log().harmed > 0;
        let others = self.passage.others().done().count() > 0;
        let is_honest = match error {
            ExecuteError::Portal(error) if others && is_crossed(error) => true,
            ExecuteError::Portal(answer) | ExecuteError::Unclear { answer } => was_harmed && is_of_a_fault(answer),
            ExecuteError::Stale { .. }
            | ExecuteError::WouldShip { .. }
            | ExecuteError::Shipped { .. }
            | ExecuteError::Superseded { .. }
            | ExecuteError::BeyondRest { .. }
            | ExecuteError::Blocked { .. }
            | ExecuteError::Busy
            | ExecuteError::AlreadyThere
            | ExecuteError::WrongSlot { .. }
            | ExecuteError::SubmissionEnded { .. } => others,
            _ => false,
        };
        assert!(is_honest, "failed without a reason: {error:?}");
    }

    /// Whoever says that it is done has nothing left to do.
    async fn expect_nothing_left(&self) {
        let planned = self.undisturbed().await.planned;
        let is_done = planned.changes.is_empty() && planned.steps.is_empty() && planned.blocks.is_empty();
        assert!(is_done, "it said that it was done: {planned:#?}");
    }

    /// Exactly one publish and one go-live, when one was needed.
    fn expect_counts(&self) {
        let (log, others) = (self.passage.log(), self.passage.others().done());
        let (publishes, go_lives) = self.needed;
        // What somebody canceled was started again, and after somebody else's publish there may have been another one to do,
        // or none.
        let most = others.cancels + others.publishes;
        let fewest = if others.publishes > 0 { 0 } else { publishes };
        assert!((fewest..=publishes + most).contains(&log.publishes), "{} publishes, not {publishes}", log.publishes);
        assert!((go_lives..=go_lives + most).contains(&log.go_lives), "{} go-lives, not {go_lives}", log.go_lives);
    }

    /// Each slot on the way holds the manifest's title, whatever the engine thinks of it.
    async fn expect_slots(&self) {
        for slot in [Slot::Draft, Slot::Preview, Slot::Production] {
            if slot > self.run.publish_to {
                continue;
            }
            let (status, found) = self.passage.others().ask(Method::GET, &format!("{OFFER}/slot/{slot}"), None).await;
            assert_eq!(status, 200, "{slot}: {found}");
            let title = |document: &serde_json::Value| document["definition"]["offer"][TITLE].clone();
            assert_eq!(title(&found), title(&self.run.desired), "{slot}");
        }
    }

    async fn expect_others_kept(&self) {
        let (_, draft) = self.passage.others().ask(Method::GET, OFFER, None).await;
        for key in &self.passage.others().done().left {
            assert_eq!(draft["definition"]["offer"][key]["by"], "them", "{key} is lost");
        }
    }
}

/// What a faulty answer looks like to the client.
fn is_of_a_fault(error: &PortalError) -> bool {
    error.is_passing() || error.kind() == ErrorKind::Unreadable
}

/// What the service answers to somebody who was a little too late.
fn is_crossed(error: &PortalError) -> bool {
    matches!(error.kind(), ErrorKind::Conflict | ErrorKind::PreconditionFailed | ErrorKind::Refused)
}

/// An emulator that refuses whatever may not be asked while a submission runs.
pub fn options(run: &Run) -> Options {
    let minutes = |minutes: u32| Duration::from_secs(60) * minutes;
    let timing = Timing::instant()
        .with_publish_duration(minutes(run.publish_minutes))
        .with_go_live_duration(minutes(run.go_live_minutes))
        .with_cancel_duration(CANCEL_TAKES);
    let each_request: ServiceFault = serde_json::from_value(
        json!({"times": null, "effect": {"delay": {"duration": "1minute", "clock": "emulator"}}}),
    )
    .unwrap();
    Options {
        quirks: run.quirks.iter().copied().chain([Quirk::PutRefusedWhileRunning]).collect(),
        timing,
        time: TimeSource::Stopped("2026-11-01T00:00:00Z".parse().unwrap()),
        faults: vec![each_request],
        ..Options::default()
    }
}

/// Records are synced to the disk each time, and here no power fails.
fn folder_in_memory() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

fn engine(url: &str, records: &Path, publish_to: Slot) -> Engine {
    let mut options = ClientOptions::new(Endpoint::parse(url).unwrap(), 7);
    // Nothing is ever so late, and the time may move while bytes are on their way.
    let never = Duration::from_secs(3600);
    (options.timeouts.connect, options.timeouts.read, options.timeouts.write) = (never, never, never);
    Engine::new(options, records, publish_to)
}

fn settings(now: fn() -> String) -> ExecuteSettings {
    ExecuteSettings {
        parallelism: 1,
        wait: WAIT,
        pace: Pace::Fixed(PACE),
        concurrency: Concurrency::Optimistic,
        environment: |_| None,
        fingerprinter: Arc::new(Fingerprinter::new(None, || None)),
        now,
        holder: Holder { process: 1, command: "the test".to_owned(), since: String::new() },
        commit: None,
    }
}

/// The records of the process that lives on this thread: whoever writes one asks for the time just before.
struct Saves {
    process: Arc<Process>,
    records: PathBuf,
    /// What was there when the process died before it could write.
    kept: Option<Files>,
}

thread_local! {
    static SAVES: RefCell<Option<Saves>> = const { RefCell::new(None) };
}

impl Saves {
    fn watch(process: &Arc<Process>, records: &Path) {
        let saves = Self { process: Arc::clone(process), records: records.to_owned(), kept: None };
        SAVES.set(Some(saves));
    }

    fn now() -> String {
        SAVES.with_borrow_mut(|saves| {
            if let Some(saves) = saves
                && saves.process.dies_before_saving()
            {
                saves.kept = Some(Files::of(&saves.records));
            }
        });
        "2026-11-22T00:00:00Z".to_owned()
    }

    /// Takes back what was written after the process had died: it only ran on to its next wait.
    fn settle() {
        if let Some(Self { records, kept: Some(kept), .. }) = SAVES.take() {
            kept.put_back(&records);
        }
    }
}

/// All files of a folder.
#[derive(Default)]
struct Files(Vec<(PathBuf, Vec<u8>)>);

impl Files {
    fn of(folder: &Path) -> Self {
        let mut files = Self::default();
        files.gather(folder);
        files
    }

    fn gather(&mut self, folder: &Path) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                self.gather(&path);
            } else {
                self.0.push((path.clone(), std::fs::read(path).unwrap()));
            }
        }
    }

    /// Makes the folder hold these files and no others.
    fn put_back(&self, folder: &Path) {
        std::fs::remove_dir_all(folder).unwrap();
        std::fs::create_dir_all(folder).unwrap();
        for (path, bytes) in &self.0 {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
    }
}
