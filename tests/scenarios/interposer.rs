//! Somebody between the program and the service who lets something happen right before a certain request goes on: a
//! colleague is quicker, at a moment that no clock could hit.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::Response;
use reqwest::Method;
use serde_json::Value;

use crate::environment::TestEnvironment;
use crate::portal::call;

/// Right before the `nth` request of this method to a path with this end.
pub struct Moment {
    pub method: Method,
    pub path: &'static str,
    pub nth: usize,
}

/// What somebody else asks of the service then: how, where, with which body.
pub type Happening = (Method, &'static str, Option<Value>);

struct Interposer {
    service: String,
    client: reqwest::Client,
    moment: Moment,
    seen: AtomicUsize,
    happening: Vec<Happening>,
}

impl TestEnvironment {
    /// Lets others do something at the moment.
    pub fn meanwhile(&mut self, moment: Moment, happening: Vec<Happening>) {
        let interposer = Arc::new(Interposer {
            service: self.portal.url().to_owned(),
            client: reqwest::Client::builder().tls_certs_only([]).no_proxy().build().unwrap(),
            moment,
            seen: AtomicUsize::new(0),
            happening,
        });
        let router = Router::new().fallback(go_on).with_state(interposer);
        let runtime = self.portal.runtime();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        self.endpoint = format!("http://{}", listener.local_addr().unwrap());
        runtime.spawn(async move { axum::serve(listener, router).await });
    }
}

async fn go_on(State(interposer): State<Arc<Interposer>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let moment = &interposer.moment;
    if parts.method == moment.method
        && parts.uri.path().ends_with(moment.path)
        && interposer.seen.fetch_add(1, Ordering::SeqCst) + 1 == moment.nth
    {
        for (method, path, body) in &interposer.happening {
            call(&interposer.client, &interposer.service, method, path, body.as_ref()).await;
        }
    }
    let url = format!("{}{}", interposer.service, parts.uri);
    let mut headers = parts.headers;
    headers.remove(header::HOST);
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let request = interposer.client.request(parts.method, url).headers(headers).body(body);
    let answer = request.send().await.unwrap();
    let (status, headers) = (answer.status(), answer.headers().clone());
    let mut response = Response::new(Body::from(answer.bytes().await.unwrap()));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
