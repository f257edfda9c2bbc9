//! Stand-ins for the places where changes are reviewed, on loopback. They know only the calls that offerctl needs, and are
//! strict about them: methods, paths, headers, queries, and the keys of what is sent.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::environment::{CommandResult, TestEnvironment};

/// The token that may comment; no output may hold it.
pub const FORGE_TOKEN: &str = "token-of-the-forge";
/// The same of a kind that a pipeline has: three parts with dots.
pub const JOB_TOKEN: &str = "eyJh.eyJi.c2ln";
/// Whom the token belongs to, and somebody else.
pub const ME: &str = "github-actions[bot]";
pub const SOMEBODY: &str = "mallory";

/// Which place it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    GitHub,
    AzureDevOps,
    GitLab,
}

/// A comment as the place keeps it.
#[derive(Debug, Clone)]
pub struct Kept {
    pub id: usize,
    pub author: String,
    pub text: String,
    /// GitLab: its own note; Azure DevOps: deleted.
    pub is_special: bool,
}

/// An answer in place of the one that the place would give.
pub struct Instead {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
    /// Whether the place does what it was asked all the same.
    pub acts: bool,
}

struct Shelf {
    kind: Kind,
    comments: Mutex<Vec<Kept>>,
    log: Mutex<Vec<String>>,
    instead: Mutex<Vec<(Method, Instead)>>,
}

/// A running stand-in.
pub struct Forge {
    url: String,
    shelf: Arc<Shelf>,
}

impl Forge {
    pub fn start(kind: Kind, environment: &TestEnvironment) -> Self {
        let empty = || Mutex::new(Vec::new());
        let shelf = Arc::new(Shelf { kind, comments: empty(), log: Mutex::default(), instead: Mutex::default() });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shelf));
        let runtime = environment.portal.runtime();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self { url, shelf }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Somebody comments.
    pub fn comment(&self, author: &str, text: &str) {
        self.shelf.add(author, text);
    }

    /// The comments, the oldest first.
    pub fn comments(&self) -> Vec<Kept> {
        self.shelf.comments.lock().unwrap().clone()
    }

    /// Marks the newest comment as the place's own note, or as deleted.
    pub fn make_special(&self) {
        self.shelf.comments.lock().unwrap().last_mut().unwrap().is_special = true;
    }

    /// Gives another answer to the next request of this method.
    pub fn instead(&self, method: Method, instead: Instead) {
        self.shelf.instead.lock().unwrap().push((method, instead));
    }

    /// What was asked since the last time, one line each.
    pub fn asked(&self) -> String {
        std::mem::take(&mut *self.shelf.log.lock().unwrap()).join("\n")
    }

    /// What a command said, without the port of this run.
    pub fn said(&self, result: &CommandResult) -> String {
        result.to_string().replace(&self.url, "http://FORGE")
    }
}

type Answer = (u16, Value);

async fn answer(State(shelf): State<Arc<Shelf>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let target = parts.uri.path_and_query().unwrap().to_string();
    shelf.log.lock().unwrap().push(format!("{} {target}", parts.method));
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
    if !bytes.is_empty() {
        assert_eq!(parts.headers["content-type"], "application/json");
    }
    assert!(parts.headers["user-agent"].to_str().unwrap().starts_with("offerctl/"));
    let instead = {
        let mut all = shelf.instead.lock().unwrap();
        let found = all.iter().position(|(method, _)| *method == parts.method);
        found.map(|index| all.remove(index).1)
    };
    if let Some(Instead { status, headers, body: said, acts }) = instead {
        if acts {
            shelf.act(&parts.method, &target, &parts.headers, &body);
        }
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(name, value);
        }
        return response.body(Body::from(said)).unwrap();
    }
    let (status, value) = shelf.act(&parts.method, &target, &parts.headers, &body);
    let text = if status == 203 { "<html>Sign in</html>".to_owned() } else { value.to_string() };
    let status = StatusCode::from_u16(status).unwrap();
    Response::builder().status(status).header("content-type", "application/json").body(Body::from(text)).unwrap()
}

impl Shelf {
    fn act(&self, method: &Method, target: &str, headers: &HeaderMap, body: &Value) -> Answer {
        match self.kind {
            Kind::GitHub => self.github(method, target, headers, body),
            Kind::AzureDevOps => self.azure_devops(method, target, headers, body),
            Kind::GitLab => self.gitlab(method, target, headers, body),
        }
    }

    fn add(&self, author: &str, text: &str) -> Kept {
        let mut comments = self.comments.lock().unwrap();
        let kept = Kept { id: comments.len() + 1, author: author.to_owned(), text: text.to_owned(), is_special: false };
        comments.push(kept.clone());
        kept
    }

    fn edit(&self, id: &str, text: &str) -> Option<Kept> {
        let mut comments = self.comments.lock().unwrap();
        let kept = comments.iter_mut().find(|kept| kept.id.to_string() == id)?;
        text.clone_into(&mut kept.text);
        Some(kept.clone())
    }

    /// A page of a hundred, as the query names it.
    fn page(&self, query: &str, show: impl Fn(&Kept) -> Value) -> Answer {
        let value = |name: &str| {
            url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).unwrap().1.into_owned()
        };
        assert_eq!(value("per_page"), "100");
        let page: usize = value("page").parse().unwrap();
        let comments = self.comments.lock().unwrap();
        (200, comments.iter().skip((page - 1) * 100).take(100).map(show).collect())
    }

    /// As <https://docs.github.com/rest/issues/comments> says.
    fn github(&self, method: &Method, target: &str, headers: &HeaderMap, body: &Value) -> Answer {
        if headers["authorization"] != format!("Bearer {FORGE_TOKEN}") {
            return (401, json!({"message": "Bad credentials"}));
        }
        assert_eq!(headers["accept"], "application/vnd.github+json");
        assert_eq!(headers["x-github-api-version"], "2022-11-28");
        let show = |kept: &Kept| {
            json!({"id": kept.id, "user": {"login": kept.author}, "body": kept.text,
                "html_url": format!("https://github.com/contoso/offers/pull/12#issuecomment-{}", kept.id)})
        };
        let too_long = || {
            let error =
                json!({"resource": "IssueComment", "message": "Body is too long (maximum is 65536 characters)"});
            (422, json!({"message": "Validation Failed", "errors": [error]}))
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let path = path.strip_prefix("/api/v3").unwrap_or(path);
        let comments = "/repos/contoso/offers/issues/12/comments";
        match (method.as_str(), path) {
            ("POST", "/graphql" | "/api/graphql") => {
                assert_eq!(*body, json!({"query": "query { viewer { login } }"}));
                (200, json!({"data": {"viewer": {"login": ME}}}))
            }
            ("GET", path) if path == comments => self.page(query, show),
            ("POST" | "PATCH", _) if only_text(body, "body").chars().count() > 65_536 => too_long(),
            ("POST", path) if path == comments => (201, show(&self.add(ME, only_text(body, "body")))),
            ("PATCH", path) => {
                let id = path.strip_prefix("/repos/contoso/offers/issues/comments/").unwrap_or_default();
                let edited = self.edit(id, only_text(body, "body"));
                edited.map_or((404, json!({"message": "Not Found"})), |kept| (200, show(&kept)))
            }
            _ => (404, json!({"message": "Not Found"})),
        }
    }

    /// As <https://learn.microsoft.com/rest/api/azure/devops/git/pull-request-threads> says; each comment has a thread.
    fn azure_devops(&self, method: &Method, target: &str, headers: &HeaderMap, body: &Value) -> Answer {
        let personal = "Basic OnRva2VuLW9mLXRoZS1mb3JnZQ==";
        if headers["authorization"] != personal && headers["authorization"] != format!("Bearer {JOB_TOKEN}") {
            return (203, Value::Null);
        }
        assert_eq!(headers["x-tfs-fedauthredirect"], "Suppress");
        let show = |kept: &Kept| {
            let comment = json!({"id": 1, "author": {"id": kept.author}, "content": kept.text, "commentType": "text"});
            json!({"id": 1000 + kept.id, "isDeleted": kept.is_special, "comments": [comment], "status": "closed"})
        };
        let threads = "/contoso/My%20project/_apis/git/repositories/offers/pullRequests/12/threads";
        match (method.as_str(), target) {
            ("GET", "/contoso/_apis/connectionData?api-version=7.1-preview") => {
                (200, json!({"authenticatedUser": {"id": ME, "providerDisplayName": "Build Service"}}))
            }
            ("GET", target) if target == format!("{threads}?api-version=7.1") => {
                (200, json!({"value": self.comments.lock().unwrap().iter().map(show).collect::<Vec<_>>()}))
            }
            ("POST", target) if target == format!("{threads}?api-version=7.1") => {
                let text = body["comments"][0]["content"].as_str().unwrap();
                let comment = json!({"parentCommentId": 0, "content": text, "commentType": "text"});
                assert_eq!(*body, json!({"comments": [comment], "status": "closed"}));
                if text.encode_utf16().count() > 150_000 {
                    return (400, json!({"message": "A discussion comment cannot be longer than 150000 characters."}));
                }
                (200, show(&self.add(ME, text)))
            }
            ("PATCH", target) => {
                let thread = target.strip_prefix(&format!("{threads}/")).unwrap();
                let thread = thread.strip_suffix("/comments/1?api-version=7.1").unwrap();
                let id = thread.parse::<usize>().unwrap() - 1000;
                let edited = self.edit(&id.to_string(), only_text(body, "content")).unwrap();
                (200, json!({"id": 1, "content": edited.text}))
            }
            _ => (404, json!({"message": "TF401019: The Git repository does not exist.", "typeKey": "x"})),
        }
    }

    /// As <https://docs.gitlab.com/api/notes/#merge-requests> says.
    fn gitlab(&self, method: &Method, target: &str, headers: &HeaderMap, body: &Value) -> Answer {
        if headers["authorization"] != format!("Bearer {FORGE_TOKEN}") {
            return (401, json!({"message": "401 Unauthorized"}));
        }
        // Authors are told by number.
        let number = |author: &str| if author == ME { 7 } else { 8 };
        let show = |kept: &Kept| json!({"id": kept.id, "author": {"id": number(&kept.author)}, "body": kept.text, "system": kept.is_special});
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let merge_request = "/api/v4/projects/contoso%2Foffers/merge_requests/12";
        match (method.as_str(), path) {
            ("GET", "/api/v4/user") => (200, json!({"id": 7, "username": "project_1_bot"})),
            ("GET", path) if path == merge_request => {
                (200, json!({"iid": 12, "web_url": "https://gitlab.com/contoso/offers/-/merge_requests/12"}))
            }
            ("GET", path) if path == format!("{merge_request}/notes") => {
                assert!(query.ends_with("&order_by=created_at&sort=asc"), "{query}");
                self.page(query, show)
            }
            ("POST" | "PUT", _) if only_text(body, "body").chars().count() > 1_000_000 => {
                (400, json!({"message": {"note": ["is too long (maximum is 1000000 characters)"]}}))
            }
            ("POST", path) if path == format!("{merge_request}/notes") => {
                (201, show(&self.add(ME, only_text(body, "body"))))
            }
            ("PUT", path) => {
                let id = path.strip_prefix(&format!("{merge_request}/notes/")).unwrap();
                (200, show(&self.edit(id, only_text(body, "body")).unwrap()))
            }
            _ => (404, json!({"message": "404 Project Not Found"})),
        }
    }
}

/// The only key of what is sent.
fn only_text<'body>(body: &'body Value, key: &str) -> &'body str {
    assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), [key]);
    body[key].as_str().unwrap()
}
