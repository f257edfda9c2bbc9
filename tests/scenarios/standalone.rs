//! The emulator as a program of its own, as other people's pipelines use it.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use crate::environment::{TestEnvironment, at_once};

/// A started emulator, and where it answers.
struct Standalone {
    child: Child,
    url: String,
}

impl Standalone {
    fn start(environment: &TestEnvironment, arguments: &str) -> Self {
        let mut command = environment.command(&format!("emulator --listen 127.0.0.1:0 {arguments}"));
        let mut child = command
            .env_remove("OFFERCTL_ENDPOINT")
            .env_remove("OFFERCTL_TOKEN")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Self { child, url: url.trim_end().to_owned() }
    }

    /// Ends it as a service manager does.
    fn end(mut self) {
        Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }
}

impl Drop for Standalone {
    fn drop(&mut self) {
        // A story that failed must not leave it behind; one that ended is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const QUICK: &str = "--publish-duration 0s --go-live-duration 0s";

#[test]
fn what_it_keeps_outlives_it() {
    let mut environment = TestEnvironment::with_offer();
    let first = Standalone::start(&environment, &format!("--data kept {QUICK}"));
    environment.endpoint.clone_from(&first.url);
    environment.run("apply --yes").expect(0);
    first.end();

    let second = Standalone::start(&environment, &format!("--data kept {QUICK} --quirk reorder-collections"));
    environment.endpoint.clone_from(&second.url);
    environment.run("plan --detailed-exitcode").expect(0);
    second.end();
}

#[test]
fn it_lets_in_whom_it_is_told_to_and_fails_as_it_is_told_to() {
    let mut environment = TestEnvironment::with_offer();
    let fault = r#"{"method":"PUT","effect":{"status":{"code":400}}}"#;
    let emulator = Standalone::start(&environment, &format!("--memory --token sesame --fault {fault}"));
    environment.endpoint.clone_from(&emulator.url);
    environment.run("plan").expect(5);
    let run = |arguments: &str| {
        let mut command = environment.command(arguments);
        command.env("OFFERCTL_TOKEN", "sesame");
        environment.run_command(command)
    };
    run("apply --yes --until draft").expect(8);
    run("apply --yes --until draft").expect(0);
    assert!(!environment.path(".offerctl/emulator").exists(), "it was told to keep nothing");
}

#[test]
fn it_refuses_what_makes_no_sense() {
    let environment = TestEnvironment::empty(at_once());
    insta::assert_snapshot!(environment.run("emulator --listen 0.0.0.0:0 --memory"), @"
    --- stderr ---
    error: the emulator listens on loopback only, and 0.0.0.0:0 is not; use 127.0.0.1 or [::1]
    --- exit 4 ---
    ");
    let said = environment.run("emulator --memory --quirk nosuch").expect(4);
    assert!(said.stderr.contains("it knows create-answers-200, "), "{}", said.stderr);
    insta::assert_snapshot!(environment.run("emulator --memory --fault {}"), @r#"
    --- stderr ---
    error: `{}` is not a fault: missing field `effect` at line 1 column 2
    hint: for example {"method": "PUT", "path": "*", "effect": "reset-after"}
    --- exit 4 ---
    "#);
}
