//! Comments on a pull request of Azure DevOps: the first comment of a thread,
//! <https://learn.microsoft.com/rest/api/azure/devops/git/pull-request-threads>.

use azure_core::base64;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use serde_json::{Value, json};
use url::Url;

use super::conversation::{Talk, Written, id_at, text_at};
use super::error::Effect;
use super::github::{bearer, sensitive};
use super::transport::Transport;
use super::{Address, ForgeError, ForgeOptions, Place};
use crate::portal::Secret;

const VERSION: (&str, &str) = ("api-version", "7.1");
/// There is no other version of who one is.
const VERSION_OF_CONNECTION: (&str, &str) = ("api-version", "7.1-preview");

/// A pull request.
#[derive(Debug, Clone)]
pub struct AzureDevOps {
    /// The organization, or the collection of a server at home.
    pub collection: Address,
    /// The project, by its name or id.
    pub project: String,
    /// The repository, by its name or id.
    pub repository: String,
    /// Its number.
    pub number: u64,
}

pub(super) struct Conversation<'target> {
    target: &'target AzureDevOps,
    transport: Transport,
}

impl<'target> Conversation<'target> {
    pub(super) fn open(target: &'target AzureDevOps, options: ForgeOptions) -> Result<Self, ForgeError> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, authorization(&options));
        // Else a token that is not accepted is answered with the way to a sign-in page.
        headers.insert("x-tfs-fedauthredirect", HeaderValue::from_static("Suppress"));
        let transport = Transport::open(Place::AzureDevOps, &target.collection, headers, options)?;
        Ok(Self { target, transport })
    }

    fn threads(&self, end: &[&str]) -> Url {
        let AzureDevOps { collection, project, repository, number } = self.target;
        let number = number.to_string();
        let path = [project, "_apis", "git", "repositories", repository, "pullRequests", &number, "threads"];
        collection.below(&path.iter().chain(end).copied().collect::<Vec<_>>(), &[VERSION])
    }

    /// The page of a thread.
    fn page_of(&self, thread: &str) -> String {
        let AzureDevOps { collection, project, repository, number } = self.target;
        let path = [project.as_str(), "_git", repository, "pullrequest", &number.to_string()];
        collection.below(&path, &[("discussionId", thread)]).to_string()
    }
}

/// The token of a job is a JWT; a personal one is a password.
fn authorization(options: &ForgeOptions) -> HeaderValue {
    let token = options.token.expose();
    if token.split('.').count() == 3 {
        return bearer(&options.token);
    }
    let encoded = base64::encode(format!(":{token}"));
    // It may be repeated in this spelling too.
    options.secrets.keep(&Secret::new(encoded.as_str()));
    sensitive(&format!("Basic {encoded}"))
}

impl Talk for Conversation<'_> {
    async fn account(&self) -> Result<String, ForgeError> {
        let url = self.target.collection.below(&["_apis", "connectionData"], &[VERSION_OF_CONNECTION]);
        let answer = self.transport.get(url).await?;
        id_at(&answer, "/authenticatedUser/id").ok_or_else(|| {
            self.transport.unusable("asking Azure DevOps whose token this is", "the answer names nobody")
        })
    }

    async fn comments(&self) -> Result<Vec<Written>, ForgeError> {
        let answer = self.transport.get(self.threads(&[])).await?;
        let Some(threads) = answer.pointer("/value").and_then(Value::as_array) else {
            return Err(self.transport.unusable("reading the threads", "the answer is no list"));
        };
        let is_deleted = |value: &Value| value.pointer("/isDeleted").and_then(Value::as_bool).unwrap_or(false);
        let written = threads.iter().filter(|thread| !is_deleted(thread)).filter_map(|thread| {
            let comment = thread.pointer("/comments/0").filter(|comment| !is_deleted(comment))?;
            let (thread, id) = (id_at(thread, "/id")?, id_at(comment, "/id")?);
            Some(Written {
                author: id_at(comment, "/author/id")?,
                text: text_at(comment, "/content")?,
                url: Some(self.page_of(&thread)),
                id: format!("{thread}/{id}"),
            })
        });
        Ok(written.collect())
    }

    async fn create(&self, text: &str) -> Result<Option<String>, ForgeError> {
        let comment = json!({"parentCommentId": 0, "content": text, "commentType": "text"});
        // An open thread would stop the merge where comments have to be resolved.
        let thread = json!({"comments": [comment], "status": "closed"});
        let answer = self.transport.send(Method::POST, self.threads(&[]), &thread, Effect::Creates).await?;
        Ok(id_at(&answer, "/id").map(|thread| self.page_of(&thread)))
    }

    async fn update(&self, comment: &Written, text: &str) -> Result<Option<String>, ForgeError> {
        let (thread, id) = comment.id.split_once('/').unwrap_or_default();
        let url = self.threads(&[thread, "comments", id]);
        self.transport.send(Method::PATCH, url, &json!({"content": text}), Effect::Repeatable).await?;
        Ok(comment.url.clone())
    }
}
