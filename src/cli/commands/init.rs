//! `offerctl init`: the first files of a repository, and what to do next.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::import;
use crate::authoring::{Beginning, FirstFile, FirstFileOutcome, first_files, place_first};
use crate::cli::arguments::{Global, ImportArguments, InitArguments, Output, WaitOptions};
use crate::cli::beginning::{Answers, Ground, Import, STATE_BRANCH, answers};
use crate::cli::printer::Printer;
use crate::cli::session::{Session, enter};
use crate::cli::{CommandError, Exit};
use crate::config::{SETTINGS_FILE, read_settings_file};
use crate::manifest::discover;
use crate::offer::OfferKey;
use crate::render::{ImportReport, import_json};
use crate::schema::{Subject, text};
use crate::state::StatePlace;

pub(super) async fn run(mut global: Global, own: &InitArguments, printer: Printer) -> Result<Exit, CommandError> {
    enter(global.directory.take().as_deref())?;
    let folder = own.folder.clone().unwrap_or_else(|| PathBuf::from("."));
    let state = global.state.as_deref().map(state_setting).transpose()?.flatten();
    expect_no_settings_above(&folder)?;
    let ground = if folder.join(SETTINGS_FILE).exists() { Ground::Begun } else { Ground::Fresh };
    // Nothing else happens while a person thinks.
    let answers = tokio::task::block_in_place(|| {
        let mut ask = |question: &str| printer.question(question);
        answers(own, state, ground, printer.can_ask().then_some(&mut ask))
    })?;
    if answers.beginning.system.is_some() {
        expect_root_of_git(&folder)?;
    }
    let missing_git = missing_git(&folder, &answers.beginning);
    if let Some(command) = missing_git.as_ref().filter(|_| answers.import.is_some()) {
        return Err(CommandError::bad_input(format!(
            "records are to be kept in a git branch, and {} is in no git repository; nothing was written",
            shown(&folder)
        ))
        .hint(format!("make it one with `{command}`, then run the same command again")));
    }
    let mut files = first_files(&answers.beginning);
    files.extend(schemas());
    confirm(own, &folder, &files, printer)?;
    let outcomes = place_first(&files, &folder).map_err(|error| CommandError::other(error.to_string()))?;
    let written: Vec<_> = files.iter().zip(outcomes).collect();
    let imported = import_into(&global, &folder, &answers, printer).await;
    let next = next(&folder, &answers, missing_git.as_deref());
    show(global.output, &next, &written, &imported, printer)?;
    imported.map(|imported| imported.map_or(Exit::Done, |(_, exit)| exit))
}

/// The schemas that the first lines of the files name, for editors.
fn schemas() -> [FirstFile; 3] {
    let subjects = [("offer", Subject::Offer(None)), ("part", Subject::Part(None)), ("config", Subject::Config)];
    subjects.map(|(name, subject)| FirstFile { path: format!("schemas/{name}.schema.json"), text: text(subject) })
}

/// Which offers were imported, and how that ended; none when nothing was to be.
type Imported = Result<Option<(Vec<ImportReport>, Exit)>, CommandError>;

/// The setting as it is written; an empty one is none.
fn state_setting(state: &Path) -> Result<Option<String>, CommandError> {
    StatePlace::parse(state, None).map_err(|error| CommandError::bad_input(error.to_string()))?;
    let text = state.to_str().ok_or_else(|| CommandError::bad_input("the folder of `--state` is no UTF-8 text"))?;
    Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
}

/// Settings below other settings would hide the manifests from the commands above.
fn expect_no_settings_above(folder: &Path) -> Result<(), CommandError> {
    let full = std::path::absolute(folder)
        .map_err(|error| CommandError::other(format!("the working directory cannot be read: {error}")))?;
    let above = full.ancestors().skip(1).find(|above| above.join(SETTINGS_FILE).exists());
    above.map_or(Ok(()), |above| {
        Err(CommandError::bad_input(format!(
            "`{}` is in a repository of offers already: {}",
            folder.display(),
            above.display()
        ))
        .hint("add manifests there, or begin in a folder beside it"))
    })
}

/// CI systems look for workflows at the root of the git repository, and run them there.
fn expect_root_of_git(folder: &Path) -> Result<(), CommandError> {
    let full = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let root = full.ancestors().find(|above| above.join(".git").exists());
    match root {
        Some(root) if root != full => Err(CommandError::bad_input(format!(
            "workflows belong at the root of the git repository, which is `{}`; nothing was written",
            root.display()
        ))
        .hint("begin there, or here without workflows: `--ci none`")),
        _ => Ok(()),
    }
}

/// Shows on a terminal what will be written, and asks.
fn confirm(own: &InitArguments, folder: &Path, files: &[FirstFile], printer: Printer) -> Result<(), CommandError> {
    if own.yes || !printer.can_ask() {
        return Ok(());
    }
    let paths: Vec<_> = files.iter().map(|file| format!("  {}\n", file.path)).collect();
    let question = format!("{}Write these files into {}, unless they are there? [y/N]", paths.concat(), shown(folder));
    if tokio::task::block_in_place(|| printer.ask(&question)) {
        Ok(())
    } else {
        Err(CommandError::interrupted("nothing was written, as you said"))
    }
}

fn shown(folder: &Path) -> String {
    if folder == Path::new(".") { "this folder".to_owned() } else { format!("`{}`", folder.display()) }
}

async fn import_into(global: &Global, folder: &Path, answers: &Answers, printer: Printer) -> Imported {
    enter(Some(folder))?;
    let session = Session::open(global, &[], WaitOptions::default(), printer)?;
    if answers.beginning.system.is_some() {
        warn_of_records_in_a_folder(&session)?;
    }
    let Some(import) = &answers.import else {
        return warn_if_unseen(&session, &answers.beginning).map(|()| None);
    };
    let (offers, publisher) = match import {
        Import::All(publisher) => (Vec::new(), Some(publisher.to_string())),
        Import::One(key) => (vec![key.to_string()], None),
    };
    let (reports, exit) = import::bring_in(&session, &ImportArguments { offers, publisher, out: None }).await?;
    import::warn_of_unseen(&session, &reports)?;
    Ok(Some((reports, exit)))
}

/// Says when the settings keep the records in a folder of the repository, which ends with each machine of CI.
fn warn_of_records_in_a_folder(session: &Session) -> Result<(), CommandError> {
    // Settings with errors have been refused before.
    let file = read_settings_file(&mut session.repository()?).unwrap_or_default();
    let state = file.state.unwrap_or_else(|| PathBuf::from(".offerctl/state"));
    if let Ok(StatePlace::Folder(folder)) = StatePlace::parse(&state, None)
        && folder.is_relative()
    {
        session.printer.warning(&format!(
            "`{SETTINGS_FILE}` keeps the records in the folder `{}`, and a machine of CI ends with its folders: what one job \
             submitted no other would go on with, and nothing would go live. Put this line into `{SETTINGS_FILE}`: `state: \
             {STATE_BRANCH}`",
            folder.display()
        ));
    }
    Ok(())
}

/// The command that makes the git repository which the records need, if there is none around the folder.
fn missing_git(folder: &Path, beginning: &Beginning) -> Option<String> {
    let wants_branch = beginning.state.as_ref().is_some_and(|state| state.starts_with("git:"));
    let full = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let is_in_git = full.ancestors().any(|above| above.join(".git").exists());
    (wants_branch && !is_in_git).then(|| {
        if folder == Path::new(".") {
            return "git init".to_owned();
        }
        format!("git init {}", shlex::try_quote(&folder.to_string_lossy()).unwrap_or_default())
    })
}

/// Says when settings that were there already do not find the first manifest.
fn warn_if_unseen(session: &Session, beginning: &Beginning) -> Result<(), CommandError> {
    let Some(first) = &beginning.offer else { return Ok(()) };
    let manifest = format!("offers/{}/offer.yaml", first.offer);
    let found = discover(&session.settings.root, &session.settings.offers)?;
    if !found.iter().any(|path| path.as_str() == manifest) {
        session.printer.warning(&format!(
            "`{manifest}` is not among the manifests: add its place to `offers` in `{SETTINGS_FILE}`"
        ));
    }
    Ok(())
}

fn show(
    output: Output,
    next: &[String],
    written: &[(&FirstFile, FirstFileOutcome)],
    imported: &Imported,
    printer: Printer,
) -> Result<(), CommandError> {
    let reports = imported.as_ref().ok().and_then(Option::as_ref).map(|(reports, _)| reports);
    let paths = |wanted: FirstFileOutcome| written.iter().filter(move |(_, outcome)| *outcome == wanted);
    if output == Output::Json {
        let list = |wanted| paths(wanted).map(|(file, _)| file.path.as_str()).collect::<Vec<_>>();
        return printer.json(&json!({
            "format": "offerctl-init",
            "version": 1,
            "created": list(FirstFileOutcome::Created),
            "left": list(FirstFileOutcome::Left),
            "import": reports.map(|reports| import_json(reports)),
            "next": next,
        }));
    }
    let lines = written.iter().map(|(file, outcome)| match outcome {
        FirstFileOutcome::Created => format!("created  {}\n", file.path),
        FirstFileOutcome::Left => format!("left     {}, which was there already\n", file.path),
    });
    let mut text: String = lines.collect();
    text.extend(reports.map(|reports| import::text(reports, printer)));
    let [created, left] = [FirstFileOutcome::Created, FirstFileOutcome::Left].map(|wanted| paths(wanted).count());
    printer.result(&(text + &format!("Init: {created} files created, {left} left as they were.\n")))?;
    for (number, step) in next.iter().enumerate() {
        let next = if number == 0 { "Next:" } else { "     " };
        printer.note(&format!("{next} {}. {step}", number + 1));
    }
    Ok(())
}

/// What the person does next, in this order.
fn next(folder: &Path, answers: &Answers, missing_git: Option<&str>) -> Vec<String> {
    let Answers { beginning, publisher, .. } = answers;
    let mut steps = Vec::new();
    if folder != Path::new(".") {
        steps.push(format!("go there: cd {}", shlex::try_quote(&folder.to_string_lossy()).unwrap_or_default()));
    }
    if missing_git.is_some() {
        steps.push("make it a git repository, which keeps the records: git init".to_owned());
    }
    if let Some(first) = &beginning.offer {
        let key = OfferKey { publisher: first.publisher.clone(), offer: first.offer.clone() };
        steps.push(format!(
            "write what the offer should be into offers/{}/offer.yaml, then: offerctl validate",
            first.offer
        ));
        steps.push(format!("try it on the emulator, without an account: offerctl apply --emulator {key}"));
    }
    if let Some(publisher) = publisher {
        steps.push(format!(
            "sign in, as docs/credentials.md of offerctl says, and check it: offerctl auth check {publisher}"
        ));
        steps.push("see what the service would get, without writing anything: offerctl plan".to_owned());
    }
    if let Some(system) = beginning.system {
        let placeholder = beginning
            .source
            .is_none()
            .then_some("put the place of offerctl for `your-organization/offerctl` and `REVISION`; ");
        steps.push(format!(
            "let {} run it: {}commit, push, and set up what docs/ci.md of offerctl lists",
            system.title(),
            placeholder.unwrap_or_default()
        ));
    }
    steps
}
