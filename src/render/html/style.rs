//! How the pages look: two themes as data, so that a test can measure their contrast, and the rules that use them.

use std::fmt::Write as _;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// A colour by its use, in the light theme and in the dark one.
const COLOURS: [(&str, &str, &str); 13] = [
    ("page", "#ffffff", "#0d1117"),
    ("panel", "#f3f5f8", "#161b22"),
    ("text", "#1b1f24", "#e6edf3"),
    ("muted", "#525b66", "#a3adb8"),
    ("line", "#818b98", "#6e7681"),
    ("link", "#0550ae", "#79c0ff"),
    ("added", "#0a5323", "#8aeb94"),
    ("added-behind", "#dafbe1", "#10281d"),
    ("removed", "#82071e", "#ffaba3"),
    ("removed-behind", "#ffe7e4", "#331a1e"),
    ("alarm", "#633c01", "#f2cc60"),
    ("alarm-behind", "#fff6bf", "#322911"),
    ("focus", "#0550ae", "#79c0ff"),
];

/// The rules, without colours of their own.
const RULES: &str = "\
*{box-sizing:border-box}
html{background:var(--page);color:var(--text);font:1rem/1.5 system-ui,sans-serif}
body{margin:0 auto;max-width:76rem;padding:0 1rem 3rem}
h1{font-size:1.8rem;margin:1.5rem 0 .25rem}h2{font-size:1.25rem;margin:0}h3{font-size:1.1rem;margin:1.75rem 0 .5rem}
h4{font-size:1rem;margin:1.25rem 0 .5rem}
a{color:var(--link)}
a:focus-visible,summary:focus-visible,iframe:focus-visible,.scroll:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
.skip{position:absolute;left:-100rem}.skip:focus{left:1rem;top:.5rem;background:var(--page);padding:.5rem;z-index:1}
.muted,caption,figcaption{color:var(--muted)}.lead{font-size:1.15rem;margin:.25rem 0 1rem}
.totals{display:flex;flex-wrap:wrap;gap:.5rem;list-style:none;margin:0 0 1.5rem;padding:0}
.totals li{background:var(--panel);border:1px solid var(--line);border-radius:.5rem;padding:.35rem .75rem}
.totals strong{font-size:1.2rem}
article{border:1px solid var(--line);border-radius:.5rem;margin:1rem 0;content-visibility:auto;contain-intrinsic-size:auto 4rem}
article>details>summary,article>.heading{background:var(--panel);border-radius:.5rem;padding:.6rem 1rem}
summary{cursor:pointer}summary h2{display:inline}.inside{padding:.5rem 1rem 1rem}
.badge{border:1px solid currentColor;border-radius:1rem;font-size:.85rem;font-weight:600;padding:.1rem .6rem;white-space:nowrap}
.badge.removed,del,.gone{color:var(--removed);background:var(--removed-behind)}
.badge.added,ins,.come{color:var(--added);background:var(--added-behind)}
.badge.blocked,.alarm{color:var(--alarm);background:var(--alarm-behind)}
.alarm{border-left:.4rem solid currentColor;border-radius:.25rem;margin:.75rem 0;padding:.5rem .75rem}.alarm p{margin:.25rem 0}
ins{text-decoration:underline;text-underline-offset:.2em}del{text-decoration:line-through}
ins,del{border-radius:.2rem;padding:0 .1em}ins:has(ul),del:has(ul){display:block;padding:.2em .4em}
ins ::before,del ::before{content:none}
.aloud,ins::before,ins::after,del::before,del::after{clip-path:inset(100%);height:1px;overflow:hidden;position:absolute;white-space:nowrap;width:1px}
ins::before{content:' added: '}del::before{content:' removed: '}ins::after,del::after{content:' end '}
table{border-collapse:collapse;width:100%;margin:.5rem 0}caption{text-align:left;padding:.25rem 0}
th,td{border:1px solid var(--line);padding:.4rem .6rem;text-align:left;vertical-align:top;overflow-wrap:anywhere;unicode-bidi:isolate}
thead th{background:var(--panel)}th[scope=row]{font-weight:600}.name{width:11rem}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.scroll{overflow-x:auto}.changes{table-layout:fixed;min-width:44rem}.remarks{width:12rem}.index{min-width:44rem}.index td,.index th{overflow-wrap:normal}
.listing{table-layout:fixed}
.tile{display:flex;gap:1rem}.tile .box{flex:none}.title{font-size:1.35rem;font-weight:700;line-height:1.25}.summary{margin-top:.25rem}
iframe{background:#fff;border:1px solid var(--line);display:block;height:26rem;min-height:5rem;resize:vertical;width:100%}
iframe.few{height:7rem}iframe.some{height:16rem}
.chips{display:flex;flex-wrap:wrap;gap:.35rem;list-style:none;margin:0;padding:0}
.chips li,.chips ins,.chips del{border-radius:.35rem}.chips li{border:1px solid var(--line);padding:.05rem .5rem}
.plain{list-style:none;margin:0;padding:0}.plain li{margin:.15rem 0}
figure{margin:0}.box{align-items:center;border:2px dashed var(--line);color:var(--muted);display:flex;font-size:.85rem;justify-content:center;max-width:100%}
.small{height:48px;width:48px}.medium{height:90px;width:90px}.large{height:150px;width:150px}.wide{height:115px;width:255px}.hero{height:116px;width:326px}
img{background:#fff;height:auto;max-width:100%}.pictures img{max-height:20rem;width:auto}.tile img{flex:none;height:90px;object-fit:contain;width:90px}
figcaption{font-size:.85rem;overflow-wrap:anywhere}
code{font-family:ui-monospace,monospace;font-size:.9em;overflow-wrap:anywhere}
.words{white-space:pre-wrap}
ol,ul{padding-left:1.5rem}.steps li{margin:.35rem 0}
@media (max-width:44rem){.listing tr,.listing td,.listing th,.listing tbody{display:block;width:auto}.listing thead{display:none}
.badge{white-space:normal}.listing .name{width:auto}.listing td.now::before{content:'Now: ';font-weight:600}.listing td.then::before{content:'After: ';font-weight:600}}
@media print{html{font-size:10pt}body{max-width:none;padding:0}.changes{min-width:0}.skip,nav{display:none}article{content-visibility:visible;border:0;break-before:auto}
details::details-content{content-visibility:visible;block-size:auto}summary{list-style:none}
tr,figure,.alarm{break-inside:avoid}h2,h3,h4{break-after:avoid}iframe{resize:none}}
";

/// How long a text is that takes one step more of height on paper, in bytes of markup, and how many steps there are: enough
/// for the longest description that the service takes.
const PAPER_STEP: usize = 250;
const PAPER_STEPS: usize = 20;
/// How high a step is, in tenths of a `rem`, when two frames stand side by side.
const PAPER_STEP_HEIGHT: usize = 75;

/// How high a frame with a text of this length is on paper, where nobody can scroll: a number of steps.
pub(super) fn paper_step(length: usize) -> usize {
    (length / PAPER_STEP + 1).min(PAPER_STEPS)
}

/// The heights of frames on paper; alone in its row a frame is twice as wide.
fn paper() -> String {
    let rule = |step: usize| {
        let [narrow, wide] = [step * PAPER_STEP_HEIGHT + 20, step * PAPER_STEP_HEIGHT / 2 + 20];
        format!(
            "iframe.on-paper-{step}{{height:{}.{}rem}}td[colspan] iframe.on-paper-{step}{{height:{}.{}rem}}",
            narrow / 10,
            narrow % 10,
            wide / 10,
            wide % 10
        )
    };
    format!("@media print{{{}}}", (1..=PAPER_STEPS).map(rule).collect::<String>())
}

static PAGE: LazyLock<String> = LazyLock::new(|| {
    let colours = |theme: fn(&(&str, &str, &str)) -> String| COLOURS.iter().map(theme).collect::<String>();
    let light = colours(|(name, light, _)| format!("--{name}:{light};"));
    let dark = colours(|(name, _, dark)| format!("--{name}:{dark};"));
    format!(
        ":root{{color-scheme:light dark;{light}}}\n\
         @media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n{RULES}{}",
        paper()
    )
});

/// The style of a page.
pub(super) fn page() -> &'static str {
    &PAGE
}

/// The policy of a document that may apply these styles and do nothing else.
pub(super) fn policy(styles: &[&str]) -> String {
    let mut policy = String::from("default-src 'none'; base-uri 'none'; form-action 'none'; style-src");
    for style in styles {
        // Writing into a String cannot fail.
        let _ = write!(policy, " 'sha256-{}'", STANDARD.encode(Sha256::digest(style)));
    }
    policy
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::{Escapes, guarded};

    /// The relative luminance of a colour, as WCAG 2 defines it.
    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn every_text_can_be_read_in_both_themes() {
        let colour = |name: &str| COLOURS.iter().find(|(other, ..)| *other == name).unwrap();
        let texts = ["text", "muted", "link"].into_iter().flat_map(|text| [(text, "page", 4.5), (text, "panel", 4.5)]);
        let marked = ["added", "removed", "alarm"].map(|text| (text, &*format!("{text}-behind").leak(), 4.5));
        // What is no text, WCAG 1.4.11.
        let others = [("line", "page", 3.0), ("line", "panel", 3.0), ("focus", "page", 3.0), ("focus", "panel", 3.0)];
        for (text, behind, enough) in texts.chain(marked).chain(others) {
            let ((_, light, dark), (_, light_behind, dark_behind)) = (colour(text), colour(behind));
            for (theme, measured) in [("light", contrast(light, light_behind)), ("dark", contrast(dark, dark_behind))] {
                assert!(measured >= enough, "{text} on {behind} in the {theme} theme: {measured:.2}");
            }
        }
    }

    #[test]
    fn the_last_look_at_the_output_leaves_the_style_as_its_policy_knows_it() {
        for style in [page(), super::super::frame::STYLE] {
            assert_eq!(guarded(style, Escapes::None), style);
            assert!(!style.contains("</") && !style.contains("url("));
        }
    }
}
