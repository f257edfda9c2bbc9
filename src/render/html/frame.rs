//! Markup of others, shown as a customer would see it, in a frame that can do nothing.
//!
//! Three walls, each enough by itself against what runs: only names of harmless elements pass, without any attribute; the
//! frame is sandboxed without leave for anything; its policy, and the page's, forbid scripts and every request. The first
//! wall is also the only one against requests that no policy stops, such as those that open a connection beforehand.

use html5gum::{DefaultEmitter, Token, Tokenizer};
use maud::{DOCTYPE, Escaper, Markup, PreEscaped, html};

use super::style::{paper_step, policy};
use crate::portal::is_invisible;

/// The style of what is in a frame: the listing's page is white wherever customers see it.
pub(super) const STYLE: &str = "\
:root{color-scheme:light}body{background:#fff;color:#1b1f24;font:1rem/1.5 system-ui,sans-serif;margin:.75rem;overflow-wrap:anywhere}\
@media print{body{font-size:.75rem;margin:.5rem}}a{color:#0550ae;text-decoration:underline}mark{background:#fff6bf;color:#633c01}table{border-collapse:collapse}td,th{border:1px solid #8c959f;padding:.25rem}";

/// The elements that make text look like something and do nothing.
const HARMLESS: [&str; 46] = [
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "dd",
    "del",
    "div",
    "dl",
    "dt",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "ins",
    "kbd",
    "li",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "samp",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
];

/// Those of them that have no end.
const VOID: [&str; 2] = ["br", "hr"];

/// Those of them between which words go on without a blank.
const INLINE: [&str; 19] = [
    "a", "abbr", "b", "cite", "code", "del", "em", "i", "ins", "kbd", "mark", "q", "s", "samp", "small", "span",
    "strong", "sub", "u",
];

/// A frame with the markup, as high as a text of this length may need.
pub(super) fn frame(title: &str, markup: &str, length: usize) -> Markup {
    let document = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy(&[STYLE]));
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { (PreEscaped(harmless(markup))) }
        }
    };
    // A frame without scripts cannot grow with its content.
    let height = match length {
        0..400 => "few",
        400..1_500 => "some",
        _ => "much",
    };
    html! {
        iframe class={ (height) " on-paper-" (paper_step(length)) } sandbox="" loading="lazy" referrerpolicy="no-referrer" title=(title) srcdoc=(document.into_string()) {}
    }
}

/// The markup without whatever could do something: what customers would see instead is said in words.
fn harmless(markup: &str) -> String {
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut safe = String::with_capacity(markup.len());
    // The text of a script or a style is not for people.
    let mut hidden = false;
    for token in Tokenizer::new_with_emitter(markup, emitter).map_while(Result::ok) {
        match token {
            Token::StartTag(tag) => {
                let name = String::from_utf8_lossy(&tag.name);
                let attribute = |name: &str| tag.attributes.get(name.as_bytes());
                match &*name {
                    "script" | "style" => {
                        hidden = true;
                        left_out(&mut safe, &name, "");
                    }
                    "img" => {
                        let alternative = attribute("alt").map(|alt| String::from_utf8_lossy(alt).into_owned());
                        left_out(&mut safe, "image", &alternative.unwrap_or_default());
                    }
                    "iframe" | "video" | "audio" | "object" | "embed" | "form" | "input" | "button" | "svg"
                    | "math" => {
                        left_out(&mut safe, &name, "");
                    }
                    name if HARMLESS.contains(&name) => safe.extend(["<", name, ">"]),
                    _ => {}
                }
            }
            Token::EndTag(tag) => {
                hidden = false;
                let name = String::from_utf8_lossy(&tag.name);
                if HARMLESS.contains(&&*name) && !VOID.contains(&&*name) {
                    safe.extend(["</", &name, ">"]);
                }
            }
            Token::String(text) if !hidden => escape(&mut safe, &String::from_utf8_lossy(&text)),
            Token::String(_) | Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    safe
}

/// The words of the markup alone.
pub(super) fn words(markup: &str) -> String {
    // Of what is harmless, text and names of elements alone are left to read.
    let mut words = String::with_capacity(markup.len());
    for token in Tokenizer::new(harmless(markup).as_str()).map_while(Result::ok) {
        match token {
            Token::String(text) => words.push_str(&String::from_utf8_lossy(&text)),
            Token::StartTag(tag) if !INLINE.contains(&&*String::from_utf8_lossy(&tag.name)) => words.push(' '),
            _ => {}
        }
    }
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn left_out(safe: &mut String, what: &str, words: &str) {
    safe.push_str("<mark>[");
    safe.push_str(what);
    if !words.is_empty() {
        safe.push_str(": ");
        escape(safe, words);
    }
    safe.push_str("]</mark>");
}

fn escape(safe: &mut String, text: &str) {
    use std::fmt::Write as _;
    // A character reference brings back what nobody sees in the source.
    let seen: String = text.chars().filter(|c| matches!(c, '\n' | '\t') || !is_invisible(*c)).collect();
    // Writing into a String cannot fail.
    let _ = Escaper::new(safe).write_str(&seen);
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    #[test]
    fn markup_that_only_looks_like_something_stays() {
        assert_snapshot!(
            harmless("<h2 style='x'>Backup</h2><p class=\"a\">Keeps <b>all</b> &amp; <a href=\"https://a.b\">more</a><br/>1 < 2</P>"),
            @"<h2>Backup</h2><p>Keeps <b>all</b> &amp; <a>more</a><br>1 &lt; 2</p>"
        );
    }

    #[test]
    fn words_are_left_of_it_where_there_is_no_room_for_frames() {
        assert_eq!(
            words(
                "<h2>Back<b>up</b></h2><p>all &lt;script&gt; <img alt=x><br>of<script>no</script></p><ul><li>it</ul>"
            ),
            "Backup all <script> [image: x] of[script] it"
        );
    }

    #[test]
    fn nothing_of_it_can_do_anything() {
        let hostile = [
            "<script>alert(1)</script>after",
            "<img src=x onerror=alert(1) alt='A <b>logo'>",
            "<a href='javascript:alert(1)' onclick=alert(1)>x</a>",
            "</iframe></body><script src=//a.b></script>",
            "<svg><script>alert(1)</script></svg><math><mtext></mtext></math>",
            "<link rel=preconnect href=//a.b><meta http-equiv=refresh content='0;url=//a.b'><base href=//a.b>",
            "<style>@import '//a.b'</style><p style='background:url(//a.b)'>",
            "<!-- <script> --><![CDATA[<script>]]><?php <script> ?>",
            "<textarea></textarea><title><script>alert(1)</script></title><noscript><img src=x></noscript>",
            "a&#x202e;b\u{202e}c&lt;script&gt;&quot;",
            "<scr<script>ipt>alert(1)</scr</script>ipt>",
            "<p <b>odd</p></p></div>&unknown; <",
        ];
        assert_snapshot!(hostile.map(harmless).join("\n"), @"
        <mark>[script]</mark>after
        <mark>[image: A &lt;b&gt;logo]</mark>
        <a>x</a>
        <mark>[script]</mark>
        <mark>[svg]</mark><mark>[script]</mark><mark>[math]</mark>

        <mark>[style]</mark><p>
        ]]&gt; ?&gt;
        &lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x&gt;
        abc&lt;script&gt;&quot;
        ipt&gt;alert(1)ipt&gt;
        <p>odd</p></p></div>&amp;unknown; &lt;
        ");
    }
}
