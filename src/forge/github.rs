//! Comments on a pull request of GitHub: the comments of its issue, <https://docs.github.com/rest/issues/comments>.

use reqwest::Method;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue};
use serde_json::{Value, json};
use url::Url;

use super::conversation::{Talk, Written, id_at, page_at, text_at};
use super::error::Effect;
use super::transport::Transport;
use super::{Address, ForgeError, ForgeOptions, Place};
use crate::portal::Secret;

/// How many comments a page holds, and how many pages are read: enough for anybody but a flood.
const PAGE: usize = 100;
const MOST_PAGES: usize = 100;
/// The end of the path of a GitHub at home; its GraphQL is elsewhere.
const AT_HOME: &str = "/api/v3";

/// A pull request.
#[derive(Debug, Clone)]
pub struct GitHub {
    /// Where the REST API is.
    pub api: Address,
    /// Whose repository.
    pub owner: String,
    /// Which one.
    pub repository: String,
    /// Its number.
    pub number: u64,
}

pub(super) struct Conversation<'target> {
    target: &'target GitHub,
    transport: Transport,
}

impl<'target> Conversation<'target> {
    pub(super) fn open(target: &'target GitHub, options: ForgeOptions) -> Result<Self, ForgeError> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/vnd.github+json"));
        headers.insert("x-github-api-version", HeaderValue::from_static("2022-11-28"));
        headers.insert(AUTHORIZATION, bearer(&options.token));
        let transport = Transport::open(Place::GitHub, &target.api, headers, options)?;
        Ok(Self { target, transport })
    }

    fn url(&self, end: &[&str], query: &[(&str, &str)]) -> Url {
        let GitHub { api, owner, repository, .. } = self.target;
        let path = ["repos", owner, repository, "issues"];
        api.below(&path.iter().chain(end).copied().collect::<Vec<_>>(), query)
    }
}

/// The header with the token, which no log shows. One that no header can hold has been refused before.
pub(super) fn bearer(token: &Secret) -> HeaderValue {
    sensitive(&format!("Bearer {}", token.expose()))
}

pub(super) fn sensitive(text: &str) -> HeaderValue {
    let mut value = HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

impl Talk for Conversation<'_> {
    /// By GraphQL, because the token of a job may not ask `/user`.
    async fn account(&self) -> Result<String, ForgeError> {
        let api = &self.target.api;
        let url = api.replacing_end(AT_HOME, &["api", "graphql"]).unwrap_or_else(|| api.below(&["graphql"], &[]));
        let query = json!({"query": "query { viewer { login } }"});
        let answer = self.transport.send(Method::POST, url, &query, Effect::Repeatable).await;
        let answer = answer.map_err(|error| error.while_doing("asking GitHub whose token this is"))?;
        text_at(&answer, "/data/viewer/login")
            .ok_or_else(|| self.transport.unusable("asking GitHub whose token this is", "the answer names nobody"))
    }

    async fn comments(&self) -> Result<Vec<Written>, ForgeError> {
        let number = self.target.number.to_string();
        let page = |page: usize| {
            let (size, page) = (PAGE.to_string(), page.to_string());
            self.url(&[&number, "comments"], &[("per_page", &size), ("page", &page)])
        };
        pages(&self.transport, page, |comment| {
            Some(Written {
                id: id_at(comment, "/id")?,
                author: text_at(comment, "/user/login")?,
                text: text_at(comment, "/body")?,
                url: page_at(comment, "/html_url"),
            })
        })
        .await
    }

    async fn create(&self, text: &str) -> Result<Option<String>, ForgeError> {
        let url = self.url(&[&self.target.number.to_string(), "comments"], &[]);
        let answer = self.transport.send(Method::POST, url, &json!({"body": text}), Effect::Creates).await?;
        Ok(page_at(&answer, "/html_url"))
    }

    async fn update(&self, comment: &Written, text: &str) -> Result<Option<String>, ForgeError> {
        let url = self.url(&["comments", &comment.id], &[]);
        let answer = self.transport.send(Method::PATCH, url, &json!({"body": text}), Effect::Repeatable).await?;
        Ok(page_at(&answer, "/html_url"))
    }
}

/// Reads page after page until one is not full. Pages are counted, and no address is taken from an answer.
pub(super) async fn pages(
    transport: &Transport,
    url: impl Fn(usize) -> Url,
    read: impl Fn(&Value) -> Option<Written>,
) -> Result<Vec<Written>, ForgeError> {
    let mut found = Vec::new();
    for page in 1..=MOST_PAGES {
        let answer = transport.get(url(page)).await?;
        let Some(entries) = answer.as_array() else {
            return Err(transport.unusable("reading the comments", "the answer is no list"));
        };
        found.extend(entries.iter().filter_map(&read));
        if entries.len() < PAGE {
            return Ok(found);
        }
    }
    let most = PAGE * MOST_PAGES;
    Err(transport.refused("reading the comments", &format!("there are more than {most}, and no more are read")))
}

/// The pull request in the event that a job runs for, as the file says that `GITHUB_EVENT_PATH` names.
pub fn number_of_event(event: &Value) -> Option<u64> {
    let number = |pointer: &str| event.pointer(pointer)?.as_u64();
    let of_issue = event.pointer("/issue/pull_request").and_then(|_| number("/issue/number"));
    number("/pull_request/number").or(of_issue)
}

/// The commit at the end of the pull request's branch, in the same event.
pub fn commit_of_event(event: &Value) -> Option<String> {
    text_at(event, "/pull_request/head/sha")
}

/// The pull request in a ref: 12 in `refs/pull/12/merge`.
pub fn number_of_ref(reference: &str) -> Option<u64> {
    reference.strip_prefix("refs/pull/")?.split('/').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_knows_its_pull_request() {
        let event = json!({"pull_request": {"number": 12, "head": {"sha": "0123abc"}}});
        assert_eq!(commit_of_event(&event).as_deref(), Some("0123abc"));
        assert_eq!(number_of_event(&json!({"pull_request": {"number": 12}, "number": 13})), Some(12));
        assert_eq!(number_of_event(&json!({"issue": {"number": 7, "pull_request": {}}})), Some(7));
        assert_eq!(number_of_event(&json!({"issue": {"number": 7}})), None, "an issue is no pull request");
        assert_eq!(number_of_ref("refs/pull/12/merge"), Some(12));
        assert_eq!(number_of_ref("refs/heads/pull/12"), None);
    }
}
