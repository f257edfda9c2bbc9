//! Every rule that a diagnostic or a finding can name stands in `docs/rules.md`, and no other.

#![allow(clippy::unwrap_used, reason = "these are tests, their helpers too")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The first text in quotes, when nothing but blanks stands before it.
fn literal(text: &str) -> Option<&str> {
    text.trim_start().strip_prefix('"')?.split('"').next()
}

/// The names that a function of a file answers with.
fn answers(file: &Path, function: &str) -> BTreeSet<String> {
    let source = fs::read_to_string(file).unwrap();
    let body = source.split(function).nth(1).unwrap().split("\n    }\n").next().unwrap();
    body.split("=> ").skip(1).filter_map(literal).map(str::to_owned).collect()
}

fn is_rule(word: &str) -> bool {
    word.contains('-') && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

/// The rules that the sources of a folder name, without their tests.
fn named_in(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if !path.ends_with("tests") {
                named_in(&path, found);
            }
            continue;
        }
        let source = fs::read_to_string(&path).unwrap();
        let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
        // Where a diagnostic is made; where the rule is chosen before; and where it has a name.
        for mark in
            ["Diagnostic::error(", "Diagnostic::warning(", "file.error(", "=> (", "SAS_ENDS_SOON: &'static str ="]
        {
            found.extend(code.split(mark).skip(1).filter_map(literal).filter(|word| is_rule(word)).map(str::to_owned));
        }
        let chosen = code.split("fn rule(&self)").nth(1).map(|body| body.split("\n    }\n").next().unwrap());
        let chosen = chosen.into_iter().flat_map(|body| body.split("=> ").skip(1)).filter_map(literal);
        found.extend(chosen.filter(|word| is_rule(word)).map(str::to_owned));
    }
}

#[test]
fn the_documented_rules_are_those_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut named = BTreeSet::new();
    named_in(&root.join("src/manifest"), &mut named);
    named_in(&root.join("src/config"), &mut named);
    let guards = answers(&root.join("src/offer/guard.rs"), "fn as_str(self)");
    let others = answers(&root.join("src/findings/rule.rs"), "fn id(self)");
    assert!(guards.len() > 10 && others.len() > 4, "{guards:?} {others:?}");
    named.extend(guards.into_iter().chain(others));
    assert!(named.len() > 40, "the rules were not found: {named:?}");
    let document = fs::read_to_string(root.join("docs/rules.md")).unwrap();
    let headings = document.lines().filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`'));
    let documented: BTreeSet<String> = headings.clone().map(str::to_owned).collect();
    assert_eq!(headings.count(), documented.len(), "a rule is documented twice");
    let missing: Vec<_> = named.difference(&documented).collect();
    let gone: Vec<_> = documented.difference(&named).collect();
    assert!(missing.is_empty() && gone.is_empty(), "not in docs/rules.md: {missing:?}; only there: {gone:?}");
}
