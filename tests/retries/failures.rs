//! How each row of the table is brought about.

use std::time::Duration;

use serde_json::{Value, json};

/// Where it goes wrong.
#[derive(Debug, Clone, Copy)]
pub enum How {
    /// At the emulator, by this effect.
    Effect(fn() -> Value),
    /// On the way: nobody listens.
    DoorClosed,
    /// Before: there is no token.
    IssuerAway,
}

/// One row.
pub struct Failure {
    /// As the document names it.
    pub name: &'static str,
    pub how: How,
    /// Whether it is found out only when the patience with one answer is over.
    pub is_slow: bool,
    /// How long the service asks to be left alone, where that can be waited for.
    pub asked: Option<Duration>,
}

fn effect(name: &'static str, effect: fn() -> Value) -> Failure {
    Failure { name, how: How::Effect(effect), is_slow: false, asked: None }
}

fn slow(name: &'static str, effect: fn() -> Value) -> Failure {
    Failure { is_slow: true, ..self::effect(name, effect) }
}

fn asking(name: &'static str, effect: fn() -> Value) -> Failure {
    Failure { asked: Some(Duration::from_secs(7)), ..self::effect(name, effect) }
}

fn refusal(code: u16, message: &str) -> Value {
    json!({"status": {"code": code, "body": {"error": {"code": "Refused", "message": message}}}})
}

fn page(code: u16, when: &str) -> Value {
    json!({"status": {"code": code, "body": "<html><title>Oops</title></html>", "when": when}})
}

fn throttled(headers: &Value) -> Value {
    json!({"status": {"code": 429, "headers": headers}})
}

/// All rows, in the document's order.
#[rustfmt::skip]
pub fn all() -> Vec<Failure> {
    vec![
        Failure { name: "no connection", how: How::DoorClosed, is_slow: false, asked: None },
        Failure { name: "no token: the issuer is out of reach", how: How::IssuerAway, is_slow: false, asked: None },
        effect("reset before the service acted", || json!("reset-before")),
        effect("reset after the service acted", || json!("reset-after")),
        slow("no answer in time, the service did not act", || json!("hang-before")),
        slow("no answer in time, the service acted", || json!("hang-after")),
        effect("the answer breaks off in its head", || json!("truncate-head")),
        effect("the answer breaks off in its body", || json!("truncate")),
        effect("success without a body", || json!("empty-body")),
        effect("success, but a web page, and the service did not act", || page(200, "before-acting")),
        effect("success, but a web page, and the service acted", || page(200, "after-acting")),
        effect("3xx", || json!({"status": {"code": 302, "headers": {"Location": "https://elsewhere.example/"}}})),
        effect("400", || refusal(400, "The title is too long.")),
        effect("400, a submission runs", || refusal(400, "An operation of this offer is in progress.")),
        effect("401", || json!({"status": {"code": 401, "body": {"Message": "Authorization has been denied."}}})),
        effect("403", || refusal(403, "User does not have the required permissions")),
        effect("404", || refusal(404, "There is no such thing.")),
        effect("408", || json!({"status": {"code": 408}})),
        effect("409", || refusal(409, "A submission is in progress.")),
        effect("412", || refusal(412, "The offer was changed.")),
        effect("422", || refusal(422, "The offer needs a logo.")),
        asking("429, `Retry-After` in seconds", || throttled(&json!({"Retry-After": "7"}))),
        asking("429, `Retry-After` as a date", || json!({"status": {"code": 429, "retryAfterDate": "7s"}})),
        effect("429, without `Retry-After`", || throttled(&json!({}))),
        effect("429, `Retry-After` a day", || throttled(&json!({"Retry-After": "86400"}))),
        effect("500", || refusal(500, "It broke.")),
        effect("500, the service acted", || page(500, "after-acting")),
        effect("500, `snapshot() resulted in an internal conflict! Retry is OK.`", || {
            let error = "snapshot() resulted in an internal conflict! Retry is OK.";
            json!({"status": {"code": 500, "body": {"Variant": {"serviceName": "Variant", "error": error}}}})
        }),
        effect("502, a web page", || page(502, "before-acting")),
        effect("503", || json!({"status": {"code": 503}})),
        effect("504", || page(504, "before-acting")),
        effect("504, the service acted", || page(504, "after-acting")),
    ]
}
