//! Comments on a merge request of GitLab, which it calls notes, <https://docs.gitlab.com/api/notes/#merge-requests>.

use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderMap};
use serde_json::{Value, json};
use url::Url;

use super::conversation::{Talk, Written, id_at, page_at, text_at};
use super::error::Effect;
use super::github::{bearer, pages};
use super::transport::Transport;
use super::{Address, ForgeError, ForgeOptions, Place};

/// A merge request.
#[derive(Debug, Clone)]
pub struct GitLab {
    /// Where the REST API is, with its version.
    pub api: Address,
    /// The project, by its id or by its whole path.
    pub project: String,
    /// The number within the project, which GitLab calls iid.
    pub number: u64,
}

pub(super) struct Conversation<'target> {
    target: &'target GitLab,
    transport: Transport,
}

impl<'target> Conversation<'target> {
    pub(super) fn open(target: &'target GitLab, options: ForgeOptions) -> Result<Self, ForgeError> {
        let mut headers = HeaderMap::new();
        // It takes the tokens of projects, groups and persons this way, and those of applications only this way.
        headers.insert(AUTHORIZATION, bearer(&options.token));
        let transport = Transport::open(Place::GitLab, &target.api, headers, options)?;
        Ok(Self { target, transport })
    }

    fn url(&self, end: &[&str], query: &[(&str, &str)]) -> Url {
        let number = self.target.number.to_string();
        let path = ["projects", &self.target.project, "merge_requests", &number];
        self.target.api.below(&path.iter().chain(end).copied().collect::<Vec<_>>(), query)
    }

    /// The page of the merge request; notes do not tell theirs.
    async fn page(&self) -> Result<Option<String>, ForgeError> {
        Ok(page_at(&self.transport.get(self.url(&[], &[])).await?, "/web_url"))
    }
}

fn page_of(merge_request: Option<&String>, note: &str) -> Option<String> {
    merge_request.map(|page| format!("{page}#note_{note}"))
}

impl Talk for Conversation<'_> {
    async fn account(&self) -> Result<String, ForgeError> {
        let answer = self.transport.get(self.target.api.below(&["user"], &[])).await?;
        id_at(&answer, "/id")
            .ok_or_else(|| self.transport.unusable("asking GitLab whose token this is", "the answer names nobody"))
    }

    async fn comments(&self) -> Result<Vec<Written>, ForgeError> {
        let merge_request = self.page().await?;
        let url = |page: usize| {
            let page = page.to_string();
            let query = [("per_page", "100"), ("page", &page), ("order_by", "created_at"), ("sort", "asc")];
            self.url(&["notes"], &query)
        };
        pages(&self.transport, url, |note| {
            // What GitLab itself notes, such as a push, is nobody's comment.
            let is_system = note.pointer("/system").and_then(Value::as_bool).unwrap_or(false);
            let id = id_at(note, "/id").filter(|_| !is_system)?;
            let url = page_of(merge_request.as_ref(), &id);
            Some(Written { author: id_at(note, "/author/id")?, text: text_at(note, "/body")?, url, id })
        })
        .await
    }

    async fn create(&self, text: &str) -> Result<Option<String>, ForgeError> {
        let url = self.url(&["notes"], &[]);
        let answer = self.transport.send(Method::POST, url, &json!({"body": text}), Effect::Creates).await?;
        // The comment stands, whether or not its page can be told.
        let page = self.page().await.ok().flatten();
        Ok(id_at(&answer, "/id").and_then(|id| page_of(page.as_ref(), &id)))
    }

    async fn update(&self, comment: &Written, text: &str) -> Result<Option<String>, ForgeError> {
        let url = self.url(&["notes", &comment.id], &[]);
        self.transport.send(Method::PUT, url, &json!({"body": text}), Effect::Repeatable).await?;
        Ok(comment.url.clone())
    }
}
