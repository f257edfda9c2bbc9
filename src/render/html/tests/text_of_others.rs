//! Whatever others write, the page has the same elements.

use proptest::prelude::*;

use super::reports::{drift_that_says, plan_that_says};
use super::{assert_sound, drift_page, elements, plan_page};

/// Texts made of the parts of HTML.
fn hostile() -> impl Strategy<Value = String> {
    let parts = prop::sample::select(vec![
        "a",
        " ",
        "\n",
        "<",
        ">",
        "\"",
        "'",
        "&",
        "=",
        "/",
        "`",
        "&quot;",
        "&#34;",
        "&lt;",
        "&#x202e;",
        "\u{202e}",
        "\0",
        "<script>",
        "</script>",
        "alert(1)",
        "<!--",
        "-->",
        "--!>",
        "<![CDATA[",
        "]]>",
        "</iframe>",
        "</td></table>",
        "</style>",
        "</title>",
        "<style>",
        "<plaintext>",
        "<template>",
        "<svg>",
        "<math>",
        "<textarea>",
        "<noscript>",
        "<img src=x ",
        "onerror=alert(1)",
        "<a href=javascript:alert(1)>",
        "<iframe srcdoc='",
        "<link rel=preconnect href=//a>",
        "<meta ",
        "http-equiv=refresh content=0>",
        "<base href=//a>",
        "<p style='",
        "<b",
        "</body>",
        "</html>",
        "<?php",
        "<form>",
        "<table>",
    ]);
    prop::collection::vec(parts, 0..8).prop_map(|parts| parts.concat())
}

/// The page's own elements, without what is inside of frames and how many words each text has.
fn structure(page: &str) -> Vec<String> {
    let marks = ["ins", "del", "code", "br"];
    let own = elements(page).into_iter().filter(|one| !marks.contains(&one.name.as_str()));
    own.map(|one| {
        let names: Vec<_> = one.attributes.iter().map(|(name, _)| name.as_str()).collect();
        format!("{} {}", one.name, names.join(" "))
    })
    .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn text_of_others_is_only_ever_text(text in hostile()) {
        // Each side long enough to be shown as a long text is.
        let long = |text: &str| format!("x{text}{}", "x".repeat(40));
        let pages = |text: &str| [plan_page(&plan_that_says(&long(text))), drift_page(&drift_that_says(&long(text)))];
        for (page, harmless) in pages(&text).into_iter().zip(pages("y")) {
            assert_sound(&page);
            prop_assert_eq!(structure(&page), structure(&harmless));
        }
    }
}
