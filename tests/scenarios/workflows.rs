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

    /// Runs every job of a workflow whose condition holds, and says what was done and which jobs failed.
    fn run(&self, workflow: &str) -> String {
        self.runner.forget_artefacts();
        self.run_again(workflow)
    }

    /// The same as another attempt of the same run, which has its artefacts already.
    fn run_again(&self, workflow: &str) -> String {
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
        let mut failed: Vec<&str> = Vec::new();
        for (name, job) in workflow["jobs"].as_object().unwrap() {
            let may_run = self.approves || job["environment"].is_null();
            let is_well = job["needs"].as_str().is_none_or(|needed| !failed.contains(&needed));
            if may_run
                && is_to_run(&expressions, &job["if"], is_well)
                && !self.run_job(name, job, &workflow["env"], &mut expressions)
            {
                failed.push(name);
            }
        }
        self.runner.log() + &failed.iter().map(|name| format!("the job {name} failed\n")).collect::<Vec<_>>().concat()
    }

    fn run_job(&self, name: &str, job: &Value, env: &Value, expressions: &mut Expressions) -> bool {
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
        let mut is_well = true;
        for step in steps {
            is_well &= self.run_step(&mut machine, step, expressions, is_well);
        }
        for (output, value) in texts(&job["outputs"]) {
            // What a step that was skipped would have told is empty.
            let source = value.trim_start_matches("${{").trim_end_matches("}}").trim().to_owned();
            let value = expressions.get(&source).cloned().unwrap_or_default();
            expressions.insert(format!("needs.{name}.outputs.{output}"), value);
        }
        is_well
    }

    /// Whether the step did well, or was not to run.
    fn run_step(&self, machine: &mut Job<'_>, step: &Value, expressions: &mut Expressions, is_well: bool) -> bool {
        let is_to_run = is_to_run(expressions, &step["if"], is_well);
        let did_well = !is_to_run || self.do_step(machine, step, expressions);
        if let Some(id) = step["id"].as_str() {
            let outcome = match (is_to_run, did_well) {
                (false, _) => "skipped",
                (true, true) => "success",
                (true, false) => "failure",
            };
            expressions.insert(format!("steps.{id}.outcome"), outcome.to_owned());
        }
        did_well
    }

    fn do_step(&self, machine: &mut Job<'_>, step: &Value, expressions: &mut Expressions) -> bool {
        let with = |name: &str| step["with"][name].as_str().unwrap();
        match step["uses"].as_str() {
            None => return Self::run_script(machine, step, expressions),
            Some("contoso/offerctl@v0.1.0") => return self.run_action(machine, &step["with"], expressions),
            // Nothing was kept by earlier runs.
            Some("actions/cache@v4") => drop(expressions.insert("steps.cache.outputs.cache-hit".into(), String::new())),
            Some("actions/upload-artifact@v4") => {
                let may_replace = step["with"]["overwrite"] == true;
                return self.runner.upload(machine, with("name"), with("path"), may_replace);
            }
            Some("actions/download-artifact@v4") => self.runner.download(with("name"), &machine.checkout()),
            Some(other) => panic!("nobody knows the action {other}"),
        }
        true
    }

    /// The steps of the action in this repository.
    fn run_action(&self, machine: &mut Job<'_>, with: &Value, expressions: &mut Expressions) -> bool {
        let folder = env!("CARGO_MANIFEST_DIR");
        machine.set("GITHUB_ACTION_PATH", folder);
        let action = yaml(&std::fs::read_to_string(format!("{folder}/action.yml")).unwrap());
        for (name, input) in action["inputs"].as_object().unwrap() {
            let value = with[name].as_str().or(input["default"].as_str()).unwrap();
            expressions.insert(format!("inputs.{name}"), value.to_owned());
        }
        let mut steps = action["runs"]["steps"].as_array().unwrap().iter();
        steps.all(|step| self.run_step(machine, step, expressions, true))
    }

    fn run_script(machine: &mut Job<'_>, step: &Value, expressions: &mut Expressions) -> bool {
        let script = step["run"].as_str().unwrap();
        assert!(!script.contains("${{"), "what others wrote does not get into a script:\n{script}");
        let env = texts(&step["env"]).into_iter();
        let env: Vec<_> = env.map(|(name, value)| (name, filled(expressions, &value, "${{", "}}"))).collect();
        let ran = machine.run(&["sh", "-e"], script, &env);
        expect_no_accident(script, &ran);
        for folder in take(&machine.temp("PATH")).lines() {
            machine.prepend_path(folder);
        }
        for output in take(&machine.temp("OUTPUT")).lines() {
            let (name, value) = output.split_once('=').unwrap();
            expressions.insert(format!("steps.{}.outputs.{name}", step["id"].as_str().unwrap()), value.to_owned());
        }
        ran.code == Some(0)
    }
}

/// What a step left for the system in a file.
fn take(path: &str) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    drop(std::fs::remove_file(path));
    text
}

/// Whether a job or a step runs: without a word about how it went before, only when that went well.
fn is_to_run(expressions: &Expressions, condition: &Value, is_well: bool) -> bool {
    let Some(condition) = condition.as_str() else { return is_well };
    let condition = condition.trim_start_matches("${{").trim_end_matches("}}").trim();
    (is_well || condition.contains("cancelled()")) && condition.split(" && ").all(|part| holds(expressions, part))
}

/// Parts of conditions: what the story is about is so, the rest is compared.
fn holds(expressions: &Expressions, condition: &str) -> bool {
    let is_so = [
        "!cancelled()",
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
    // What was never set is empty.
    (expressions.get(name).map_or("", String::as_str) == wanted.trim_matches('\'')) == operator
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

    /// Runs the stages that a reason asks for, and says what was done and whether all of it went well.
    fn run(&self, reason: &str) -> (String, bool) {
        self.runner.forget_artefacts();
        self.run_again(reason, 1)
    }

    /// The same as an attempt of a run, which has the artefacts of earlier ones.
    fn run_again(&self, reason: &str, attempt: usize) -> (String, bool) {
        let pipeline = self.runner.workflow("azure-pipelines.yml");
        let mut outputs = Expressions::new();
        let mut is_green = true;
        for stage in pipeline["stages"].as_array().unwrap() {
            let is_asked_for = match stage["condition"].as_str().unwrap() {
                "eq(variables['Build.Reason'], 'PullRequest')" => reason.starts_with("PullRequest"),
                "in(variables['Build.Reason'], 'IndividualCI', 'BatchedCI', 'Manual')" => reason == "BatchedCI",
                "and(not(canceled()), eq(dependencies.preview.outputs['preview.left.live'], '2'))" => {
                    outputs.get("preview.left.live").is_some_and(|value| value == "2")
                }
                scheduled => {
                    let is_of = "and(eq(variables['Build.Reason'], 'Schedule'), eq(variables['Build.CronSchedule.DisplayName'], ";
                    reason == scheduled.strip_prefix(is_of).unwrap().trim_matches([')', '\''])
                }
            };
            for job in stage["jobs"].as_array().unwrap().iter().filter(|_| is_asked_for) {
                let is_wanted = match job["condition"].as_str() {
                    None => true,
                    Some("ne(variables['System.PullRequest.IsFork'], 'True')") => reason != "PullRequest of a fork",
                    Some(other) => panic!("nobody knows the condition {other}"),
                };
                is_green &= !is_wanted || self.run_job(&pipeline, job, &mut outputs, attempt);
            }
        }
        (self.runner.log(), is_green)
    }

    fn run_job(&self, pipeline: &Value, job: &Value, outputs: &mut Expressions, attempt: usize) -> bool {
        let name = job["job"].as_str().or(job["deployment"].as_str()).unwrap();
        let mut machine = self.runner.job(name);
        let workspace = machine.temp("");
        let mut expressions = Expressions::from([
            ("Pipeline.Workspace".to_owned(), workspace.clone()),
            ("System.AccessToken".to_owned(), JOB_TOKEN.to_owned()),
            ("System.StageAttempt".to_owned(), attempt.to_string()),
        ]);
        machine.set("PIPELINE_WORKSPACE", &workspace);
        machine.set("SYSTEM_STAGEATTEMPT", attempt.to_string());
        for (name, value) in texts(&job["variables"]) {
            let output = value.strip_prefix("$[ stageDependencies.preview.preview.outputs['").unwrap();
            let value = outputs[&format!("preview.{}", output.strip_suffix("'] ]").unwrap())].clone();
            machine.set(&name, &value);
            expressions.insert(name, value);
        }
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
        let mut is_well = true;
        for step in &all {
            let is_wanted = match step["condition"].as_str() {
                None => is_well,
                Some("succeededOrFailed()") => true,
                Some("and(succeededOrFailed(), eq(variables['left.live'], '2'))") => {
                    outputs.get(&format!("{name}.left.live")).is_some_and(|value| value == "2")
                }
                Some(other) => panic!("nobody knows the condition {other}"),
            };
            is_well &= !is_wanted || self.run_step(&mut machine, name, step, &expressions, outputs);
        }
        is_well
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
            let name = filled(expressions, step["artifact"].as_str().unwrap(), "$(", ")");
            return self.runner.upload(machine, &name, path, false);
        }
        if step["download"] == "current" {
            let name = filled(expressions, step["artifact"].as_str().unwrap(), "$(", ")");
            self.runner.download(&name, machine.temp(&name).as_ref());
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
    let is_accident = match ran.code {
        Some(0 | 3 | 5 | 9) => false,
        // Bad input is one, unless it is a manifest of the story.
        Some(4) => !ran.stderr.contains("--> offers/vm/offer.yaml:"),
        Some(1) => !script.trim_end().ends_with("|| test $? -eq 7"),
        _ => true,
    };
    assert!(!is_accident, "{script}\n{:?}\n{}\n{}", ran.code, ran.stdout, ran.stderr);
}

#[test]
fn azure_pipelines_plans_applies_asks_and_goes_on() {
    let azure = AzurePipelines::begun();
    assert_snapshot!(azure.run("PullRequest").0, @"
    cargo install --locked --git https://github.com/contoso/offerctl --rev v0.1.0 --root /JOB/validate/temp//offerctl offerctl
    offerctl validate: 0, auth none
    cargo install --locked --git https://github.com/contoso/offerctl --rev v0.1.0 --root /JOB/plan/temp//offerctl offerctl
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
    offerctl apply /JOB/live/temp//live-1/live.json --yes --wait 0: 7, auth pipelines
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

    /// Runs the jobs that a pipeline of this kind has, and says what was done and whether all of it went well.
    fn run(&self, pipeline: &Expressions) -> (String, bool) {
        self.runner.forget_artefacts();
        let file = self.runner.workflow(".gitlab-ci.yml");
        let asked_for = |job: &Value| {
            job["rules"].as_array().is_some_and(|rules| is_so(pipeline, rules[0]["if"].as_str().unwrap()))
        };
        let jobs: Vec<_> = file.as_object().unwrap().iter().filter(|(_, job)| asked_for(job)).collect();
        assert!(!jobs.is_empty(), "nothing is done in {pipeline:?}");
        let mut failed: Vec<&str> = Vec::new();
        for (name, job) in jobs {
            let needed = lines_of(&job["needs"]);
            // Without `needs` a job waits for all stages before its own.
            let is_earlier = |name: &&str| file[*name]["stage"] != job["stage"];
            let waits_in_vain = needed.is_empty() && failed.iter().any(is_earlier);
            if waits_in_vain || needed.iter().any(|name| failed.contains(&name.as_str())) {
                continue;
            }
            let mut machine = self.runner.job(name);
            let folder = machine.checkout().to_string_lossy().into_owned();
            for (name, value) in texts(&file["variables"]) {
                machine.set(&name, value.replace("$CI_PROJECT_DIR", &folder));
            }
            if self.runner.place("artefacts").exists() {
                self.runner.download("all", &machine.checkout());
            }
            let before = if job["before_script"].is_null() { &file["default"] } else { job };
            let lines = [&before["before_script"], &job["script"]].map(lines_of).concat();
            let script = lines.join("\n");
            let ran = machine.run(&["sh", "-e"], &script, &[]);
            expect_no_accident(&script, &ran);
            if ran.code != Some(0) {
                failed.push(name);
                continue;
            }
            for path in lines_of(&job["artifacts"]["paths"]) {
                self.runner.upload(&machine, "all", &path, true);
            }
        }
        (self.runner.log(), failed.is_empty())
    }
}

/// Whether a rule of GitLab holds.
fn is_so(pipeline: &Expressions, rule: &str) -> bool {
    let side = |text: &str| match text.strip_prefix('$') {
        Some(name) => pipeline.get(name).cloned().unwrap_or_default(),
        None => text.trim_matches('"').to_owned(),
    };
    rule.split(" && ").all(|part| part.split_once(" == ").is_some_and(|(one, other)| side(one) == side(other)))
}

/// What GitLab tells the jobs of a pipeline.
fn pipeline<const COUNT: usize>(variables: [(&str, &str); COUNT]) -> Expressions {
    let everywhere = [("CI_DEFAULT_BRANCH", "main"), ("CI_MERGE_REQUEST_PROJECT_PATH", "contoso/offers")];
    let all = everywhere.into_iter().chain(variables);
    all.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn merge_request(source: &str) -> Expressions {
    pipeline([("CI_PIPELINE_SOURCE", "merge_request_event"), ("CI_MERGE_REQUEST_SOURCE_PROJECT_PATH", source)])
}

fn merged() -> Expressions {
    pipeline([("CI_PIPELINE_SOURCE", "push"), ("CI_COMMIT_BRANCH", "main")])
}

fn scheduled(task: &str) -> Expressions {
    pipeline([("CI_PIPELINE_SOURCE", "schedule"), ("OFFERCTL_TASK", task)])
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
    assert_snapshot!(gitlab.run(&merge_request("contoso/offers")).0, @"
    cargo install --locked --git https://github.com/contoso/offerctl --rev v0.1.0 --root /JOB/validate/checkout/.offerctl/tools offerctl
    offerctl validate: 0, auth workload
    cargo install --locked --git https://github.com/contoso/offerctl --rev v0.1.0 --root /JOB/plan/checkout/.offerctl/tools offerctl
    offerctl plan --output markdown --markdown-limit gitlab: 0, auth workload
    offerctl comment gitlab plan.md: 0, auth workload
    ");
    assert!(gitlab.forge.comments()[0].text.contains("contoso/vm"), "{}", gitlab.forge.comments()[0].text);
    expect_nothing_written(&gitlab.runner);
    assert_snapshot!(gitlab.run(&merged()).0, @"
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
    assert_snapshot!(gitlab.run(&merged()).0, @"
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

/// A second offer beside the first, both live, one of them with somebody's half-done edit in the portal, and a new summary
/// for both.
fn with_an_edit_of_somebody(runner: &Runner, go_through: impl Fn()) {
    let both = |summary: &str| {
        let manifest = VIRTUAL_MACHINE.replace(SUMMARY, summary);
        let edge = manifest.replace("\nid: vm\n", "\nid: edge\n");
        for (offer, text) in [("vm", manifest), ("edge", edge)] {
            let folder = runner.place("desk/offers").join(offer);
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("offer.yaml"), text).unwrap();
        }
        runner.push("Edit");
    };
    both("Both");
    go_through();
    let half_done = json!({"offer": {"microsoft-azure-marketplace.longSummary": "Half-done"}});
    runner.environment.portal.edit("edge", &half_done);
    both("Both anew");
    runner.log();
}

const SUMMARY: &str = "Backs up your machines every night";

#[test]
fn github_asks_for_the_others_when_one_offer_is_blocked_and_ends_red() {
    let github = GitHub::begun();
    with_an_edit_of_somebody(&github.runner, || {
        github.run("offers-apply");
        for _ in 0..2 {
            github.runner.environment.portal.advance("20days");
            github.run("offers-resume");
        }
    });
    assert_snapshot!(github.run("offers-apply"), @"
    cargo install --locked --path /ACTION --root /JOB/preview/temp//offerctl
    offerctl apply --yes --until preview --wait 0: 9, auth github
    offerctl plan --out live.json --detailed-exitcode: 2, auth github
    cargo install --locked --path /ACTION --root /JOB/live/temp//offerctl
    offerctl apply live.json --yes --wait 0: 9, auth github
    the job preview failed
    the job live failed
    ");
    github.runner.environment.portal.advance("20days");
    github.run("offers-resume");
    github.runner.environment.portal.advance("20days");
    github.run("offers-resume");
    let live = |offer: &str| {
        let said = github.runner.environment.run(&format!("get contoso/{offer} --slot production --output json"));
        said.expect(0).stdout.contains("Both anew")
    };
    assert_eq!([live("vm"), live("edge")], [true, false]);
}

#[test]
fn azure_pipelines_asks_for_the_others_when_one_offer_is_blocked_and_ends_red() {
    let azure = AzurePipelines::begun();
    with_an_edit_of_somebody(&azure.runner, || {
        azure.run("BatchedCI");
        for _ in 0..2 {
            azure.runner.environment.portal.advance("20days");
            azure.run("resume");
        }
    });
    let (log, is_green) = azure.run("BatchedCI");
    assert!(!is_green);
    assert_snapshot!(log, @"
    cargo install --locked --git https://github.com/contoso/offerctl --rev v0.1.0 --root /JOB/preview/temp//offerctl offerctl
    offerctl apply --yes --until preview --wait 0: 9, auth pipelines
    offerctl plan --out live.json --detailed-exitcode: 2, auth pipelines
    cargo install --locked --git https://github.com/contoso/offerctl --rev v0.1.0 --root /JOB/live/temp//offerctl offerctl
    offerctl apply /JOB/live/temp//live-1/live.json --yes --wait 0: 9, auth pipelines
    ");
}

#[test]
fn gitlab_asks_for_the_others_when_one_offer_is_blocked_and_ends_red() {
    let gitlab = GitLab::begun();
    with_an_edit_of_somebody(&gitlab.runner, || {
        gitlab.run(&merged());
        for _ in 0..2 {
            gitlab.runner.environment.portal.advance("20days");
            gitlab.run(&scheduled("resume"));
        }
    });
    let (log, is_green) = gitlab.run(&merged());
    assert!(!is_green);
    assert_snapshot!(log, @"
    cargo install --locked --git https://github.com/contoso/offerctl --rev v0.1.0 --root /JOB/preview/checkout/.offerctl/tools offerctl
    offerctl apply --yes --until preview --wait 0: 9, auth workload
    offerctl plan --out live.json: 0, auth workload
    cargo install --locked --git https://github.com/contoso/offerctl --rev v0.1.0 --root /JOB/live/checkout/.offerctl/tools offerctl
    offerctl apply live.json --yes --wait 0: 9, auth workload
    ");
}

#[test]
fn a_run_that_is_run_again_keeps_its_plan_anew() {
    let github = GitHub { approves: false, ..GitHub::begun() };
    github.run("offers-apply");
    let log = github.run_again("offers-apply");
    assert!(!log.contains("failed"), "{log}");
    let azure = AzurePipelines::begun();
    azure.run("BatchedCI");
    let (log, is_green) = azure.run_again("BatchedCI", 2);
    assert!(is_green && log.contains("/live-2/live.json"), "{log}");
}

#[test]
fn a_fork_gets_its_manifests_checked_and_no_plan() {
    let azure = AzurePipelines::begun();
    assert_snapshot!(azure.run("PullRequest of a fork").0, @"
    cargo install --locked --git https://github.com/contoso/offerctl --rev v0.1.0 --root /JOB/validate/temp//offerctl offerctl
    offerctl validate: 0, auth none
    ");
    let gitlab = GitLab::begun();
    assert_snapshot!(gitlab.run(&merge_request("mallory/offers")).0, @"
    cargo install --locked --git https://github.com/contoso/offerctl --rev v0.1.0 --root /JOB/validate/checkout/.offerctl/tools offerctl
    offerctl validate: 0, auth workload
    ");
}

#[test]
fn a_plan_that_cannot_be_made_takes_the_place_of_the_one_before() {
    let mut github = GitHub::begun();
    github.run("offers-plan");
    // Its sign-in fails.
    github.runner.variables.push(("OFFERCTL_TOKEN", "not a token\n".to_owned()));
    assert_snapshot!(github.run("offers-plan"), @"
    cargo install --locked --path /ACTION --root /JOB/validate/temp//offerctl
    offerctl validate: 0, auth none
    cargo install --locked --path /ACTION --root /JOB/plan/temp//offerctl
    offerctl plan --output markdown: 5, auth github
    offerctl comment github plan.md: 0, auth github
    the job plan failed
    ");
    assert_eq!(github.forge.comments().len(), 1);
    assert_snapshot!(github.forge.comments()[0].text, @"
    <!-- offerctl:plan / -->
    ## Plan: could not be made

    - <code>the token in OFFERCTL&#95;TOKEN holds blanks or other characters that no bearer token has</code>
    - What to do: Set OFFERCTL&#95;TOKEN to an access token for https&#58;//cloudpartner.azure.com, for example from <code>az account get-access-token --resource https&#58;//cloudpartner.azure.com --query accessToken --output tsv</code>&#46;

    Nobody knows what these manifests would change. What an earlier plan said is not about them.
    ");
}

#[test]
fn manifests_with_errors_take_the_place_of_the_plan_before() {
    let github = GitHub::begun();
    github.run("offers-plan");
    let broken = VIRTUAL_MACHINE.replace("publishTo: production", "publishTo: prodution");
    std::fs::write(github.runner.place("desk").join("offers/vm/offer.yaml"), broken).unwrap();
    github.runner.push("Break");
    assert_snapshot!(github.run("offers-plan"), @"
    cargo install --locked --path /ACTION --root /JOB/validate/temp//offerctl
    offerctl validate: 4, auth none
    cargo install --locked --path /ACTION --root /JOB/plan/temp//offerctl
    offerctl plan --output markdown: 4, auth github
    offerctl comment github plan.md: 0, auth github
    the job validate failed
    the job plan failed
    ");
    assert_snapshot!(github.forge.comments()[0].text, @"
    <!-- offerctl:plan / -->
    ## Plan: 1 offer that could not be planned

    Offers: 1 · 0 to create · 0 to change · 0 in sync · 0 blocked · 1 unreadable  
    Changes: 0 · Steps: 0  
    Digest: <code>[digest]</code>

    ### Could not be planned

    - <code>offers/vm/offer.yaml</code>
      - <code>the manifest has errors; &#96;offerctl validate&#96; shows them</code>
    ");
}
