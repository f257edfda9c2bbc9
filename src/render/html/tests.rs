//! Pages, read as a browser reads them: what they say, what a keyboard and a screen reader find, and that text of others
//! stays text.

mod pages;
pub(super) mod reports;
mod text_of_others;

use std::fmt::Write as _;
use std::rc::Rc;

use html5ever::tendril::TendrilSink as _;
use markup5ever_rcdom::{Handle, NodeData, RcDom};

use crate::drift::DriftReport;
use crate::plan::Plan;

/// The page of a plan where no file is at hand.
fn plan_page(plan: &Plan) -> String {
    super::plan_page(plan, &super::Album::default()).collect()
}

fn drift_page(report: &DriftReport) -> String {
    super::drift_page(report).collect()
}

/// An element of a page.
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    /// The words in it, those of its children too.
    text: String,
}

impl Element {
    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

/// All elements of a document, in their order.
fn elements(page: &str) -> Vec<Element> {
    fn visit(node: &Handle, found: &mut Vec<Element>) {
        if let NodeData::Element { name, attrs, .. } = &node.data {
            let attributes =
                attrs.borrow().iter().map(|one| (one.name.local.to_string(), one.value.to_string())).collect();
            let mut text = String::new();
            read(node, &mut text);
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            found.push(Element { name: name.local.to_string(), attributes, text });
        }
        node.children.borrow().iter().for_each(|child| visit(child, found));
    }
    fn read(node: &Handle, text: &mut String) {
        if let NodeData::Text { contents } = &node.data {
            text.push_str(&contents.borrow());
        }
        for child in node.children.borrow().iter() {
            read(child, text);
        }
        if let NodeData::Element { name, .. } = &node.data
            && ["li", "p", "br", "td", "th", "caption", "figcaption", "div"].contains(&&*name.local)
        {
            text.push(' ');
        }
    }
    let dom = html5ever::parse_document(RcDom::default(), html5ever::ParseOpts::default()).one(page);
    let mut found = Vec::new();
    visit(&Rc::clone(&dom.document), &mut found);
    found
}

/// What a person who cannot see the page is read, with signs for headings, tables and cells.
fn read_aloud(page: &str) -> String {
    let mut text = String::new();
    for element in elements(page) {
        let said = &element.text;
        let _ = match element.name.as_str() {
            "title" => writeln!(text, "[{said}]"),
            "h1" | "h2" | "h3" | "h4" => writeln!(text, "{} {said}", "#".repeat(element.name[1..].parse().unwrap())),
            "caption" => writeln!(text, "table: {said}"),
            "tr" => writeln!(text, "  | {said}"),
            "iframe" => writeln!(text, "  frame: {}", element.attribute("title").unwrap()),
            "p" | "summary" => writeln!(text, "{said}"),
            "li" => writeln!(text, "- {said}"),
            _ => Ok(()),
        };
    }
    text
}

/// What a keyboard, a screen reader and a careful browser ask of a page.
fn assert_sound(page: &str) {
    let elements = elements(page);
    let all = |name: &str| elements.iter().filter(|one| one.name == name).collect::<Vec<_>>();
    let mut level = 0;
    for heading in elements.iter().filter(|one| ["h1", "h2", "h3", "h4", "h5", "h6"].contains(&one.name.as_str())) {
        let next: usize = heading.name[1..].parse().unwrap();
        assert!(next <= level + 1, "h{level} is followed by h{next}: {}", heading.text);
        level = next;
    }
    assert_eq!((all("h1").len(), all("main").len(), all("header").len(), all("footer").len()), (1, 1, 1, 1));
    assert_eq!(all("table").len(), all("caption").len());
    assert!(all("th").iter().all(|one| matches!(one.attribute("scope"), Some("row" | "col"))));
    let ids: Vec<_> = elements.iter().filter_map(|one| one.attribute("id")).collect();
    assert!(ids.iter().all(|id| ids.iter().filter(|other| *other == id).count() == 1), "{ids:?}");
    for element in &elements {
        for (name, value) in &element.attributes {
            assert!(!name.starts_with("on") && !["style", "action", "formaction", "data"].contains(&name.as_str()));
            assert!(name != "src" || (element.name == "img" && value.starts_with("data:image/")), "{name}={value}");
            let target = value.strip_prefix('#');
            assert!(name != "href" || target.is_some_and(|id| ids.contains(&id)), "{name}={value}");
        }
        assert!(element.name != "img" || element.attribute("alt").is_some());
        assert!(!["script", "link", "base", "object", "embed", "form"].contains(&element.name.as_str()));
    }
    for frame in all("iframe") {
        assert_eq!(frame.attribute("sandbox"), Some(""), "no leave for anything");
        assert!(frame.attribute("title").is_some_and(|title| !title.is_empty()));
        let inside = self::elements(frame.attribute("srcdoc").unwrap());
        let body = inside.iter().skip_while(|one| one.name != "body").skip(1);
        for element in body {
            assert!(element.attributes.is_empty(), "{}", element.name);
            assert!(
                !["script", "style", "meta", "link", "base", "iframe", "img", "svg", "form", "template"]
                    .contains(&element.name.as_str())
            );
        }
    }
}
