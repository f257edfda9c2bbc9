//! Any text at all: it is read or refused, never more than that.

use proptest::prelude::*;

use super::*;

/// Fragments of YAML and of manifests, so that random texts get past the first line.
fn fragment() -> impl Strategy<Value = String> {
    let words = [
        "publisherId: c\n",
        "offerTypeId: t\n",
        "id: v\n",
        "definition:\n",
        "  plans:\n",
        "  offer:\n",
        "extends: a.yaml\n",
        "reconcile:\n",
        "  ignore:\n",
        "  - path: /definition/offer\n",
        "    ",
        "  ",
        "- ",
        "? ",
        ": ",
        "planId: ",
        "planId",
        "{$file: x}",
        "{$env: CONTACT}",
        "{$secret: S}",
        "$file: ",
        "&a ",
        "*a",
        "<<: *a\n",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "!!str ",
        "!x ",
        "|\n",
        ">-\n",
        "'",
        "\"",
        "\\",
        "#",
        "\n",
        "\r\n",
        "\t",
        "---\n",
        "...\n",
        "%YAML 1.1\n",
        "\u{feff}",
        "é",
        "\0",
        "null",
        "1e999",
        "0x1",
        "~",
    ];
    prop_oneof![4 => proptest::sample::select(words.to_vec()).prop_map(str::to_owned), 1 => ".{0,8}"]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_text_is_read_or_refused_at_a_place(
        manifest in proptest::collection::vec(fragment(), 0..40),
        part in proptest::collection::vec(fragment(), 0..10),
        start in proptest::sample::select(vec!["", ENVELOPE, "publisherId: c\nofferTypeId: t\nid: v\ndefinition:\n  offer:\n    "]),
    ) {
        let text = format!("{start}{}", manifest.concat());
        let files = Files::new(&[("offers/vm.yaml", &text), ("offers/a.yaml", &part.concat())]);
        let (loaded, repository) = files.load();
        prop_assert!(loaded.diagnostics.iter().any(|found| found.severity == Severity::Error) || loaded.desired.len() == 2, "a manifest was dropped without a word");
        for diagnostic in &loaded.diagnostics {
            let text = render(diagnostic, &repository, Styled::No);
            prop_assert!(text.contains(diagnostic.rule), "{text}");
            prop_assert!(text.chars().all(|character| character == '\n' || !character.is_control()), "{text:?}");
            prop_assert!(text.contains(&format!("--> {}", diagnostic.position(&repository).file)), "{text}");
        }
    }
}
