//! The way to the service: a door that can be shut, so that connections are refused, and an issuer of tokens that can be
//! away. The issuer is asked right before each request, which makes it the moment at which a door is shut.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::Response;
use futures::future::BoxFuture;
use offerctl::portal::{CredentialError, Secret, TokenSource};
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// What stands in the way of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    DoorClosed,
    IssuerAway,
}

/// Which requests meet an obstacle.
#[derive(Debug, Clone, Copy)]
enum Met {
    /// So many, from this one on, counted from the first after it was set.
    Counted { first: usize, times: usize },
    /// All, until then.
    Until(Instant),
}

/// Hands out tokens, and shuts and opens the door.
pub struct Way {
    service: String,
    client: reqwest::Client,
    address: SocketAddr,
    /// Keeps the port while the door is shut.
    _reserved: TcpSocket,
    serving: tokio::sync::Mutex<Option<JoinHandle<()>>>,
    asked: AtomicUsize,
    renewed: AtomicUsize,
    trouble: Mutex<Option<(Obstacle, Met)>>,
}

fn bound(address: SocketAddr) -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.bind(address).unwrap();
    socket
}

impl Way {
    /// An open door to the service.
    pub async fn to(service: &str, client: reqwest::Client) -> Arc<Self> {
        let reserved = bound(([127, 0, 0, 1], 0).into());
        let way = Arc::new(Self {
            service: service.to_owned(),
            client,
            address: reserved.local_addr().unwrap(),
            _reserved: reserved,
            serving: tokio::sync::Mutex::new(None),
            asked: AtomicUsize::new(0),
            renewed: AtomicUsize::new(0),
            trouble: Mutex::new(None),
        });
        way.open(bound(way.address).listen(64).unwrap()).await;
        way
    }

    /// Where the door is.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Lets an obstacle stand in the way of so many requests, from the given one on.
    pub fn obstruct(&self, obstacle: Obstacle, first: usize, times: usize) {
        self.asked.store(0, Ordering::SeqCst);
        *self.trouble.lock().unwrap() = Some((obstacle, Met::Counted { first, times }));
    }

    /// Lets an obstacle stand in the way of all requests for so long, from now on.
    pub fn obstruct_for(&self, obstacle: Obstacle, duration: Duration) {
        *self.trouble.lock().unwrap() = Some((obstacle, Met::Until(Instant::now() + duration)));
    }

    /// How often a refused token was replaced.
    pub fn renewed(&self) -> usize {
        self.renewed.load(Ordering::SeqCst)
    }

    async fn open(&self, listener: TcpListener) {
        let passage = (self.service.clone(), self.client.clone());
        let router = Router::new().fallback(pass).with_state(passage);
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        *self.serving.lock().await = Some(serving);
    }

    async fn shut(&self) {
        if let Some(serving) = self.serving.lock().await.take() {
            serving.abort();
            // Ends with the news that it was aborted; then nobody listens any more.
            let _ = serving.await;
        }
    }

    async fn ready(&self) -> Result<Secret, CredentialError> {
        let number = self.asked.fetch_add(1, Ordering::SeqCst);
        let trouble = *self.trouble.lock().unwrap();
        let is_met = |met: Met| match met {
            Met::Counted { first, times } => number >= first && number - first < times,
            Met::Until(then) => Instant::now() < then,
        };
        let met = trouble.filter(|(_, met)| is_met(*met)).map(|(obstacle, _)| obstacle);
        let is_shut = self.serving.lock().await.is_none();
        match met {
            Some(Obstacle::IssuerAway) => {
                return Err(CredentialError::new("the issuer cannot be reached", "Check the network.").passing(None));
            }
            Some(Obstacle::DoorClosed) => self.shut().await,
            None if is_shut => self.open(bound(self.address).listen(64).unwrap()).await,
            None => {}
        }
        Ok(Secret::new("token"))
    }
}

impl TokenSource for Way {
    fn token(&self) -> BoxFuture<'_, Result<Secret, CredentialError>> {
        Box::pin(self.ready())
    }

    fn replace(&self, _refused: &Secret) -> BoxFuture<'_, Result<Option<Secret>, CredentialError>> {
        self.renewed.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { Ok(Some(Secret::new("another token"))) })
    }

    fn describe(&self) -> String {
        "the test".to_owned()
    }
}

/// Passes a request on; each over a connection of its own, so that a shut door is met by the next one.
async fn pass(State((service, client)): State<(String, reqwest::Client)>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let mut headers = parts.headers;
    headers.remove(header::HOST);
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let url = format!("{service}{}", parts.uri);
    let answer = client.request(parts.method, url).headers(headers).body(body).send().await.unwrap();
    let (status, headers) = (answer.status(), answer.headers().clone());
    let mut response = Response::new(Body::from(answer.bytes().await.unwrap()));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response.headers_mut().insert(header::CONNECTION, header::HeaderValue::from_static("close"));
    response
}
