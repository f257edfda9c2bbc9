//! The rooms and their doors: which room may know which, and what the pure ones must not touch.
//!
//! The sources are read as text, line by line, without their comments and their unit tests.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests, their helpers too")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Files may grow to about 400 lines; beyond this they are to be split.
const LONGEST_FILE: usize = 450;

/// What each room may know besides itself. A room that is not listed fails the test, so that a new one is considered.
const DOORS: &[(&str, &[&str])] = &[
    ("offer", &[]),
    ("diff", &["offer"]),
    ("schema", &["offer"]),
    ("complaint", &["offer"]),
    ("plan", &["offer", "diff"]),
    ("drift", &["offer", "diff", "plan"]),
    ("explain", &["offer", "diff", "plan"]),
    ("manifest", &["offer"]),
    ("findings", &["offer", "complaint", "diff", "plan", "drift", "manifest"]),
    ("authoring", &["offer", "manifest", "diff"]),
    ("portal", &["offer"]),
    ("credential", &["offer", "portal"]),
    ("observe", &["offer", "portal"]),
    ("git", &[]),
    ("processors", &[]),
    ("state", &["offer", "diff", "plan", "git"]),
    ("execute", &["offer", "diff", "plan", "portal", "processors", "observe", "state"]),
    (
        "render",
        &[
            "offer",
            "complaint",
            "diff",
            "drift",
            "explain",
            "findings",
            "plan",
            "execute",
            "portal",
            "state",
            "manifest",
            "authoring",
        ],
    ),
    ("config", &["offer", "manifest", "portal", "credential", "execute", "state"]),
    ("forge", &["portal"]),
    ("emulator", &[]),
];

/// The rooms that only compute.
const PURE: &[&str] = &["offer", "diff", "plan", "drift", "explain", "schema", "findings", "complaint"];

/// What a room that only computes must not use: files, network, environment, clock, chance, threads and tasks.
const IMPURE: &[&str] = &[
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "axum",
    "fastrand",
    "futures",
    "jiff::Timestamp",
    "jiff::Zoned",
    "reqwest",
    "tempfile",
    "tokio",
];

struct SourceFile {
    path: PathBuf,
    text: String,
}

impl SourceFile {
    /// The room that the file belongs to: the first folder, or the file itself, below `src`.
    fn room(&self) -> String {
        let below = self.path.strip_prefix("src").unwrap();
        let first = below.components().next().unwrap().as_os_str().to_str().unwrap();
        first.trim_end_matches(".rs").to_owned()
    }

    fn is_test(&self) -> bool {
        self.path.components().any(|part| part.as_os_str() == "tests") || self.path.ends_with("tests.rs")
    }

    /// The lines of code before the unit tests, each with its number.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
        lines.take_while(|(_, line)| !line.starts_with("mod tests {")).filter(|(_, line)| !line.starts_with("//"))
    }
}

fn sources() -> Vec<SourceFile> {
    fn visit(folder: &Path, found: &mut Vec<SourceFile>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                visit(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let root = Path::new(env!("CARGO_MANIFEST_DIR"));
                found.push(SourceFile { path: path.strip_prefix(root).unwrap().to_owned(), text });
            }
        }
    }
    let mut found = Vec::new();
    visit(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert!(found.len() > 50, "the sources were not found");
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

/// The first names after each `crate::`, also of `crate::{one, two}`.
fn rooms_named_in(line: &str) -> Vec<String> {
    let mut named = Vec::new();
    for rest in line.split("crate::").skip(1) {
        let group = rest.strip_prefix('{').map_or(rest, |group| group.split('}').next().unwrap_or(group));
        let parts: Vec<&str> = if rest.starts_with('{') { group.split(',').collect() } else { vec![group] };
        for part in parts {
            let name: String = part.trim().chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            named.push(name);
        }
    }
    named
}

/// Whether the code names the path as a whole: `tokio::`, not `tokio_rustls::`.
fn names(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let before = line[..at].chars().next_back();
        let after = line[at + path.len()..].chars().next();
        let begins = before.is_none_or(|c| !is_name(c) && c != ':' && c != '.' && c != '"');
        let ends = after.is_none_or(|c| matches!(c, ':' | ';' | ',' | '}' | ')' | '>'));
        begins && ends
    })
}

#[test]
fn each_room_knows_only_the_rooms_before_it() {
    let doors: BTreeMap<&str, &[&str]> = DOORS.iter().copied().collect();
    let files = sources();
    let rooms: Vec<String> = files.iter().map(SourceFile::room).collect();
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| !file.is_test()) {
        let room = file.room();
        if ["cli", "lib", "main"].contains(&room.as_str()) {
            continue;
        }
        let Some(allowed) = doors.get(room.as_str()) else {
            wrong.push(format!("the room `{room}` has no entry in this test"));
            continue;
        };
        for (number, line) in file.code() {
            for named in rooms_named_in(line) {
                if rooms.contains(&named) && named != room && !allowed.contains(&named.as_str()) {
                    wrong.push(format!("{}:{number}: `{room}` knows `{named}`", file.path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_command_line_knows_the_command_line() {
    for file in sources() {
        let room = file.room();
        for (number, line) in file.code() {
            let names_it = line.contains("crate::cli") || line.contains("offerctl::cli");
            let may = ["cli", "main"].contains(&room.as_str());
            assert!(may || !names_it, "{}:{number}: {line}", file.path.display());
        }
    }
}

#[test]
fn the_rooms_that_compute_touch_nothing_else() {
    for file in sources().iter().filter(|file| PURE.contains(&file.room().as_str()) && !file.is_test()) {
        for (number, line) in file.code() {
            for path in IMPURE {
                assert!(!names(line, path), "{}:{number}: uses `{path}`: {line}", file.path.display());
            }
        }
    }
}

#[test]
fn no_list_of_doors_leads_in_a_circle() {
    let doors: BTreeMap<&str, &[&str]> = DOORS.iter().copied().collect();
    let mut reachable_before: Vec<&str> = Vec::new();
    let mut left: Vec<&str> = doors.keys().copied().collect();
    while !left.is_empty() {
        let (ready, waiting): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|room| doors[room].iter().all(|other| reachable_before.contains(other)));
        assert!(!ready.is_empty(), "these rooms know each other in a circle: {waiting:?}");
        reachable_before.extend(ready);
        left = waiting;
    }
}

#[test]
fn each_file_says_what_it_is_for_and_stays_short() {
    for file in sources() {
        let shown = file.path.display();
        assert!(file.text.starts_with("//! "), "{shown} does not open with what it is for");
        let lines = file.text.lines().count();
        assert!(lines <= LONGEST_FILE, "{shown} has {lines} lines; split it by meaning");
    }
}

#[test]
fn the_readers_of_this_test_see_what_they_should() {
    assert_eq!(rooms_named_in("use crate::{diff::compare, offer};"), ["diff", "offer"]);
    assert_eq!(rooms_named_in("fn f(x: crate::offer::Slot) -> crate::plan::Plan"), ["offer", "plan"]);
    assert!(names("use tokio::sync::watch;", "tokio"));
    assert!(names("let text = std::fs::read(path);", "std::fs"));
    assert!(!names("use tokio_rustls::Connector;", "tokio"));
    assert!(!names("let word = my::std::fs;", "std::fs"));
}
