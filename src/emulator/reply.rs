//! What the emulator answers with, before any transport: a status, headers, a JSON body; and the refusals by name.

use axum::http::StatusCode;
use serde_json::{Value, json};

/// One answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Option<Value>,
}

impl Reply {
    /// An answer with a body.
    pub(super) fn json(status: StatusCode, body: Value) -> Self {
        Self { status, headers: Vec::new(), body: Some(body) }
    }

    /// 200 with a body.
    pub(super) fn ok(body: Value) -> Self {
        Self::json(StatusCode::OK, body)
    }

    /// An answer without a body.
    pub(super) fn empty(status: StatusCode) -> Self {
        Self { status, headers: Vec::new(), body: None }
    }

    /// A refusal in the service's usual envelope.
    pub(super) fn refused(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self::json(status, json!({"error": {"code": code, "message": message.into()}}))
    }

    /// 400.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::refused(StatusCode::BAD_REQUEST, "BadRequest", message)
    }

    /// 404.
    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::refused(StatusCode::NOT_FOUND, "NotFound", message)
    }

    /// 500: the emulator itself failed, which is not the service's doing.
    pub(super) fn broken(error: &dyn std::error::Error) -> Self {
        Self::refused(StatusCode::INTERNAL_SERVER_ERROR, "EmulatorFailed", format!("The emulator failed: {error}"))
    }

    /// With one more header.
    pub(super) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}
