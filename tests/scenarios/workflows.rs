//! The workflows that `init` writes, run as the CI systems run them: a pull request, a merge, an approval, half hours and
//! nights, until the offer is live and somebody edits it.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::environment::{TestEnvironment, as_slow_as_the_service};
use crate::forges::{FORGE_TOKEN, Forge, JOB_TOKEN, Kind};
use crate::manifests::VIRTUAL_MACHINE;
use crate::runner::{Expressions, Job, Ran, Runner, filled, texts, yaml};

const INIT: &str = "--publisher contoso --offer vm --offer-type microsoft-azure-virtualmachines --yes --source \
                    https://github.com/contoso/offerctl@v0.1.0 --ci";

/// A repository whose workflows run for a pull request on a stand-in of the place.
fn begun(system: &str, kind: Kind) -> (Runner, Forge) {
    let environment = TestEnvironment::empty(as_slow_as_the_service());
    let forge = Forge::start(kind, &environment);
    let runner = Runner::new(environment, &format!("{INIT} {system}"), VIRTUAL_MACHINE);
    (runner, forge)
}

/// Somebody edits the live offer in the portal.
fn edit(runner: &Runner, summary: &str) {
    runner.environment.portal.edit("vm", &json!({"offer": {"microsoft-azure-marketplace.summary": summary}}));
}

/// Nobody has written anything to the service yet.
#[track_caller]
fn expect_nothing_written(runner: &Runner) {
    let offers = runner.environment.run("list contoso").expect(0);
    assert!(!offers.stdout.contains("vm"), "{}", offers.stdout);
}

/// GitHub's machines, and what its expressions stand for between the jobs of a workflow.
struct GitHub {
    runner: Runner,
    forge: Forge,
    /// Whether somebody approves jobs of protected environments.
    approves: bool,
}

impl GitHub {
    fn begun() -> Self {
        let (mut runner, forge) = begun("github", Kind::GitHub);
        runner.variables = vec![
            ("GITHUB_API_URL", forge.url().to_owned()),
            ("GITHUB_REPOSITORY", "contoso/offers".to_owned()),
            ("GITHUB_REF", "refs/pull/12/merge".to_owned()),
        ];
        Self { runner, forge, approves: true }
    }

    /// Runs every job of a workflow whose condition holds, and says what was done.
    fn run(&self, workflow: &str) -> String {
        let workflow = self.runner.workflow(&format!(".github/workflows/{workflow}.yml"));
        assert_eq!(workflow["permissions"], json!({}), "every job says what it needs");
        let mut expressions = Expressions::new();
        for (name, value) in [
            ("vars.AZURE_TENANT_ID", "the-tenant"),
            ("vars.AZURE_CLIENT_ID", "the-client"),
            ("github.token", FORGE_TOKEN),
            ("runner.temp", "/nowhere"),
            ("runner.os", "Linux"),
            ("runner.arch", "X64"),
        ] {
            expressions.insert(name.to_owned(), value.to_owned());
        }
        for (name, job) in workflow["jobs"].as_object().unwrap() {
            let may_run = self.approves || job["environment"].is_null();
            if may_run && job["if"].as_str().is_none_or(|condition| holds(&expressions, condition)) {
                self.run_job(name, job, &workflow["env"], &mut expressions);
            }
        }
        self.runner.log()
    }

    fn run_job(&self, name: &str, job: &Value, env: &Value, expressions: &mut Expressions) {
        let mut machine = self.runner.job(name);
        for name in ["PATH", "OUTPUT", "STEP_SUMMARY"] {
            machine.set(&format!("GITHUB_{name}"), machine.temp(name));
        }
        machine.set("RUNNER_TEMP", machine.temp(""));
        for (name, value) in texts(env).into_iter().chain(texts(&job["env"])) {
            machine.set(&name, filled(expressions, &value, "${{", "}}"));
        }
        let mut steps = job["steps"].as_array().unwrap().iter();
        assert_eq!(steps.next().unwrap()["uses"], "actions/checkout@v4");
        for step in steps {
            self.run_step(&mut machine, step, expressions);
        }
        for (output, value) in texts(&job["outputs"]) {
            let value = filled(expressions, &value, "${{", "}}");
            expressions.insert(format!("needs.{name}.outputs.{output}"), value);
        }
    }

    fn run_step(&self, machine: &mut Job<'_>, step: &Value, expressions: &mut Expressions) {
        if step["if"].as_str().is_some_and(|condition| !holds(expressions, condition)) {
            return;
        }
        let with = |name: &str| step["with"][name].as_str().unwrap();
        match step["uses"].as_str() {
            None => Self::run_script(machine, step, expressions),
            Some("contoso/offerctl@v0.1.0") => self.run_action(machine, &step["with"], expressions),
            // Nothing was kept by earlier runs.
            Some("actions/cache@v4") => drop(expressions.insert("steps.cache.outputs.cache-hit".into(), String::new())),
            Some("actions/upload-artifact@v4") => self.runner.upload(machine, with("name"), with("path")),
            Some("actions/download-artifact@v4") => self.runner.download(with("name"), &machine.checkout()),
            Some(other) => panic!("nobody knows the action {other}"),
        }
    }

    /// The steps of the action in this repository.
    fn run_action(&self, machine: &mut Job<'_>, with: &Value, expressions: &mut Expressions) {
        let folder = env!("CARGO_MANIFEST_DIR");
        machine.set("GITHUB_ACTION_PATH", folder);
        let action = yaml(&std::fs::read_to_string(format!("{folder}/action.yml")).unwrap());
        for (name, input) in action["inputs"].as_object().unwrap() {
            let value = with[name].as_str().or(input["default"].as_str()).unwrap();
            expressions.insert(format!("inputs.{name}"), value.to_owned());
        }
        for step in action["runs"]["steps"].as_array().unwrap() {
            self.run_step(machine, step, expressions);
        }
    }

    fn run_script(machine: &mut Job<'_>, step: &Value, expressions: &mut Expressions) {
        let script = step["run"].as_str().unwrap();
        assert!(!script.contains("${{"), "what others wrote does not get into a script:\n{script}");
        let env = texts(&step["env"]).into_iter();
        let env: Vec<_> = env.map(|(name, value)| (name, filled(expressions, &value, "${{", "}}"))).collect();
        machine.run(&["sh", "-e"], script, &env).well(script);
        for folder in take(&machine.temp("PATH")).lines() {
            machine.prepend_path(folder);
        }
        for output in take(&machine.temp("OUTPUT")).lines() {
            let (name, value) = output.split_once('=').unwrap();
            expressions.insert(format!("steps.{}.outputs.{name}", step["id"].as_str().unwrap()), value.to_owned());
        }
    }
}

/// What a step left for the system in a file.
fn take(path: &str) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    drop(std::fs::remove_file(path));
    text
}

/// Conditions of jobs and steps: what the story is about is so, the rest is compared.
fn holds(expressions: &Expressions, condition: &str) -> bool {
    let is_so = [
        "github.event.pull_request.head.repo.full_name == github.repository",
        "github.ref_name == github.event.repository.default_branch",
    ];
    if is_so.contains(&condition) {
        return true;
    }
    let (name, operator, wanted) = match condition.split_once(" == ") {
        Some((name, wanted)) => (name, true, wanted),
        None => condition.split_once(" != ").map(|(name, wanted)| (name, false, wanted)).unwrap(),
    };
    (expressions[name] == wanted.trim_matches('\'')) == operator
}

/// What the summaries of a job's steps begin with.
fn headings(github: &GitHub, job: &str) -> Vec<String> {
    let summary = std::fs::read_to_string(github.runner.job_place(job).join("temp/STEP_SUMMARY")).unwrap();
    let headings = summary.lines().filter(|line| line.starts_with("## "));
    headings.map(|line| line.split(':').next().unwrap().to_owned()).collect()
}

#[test]
fn github_plans_applies_asks_and_goes_on() {
    let github = GitHub::begun();
    assert_snapshot!(github.run("offers-plan"), @"
    cargo install --locked --path /ACTION --root /JOB/validate/temp//offerctl
    offerctl validate: 0, auth none
    cargo install --locked --path /ACTION --root /JOB/plan/temp//offerctl
    offerctl plan --output markdown: 0, auth github
    offerctl comment github plan.md: 0, auth github
    ");
    assert!(github.forge.comments()[0].text.contains("contoso/vm"), "{}", github.forge.comments()[0].text);
    assert_eq!(headings(&github, "validate"), ["## Validate"]);
    assert_eq!(headings(&github, "plan"), ["## Plan"], "the plan is in the summary once");
    expect_nothing_written(&github.runner);
    assert_snapshot!(github.run("offers-apply"), @"
    cargo install --locked --path /ACTION --root /JOB/preview/temp//offerctl
    offerctl apply --yes --until preview --wait 0: 7, auth github
    offerctl plan --out live.json --detailed-exitcode: 2, auth github
    cargo install --locked --path /ACTION --root /JOB/live/temp//offerctl
    offerctl apply live.json --yes --wait 0: 7, auth github
    ");
    assert_eq!(headings(&github, "preview"), ["## Apply", "## Plan"]);
    assert_eq!(headings(&github, "live"), ["## Apply"]);
    for _ in 0..2 {
        github.runner.environment.portal.advance("20days");
        github.run("offers-resume");
    }
    assert_snapshot!(github.run("offers-resume"), @"
    cargo install --locked --path /ACTION --root /JOB/resume/temp//offerctl
    offerctl resume --wait 0: 0, auth github
    ");
    assert_snapshot!(github.run("offers-apply"), @"
    cargo install --locked --path /ACTION --root /JOB/preview/temp//offerctl
    offerctl apply --yes --until preview --wait 0: 0, auth github
    offerctl plan --out live.json --detailed-exitcode: 0, auth github
    ");
    assert_snapshot!(github.run("offers-drift"), @"
    cargo install --locked --path /ACTION --root /JOB/drift/temp//offerctl
    offerctl drift --output markdown: 0, auth github
    gh issue list --state
    ");
    edit(&github.runner, "Backs up your machines");
    assert_snapshot!(github.run("offers-drift"), @"
    cargo install --locked --path /ACTION --root /JOB/drift/temp//offerctl
    offerctl drift --output markdown: 3, auth github
    gh issue list --state
    gh issue create --title
    ");
    let issue = std::fs::read_to_string(github.runner.place("issue")).unwrap();
    assert!(issue.contains("Backs up your machines"), "{issue}");
    assert_snapshot!(github.run("offers-drift"), @"
    cargo install --locked --path /ACTION --root /JOB/drift/temp//offerctl
    offerctl drift --output markdown: 3, auth github
    gh issue list --state
    gh issue edit 7
    ");
    edit(&github.runner, "Backs up your machines every night");
    assert_snapshot!(github.run("offers-drift"), @"
    cargo install --locked --path /ACTION --root /JOB/drift/temp//offerctl
    offerctl drift --output markdown: 0, auth github
    gh issue list --state
    gh issue close 7
    ");
    assert!(!github.runner.place("issue").exists());
}

#[test]
fn nothing_goes_live_that_nobody_approved() {
    let github = GitHub { approves: false, ..GitHub::begun() };
    github.run("offers-apply");
    for _ in 0..3 {
        github.runner.environment.portal.advance("20days");
        github.run("offers-resume");
    }
    github.run("offers-apply");
    github.runner.environment.run("get contoso/vm --slot preview").expect(0);
    github.runner.environment.run("get contoso/vm --slot production").expect(1);
}

/// The machines of Azure Pipelines, and the variables that jobs set for later stages.
struct AzurePipelines {
    runner: Runner,
    forge: Forge,
}

impl AzurePipelines {
    fn begun() -> Self {
        let (mut runner, forge) = begun("azure-pipelines", Kind::AzureDevOps);
        runner.variables = vec![
            ("SYSTEM_COLLECTIONURI", format!("{}/contoso/", forge.url())),
            ("SYSTEM_TEAMPROJECT", "My project".to_owned()),
            ("BUILD_REPOSITORY_ID", "offers".to_owned()),
            ("SYSTEM_PULLREQUEST_PULLREQUESTID", "12".to_owned()),
        ];
        Self { runner, forge }
    }

    /// Runs the stages that a reason asks for, and says what was done. A script that fails ends the run.
    fn run(&self, reason: &str) -> (String, bool) {
        let pipeline = self.runner.workflow("azure-pipelines.yml");
        let mut outputs = Expressions::new();
        for stage in pipeline["stages"].as_array().unwrap() {
            let is_asked_for = match stage["condition"].as_str().unwrap() {
                "eq(variables['Build.Reason'], 'PullRequest')" => reason == "PullRequest",
                "in(variables['Build.Reason'], 'IndividualCI', 'BatchedCI', 'Manual')" => reason == "BatchedCI",
                "and(succeeded(), eq(dependencies.preview.outputs['preview.left.live'], '2'))" => {
                    outputs.get("preview.left.live").is_some_and(|value| value == "2")
                }
                scheduled => {
                    let is_of = "and(eq(variables['Build.Reason'], 'Schedule'), eq(variables['Build.CronSchedule.DisplayName'], ";
                    reason == scheduled.strip_prefix(is_of).unwrap().trim_matches([')', '\''])
                }
            };
            if is_asked_for && !self.run_job(&pipeline, &stage["jobs"][0], &mut outputs) {
                return (self.runner.log(), false);
            }
        }
        (self.runner.log(), true)
    }

    fn run_job(&self, pipeline: &Value, job: &Value, outputs: &mut Expressions) -> bool {
        let name = job["job"].as_str().or(job["deployment"].as_str()).unwrap();
        let mut machine = self.runner.job(name);
        let workspace = machine.temp("");
        let mut expressions = Expressions::from([
            ("Pipeline.Workspace".to_owned(), workspace.clone()),
            ("System.AccessToken".to_owned(), JOB_TOKEN.to_owned()),
        ]);
        machine.set("PIPELINE_WORKSPACE", &workspace);
        for (name, value) in texts(&pipeline["variables"]) {
            let value = filled(&expressions, &value, "$(", ")");
            machine.set(&name, &value);
            expressions.insert(name, value);
        }
        let steps = job["steps"].as_array().or(job["strategy"]["runOnce"]["deploy"]["steps"].as_array()).unwrap();
        assert_eq!(steps[0]["checkout"], "self");
        let mut all = Vec::new();
        for step in &steps[1..] {
            match step["template"].as_str() {
                Some(path) => all.extend(self.runner.workflow(path)["steps"].as_array().unwrap().clone()),
                None => all.push(step.clone()),
            }
        }
        all.iter().all(|step| self.run_step(&mut machine, name, step, &expressions, outputs))
    }

    fn run_step(
        &self,
        machine: &mut Job<'_>,
        job: &str,
        step: &Value,
        expressions: &Expressions,
        outputs: &mut Expressions,
    ) -> bool {
        if let Some(path) = step["publish"].as_str() {
            self.runner.upload(machine, step["artifact"].as_str().unwrap(), path);
            return true;
        }
        if step["download"] == "current" {
            let name = step["artifact"].as_str().unwrap();
            self.runner.download(name, machine.temp(name).as_ref());
            return true;
        }
        let script = match step["task"].as_str() {
            Some("Cache@2") => return true,
            Some("AzureCLI@2") => step["inputs"]["inlineScript"].as_str().unwrap(),
            Some(other) => panic!("nobody knows the task {other}"),
            None => step["bash"].as_str().unwrap(),
        };
        let env = texts(&step["env"]).into_iter();
        let env: Vec<_> = env.map(|(name, value)| (name, filled(expressions, &value, "$(", ")"))).collect();
        // No `-e`: a script ends as its last line does.
        let ran = machine.run(&["sh"], script, &env);
        for line in ran.stdout.lines() {
            if let Some(folder) = line.strip_prefix("##vso[task.prependpath]") {
                machine.prepend_path(folder);
            }
            if let Some(set) = line.strip_prefix("##vso[task.setvariable variable=") {
                let (name, value) = set.split_once(";isOutput=true]").unwrap();
                outputs.insert(format!("{job}.{}.{name}", step["name"].as_str().unwrap()), value.to_owned());
            }
        }
        expect_no_accident(script, &ran);
        ran.code == Some(0)
    }
}

/// A script may end with what offerctl ended with, not because it is none.
#[track_caller]
fn expect_no_accident(script: &str, ran: &Ran) {
    let is_accident = !matches!(ran.code, Some(0 | 3));
    assert!(!is_accident, "{script}\n{:?}\n{}\n{}", ran.code, ran.stdout, ran.stderr);
}

#[test]
fn azure_pipelines_plans_applies_asks_and_goes_on() {
    let azure = AzurePipelines::begun();
    assert_snapshot!(azure.run("PullRequest").0, @"
    cargo install --locked --git https://github.com/contoso/offerctl --rev v0.1.0 --root /JOB/plan/temp//offerctl offerctl
    offerctl validate: 0, auth none
    offerctl plan --output markdown --markdown-limit azure-devops: 0, auth pipelines
    offerctl comment azure-devops plan.md: 0, auth pipelines
    ");
    assert!(azure.forge.comments()[0].text.contains("contoso/vm"), "{}", azure.forge.comments()[0].text);
    expect_nothing_written(&azure.runner);
    assert_snapshot!(azure.run("BatchedCI").0, @"
    cargo install --locked --git https://github.com/contoso/offerctl --rev v0.1.0 --root /JOB/preview/temp//offerctl offerctl
    offerctl apply --yes --until preview --wait 0: 7, auth pipelines
    offerctl plan --out live.json --detailed-exitcode: 2, auth pipelines
    cargo install --locked --git https://github.com/contoso/offerctl --rev v0.1.0 --root /JOB/live/temp//offerctl offerctl
    offerctl apply /JOB/live/temp//live/live.json --yes --wait 0: 7, auth pipelines
    ");
    for _ in 0..2 {
        azure.runner.environment.portal.advance("20days");
        azure.run("resume");
    }
    assert_snapshot!(azure.run("resume").0, @"
    cargo install --locked --git https://github.com/contoso/offerctl --rev v0.1.0 --root /JOB/resume/temp//offerctl offerctl
    offerctl resume --wait 0: 0, auth pipelines
    ");
    assert_snapshot!(azure.run("BatchedCI").0, @"
    cargo install --locked --git https://github.com/contoso/offerctl --rev v0.1.0 --root /JOB/preview/temp//offerctl offerctl
    offerctl apply --yes --until preview --wait 0: 0, auth pipelines
    offerctl plan --out live.json --detailed-exitcode: 0, auth pipelines
    ");
    assert!(azure.run("drift").1);
    edit(&azure.runner, "Backs up your machines");
    let (log, is_green) = azure.run("drift");
    assert!(!is_green, "a run that fails is how Azure Pipelines tells people");
    assert_snapshot!(log, @"
    cargo install --locked --git https://github.com/contoso/offerctl --rev v0.1.0 --root /JOB/drift/temp//offerctl offerctl
    offerctl drift: 3, auth pipelines
    ");
}

/// The machines of GitLab.
struct GitLab {
    runner: Runner,
    forge: Forge,
}

impl GitLab {
    fn begun() -> Self {
        let (mut runner, forge) = begun("gitlab", Kind::GitLab);
        runner.variables = vec![
            ("GITLAB_TOKEN", FORGE_TOKEN.to_owned()),
            ("AZURE_TOKEN", "identity".to_owned()),
            ("CI_API_V4_URL", format!("{}/api/v4", forge.url())),
            ("CI_PROJECT_ID", "contoso/offers".to_owned()),
            ("CI_PROJECT_PATH", "contoso/offers".to_owned()),
            ("CI_SERVER_FQDN", "gitlab.contoso.test".to_owned()),
            ("CI_MERGE_REQUEST_IID", "12".to_owned()),
        ];
        let address = format!("https://offerctl:{FORGE_TOKEN}@gitlab.contoso.test/contoso/offers.git");
        runner.configure_git(&format!("[url \"{}\"]\ninsteadOf = {address}\n", runner.remote()));
        Self { runner, forge }
    }

    /// Runs the jobs that a rule asks for, and says what was done. A job that fails ends the run.
    fn run(&self, rule: &str) -> (String, bool) {
        let file = self.runner.workflow(".gitlab-ci.yml");
        let asked_for = |job: &Value| job["rules"].as_array().is_some_and(|rules| rules[0]["if"] == rule);
        let jobs: Vec<_> = file.as_object().unwrap().iter().filter(|(_, job)| asked_for(job)).collect();
        assert!(!jobs.is_empty(), "nothing is done when {rule}");
        for (name, job) in jobs {
            let mut machine = self.runner.job(name);
            let folder = machine.checkout().to_string_lossy().into_owned();
            for (name, value) in texts(&file["variables"]) {
                machine.set(&name, value.replace("$CI_PROJECT_DIR", &folder));
            }
            if self.runner.place("artefacts").exists() {
                self.runner.download("all", &machine.checkout());
            }
            let lines = [&file["default"]["before_script"], &job["script"]].map(lines_of).concat();
            let script = lines.join("\n");
            let ran = machine.run(&["sh", "-e"], &script, &[]);
            expect_no_accident(&script, &ran);
            if ran.code != Some(0) {
                return (self.runner.log(), false);
            }
            for path in lines_of(&job["artifacts"]["paths"]) {
                self.runner.upload(&machine, "all", &path);
            }
        }
        (self.runner.log(), true)
    }
}

/// The lines of a script; lists in it are taken apart.
fn lines_of(script: &Value) -> Vec<String> {
    match script {
        Value::String(line) => vec![line.clone()],
        Value::Array(parts) => parts.iter().flat_map(lines_of).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn gitlab_plans_applies_asks_and_goes_on() {
    let gitlab = GitLab::begun();
    let merged = "$CI_PIPELINE_SOURCE == \"push\" && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH";
    let scheduled = |task: &str| format!("$CI_PIPELINE_SOURCE == \"schedule\" && $OFFERCTL_TASK == \"{task}\"");
    assert_snapshot!(gitlab.run("$CI_PIPELINE_SOURCE == \"merge_request_event\"").0, @"
    cargo install --locked --git https://github.com/contoso/offerctl --rev v0.1.0 --root /JOB/validate/checkout/.offerctl/tools offerctl
    offerctl validate: 0, auth workload
    cargo install --locked --git https://github.com/contoso/offerctl --rev v0.1.0 --root /JOB/plan/checkout/.offerctl/tools offerctl
    offerctl plan --output markdown --markdown-limit gitlab: 0, auth workload
    offerctl comment gitlab plan.md: 0, auth workload
    ");
    assert!(gitlab.forge.comments()[0].text.contains("contoso/vm"), "{}", gitlab.forge.comments()[0].text);
    expect_nothing_written(&gitlab.runner);
    assert_snapshot!(gitlab.run(merged).0, @"
    cargo install --locked --git https://github.com/contoso/offerctl --rev v0.1.0 --root /JOB/preview/checkout/.offerctl/tools offerctl
    offerctl apply --yes --until preview --wait 0: 7, auth workload
    offerctl plan --out live.json: 0, auth workload
    cargo install --locked --git https://github.com/contoso/offerctl --rev v0.1.0 --root /JOB/live/checkout/.offerctl/tools offerctl
    offerctl apply live.json --yes --wait 0: 7, auth workload
    ");
    for _ in 0..2 {
        gitlab.runner.environment.portal.advance("20days");
        gitlab.run(&scheduled("resume"));
    }
    assert_snapshot!(gitlab.run(&scheduled("resume")).0, @"
    cargo install --locked --git https://github.com/contoso/offerctl --rev v0.1.0 --root /JOB/resume/checkout/.offerctl/tools offerctl
    offerctl resume --wait 0: 0, auth workload
    ");
    assert_snapshot!(gitlab.run(merged).0, @"
    cargo install --locked --git https://github.com/contoso/offerctl --rev v0.1.0 --root /JOB/preview/checkout/.offerctl/tools offerctl
    offerctl apply --yes --until preview --wait 0: 0, auth workload
    offerctl plan --out live.json: 0, auth workload
    cargo install --locked --git https://github.com/contoso/offerctl --rev v0.1.0 --root /JOB/live/checkout/.offerctl/tools offerctl
    offerctl apply live.json --yes --wait 0: 0, auth workload
    ");
    assert!(gitlab.run(&scheduled("drift")).1);
    edit(&gitlab.runner, "Backs up your machines");
    let (log, is_green) = gitlab.run(&scheduled("drift"));
    assert!(!is_green, "a job that fails is how GitLab tells people");
    assert_snapshot!(log, @"
    cargo install --locked --git https://github.com/contoso/offerctl --rev v0.1.0 --root /JOB/drift/checkout/.offerctl/tools offerctl
    offerctl drift: 3, auth workload
    ");
}
