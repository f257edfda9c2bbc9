//! A stand-in for the machines of CI systems: it reads a workflow as the system does and runs every script in it, each job in
//! a checkout of its own. What a workflow uses and this does not know ends the story, so that nothing is skipped.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::environment::TestEnvironment;

/// A repository with its remote, and a place for checkouts, tools and artefacts.
pub struct Runner {
    pub environment: TestEnvironment,
    elsewhere: TempDir,
    /// What the system tells every job.
    pub variables: Vec<(&'static str, String)>,
}

/// A job while it runs.
pub struct Job<'runner> {
    runner: &'runner Runner,
    pub folder: PathBuf,
    /// Folders that steps put in front of `PATH`, the last one first.
    path: Vec<String>,
    environment: Vec<(String, String)>,
}

/// How a script ended.
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Runner {
    /// Makes the repository of `init`, commits it with the small offer, and pushes it.
    pub fn new(environment: TestEnvironment, init: &str, manifest: &str) -> Self {
        let elsewhere = tempfile::tempdir().unwrap();
        let runner = Self { environment, elsewhere, variables: Vec::new() };
        let settings = "[user]\nname = Runner\nemail = runner@example.com\n[init]\ndefaultBranch = main\n";
        runner.write_elsewhere("home/.gitconfig", settings);
        runner.write_tool("cargo", CARGO);
        runner.write_tool("gh", GH);
        let mut command = runner.environment.command(&format!("init {init}"));
        command.current_dir(runner.elsewhere.path()).arg("desk");
        runner.environment.run_command(command).expect(0);
        let desk = runner.place("desk");
        std::fs::write(desk.join("offers/vm/offer.yaml"), manifest).unwrap();
        runner.git(runner.elsewhere.path(), "init --quiet --bare remote.git");
        runner.git(&desk, "init --quiet");
        runner.git(&desk, &format!("remote add origin {}", runner.remote()));
        runner.push("Begin");
        runner
    }

    /// Commits and pushes all that is new at the desk.
    pub fn push(&self, subject: &str) {
        let desk = self.place("desk");
        self.git(&desk, "add --all");
        self.git(&desk, &format!("commit --quiet --message={subject}"));
        self.git(&desk, "push --quiet origin main");
    }

    pub fn remote(&self) -> String {
        format!("file://{}", self.place("remote.git").display())
    }

    pub fn place(&self, name: &str) -> PathBuf {
        self.elsewhere.path().join(name)
    }

    /// Adds to the configuration of git on the machines.
    pub fn configure_git(&self, text: &str) {
        let path = self.place("home/.gitconfig");
        let settings = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, settings + text).unwrap();
    }

    /// A file of the repository as YAML.
    pub fn workflow(&self, path: &str) -> Value {
        yaml(&std::fs::read_to_string(self.place("desk").join(path)).unwrap())
    }

    /// Where the machine of a job is.
    pub fn job_place(&self, name: &str) -> PathBuf {
        self.place("job").join(name)
    }

    /// A job on a fresh machine, with a checkout as CI makes it.
    pub fn job(&self, name: &str) -> Job<'_> {
        let folder = self.job_place(name);
        if folder.exists() {
            std::fs::remove_dir_all(&folder).unwrap();
        }
        std::fs::create_dir_all(folder.join("temp")).unwrap();
        self.git(&folder, &format!("clone --quiet --depth=1 {} checkout", self.remote()));
        self.git(&folder.join("checkout"), "checkout --quiet --detach");
        Job { runner: self, folder, path: Vec::new(), environment: Vec::new() }
    }

    /// Which commands of offerctl, cargo and gh were run since the last time, and how each ended.
    pub fn log(&self) -> String {
        let path = self.place("log");
        let log = std::fs::read_to_string(&path).unwrap_or_default();
        drop(std::fs::remove_file(path));
        log.replace(&*self.place("job").to_string_lossy(), "/JOB").replace(env!("CARGO_MANIFEST_DIR"), "/ACTION")
    }

    /// Keeps a file for later jobs; answers whether that could be done, which it cannot where another must not be replaced.
    pub fn upload(&self, job: &Job, name: &str, path: &str, may_replace: bool) -> bool {
        let kept = self.place("artefacts").join(name);
        if kept.exists() && !may_replace {
            return false;
        }
        std::fs::create_dir_all(&kept).unwrap();
        std::fs::copy(job.checkout().join(path), kept.join(path)).unwrap();
        true
    }

    /// Begins a new run, which has no artefacts yet.
    pub fn forget_artefacts(&self) {
        drop(std::fs::remove_dir_all(self.place("artefacts")));
    }

    /// Brings what was kept into a folder.
    pub fn download(&self, name: &str, folder: &Path) {
        std::fs::create_dir_all(folder).unwrap();
        for entry in std::fs::read_dir(self.place("artefacts").join(name)).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
        }
    }

    fn write_elsewhere(&self, name: &str, text: &str) {
        let path = self.place(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// A program that stands in for one of the machine's.
    fn write_tool(&self, name: &str, script: &str) {
        let name = format!("tools/{name}");
        self.write_elsewhere(&name, script);
        std::fs::set_permissions(self.place(&name), PermissionsExt::from_mode(0o755)).unwrap();
    }

    fn git(&self, folder: &Path, arguments: &str) {
        let mut command = Command::new("git");
        command.current_dir(folder).env("HOME", self.place("home")).args(arguments.split(' '));
        let output = command.output().unwrap();
        assert!(output.status.success(), "git {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

impl Job<'_> {
    pub fn checkout(&self) -> PathBuf {
        self.folder.join("checkout")
    }

    pub fn temp(&self, name: &str) -> String {
        self.folder.join("temp").join(name).to_string_lossy().into_owned()
    }

    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.environment.push((name.to_owned(), value.into()));
    }

    pub fn prepend_path(&mut self, folder: &str) {
        self.path.insert(0, folder.to_owned());
    }

    /// Runs a script in the checkout, with variables of its own.
    pub fn run(&self, shell: &[&str], script: &str, variables: &[(String, String)]) -> Ran {
        let runner = self.runner;
        let mut command = Command::new(shell[0]);
        let tools = runner.place("tools").to_string_lossy().into_owned();
        let path = self.path.iter().cloned().chain([tools, "/usr/local/bin:/usr/bin:/bin".to_owned()]);
        command
            .args(&shell[1..])
            .args(["-c", script])
            .current_dir(self.checkout())
            .env_clear()
            .env("PATH", path.collect::<Vec<_>>().join(":"))
            .env("HOME", runner.place("home"))
            .env("NO_COLOR", "1")
            .env("OFFERCTL_ENDPOINT", &runner.environment.endpoint)
            .env("OFFERCTL_TOKEN", crate::environment::TOKEN)
            .env("STORY_LOG", runner.place("log"))
            .env("STORY_OFFERCTL", env!("CARGO_BIN_EXE_offerctl"))
            .envs(runner.variables.iter().cloned())
            .envs(self.environment.iter().cloned())
            .envs(variables.iter().cloned());
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

pub fn yaml(text: &str) -> Value {
    // As CI systems read it: `on` is a key.
    let options = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_str_with_options(text, options).unwrap()
}

/// What the expressions of a workflow stand for.
pub type Expressions = BTreeMap<String, String>;

/// A text with its expressions, each between `begin` and `end`, replaced.
pub fn filled(expressions: &Expressions, text: &str, begin: &str, end: &str) -> String {
    let Some((before, rest)) = text.split_once(begin) else { return text.to_owned() };
    let (expression, after) = rest.split_once(end).unwrap();
    let value = expressions.get(expression.trim());
    let value = value.unwrap_or_else(|| panic!("nobody knows the expression `{expression}`"));
    format!("{before}{value}{}", filled(expressions, after, begin, end))
}

/// A mapping of texts; none is an empty one.
pub fn texts(value: &Value) -> Vec<(String, String)> {
    let entries = value.as_object().into_iter().flatten();
    entries.map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned())).collect()
}

/// Notes what it was asked, and installs a program that notes what it is asked, before it is the one that was built.
const CARGO: &str = r#"#!/bin/sh
set -e
echo "cargo $*" >> "$STORY_LOG"
for word; do
  if test "$previous" = --root; then root=$word; fi
  previous=$word
done
mkdir -p "$root/bin"
cat > "$root/bin/offerctl" <<'END'
#!/bin/sh
kind=${OFFERCTL_AUTH-none}
OFFERCTL_AUTH=token "$STORY_OFFERCTL" "$@"
code=$?
echo "offerctl $*: $code, auth $kind" >> "$STORY_LOG"
exit $code
END
chmod +x "$root/bin/offerctl"
"#;

/// Notes what it was asked; the file `issue` is the one issue that there may be.
const GH: &str = r#"#!/bin/sh
set -e
echo "gh $1 $2 $3" >> "$STORY_LOG"
test -n "$GH_TOKEN"
issue=$(dirname "$STORY_LOG")/issue
case "$1 $2" in
  "issue list") if test -e "$issue"; then echo 7; fi ;;
  "issue create") cp drift.md "$issue" ;;
  "issue edit") test "$3" = 7 && cp drift.md "$issue" ;;
  "issue close") test "$3" = 7 && rm "$issue" ;;
  *) exit 1 ;;
esac
"#;
