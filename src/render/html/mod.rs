//! Pages for people who never read YAML: one file that holds everything it shows and asks no network for anything.
//!
//! Text of others is only ever text here: `maud` escapes it, markup of descriptions is shown in frames that can do nothing
//! (`frame`), no address is a link, and a policy in the page forbids whatever is left. There is no script at all.

mod album;
mod difference;
mod drift;
mod frame;
mod listing;
mod offer;
mod overview;
mod picture;
mod plan;
mod prices;
mod style;
#[cfg(test)]
mod tests;
mod text;

use maud::{DOCTYPE, Markup, PreEscaped, html};

pub use album::Album;
pub use drift::drift_page;
pub use plan::plan_page;

/// How much a page shows of each offer, by how many it tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scale {
    /// All of it.
    Few,
    /// Each offer is folded when the page opens.
    Several,
    /// Besides, what stays is only counted, and nothing is shown as a customer would see it: a browser needs some
    /// milliseconds for each frame, also for those that are folded, and has to read all elements before it shows the first.
    Many,
}

impl Scale {
    /// More offers than this are folded.
    const OPEN: usize = 10;
    /// The markup of more offers than this is shown as words.
    const FRAMED: usize = 50;

    fn of(offers: usize) -> Self {
        if offers > Self::FRAMED {
            Self::Many
        } else if offers > Self::OPEN {
            Self::Several
        } else {
            Self::Few
        }
    }
}

/// What the parts of a page know of the whole.
#[derive(Debug, Clone, Copy)]
struct View<'page> {
    scale: Scale,
    album: &'page Album,
}

/// The page around its content, part by part, with what a browser may do: nothing but apply the two styles and draw the
/// pictures that are written in it.
fn page<Main: Iterator<Item = Markup>>(
    title: &str,
    header: &Markup,
    main: Main,
    footer: &Markup,
) -> impl Iterator<Item = String> + use<Main> {
    let style = style::page();
    let before = html! {
        (DOCTYPE)
        (PreEscaped("<html lang=\"en\">"))
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content={ (style::policy(&[style, frame::STYLE])) "; img-src data:" };
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="referrer" content="no-referrer";
            meta name="color-scheme" content="light dark";
            title { (title) }
            style { (PreEscaped(style)) }
        }
        (PreEscaped("<body>"))
        a class="skip" href="#main" { "Skip to the offers" }
        header { (header) }
        (PreEscaped("<main id=\"main\">"))
    };
    let after = html! {
        (PreEscaped("</main>"))
        footer { (footer) }
        (PreEscaped("</body></html>\n"))
    };
    std::iter::once(before).chain(main).chain(std::iter::once(after)).map(Markup::into_string)
}

/// The name by which the index finds an offer of the page.
fn anchor(index: usize) -> String {
    format!("offer-{}", index + 1)
}
