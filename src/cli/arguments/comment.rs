//! The flags of Markdown for a pull request, and of the command that puts it there. CI systems say in variables where a job
//! runs; each has a flag for everywhere else.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Format;
use crate::cli::CommandError;
use crate::config::environment as variable;
use crate::render::{CommentId, MarkdownLimit};

/// How long Markdown may be.
#[derive(Debug, Clone, Default, Args)]
pub struct MarkdownLength {
    /// How long the Markdown may be, as the place that shows it allows: github, azure-devops, gitlab or a number of
    /// characters; what matters least is left out [default: github]
    #[arg(long, value_name = "PLACE|CHARACTERS")]
    pub markdown_limit: Option<MarkdownLimit>,
}

impl MarkdownLength {
    /// What was asked for, or what GitHub allows.
    pub fn limit(&self) -> MarkdownLimit {
        self.markdown_limit.unwrap_or_default()
    }

    /// Refuses what would do nothing.
    pub fn check(&self, format: Format) -> Result<(), CommandError> {
        expect_markdown("--markdown-limit", self.markdown_limit.is_some(), format)
    }
}

/// How Markdown is fitted to the place where it goes.
#[derive(Debug, Clone, Default, Args)]
pub struct MarkdownOptions {
    /// How long it may be.
    #[command(flatten)]
    pub length: MarkdownLength,
    /// The name in the hidden first line of the Markdown, by which its comment is found again [default: the folder of
    /// offerctl.yaml in its git repository]
    #[arg(long, value_name = "NAME")]
    pub comment_id: Option<CommentId>,
}

impl MarkdownOptions {
    /// Refuses what would do nothing.
    pub fn check(&self, format: Format) -> Result<(), CommandError> {
        self.length.check(format)?;
        expect_markdown("--comment-id", self.comment_id.is_some(), format)
    }
}

fn expect_markdown(flag: &str, is_given: bool, format: Format) -> Result<(), CommandError> {
    if is_given && format != Format::Markdown {
        return Err(CommandError::bad_input(format!("`{flag}` is for Markdown")).hint("add `--output markdown`"));
    }
    Ok(())
}

/// `comment`.
#[derive(Debug, Subcommand)]
pub enum CommentCommand {
    /// Comment on a pull request of GitHub, with the token in `GITHUB_TOKEN`
    #[command(
        name = "github",
        after_help = "The comment is found again by its hidden first line and edited in place; one that somebody else wrote \
                      never is. A job needs `permissions: pull-requests: write`.\n\nExamples:\n  offerctl plan --output \
                      markdown | offerctl comment github\n  offerctl comment github plan.md \
                      --repository contoso/offers --pull-request 12"
    )]
    GitHub(GitHubArguments),
    /// Comment on a pull request of Azure DevOps, with the token in `SYSTEM_ACCESSTOKEN`
    #[command(
        name = "azure-devops",
        after_help = "The comment is found again by its hidden first line and edited in place; one that somebody else wrote \
                      never is. A step has the token when it is mapped: `env: {SYSTEM_ACCESSTOKEN: \
                      $(System.AccessToken)}`; the build service needs \"Contribute to pull \
                      requests\".\n\nExamples:\n  offerctl plan --output markdown | offerctl comment \
                      azure-devops\n  offerctl comment azure-devops plan.md --collection \
                      https://dev.azure.com/contoso --project offers --repository offers --pull-request 12"
    )]
    AzureDevOps(AzureDevOpsArguments),
    /// Comment on a merge request of GitLab, with the token in `GITLAB_TOKEN`
    #[command(
        name = "gitlab",
        after_help = "The comment is found again by its hidden first line and edited in place; one that somebody else wrote \
                      never is. The token is one of a project, a group or a person, with the scope `api`; the CI_JOB_TOKEN \
                      of a job may not comment.\n\nExamples:\n  offerctl plan --output markdown | offerctl \
                      comment gitlab\n  offerctl comment gitlab plan.md --project contoso/offers --merge-request 12"
    )]
    GitLab(GitLabArguments),
}

/// What is to be commented.
#[derive(Debug, Args)]
pub struct CommentInput {
    /// The plan that `plan --out` saved, or the Markdown that `plan --output markdown` wrote; standard input when it is `-`
    /// or not named
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// The name by which the comment is found again, in place of the one in the Markdown
    #[arg(long, value_name = "NAME")]
    pub comment_id: Option<CommentId>,
}

/// `comment github`.
#[derive(Debug, Args)]
pub struct GitHubArguments {
    /// What.
    #[command(flatten)]
    pub input: CommentInput,
    /// The number of the pull request [default: the one that the workflow runs for]
    #[arg(long, value_name = "NUMBER")]
    pub pull_request: Option<String>,
    /// The repository
    #[arg(long, value_name = "OWNER/NAME", env = variable::GITHUB_REPOSITORY, hide_env_values = true)]
    pub repository: Option<String>,
    /// Where the API is; the token goes there [default: `https://api.github.com`]
    #[arg(long, value_name = "URL", env = variable::GITHUB_API_URL, hide_env_values = true)]
    pub api: Option<String>,
}

/// `comment azure-devops`.
#[derive(Debug, Args)]
pub struct AzureDevOpsArguments {
    /// What.
    #[command(flatten)]
    pub input: CommentInput,
    /// The number of the pull request
    #[arg(long, value_name = "NUMBER", env = variable::AZURE_PULL_REQUEST, hide_env_values = true)]
    pub pull_request: Option<String>,
    /// The repository, by its name or id
    #[arg(long, value_name = "REPOSITORY", env = variable::AZURE_REPOSITORY, hide_env_values = true)]
    pub repository: Option<String>,
    /// The project, by its name or id
    #[arg(long, value_name = "PROJECT", env = variable::AZURE_PROJECT, hide_env_values = true)]
    pub project: Option<String>,
    /// The organization or collection; the token goes there: `https://dev.azure.com/contoso`
    #[arg(long, value_name = "URL", env = variable::AZURE_COLLECTION, hide_env_values = true)]
    pub collection: Option<String>,
}

/// `comment gitlab`.
#[derive(Debug, Args)]
pub struct GitLabArguments {
    /// What.
    #[command(flatten)]
    pub input: CommentInput,
    /// The number of the merge request in its project
    #[arg(long, value_name = "NUMBER", env = variable::GITLAB_MERGE_REQUEST, hide_env_values = true)]
    pub merge_request: Option<String>,
    /// The project, by its path or id
    #[arg(long, value_name = "PROJECT", env = variable::GITLAB_PROJECT, hide_env_values = true)]
    pub project: Option<String>,
    /// Where the API is; the token goes there [default: `https://gitlab.com/api/v4`]
    #[arg(long, value_name = "URL", env = variable::GITLAB_API_URL, hide_env_values = true)]
    pub api: Option<String>,
}
