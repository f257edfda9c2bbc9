//! The built program, killed for good at each of its requests in turn, and then simply started again.

use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use offerctl::emulator::Emulator;
use serde_json::Value;
use tokio::runtime::Runtime;

use super::MOST_MOMENTS;
use super::interposer::Passage;
use super::others::{Others, Versions};
use super::run::{Crash, Run};
use super::world::options;

/// The program on a repository with one offer.
struct Repository {
    folder: tempfile::TempDir,
}

impl Repository {
    fn new(document: &Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("offerctl.yaml"), "offers: [offer.yaml]\n").unwrap();
        let mut manifest = document.clone();
        manifest["reconcile"]["publishTo"] = "production".into();
        // JSON is YAML.
        std::fs::write(folder.path().join("offer.yaml"), manifest.to_string()).unwrap();
        Self { folder }
    }

    fn command(&self, url: &str, arguments: &str) -> Command {
        let home: &Path = self.folder.path();
        let mut command = Command::new(env!("CARGO_BIN_EXE_offerctl"));
        command.args(arguments.split(' ')).current_dir(home).env_clear().env("HOME", home).stdin(Stdio::null());
        command.env("OFFERCTL_ENDPOINT", url).env("OFFERCTL_TOKEN", "token").env("OFFERCTL_POLL_INTERVAL", "1ms");
        command
    }

    #[track_caller]
    fn expect_done(&self, url: &str, arguments: &str) {
        let Output { status, stdout, stderr } = self.command(url, arguments).output().unwrap();
        let said = [String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)].concat();
        assert_eq!(status.code(), Some(0), "{arguments}:\n{said}");
    }
}

/// Lets the program die at each request of the run, and be followed by these commands; the places are given by their number.
pub fn survive_being_killed(run: &Run, place: fn(usize) -> Crash, then: &[&str]) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let requests =
        (0..MOST_MOMENTS).take_while(|number| is_killed_and_survives(&runtime, run, place(*number), then)).count();
    assert!((13..MOST_MOMENTS).contains(&requests), "{requests} requests");
}

/// False when the program ended before it could be killed.
fn is_killed_and_survives(runtime: &Runtime, run: &Run, crash: Crash, then: &[&str]) -> bool {
    let emulator = runtime.block_on(Emulator::start("127.0.0.1:0".parse().unwrap(), options(run))).unwrap();
    let service = emulator.url().trim_start_matches("http://").parse().unwrap();
    let passage = Passage::new(service, &[], Others::new(emulator.url(), &[], Versions::Told));
    let repository = Repository::new(&run.desired);
    let was_killed = is_killed(runtime, &repository, &passage, crash);

    let interposer = runtime.block_on(passage.open(None));
    for command in then {
        repository.expect_done(&interposer.url, command);
    }
    repository.expect_done(emulator.url(), "plan --detailed-exitcode");
    let log = passage.log();
    assert_eq!((log.publishes, log.go_lives), (1, 1), "{crash:?}");
    assert!(log.refused.is_empty(), "{crash:?}: {:#?}", log.refused);
    was_killed
}

fn is_killed(runtime: &Runtime, repository: &Repository, passage: &Arc<Passage>, crash: Crash) -> bool {
    let interposer = runtime.block_on(passage.open(Some(crash)));
    let mut command = repository.command(&interposer.url, "apply --yes");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    runtime.block_on(async {
        tokio::select! {
            () = interposer.process.died() => {}
            // It says nothing more when it has ended.
            _ = tokio::task::spawn_blocking(move || stdout.read_to_end(&mut Vec::new())) => {}
        }
    });
    child.kill().unwrap();
    let status = child.wait().unwrap();
    assert!(interposer.process.is_dead() || status.success(), "{crash:?}: {status}");
    interposer.process.is_dead()
}
