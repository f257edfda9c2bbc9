//! The guide and the README, tried: every command in a console block of `docs/guide.md` and `README.md` is run, section by
//! section, in a repository that stands as the section says, and has to end and to print as it is shown there. The rules are
//! in CONTRIBUTING.md.

use std::path::Path;
use std::process::Command;

use offerctl::emulator::Options;
use serde_json::json;

use crate::environment::{TestEnvironment, as_slow_as_the_service, at_once};
use crate::git::git;

const MANIFEST: &str = "\
# Contoso's caches for branch offices
publisherId: contoso
offerTypeId: microsoft-azure-virtualmachines
id: edge
reconcile:
  publishTo: production
definition:
  displayText: Contoso Edge
  offer:
    microsoft-azure-marketplace.title: Contoso Edge   # checked by legal
    microsoft-azure-marketplace.summary: Keeps branch offices running
  plans:
    - planId: standard
      microsoft-azure-virtualmachines.skuTitle: Standard
      regions: [DE, US]
      virtualMachinePricing: {isByol: true}
      microsoft-azure-virtualmachines.vmImages:
        1.0.0:
          osVhdUrl: https://contoso.blob.core.windows.net/vhds/edge.vhd?sv=2024-11-04&se=2036-01-01T00%3A00%3A00Z&sr=b&sp=r&sig=signature-of-the-story
";

/// How things stand before the commands of a section.
fn given(state: &str) -> TestEnvironment {
    if state == "the examples" {
        let environment = TestEnvironment::with_examples(at_once());
        environment.run("apply --emulator --yes").expect(0);
        return environment;
    }
    let options: Options = if state == "begun" { as_slow_as_the_service() } else { at_once() };
    let environment = TestEnvironment::empty(options);
    environment.write("offers/edge/offer.yaml", MANIFEST);
    let here = environment.path("");
    git(&here, "init --quiet --initial-branch=main");
    git(&here, "add --all");
    git(&here, "commit --quiet --message=Begin");
    git(&here, "update-ref refs/remotes/origin/main HEAD");
    let edit = |old: &str, new: &str| environment.replace("offers/edge/offer.yaml", old, new);
    let theirs = |key: &str, value: &str| environment.portal.edit("edge", &json!({"offer": {key: value}}));
    match state {
        "new" => {}
        "mistakes" => {
            edit("publishTo: production", "publishto: preview");
            edit(
                "summary: Keeps",
                "description: {$file: listing/missing.html}\n    microsoft-azure-marketplace.summary: Keeps",
            );
        }
        "begun" => {
            environment.run("apply --yes --wait 0").expect(7);
            environment.portal.let_days_pass_while_waiting();
        }
        _ => drop(environment.run("apply --yes").expect(0)),
    }
    match state {
        "new" | "mistakes" | "begun" | "live" => {}
        "edited" => edit("running", "working"),
        "edited in the portal" => theirs("microsoft-azure-marketplace.summary", "Keeps branch offices working"),
        "renamed in the portal" => theirs("microsoft-azure-marketplace.title", "Contoso Edge Cache"),
        "edited twice in the portal" => {
            theirs("microsoft-azure-marketplace.title", "Contoso Edge Cache");
            environment.portal.publish("edge");
            theirs("microsoft-azure-marketplace.summary", "Keeps all branch offices running");
        }
        "only on the service" => {
            theirs(
                "microsoft-azure-marketplace.description",
                &format!("<p>{}</p>", "Caches for branches. ".repeat(20)),
            );
            environment.run("publish contoso/edge --yes").expect(0);
            environment.run("go-live contoso/edge --yes").expect(0);
            std::fs::remove_dir_all(environment.path("offers")).unwrap();
            environment.forget_records();
        }
        other => panic!("nobody knows how to prepare `{other}`"),
    }
    environment
}

/// One command of the guide.
struct Shown {
    line: usize,
    command: String,
    /// What stands below it, up to the next command.
    output: Vec<String>,
    exit: i32,
}

/// The commands that share a repository.
struct Story {
    state: String,
    commands: Vec<Shown>,
}

/// What stands between `<!-- name:` and `-->`.
fn remark<'line>(line: &'line str, name: &str) -> Option<&'line str> {
    line.trim().strip_prefix("<!-- ")?.strip_prefix(name)?.strip_prefix(": ")?.strip_suffix(" -->")
}

fn stories(text: &str) -> Vec<Story> {
    let mut stories = Vec::new();
    let (mut state, mut exit, mut is_run, mut in_block) = ("live", 0, true, false);
    let mut fresh = true;
    for (number, line) in (1..).zip(text.lines()) {
        if in_block {
            if line == "```" {
                (in_block, exit, is_run) = (false, 0, true);
            } else if let Some(command) = line.strip_prefix("$ ").filter(|_| is_run) {
                if std::mem::take(&mut fresh) {
                    stories.push(Story { state: state.to_owned(), commands: Vec::new() });
                }
                let command = command.to_owned();
                let shown = Shown { line: number, command, output: Vec::new(), exit: std::mem::take(&mut exit) };
                stories.last_mut().unwrap().commands.push(shown);
            } else if let Some(shown) =
                stories.last_mut().and_then(|story| story.commands.last_mut()).filter(|_| is_run)
            {
                shown.output.push(line.to_owned());
            }
        } else if line == "```console" {
            in_block = true;
        } else if line.starts_with("## ") || line.starts_with("### ") {
            (state, fresh) = ("live", true);
        } else if let Some(given) = remark(line, "given") {
            (state, fresh) = (given, true);
        } else if let Some(code) = remark(line, "exit") {
            exit = code.parse().unwrap();
        } else if remark(line, "not run").is_some() {
            is_run = false;
        }
    }
    stories
}

/// The words of a line, without those that differ from run to run; how far it is indented counts.
fn normal(line: &str) -> String {
    let indent = line.len() - line.trim_start().len();
    let words = line.split_whitespace().map(|word| {
        let bare = word.trim_matches(['"', '(', ')', ',', '.', ':', '`']);
        let is_time = bare.len() >= 19 && bare.starts_with("20") && bare.as_bytes()[10] == b'T';
        let is_day = bare.len() == 10 && bare.starts_with("20") && bare.as_bytes()[4] == b'-';
        let hex = bare.strip_prefix("sha256:").unwrap_or(bare);
        let is_hex = hex.len() >= 7 && hex.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        let is_address = bare.starts_with("http://127.0.0.1:") || bare == "http://SERVICE";
        if is_time || is_day || is_hex || is_address { word.replace(bare, "…") } else { word.to_owned() }
    });
    " ".repeat(indent) + &words.collect::<Vec<_>>().join(" ")
}

/// Runs a command line as a shell does, the built program on its path.
fn run(environment: &TestEnvironment, shown: &Shown) -> (i32, Vec<String>, Vec<String>) {
    let asks = shown.output.iter().any(|line| line.contains("[y/N]"));
    let line = if asks { format!("{} --yes", shown.command) } else { shown.command.clone() };
    let program = environment.command("");
    let folder = Path::new(env!("CARGO_BIN_EXE_offerctl")).parent().unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    shell.args(["-c", &line]).current_dir(environment.path("")).env_clear().env("PATH", path);
    shell.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = shell.output().unwrap();
    let lines = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().lines().map(normal).collect();
    (output.status.code().unwrap(), lines(output.stdout), lines(output.stderr))
}

/// What is wrong with how a command is shown.
fn wrong(page: &str, environment: &TestEnvironment, shown: &Shown) -> Option<String> {
    let (code, stdout, stderr) = run(environment, shown);
    let told = |what: &str| {
        format!(
            "{page}:{}: `{}` {what}\n--- stdout\n{}\n--- stderr\n{}\n--- exit {code}\n",
            shown.line,
            shown.command,
            stdout.join("\n"),
            stderr.join("\n")
        )
    };
    if code != shown.exit {
        return Some(told(&format!("is to end with {}", shown.exit)));
    }
    // In its order on the one or the other.
    let (mut out, mut err) = (stdout.iter(), stderr.iter());
    for line in shown.output.iter().filter(|line| *line != "…") {
        if line.contains("[y/N]") {
            return None;
        }
        let line = normal(line);
        let (mut further_out, mut further_err) = (out.clone(), err.clone());
        if further_out.any(|printed| *printed == line) {
            out = further_out;
        } else if further_err.any(|printed| *printed == line) {
            err = further_err;
        } else {
            return Some(told(&format!("does not print `{line}`, or not there")));
        }
    }
    let is_excerpt = shown.output.is_empty() || shown.output.iter().any(|line| line == "…");
    let all: Vec<_> = shown.output.iter().map(|line| normal(line)).collect();
    let missing = stdout.iter().find(|line| !is_excerpt && !all.contains(line));
    missing.map(|line| told(&format!("also prints `{line}`, which is not shown")))
}

/// Runs the commands of a page and answers how many there are.
#[track_caller]
fn expect_true(page: &str) -> usize {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).unwrap();
    let mut all = Vec::new();
    let mut commands = 0;
    for story in stories(&text) {
        let environment = given(&story.state);
        commands += story.commands.len();
        all.extend(story.commands.iter().filter_map(|shown| wrong(page, &environment, shown)));
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
    commands
}

#[test]
fn the_guide_is_true() {
    let commands = expect_true("docs/guide.md");
    assert!(commands > 15, "only {commands} commands were found");
}

#[test]
fn the_five_minutes_of_the_readme_are_true() {
    assert_eq!(expect_true("README.md"), 9);
}
