//! Pages, read as a browser reads them: what they say, what a keyboard and a screen reader find, and that text of others
//! stays text.

use std::fmt::Write as _;
use std::rc::Rc;

use html5ever::tendril::TendrilSink as _;
use insta::assert_snapshot;
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::diff::{Class, Difference, Operation};
use crate::offer::{FieldPath, Guard, GuardSettings, OfferKey, OfferTypeId, Slot, SourcePosition};
use crate::plan::{Action, Block, Change, Listing, Passenger, Plan, PlannedOffer, Step, Undo, UnplannedOffer};

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

fn listing(says: &str) -> Listing {
    let text = |path: &str, part: &str, before: Value, after: Value| json!({"path": path, "part": part, "text": {"before": before, "after": after}});
    let offer = "/definition/offer/x";
    let plan = "/definition/plans/gold";
    serde_json::from_value(json!({
        "from": "preview", "to": "production",
        "parts": [
            text(&format!("{offer}.title"), "title", json!(format!("Contoso {says}")), json!("Contoso VM")),
            text(&format!("{offer}.summary"), "summary", json!("A machine"), json!(format!("A machine {says}"))),
            text(&format!("{offer}.smallLogo"), "logo", json!(format!("https://a.b/{says}")), Value::Null),
            text(&format!("{offer}.description"), "markup", json!(format!("<p>Old {says}</p>")), json!(format!("<p>New {says}</p>"))),
            text(&format!("{offer}.privacyURL"), "link", json!(says), json!(says)),
            {"path": format!("{offer}.usefulLinks"), "part": "links", "items": [{"name": says, "before": says, "after": null}]},
            {"path": format!("{offer}.screenshots"), "part": "pictures", "items": [{"name": says, "before": null, "after": says}]},
        ],
        "offerPlans": [
            {"id": format!("gold{says}"), "presence": "kept", "parts": [
                {"path": format!("{plan}/regions"), "part": "members", "items": [
                    {"name": "US", "before": "", "after": ""}, {"name": says, "before": null, "after": ""}, {"name": "DE", "before": "", "after": null},
                ]},
                {"path": format!("{plan}/restrictedAudience/manualEntries"), "part": "audience", "items": [{"name": says, "before": null, "after": says}]},
                {"path": format!("{plan}/virtualMachinePricing"), "part": "prices", "items": [
                    {"name": format!("2core{says}"), "before": "0.2", "after": "0.3"}, {"name": "4core", "before": "0.4", "after": "0.4"},
                ]},
                {"path": format!("{plan}/x.vmImages"), "part": "versions", "items": [{"name": says, "before": "Label: one", "after": format!("Label: {says}")}]},
                text(&format!("{plan}/x.hideSKUForSolutionTemplate"), "fact", json!("false"), json!("true")),
            ]},
            {"id": "new", "presence": "added", "parts": [text(&format!("{plan}/x.skuTitle"), "title", Value::Null, json!(says))]},
            {"id": "old", "presence": "removed", "parts": [text(&format!("{plan}/x.skuTitle"), "title", json!(says), Value::Null)]},
            {"id": "same", "presence": "kept", "parts": [text(&format!("{plan}/x.skuTitle"), "title", json!(says), json!(says))]},
        ],
    }))
    .unwrap()
}

fn difference(path: &str, before: Value, after: Value) -> Difference {
    Difference {
        path: FieldPath::parse(path).unwrap(),
        operation: Operation::Replace,
        class: Class::Drift,
        before: Some(before),
        after: Some(after),
        waived: None,
    }
}

/// A blocked offer; whatever others may have written is what `says` says.
fn blocked(name: &str, says: &str) -> PlannedOffer {
    let source = SourcePosition { file: format!("offers/{says}.yaml").into(), line: 3, column: 1 };
    let long = "A machine for the whole company and all its friends";
    let changes = [
        difference("/definition/offer/x.title", json!("a"), json!(says)),
        difference("/definition/offer/x.summary", json!(format!("{long} {says}")), json!(long)),
        difference("/definition/plans/gold/regions", json!(["US", says]), json!(["US", "DE"])),
        difference("/definition/plans/gold/x.vmImages/1.0.0", json!({"label": says}), json!({"label": "two"})),
    ];
    let change = |difference| Change { difference, sensitive: false, source: source.clone() };
    let step = |action, reason: &str, undo| Step {
        action,
        until: None,
        reason: format!("{reason} {says}"),
        undo,
        estimate: Some(says.to_owned()),
        source: source.clone(),
    };
    let block = |guard| Block { guard, sentence: format!("`gold` costs {says}"), messages: vec![says.to_owned()] };
    let passenger = difference("/definition/offer/x.longSummary", json!("theirs"), json!(says));
    PlannedOffer {
        key: OfferKey::parse(name).unwrap(),
        offer_type: OfferTypeId::new("microsoft-azure-virtualmachines").unwrap(),
        manifest: source.clone(),
        target: Slot::Production,
        etag: None,
        content: None,
        changes: changes.map(change).to_vec(),
        passengers: vec![Passenger {
            difference: passenger,
            sensitive: false,
            from: Slot::Draft,
            replaces: Slot::Preview,
        }],
        steps: vec![
            step(Action::Update, "4 fields differ", Undo::ByApply),
            step(Action::GoLive, "asked for", Undo::Never),
        ],
        blocks: vec![block(Guard::PriceChange)],
        allowed: vec![block(Guard::AudienceChange)],
        guards: GuardSettings::default(),
        notes: vec![format!("a note {says}")],
        listing: Some(listing(says)),
    }
}

fn plan_that_says(says: &str) -> Plan {
    let failed = UnplannedOffer {
        key: None,
        manifest: format!("{says}.yaml").into(),
        reason: format!("not readable\n{}", says.replace('\n', " ")),
    };
    Plan { offers: vec![blocked("contoso/vm", says)], failed: vec![failed] }
}

fn in_sync(name: &str) -> PlannedOffer {
    PlannedOffer {
        changes: Vec::new(),
        passengers: Vec::new(),
        steps: Vec::new(),
        blocks: Vec::new(),
        allowed: Vec::new(),
        notes: Vec::new(),
        listing: None,
        ..blocked(name, "x")
    }
}

#[test]
fn the_page_says_all_that_is_to_be_known() {
    assert_snapshot!(read_aloud(&plan_page(&plan_that_says("everything"))), @r#"
    [Plan: 1 offer is blocked, 1 offer could not be planned]
    # What will happen
    1 offer is blocked, 1 offer could not be planned.
    - 2 offers
    - 0 to create
    - 0 to change
    - 0 in sync
    - 1 blocked
    - 1 unreadable
    - 4 changed fields
    - 0 steps
    Nothing has been changed yet: this page shows what offerctl apply would do. Pictures are not loaded, since the page asks no network for anything.
    table: The offers of this page. Those that are in sync are only counted.
      | Offer What happens Reaches Changed fields Worth a look
      | contoso/vm is blocked every customer 4 blocked by price-change, allowed audience-change, 1 offer plan removed, 1 price changed
    contoso/vm is blocked
    ## contoso/vm
    Manifest offers/everything.yaml, up to production. The steps would reach every customer.
    Blocked by price-change: gold costs everything
    The service says: everything
    Way out: correct the manifest, or let it pass with --allow price-change:contoso/vm
    Allowed by name, audience-change: gold costs everything
    ### What customers see
    table: The listing of contoso/vm
      | Part Now, in the preview After, in production
      | At first sight logo Contoso everything A machine logo Contoso VM A machine everything
      | Small logo logo https://a.b/everything not there
      | Description
      frame: Description of contoso/vm, now
      frame: Description of contoso/vm, after
      | Description, word by word <p>Old<p>New everything</p>
      | Privacy policy URL everything
      | Useful links − everything everything
    - − everything everything
      | Screenshots + picture everything everything
    - + picture everything everything
    ### Offer plans
    #### goldeverything
    table: What changes in contoso/vm, offer plan goldeverything
      | Part Now, in the preview After, in production
      | Regions US + everything − DE
    - US
    - + everything
    - − DE
      | Restricted audience Everybody could buy it, and only these customers will. + everything: everything
    Everybody could buy it, and only these customers will.
    - + everything: everything
      | Images everything: Label: oneeverything
    - everything: Label: oneeverything
      | Hide this offer plan no yes
    table: Price of goldeverything
      | For Now After Change
      | 2coreeverything 0.2 0.3 +50.0 %
    1 price stays
    table: Price of goldeverything, unchanged
      | For Now After Change
      | 4core 0.4 0.4 stays
    #### new + new
    table: What comes with contoso/vm, offer plan new
      | Part After, in production
      | At first sight logo everything
    #### old − removed
    table: What goes with contoso/vm, offer plan old
      | Part Now, in the preview
      | At first sight logo everything
    1 offer plan stays as is: same
    ### Every change
    table: What the draft holds now, and what the repository says.
      | Field Now After Remarks
      | Title − "a" + "everything" offers/everything.yaml:3 edited elsewhere; apply reverts it
      | Summary … whole company and all its friends everything offers/everything.yaml:3 edited elsewhere; apply reverts it
      | Offer plan gold › Regions + DE − everything offers/everything.yaml:3 edited elsewhere; apply reverts it
    - + DE
    - − everything
      | Offer plan gold › Images › Image 1.0.0 Label: "everything" Label: "two" offers/everything.yaml:3 edited elsewhere; apply reverts it
    - Label: "everything"
    - Label: "two"
    ### What would be shipped besides
    table: Edits of others that the repository does not say.
      | Field Now After Remarks
      | Long summary − "theirs" + "everything" passenger: edited in the draft, not in preview and not in the manifest
    ### Steps
    None of them is done while the offer is blocked.
    - Write the draft: 4 fields differ everything (the service's estimate: everything)
    - Take the preview live: asked for everything (the service's estimate: everything). cannot be taken back
    ### Notes
    - a note everything
    ## Could not be planned
    everything.yaml
    not readable
    everything
    Plan: 2 offers: 0 to create, 0 to change, 0 in sync, 1 blocked, 1 unreadable; 4 changes, 0 steps.
    "#);
}

#[test]
fn an_offer_that_is_new_has_one_column() {
    let mut plan = plan_that_says("x");
    plan.failed.clear();
    let offer = &mut plan.offers[0];
    let mut new = listing("x");
    new.from = None;
    new.parts.truncate(2);
    new.offer_plans.clear();
    *offer = PlannedOffer { listing: Some(new), steps: vec![offer.steps[0].clone()], ..in_sync("contoso/vm") };
    assert_snapshot!(read_aloud(&plan_page(&plan)), @"
    [Plan: 1 offer will be changed]
    # What will happen
    1 offer will be changed.
    - 1 offers
    - 0 to create
    - 1 to change
    - 0 in sync
    - 0 blocked
    - 0 unreadable
    - 0 changed fields
    - 1 steps
    Nothing has been changed yet: this page shows what offerctl apply would do. Pictures are not loaded, since the page asks no network for anything.
    table: The offers of this page. Those that are in sync are only counted.
      | Offer What happens Reaches Changed fields Worth a look
      | contoso/vm will be updated every customer 0
    contoso/vm will be updated
    ## contoso/vm
    Manifest offers/x.yaml, up to production. The steps reach every customer.
    ### What customers see
    table: The listing of contoso/vm
      | Part After, in production
      | At first sight logo Contoso VM A machine x
    ### Steps
    - Write the draft: 4 fields differ x (the service's estimate: x)
    Plan: 1 offers: 0 to create, 1 to change, 0 in sync, 0 blocked, 0 unreadable; 0 changes, 1 steps.
    ");
}

#[test]
fn what_is_in_sync_is_only_counted_and_many_offers_are_folded() {
    let page = |count: usize| {
        let offers = (0..count).map(|number| in_sync(&format!("contoso/vm{number}")));
        plan_page(&Plan { offers: offers.collect(), failed: Vec::new() })
    };
    assert_eq!(page(1).len() + 12, page(1_000).len(), "three more digits, four times");
    assert!(page(1).contains("There is nothing to do"));
    let opened = |count: usize| {
        let offers = (0..count).map(|number| blocked(&format!("contoso/vm{number}"), "x"));
        let page = plan_page(&Plan { offers: offers.collect(), failed: Vec::new() });
        elements(&page).iter().filter(|one| one.name == "details" && one.attribute("open").is_some()).count()
    };
    assert_eq!((opened(OPEN), opened(OPEN + 1)), (OPEN, 0));
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
            assert!(
                !name.starts_with("on") && !["style", "src", "action", "formaction", "data"].contains(&name.as_str())
            );
            let target = value.strip_prefix('#');
            assert!(name != "href" || target.is_some_and(|id| ids.contains(&id)), "{name}={value}");
        }
        assert!(!["script", "img", "link", "base", "object", "embed", "form"].contains(&element.name.as_str()));
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

#[test]
fn a_keyboard_and_a_screen_reader_find_their_way() {
    assert_sound(&plan_page(&plan_that_says("x")));
    assert_sound(&plan_page(&Plan::default()));
}

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
        let within = |text: &str| plan_page(&plan_that_says(&format!("x{text}{}", "x".repeat(40))));
        let page = within(&text);
        assert_sound(&page);
        prop_assert_eq!(structure(&page), structure(&within("y")));
    }
}
