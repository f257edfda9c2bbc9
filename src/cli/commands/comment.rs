//! `offerctl comment`: puts Markdown into a comment on a pull request, and keeps that one comment up to date.

use std::io::{IsTerminal as _, Read as _};
use std::path::Path;

use serde_json::{Value, json};

use crate::cli::arguments::{
    AzureDevOpsArguments, CommentCommand, CommentInput, GitHubArguments, GitLabArguments, Global, Output, WaitOptions,
};
use crate::cli::printer::Printer;
use crate::cli::secrets::secret;
use crate::cli::session::Session;
use crate::cli::{CommandError, Exit, plan_files, secrets};
use crate::config::environment as variable;
use crate::forge::{
    Address, AzureDevOps, Comment, ForgeOptions, GitHub, GitLab, Place, Posted, Target, commit_of_event,
    number_of_event, number_of_ref,
};
use crate::portal::RetryPolicy;
use crate::render::{CommentId, MarkdownLimit, plan_markdown};

/// No event of a runner is larger.
const MAX_EVENT_BYTES: u64 = 32 * 1024 * 1024;
const GITHUB: &str = "https://api.github.com";
const GITLAB: &str = "https://gitlab.com/api/v4";

pub(super) async fn run(global: &Global, own: &CommentCommand, printer: Printer) -> Result<Exit, CommandError> {
    let session = Session::open(global, &[], WaitOptions::default(), printer)?;
    secrets::keep_of_surroundings(&session);
    let (target, input, token) = match own {
        CommentCommand::GitHub(own) => (Target::GitHub(github(own)?), &own.input, variable::GITHUB_COMMENT_TOKEN),
        CommentCommand::AzureDevOps(own) => {
            (Target::AzureDevOps(azure_devops(own)?), &own.input, variable::PIPELINES_TOKEN)
        }
        CommentCommand::GitLab(own) => (Target::GitLab(gitlab(own)?), &own.input, variable::GITLAB_TOKEN),
    };
    let place = target.place();
    let comment = comment(&session, input, place)?;
    let secret = secret(token).ok_or_else(|| {
        CommandError::other(format!("{token} is not set, or empty: nobody can comment without it"))
            .hint(place.permission())
            .ending_as(Exit::NotAllowed)
    })?;
    if !secret.expose().bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
        let message = format!("{token} holds a character that no request can carry, such as the end of a line");
        return Err(CommandError::other(message).hint("set it again, to the token alone").ending_as(Exit::NotAllowed));
    }
    let options = ForgeOptions {
        token: secret,
        secrets: printer.secrets().clone(),
        retry: RetryPolicy::default(),
        jitter_seed: fastrand::u64(..),
    };
    let posted = target.post(&comment, options).await?;
    tell(global.output, place, &posted, printer)?;
    Ok(Exit::Done)
}

fn tell(output: Output, place: Place, posted: &Posted, printer: Printer) -> Result<(), CommandError> {
    let Posted { deed, url, duplicates, foreign } = posted;
    if *duplicates > 0 {
        printer.warning(&format!(
            "two jobs wrote at once: besides this comment there are others of this account with the same hidden first line \
             ({duplicates}). The oldest is kept up to date; delete the others"
        ));
    }
    if *foreign > 0 {
        printer.warning(&format!(
            "other accounts wrote comments with the same hidden first line ({foreign}). They were left alone: what they say is \
             not offerctl's"
        ));
    }
    match output {
        Output::Text => {
            let url = url.as_deref().map(|url| format!(": {}", crate::render::single_line(url))).unwrap_or_default();
            printer.result(&format!("Comment: {}{url}\n", deed.as_str()))
        }
        Output::Json => {
            let document: Value = json!({
                "format": "offerctl-comment",
                "version": 1,
                "place": place.as_str(),
                "result": deed.as_str(),
                "url": url,
                "duplicates": duplicates,
                "foreign": foreign,
            });
            printer.json(&document)
        }
    }
}

/// The comment, fit for the place.
fn comment(session: &Session, input: &CommentInput, place: Place) -> Result<Comment, CommandError> {
    let (text, name) = read(input.file.as_deref())?;
    if text.trim().is_empty() {
        return Err(CommandError::bad_input(format!("{name} is empty, so there is nothing to comment"))
            .hint("look at what the command before it said"));
    }
    let limit = limit_of(place);
    let is_plan = text.trim_start().starts_with('{');
    let text = if is_plan {
        plan_markdown(&plan_files::parse(&text, &name)?.into_plan(), &session.comment_id(), limit)
    } else {
        text
    };
    let id = input.comment_id.clone().or_else(|| CommentId::of_text(&text)).ok_or_else(|| {
        CommandError::bad_input(format!("{name} has no hidden first line by which its comment is found again")).hint(
            "`offerctl plan --output markdown` writes that line; give other Markdown a name with `--comment-id NAME`",
        )
    })?;
    let text = session.printer.secrets().scrub(&id.put_on(&text));
    if let Some(excess) = limit.excess(&text) {
        let place = place.as_str();
        let message = format!("{name} is too long for {place}: {excess} characters more than {}", limit.units());
        return Err(CommandError::bad_input(message).hint(format!(
            "`--output markdown --markdown-limit {place}`, of `offerctl plan`, `show` or `drift`, leaves out what matters least"
        )));
    }
    Ok(Comment { marker: id.marker(), text: with_commit(text, commit_of_job(place).as_deref(), limit) })
}

/// The text, and what it was made from, if there is room for that.
fn with_commit(text: String, commit: Option<&str>, limit: MarkdownLimit) -> String {
    let Some(commit) = commit else { return text };
    let longer = format!("{}\n\nMade from commit {commit}.\n", text.trim_end());
    if limit.excess(&longer).is_none() { longer } else { text }
}

/// The commit that a job runs for, as people know it: the end of the branch that is to be merged.
fn commit_of_job(place: Place) -> Option<String> {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let found = match place {
        Place::GitHub => {
            event_of_job().and_then(|event| commit_of_event(&event)).or_else(|| set(variable::GITHUB_COMMIT))
        }
        Place::AzureDevOps => set(variable::AZURE_COMMIT),
        Place::GitLab => set(variable::GITLAB_SOURCE_COMMIT).or_else(|| set(variable::GITLAB_COMMIT)),
    };
    let is_commit = |text: &String| (7..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    found.filter(is_commit)
}

fn limit_of(place: Place) -> MarkdownLimit {
    match place {
        Place::GitHub => MarkdownLimit::GITHUB,
        Place::AzureDevOps => MarkdownLimit::AZURE_DEVOPS,
        Place::GitLab => MarkdownLimit::GITLAB,
    }
}

/// The text and what to call it.
fn read(file: Option<&Path>) -> Result<(String, String), CommandError> {
    let named = file.filter(|file| *file != Path::new("-"));
    let name = named.map_or_else(|| "standard input".to_owned(), |file| format!("`{}`", file.display()));
    let unreadable = |error: &dyn std::fmt::Display| CommandError::bad_input(format!("{name} cannot be read: {error}"));
    let bytes = match named {
        Some(file) => {
            bounded(std::fs::File::open(file).map_err(|error| unreadable(&error))?, plan_files::MAX_PLAN_BYTES)
        }
        None if std::io::stdin().is_terminal() => {
            return Err(CommandError::bad_input("there is no Markdown to comment")
                .hint("name its file, or send it in: `offerctl plan --output markdown | offerctl comment github`"));
        }
        None => bounded(std::io::stdin().lock(), plan_files::MAX_PLAN_BYTES),
    };
    let bytes = bytes.map_err(|error| unreadable(&error))?;
    let text = String::from_utf8(bytes).map_err(|_| unreadable(&"it is not UTF-8"))?;
    Ok((text, name))
}

fn bounded(reader: impl std::io::Read, most: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(std::io::Error::other(format!("it has more than {most} bytes")));
    }
    Ok(bytes)
}

fn github(own: &GitHubArguments) -> Result<GitHub, CommandError> {
    let repository = present(own.repository.as_ref())
        .ok_or_else(|| missing("the repository", "--repository OWNER/NAME", variable::GITHUB_REPOSITORY))?;
    let is_name = |name: &str| !name.is_empty() && !name.contains('/');
    let (owner, name) =
        repository.split_once('/').filter(|(owner, name)| is_name(owner) && is_name(name)).ok_or_else(|| {
            CommandError::bad_input(format!("`{repository}` is no repository")).hint("write it as OWNER/NAME")
        })?;
    let number = match present(own.pull_request.as_ref()) {
        Some(text) => number(text)?,
        None => number_of_job()?,
    };
    let api = address(present(own.api.as_ref()).map_or(GITHUB, |api| api), "--api", variable::GITHUB_API_URL)?;
    Ok(GitHub { api, owner: owner.to_owned(), repository: name.to_owned(), number })
}

/// The pull request that a GitHub job runs for.
fn number_of_job() -> Result<u64, CommandError> {
    let of_ref = std::env::var(variable::GITHUB_REF).ok().and_then(|reference| number_of_ref(&reference));
    let of_event = event_of_job().and_then(|event| number_of_event(&event));
    of_event.or(of_ref).ok_or_else(|| {
        CommandError::bad_input(
            "there is no pull request to comment on: neither the event of this job nor its ref names one",
        )
        .hint("name it with `--pull-request NUMBER`, or run the job `on: pull_request`")
    })
}

/// What a GitHub job runs for.
fn event_of_job() -> Option<Value> {
    let path = std::env::var_os(variable::GITHUB_EVENT_PATH).filter(|path| !path.is_empty())?;
    let event = bounded(std::fs::File::open(path).ok()?, MAX_EVENT_BYTES).ok()?;
    serde_json::from_slice(&event).ok()
}

fn azure_devops(own: &AzureDevOpsArguments) -> Result<AzureDevOps, CommandError> {
    let given = |text: &Option<String>, what, flag, variable| {
        present(text.as_ref()).cloned().ok_or_else(|| missing(what, flag, variable))
    };
    let collection = given(&own.collection, "the organization", "--collection URL", variable::AZURE_COLLECTION)?;
    let number_text =
        given(&own.pull_request, "the pull request", "--pull-request NUMBER", variable::AZURE_PULL_REQUEST)?;
    Ok(AzureDevOps {
        collection: address(&collection, "--collection", variable::AZURE_COLLECTION)?,
        project: given(&own.project, "the project", "--project PROJECT", variable::AZURE_PROJECT)?,
        repository: given(&own.repository, "the repository", "--repository REPOSITORY", variable::AZURE_REPOSITORY)?,
        number: number(&number_text)?,
    })
}

fn gitlab(own: &GitLabArguments) -> Result<GitLab, CommandError> {
    let project = present(own.project.as_ref())
        .ok_or_else(|| missing("the project", "--project PROJECT", variable::GITLAB_PROJECT))?;
    let merge_request = present(own.merge_request.as_ref()).ok_or_else(|| {
        missing("the merge request", "--merge-request NUMBER", variable::GITLAB_MERGE_REQUEST)
            .hint("GitLab sets it in pipelines for merge requests: `rules: [{if: $CI_PIPELINE_SOURCE == \"merge_request_event\"}]`")
    })?;
    let api = address(present(own.api.as_ref()).map_or(GITLAB, |api| api), "--api", variable::GITLAB_API_URL)?;
    Ok(GitLab { api, project: project.clone(), number: number(merge_request)? })
}

/// An empty variable counts as one that is not set: CI systems set what they do not have. Azure Pipelines leaves the macro
/// of a variable that it does not have as it is.
fn present(text: Option<&String>) -> Option<&String> {
    text.filter(|text| !text.trim().is_empty() && !text.starts_with("$("))
}

fn missing(what: &str, flag: &str, variable: &str) -> CommandError {
    CommandError::bad_input(format!("{what} is not known: neither `{flag}` nor {variable} says it"))
}

fn address(text: &str, flag: &str, variable: &str) -> Result<Address, CommandError> {
    text.parse().map_err(|error| {
        CommandError::bad_input(format!("the address of `{flag}` or {variable} cannot be used: {error}"))
            .hint("write it like https://api.github.com, https://dev.azure.com/contoso or https://gitlab.com/api/v4")
    })
}

fn number(text: &str) -> Result<u64, CommandError> {
    let number = text.trim().trim_start_matches(['#', '!']).parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| {
        CommandError::bad_input(format!("`{text}` is no number of a pull request"))
            .hint("write it like `--pull-request 12`")
    })
}
