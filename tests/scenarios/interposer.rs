//! Somebody between the program and the service who acts at a certain request: a colleague is quicker, a process is
//! stopped, at a moment that no clock could hit.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::Response;
use reqwest::Method;
use serde_json::Value;

use crate::environment::TestEnvironment;
use crate::portal::call;

/// At the `nth` request of this method to a path with this end.
pub struct Moment {
    pub method: Method,
    pub path: &'static str,
    pub nth: usize,
}

/// What somebody else asks of the service: how, where, with which body.
pub type Asked = (Method, &'static str, Option<Value>);

enum Act {
    /// Others are quicker: they ask this before the request goes on.
    Ask(Vec<Asked>),
    /// The story is told that the service has answered, and the program is never told.
    Withhold(Mutex<SyncSender<()>>),
    /// The story is told, and everything goes on.
    Tell(Mutex<SyncSender<()>>),
}

struct Interposer {
    service: String,
    client: reqwest::Client,
    moment: Moment,
    seen: AtomicUsize,
    act: Act,
}

impl TestEnvironment {
    /// Lets others ask something of the service right before the moment's request goes on.
    pub fn meanwhile(&mut self, moment: Moment, requests: Vec<Asked>) {
        self.interpose(moment, Act::Ask(requests));
    }

    /// Keeps the answer to the moment's request from the program, and tells when the service has given it.
    pub fn withhold_answer(&mut self, moment: Moment) -> Receiver<()> {
        let (sender, receiver) = sync_channel(1);
        self.interpose(moment, Act::Withhold(Mutex::new(sender)));
        receiver
    }

    /// Tells when the moment has come.
    pub fn tell(&mut self, moment: Moment) -> Receiver<()> {
        let (sender, receiver) = sync_channel(1);
        self.interpose(moment, Act::Tell(Mutex::new(sender)));
        receiver
    }

    fn interpose(&mut self, moment: Moment, act: Act) {
        let interposer = Arc::new(Interposer {
            service: self.portal.url().to_owned(),
            client: reqwest::Client::builder().tls_certs_only([]).no_proxy().build().unwrap(),
            moment,
            seen: AtomicUsize::new(0),
            act,
        });
        let router = Router::new().fallback(go_on).with_state(interposer);
        let runtime = self.portal.runtime();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        self.endpoint = format!("http://{}", listener.local_addr().unwrap());
        runtime.spawn(async move { axum::serve(listener, router).await });
    }
}

async fn go_on(State(interposer): State<Arc<Interposer>>, request: Request) -> Response {
    let moment = &interposer.moment;
    let is_the_moment = *request.method() == moment.method
        && request.uri().path().ends_with(moment.path)
        && interposer.seen.fetch_add(1, Ordering::SeqCst) + 1 == moment.nth;
    if !is_the_moment {
        return interposer.forward(request).await;
    }
    match &interposer.act {
        Act::Ask(requests) => {
            for (method, path, body) in requests {
                call(&interposer.client, &interposer.service, method, path, body.as_ref()).await;
            }
            interposer.forward(request).await
        }
        Act::Withhold(story) => {
            interposer.forward(request).await;
            story.lock().unwrap().send(()).unwrap();
            std::future::pending().await
        }
        Act::Tell(story) => {
            let answer = interposer.forward(request).await;
            story.lock().unwrap().send(()).unwrap();
            answer
        }
    }
}

impl Interposer {
    async fn forward(&self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let url = format!("{}{}", self.service, parts.uri);
        let mut headers = parts.headers;
        headers.remove(header::HOST);
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let answer = self.client.request(parts.method, url).headers(headers).body(body).send().await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        let mut response = Response::new(Body::from(answer.bytes().await.unwrap()));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response
    }
}
