//! What an answer that is no success says about itself, in any of the shapes that the service and the gateways before
//! it use. Never fails: an unreadable body explains nothing.

use serde_json::Value;

use super::plain_text::{clean_text, plain_text};
use super::wire::Node;

/// No more than about this many sentences are worth a person's time.
const MOST_SENTENCES: usize = 20;

/// The service's code and message; both may be missing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Explanation {
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
}

impl Explanation {
    /// Reads the body of an answer.
    pub(super) fn read(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let text = text.trim_start_matches('\u{feff}').trim();
        match serde_json::from_str::<Value>(text) {
            Ok(value) => Self::of_json(Node::new(&value), text),
            Err(_) if is_page(text.as_bytes()) => Self { code: None, message: present(page_text(text)) },
            Err(_) => Self { code: None, message: present(clean_text(text)) },
        }
    }

    fn of_json(answer: Node<'_>, text: &str) -> Self {
        let shapes = [Self::of_envelope, Self::of_named_service, Self::of_flat];
        shapes
            .into_iter()
            .map(|shape| shape(answer))
            .find(|explanation| explanation.message.is_some() || explanation.code.is_some())
            .unwrap_or_else(|| match answer.sentence() {
                Some(plain) => Self { code: None, message: Some(plain) },
                None if matches!(text, "{}" | "[]" | "null" | "\"\"") => Self::default(),
                None => Self { code: None, message: present(clean_text(text)) },
            })
    }

    /// `{"error": {"code", "message", "details": [{"code", "message", "target"}]}}`; details may have details.
    fn of_envelope(answer: Node<'_>) -> Self {
        let error = answer.field(&["error"]);
        let mut sentences = Vec::new();
        collect_sentences(error, &mut sentences);
        Self { code: error.field(&["code"]).text(), message: present(sentences.join("; ")) }
    }

    /// `{"Variant": {"serviceName", "error", "exceptionCode"}}`: the outer key names a service behind the service, and
    /// the error goes on with a stack trace that helps nobody.
    fn of_named_service(answer: Node<'_>) -> Self {
        let named = answer.values().find_map(|inner| Some((inner, inner.field(&["error"]).raw_text()?)));
        let Some((inner, error)) = named else { return Self::default() };
        Self {
            code: inner.field(&["exceptionCode", "serviceName"]).text(),
            message: error.lines().map(plain_text).find(|line| !line.is_empty()),
        }
    }

    /// `{"Message"}`, `{"code", "message"}`, `{"error": "…", "error_description": "…"}`.
    fn of_flat(answer: Node<'_>) -> Self {
        let error = answer.field(&["error"]);
        let code = answer.field(&["code"]).text();
        match answer.field(&["message", "error_description", "detail", "title"]).sentence() {
            Some(message) => Self { code: code.or_else(|| error.text()), message: Some(message) },
            None => Self { code, message: error.sentence() },
        }
    }
}

/// Adds what an error says, then what its details say.
fn collect_sentences(error: Node<'_>, sentences: &mut Vec<String>) {
    if sentences.len() >= MOST_SENTENCES {
        return;
    }
    if let Some(message) = error.field(&["message"]).sentence() {
        sentences.push(match error.field(&["target"]).text() {
            Some(target) => format!("{target}: {message}"),
            None => message,
        });
    }
    for detail in error.field(&["details"]).items() {
        match detail.sentence() {
            Some(sentence) => sentences.push(sentence),
            None => collect_sentences(detail, sentences),
        }
    }
}

/// Whether a body is a web page and not the service's JSON.
pub(super) fn is_page(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"<")
}

/// The words of a web page: its title, else the beginning of its text.
fn page_text(html: &str) -> String {
    const ENOUGH: usize = 300;
    let lower = html.to_ascii_lowercase();
    let title = lower.find("<title").and_then(|start| {
        let from = start + lower[start..].find('>')? + 1;
        let to = from + lower[from..].find("</title")?;
        Some(plain_text(&html[from..to]))
    });
    let words = title.filter(|title| !title.is_empty()).unwrap_or_else(|| plain_text(html));
    format!("a web page: {}", words.chars().take(ENOUGH).collect::<String>()).trim_end_matches([' ', ':']).to_owned()
}

fn present(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(body: &str) -> String {
        let Explanation { code, message } = Explanation::read(body.as_bytes());
        format!("{} | {}", code.unwrap_or_default(), message.unwrap_or_default())
    }

    #[test]
    fn every_shape_that_was_seen_is_understood() {
        let bodies = [
            r#"{"error":{"code":"Forbidden","message":"User does not have the required permissions"}}"#,
            r#"{"Error":{"Code":"Invalid","Message":"Two things","Details":[{"target":"title","message":"<b>too long</b>"},{"Message":"no logo","details":["&amp;lt;"]}]}}"#,
            r#"{"Message":"Authorization has been denied."}"#,
            r#"{"Variant":{"serviceName":"Variant","error":"snapshot() resulted in an internal conflict! Retry is OK.\r\n   at A.B()"}}"#,
            r#"{"Product":{"serviceName":"Product","error":"Http404: not found\r\n at X","exceptionCode":"Http404Exception","httpStatusCode":"NotFound"}}"#,
            r#"{"error":"invalid_token","error_description":"The token expired"}"#,
            r#"{"error":"nothing works"}"#,
            r#""just words""#,
            r#"{"odd":{"shape":1}}"#,
            "<html><head><title>502 Bad Gateway</title></head><body><h1>nginx</h1></body></html>",
            "<html><body><h1>Sign in</h1></body></html>",
            "plain\u{1b}[31m words",
            "",
            "{}",
            r#"{"error":{"code":"#,
        ];
        let all: Vec<_> = bodies.into_iter().map(shown).collect();
        insta::assert_snapshot!(all.join("\n"), @r#"
        Forbidden | User does not have the required permissions
        Invalid | Two things; title: too long; no logo; &lt;
         | Authorization has been denied.
        Variant | snapshot() resulted in an internal conflict! Retry is OK.
        Http404Exception | Http404: not found
        invalid_token | The token expired
         | nothing works
         | just words
         | {"odd":{"shape":1}}
         | a web page: 502 Bad Gateway
         | a web page: Sign in
         | plain words
         | 
         | 
         | {"error":{"code":
        "#);
    }
}
