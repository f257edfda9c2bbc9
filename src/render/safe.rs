//! Text of the service and of manifests on its way out: it must not move the cursor, pretend to be ours, or be taken for
//! a command by the runner of a CI system that reads our output.
//!
//! What runners look for: GitHub Actions `::name` at the beginning of a line, blanks before it or not, and `##[name]`
//! anywhere; Azure Pipelines `##vso[…]` and `##[…]` anywhere; others `##name[…]`; GitLab `section_start:…\r\e[0K`.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use crate::portal::is_invisible;

/// Which escape sequences may pass to an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escapes {
    /// None at all.
    None,
    /// Those that colour, for an output that has colours.
    Colours,
}

/// The text on one line: line breaks become `⏎`, other control characters and direction overrides disappear, and what
/// runners take for a command anywhere in a line is one no more.
pub fn single_line(text: &str) -> String {
    let line: String = text
        .chars()
        .filter_map(|character| match character {
            '\n' | '\u{2028}' | '\u{2029}' => Some('⏎'),
            '\t' => Some(' '),
            character if is_invisible(character) => None,
            character => Some(character),
        })
        .collect();
    without_markers(&line)
}

/// The last look at a whole output, whoever wrote it: no line is a command of a runner, and no control character is left
/// but line breaks, tabs and, where they may pass, colours.
pub fn guarded(text: &str, escapes: Escapes) -> String {
    text.split_inclusive('\n').map(|line| guarded_line(line, escapes)).collect()
}

fn guarded_line(line: &str, escapes: Escapes) -> String {
    let mut kept = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(character) = rest.chars().next() {
        let colour = if escapes == Escapes::Colours { colour_at(rest) } else { 0 };
        let length = if colour > 0 { colour } else { character.len_utf8() };
        if colour > 0 || matches!(character, '\n' | '\t') || !is_invisible(character) {
            kept.push_str(&rest[..length]);
        }
        rest = &rest[length..];
    }
    let kept = without_markers(&kept);
    let words = kept.trim_start();
    match words.strip_prefix("::") {
        Some(command) => format!("{}: :{command}", &kept[..kept.len() - words.len()]),
        None => kept,
    }
}

/// How many bytes at the beginning of the text set a colour.
fn colour_at(text: &str) -> usize {
    let Some(parameters) = text.strip_prefix("\x1b[") else { return 0 };
    let length = parameters.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b';').count();
    if parameters[length..].starts_with('m') { length + 3 } else { 0 }
}

/// The text with a blank inside each `##[` and `##name[`.
fn without_markers(text: &str) -> String {
    if !text.contains("##") {
        return text.to_owned();
    }
    let is_marker = |rest: &str| {
        rest.strip_prefix("##")
            .is_some_and(|name| name.trim_start_matches(|letter: char| letter.is_ascii_alphabetic()).starts_with('['))
    };
    let mut broken = String::with_capacity(text.len() + 8);
    for (at, character) in text.char_indices() {
        broken.push(character);
        if is_marker(&text[at..]) {
            broken.push(' ');
        }
    }
    broken
}

/// How a JSON document is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// On several lines, for a result.
    Indented,
    /// On one, for a file of lines.
    Line,
}

/// A value as JSON text that is safe wherever it is printed: what a terminal or a runner would act on is escaped, as JSON
/// allows, so that a program reads exactly the value.
pub fn json_text(value: &Value, layout: Layout) -> String {
    let mut text = Vec::new();
    // Neither writing into memory nor a value can fail.
    let _ = write_json(&mut text, value, layout);
    String::from_utf8(text).unwrap_or_default()
}

/// Writes such a text piece by piece; the value need not be in memory as a whole. Each of its texts has to come in one piece
/// (`serialize_str`), for a mark of which the halves come one after the other is not seen.
pub fn write_json(writer: &mut impl Write, value: &impl Serialize, layout: Layout) -> io::Result<()> {
    let mut safe = Safe(writer);
    match layout {
        Layout::Line => serde_json::to_writer(&mut safe, value)?,
        Layout::Indented => serde_json::to_writer_pretty(&mut safe, value)?,
    }
    Ok(())
}

/// Escapes in JSON what is not safe. Outside of its strings JSON has no such characters but the line breaks of its layout.
struct Safe<'writer, W>(&'writer mut W);

impl<W: Write> Write for Safe<'_, W> {
    // JSON comes in whole pieces of text: what stands between two escapes is one.
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let text = std::str::from_utf8(piece).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        let is_escaped = |character: char| character != '\n' && is_invisible(character);
        let mut rest = text;
        while let Some(at) = rest.find(|character| character == '#' || is_escaped(character)) {
            let (plain, from) = rest.split_at(at);
            self.0.write_all(plain.as_bytes())?;
            let Some(character) = from.chars().next() else { break };
            let end = match character {
                '#' if from.starts_with("##") => {
                    self.0.write_all(b"\\u0023\\u0023")?;
                    2
                }
                '#' => {
                    self.0.write_all(b"#")?;
                    1
                }
                hidden => {
                    let mut units = [0; 2];
                    for unit in hidden.encode_utf16(&mut units) {
                        write!(self.0, "\\u{unit:04x}")?;
                    }
                    hidden.len_utf8()
                }
            };
            rest = &from[end..];
        }
        self.0.write_all(rest.as_bytes())?;
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_moves_the_cursor() {
        assert_eq!(single_line("a\x1b[31mb\r\nc\u{202E}d\u{7}\u{2028}e\u{9b}f"), "a[31mb⏎cd⏎ef");
        assert_eq!(guarded("a\tb\n\x1b[1;31mc\x1b[2Jd\re\u{200b}\n", Escapes::Colours), "a\tb\n\x1b[1;31mc[2Jde\n");
        assert_eq!(guarded("\x1b[31mc\x1b]8;;https://x\x07d", Escapes::None), "[31mc]8;;https://xd");
    }

    #[test]
    fn no_line_is_a_command_of_a_runner() {
        assert_eq!(
            single_line("a ##vso[task.complete] ###[error]b #\u{200b}#[x]"),
            "a # #vso[task.complete] ## #[error]b # #[x]"
        );
        assert_eq!(guarded("ok\n  ::set-output name=a::b\n::", Escapes::None), "ok\n  : :set-output name=a::b\n: :");
        assert_eq!(single_line("## Features [1] C# ## x"), "## Features [1] C# ## x");
    }

    #[test]
    fn json_reads_as_the_value_and_shows_nothing_else() {
        let value = json!({"##vso[a]": "###[x\u{202e}\u{9b}\u{e0001}", "b": ["##", 1.5, 636_576_975_611_768_314_u64]});
        let text = json_text(&value, Layout::Line);
        assert_eq!(
            text,
            r#"{"\u0023\u0023vso[a]":"\u0023\u0023#[x\u202e\u009b\udb40\udc01","b":["\u0023\u0023",1.5,636576975611768314]}"#
        );
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        let indented = json_text(&value, Layout::Indented);
        assert_eq!(serde_json::from_str::<Value>(&indented).unwrap(), value);
        assert!(indented.lines().count() > 5);
    }

    /// What the runners' sources look for in a line, written anew.
    fn is_command(line: &str) -> bool {
        let lower = line.to_ascii_lowercase();
        line.trim().starts_with("::")
            || lower.match_indices("##").any(|(at, _)| {
                let name = lower[at + 2..].split('[').next().unwrap_or_default();
                lower[at + 2..].contains('[') && name.bytes().all(|byte| byte.is_ascii_lowercase())
            })
    }

    /// Texts made of the parts of commands.
    fn hostile() -> impl Strategy<Value = String> {
        let parts = prop::sample::select(vec![
            "::",
            ":",
            "#",
            "##",
            "[",
            "]",
            "vso",
            "error",
            "add-mask",
            "\n",
            "\r",
            "\r\n",
            "\t",
            " ",
            "\u{3000}",
            "\x1b",
            "\x1b[2J",
            "\x1b[31m",
            "\x1b]52;c;",
            "\x07",
            "\u{9b}",
            "\u{85}",
            "\u{2028}",
            "\u{200b}",
            "\u{feff}",
            "\u{202e}",
            "\u{e0041}",
            "\u{b}",
            "a",
            "section_start:1:x",
            "\"",
            "\\",
        ]);
        prop::collection::vec(parts, 0..12).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn whatever_is_written_no_runner_and_no_terminal_acts_on_it(text in hostile(), other in hostile()) {
            let value = json!({text.clone(): [other.clone(), {"x": text.clone()}]});
            let outputs = [
                guarded(&text, Escapes::None),
                guarded(&format!("{}: {}\n  {}", single_line(&text), single_line(&other), single_line(&text)), Escapes::None),
                json_text(&value, Layout::Line),
                json_text(&value, Layout::Indented),
            ];
            for output in outputs {
                // .NET ends a line also at a carriage return; there is none left.
                prop_assert!(!output.chars().any(|c| c != '\n' && c != '\t' && is_invisible(c)), "{output:?}");
                prop_assert!(!output.split(['\n', '\u{2028}']).any(is_command), "{output:?}");
            }
            prop_assert_eq!(serde_json::from_str::<Value>(&json_text(&value, Layout::Indented)).unwrap(), value);
            prop_assert!(!single_line(&text).contains('\n'));
        }
    }
}
