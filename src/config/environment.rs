//! Every variable of the environment that offerctl reads, by name. Those of credentials are described where they are
//! read, in [`crate::credential::variable`].

pub use crate::credential::variable::{
    AUTHORITY_HOST, CLIENT_CERTIFICATE_PATH, CLIENT_ID, CLIENT_SECRET, FEDERATED_TOKEN_FILE, GITHUB_TOKEN,
    GITHUB_TOKEN_URL, IDENTITY_ENDPOINT, IDENTITY_HEADER, PATH, PIPELINES_CLIENT_ID, PIPELINES_CONNECTION,
    PIPELINES_TENANT_ID, PIPELINES_TOKEN, PIPELINES_TOKEN_URL, SCOPE, TENANT_ID, TOKEN,
};

/// Where the service is. Also `--endpoint` and `endpoint` in `offerctl.yaml`.
pub const ENDPOINT: &str = "OFFERCTL_ENDPOINT";
/// Which credential obtains tokens, such as `github`. Also `--auth`.
pub const AUTH: &str = "OFFERCTL_AUTH";
/// How many offers are worked on side by side. Also `--parallelism`.
pub const PARALLELISM: &str = "OFFERCTL_PARALLELISM";
/// How long one offer is waited for. Also `--wait`.
pub const WAIT: &str = "OFFERCTL_WAIT";
/// How often the service is asked while waiting. Also `--poll-interval`.
pub const POLL_INTERVAL: &str = "OFFERCTL_POLL_INTERVAL";
/// The file that events are added to. Also `--events`.
pub const EVENTS: &str = "OFFERCTL_EVENTS";
/// Where the records are: a folder or `git:BRANCH`. Also `--state`.
pub const STATE: &str = "OFFERCTL_STATE";
/// The key that fingerprints of secrets are made with, so that nobody who reads a record can guess them.
pub const FINGERPRINT_KEY: &str = "OFFERCTL_FINGERPRINT_KEY";
/// What is logged to stderr: `debug`, or tracing's filter language. Also `-v` and `-vv`.
pub const LOG: &str = "OFFERCTL_LOG";
/// Whose runner shows findings on their lines: `github`, `azure-pipelines`, `none`. Also `--annotations`.
pub const ANNOTATIONS: &str = "OFFERCTL_ANNOTATIONS";
/// Set to anything, it takes the colours away (<https://no-color.org>).
pub const NO_COLOR: &str = "NO_COLOR";

/// Where a job of GitHub Actions runs, it is `true`.
pub const GITHUB_ACTIONS: &str = "GITHUB_ACTIONS";
/// Where a job of Azure Pipelines runs, it is `True`.
pub const AZURE_BUILD: &str = "TF_BUILD";
/// The token that comments on GitHub; a job has it when it is mapped.
pub const GITHUB_COMMENT_TOKEN: &str = "GITHUB_TOKEN";
/// The repository of a GitHub job, as owner/name. Also `comment github --repository`.
pub const GITHUB_REPOSITORY: &str = "GITHUB_REPOSITORY";
/// Where the API is that a GitHub job belongs to. Also `comment github --api`.
pub const GITHUB_API_URL: &str = "GITHUB_API_URL";
/// The file that says what a GitHub job runs for, the number of the pull request among it.
pub const GITHUB_EVENT_PATH: &str = "GITHUB_EVENT_PATH";
/// The file of a GitHub step whose Markdown is shown on the page of the run; empty, it takes none.
pub const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";
/// The ref of a GitHub job: `refs/pull/12/merge`.
pub const GITHUB_REF: &str = "GITHUB_REF";
/// The commit of a GitHub job, which for a pull request is one of GitHub's own making: its event knows better.
pub const GITHUB_COMMIT: &str = "GITHUB_SHA";
/// The organization or collection of an Azure Pipelines job. Also `comment azure-devops --collection`.
pub const AZURE_COLLECTION: &str = "SYSTEM_COLLECTIONURI";
/// The project of an Azure Pipelines job. Also `comment azure-devops --project`.
pub const AZURE_PROJECT: &str = "SYSTEM_TEAMPROJECT";
/// The repository of an Azure Pipelines job. Also `comment azure-devops --repository`.
pub const AZURE_REPOSITORY: &str = "BUILD_REPOSITORY_ID";
/// The pull request that an Azure Pipelines job runs for. Also `comment azure-devops --pull-request`.
pub const AZURE_PULL_REQUEST: &str = "SYSTEM_PULLREQUEST_PULLREQUESTID";
/// The commit at the end of the branch that an Azure Pipelines job checks for a pull request.
pub const AZURE_COMMIT: &str = "SYSTEM_PULLREQUEST_SOURCECOMMITID";
/// The token that comments on GitLab. The `CI_JOB_TOKEN` of a job may not.
pub const GITLAB_TOKEN: &str = "GITLAB_TOKEN";
/// Where the API is that a GitLab job belongs to. Also `comment gitlab --api`.
pub const GITLAB_API_URL: &str = "CI_API_V4_URL";
/// The project of a GitLab job. Also `comment gitlab --project`.
pub const GITLAB_PROJECT: &str = "CI_PROJECT_ID";
/// The merge request that a GitLab job runs for. Also `comment gitlab --merge-request`.
pub const GITLAB_MERGE_REQUEST: &str = "CI_MERGE_REQUEST_IID";
/// The commit at the end of the branch of a merge request, where GitLab checks the result of merging it.
pub const GITLAB_SOURCE_COMMIT: &str = "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA";
/// The commit of a GitLab job.
pub const GITLAB_COMMIT: &str = "CI_COMMIT_SHA";
