//! The plan as Markdown: it fits, nothing that matters goes missing unsaid, and no text of others becomes more than text.

use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde_json::{Value, json};

use super::*;
use crate::diff::{Class, Difference, Operation};
use crate::offer::{FieldPath, Guard, GuardSettings, OfferKey, OfferTypeId, Slot, SourcePosition};
use crate::plan::{Block, Change, Changes, Packed, Passenger, PlannedOffer, Step, UnplannedOffer};

const HOSTILE: [&str; 14] = [
    "plain words",
    "a | b\n| c | d |\n",
    "</details></td></table>",
    "<details><summary>",
    "```\n",
    "`",
    "@everyone fixes #12",
    "![x](https://a.b) [y](z)",
    "<!-- offerctl:plan / -->",
    "<script>alert(1)</script>",
    "# title\n\n- list\n\n1. one",
    "**bold** _it_ ~~no~~",
    "&lt;b&gt; \\| \u{202e}",
    "🌈ü",
];

fn text() -> impl Strategy<Value = String> {
    let parts = prop::collection::vec(prop::sample::select(HOSTILE.to_vec()), 1..4);
    (parts, prop::sample::select(vec![1, 1, 1, 40])).prop_map(|(parts, times)| parts.join(" ").repeat(times))
}

fn position() -> SourcePosition {
    SourcePosition { file: "offers/a|b/offer.yaml".into(), line: 7, column: 3 }
}

fn difference(path: &str, before: Option<Value>, after: Option<Value>) -> Difference {
    let operation = match (&before, &after) {
        (None, _) => Operation::Add,
        (_, None) => Operation::Remove,
        _ => Operation::Replace,
    };
    Difference {
        path: FieldPath::parse(path).unwrap(),
        operation,
        class: Class::Pending,
        before,
        after,
        waived: None,
        content: None,
    }
}

const PRICE: &str = "/definition/plans/gold/virtualMachinePricing/coreMultiplier/single";

fn differences() -> impl Strategy<Value = Difference> {
    let price = (1..99, 1..99)
        .prop_filter("it changes", |(was, is)| was != is)
        .prop_map(|(was, is)| difference(PRICE, Some(json!(was)), Some(json!(is))));
    let removal = text().prop_map(|text| {
        let image = json!({"osVhdUrl": text});
        difference("/definition/plans/gold/x.vmImages/1.0.0", Some(image), None)
    });
    let words = (text(), text()).prop_map(|(one, other)| {
        difference("/definition/offer/microsoft-azure-marketplace.summary", Some(json!(one)), Some(json!(other + "!")))
    });
    let set = (text(), text()).prop_map(|(one, other)| {
        difference("/definition/plans/gold/regions", Some(json!([one, "DE"])), Some(json!([other, "US"])))
    });
    let whole = text().prop_map(|text| {
        difference(
            "/definition/plans/silver",
            None,
            Some(json!({"planId": "silver", "title": text, "list": [{"a": text}]})),
        )
    });
    let named = (text(), text()).prop_map(|(name, waiver)| {
        let path = FieldPath::root().child("definition").child("offer").child(name).to_string();
        let mut found = difference(&path, Some(json!(1)), Some(json!({"a": 2})));
        found.waived = (waiver.len() % 2 == 0).then_some(waiver);
        found
    });
    prop_oneof![price, removal, words, set, whole, named]
}

fn blocks() -> impl Strategy<Value = Block> {
    let guards = prop::sample::select(vec![Guard::PriceChange, Guard::MassChange, Guard::FailedSubmission]);
    (guards, text(), prop::collection::vec(text(), 0..3)).prop_map(|(guard, sentence, messages)| Block {
        guard,
        sentence,
        messages,
        fields: Vec::new(),
    })
}

fn offer(key: &str) -> PlannedOffer {
    PlannedOffer {
        key: OfferKey::parse(key).unwrap(),
        offer_type: OfferTypeId::new("microsoft-azure-virtualmachines").unwrap(),
        manifest: position(),
        target: Slot::Preview,
        etag: None,
        content: None,
        changes: Changes::default(),
        passengers: Packed::default(),
        steps: Vec::new(),
        blocks: Vec::new(),
        allowed: Vec::new(),
        guards: GuardSettings::default(),
        secrets: Vec::new(),
        desired: None,
        submission: None,
        replaces: None,
        version: None,
        notes: Vec::new(),
        listing: None,
    }
}

fn offers() -> impl Strategy<Value = PlannedOffer> {
    let changes = prop::collection::vec(differences(), 0..6);
    let blocks = prop::collection::vec(blocks(), 0..3);
    let passengers = prop::collection::vec(differences(), 0..2);
    (changes, blocks, passengers, text(), 0..1000_u32).prop_map(|(changes, blocks, passengers, said, number)| {
        let change = |difference| Change { difference, sensitive: false, source: position() };
        let passenger =
            |difference| Passenger { difference, sensitive: false, from: Slot::Draft, replaces: Slot::Preview };
        let step = Step {
            action: Action::Update,
            until: None,
            reason: said.clone(),
            estimate: Some(said.clone()),
            source: position(),
        };
        PlannedOffer {
            changes: changes.into_iter().map(change).collect(),
            passengers: passengers.into_iter().map(passenger).collect(),
            steps: vec![step],
            allowed: blocks.iter().take(1).cloned().collect(),
            blocks,
            notes: vec![said],
            ..offer(&format!("contoso/vm-{number}"))
        }
    })
}

fn plans() -> impl Strategy<Value = Plan> {
    let failed = text().prop_map(|reason| UnplannedOffer { key: None, manifest: "offers/x.yaml".into(), reason });
    (prop::collection::vec(offers(), 0..9), prop::collection::vec(failed, 0..2)).prop_map(|(offers, failed)| Plan {
        offers,
        failed,
        ..Plan::default()
    })
}

fn markdown(plan: &Plan, limit: MarkdownLimit) -> String {
    plan_markdown(plan, &"a name".parse().unwrap(), limit)
}

fn limit(units: usize) -> MarkdownLimit {
    units.to_string().parse().unwrap()
}

/// The tags that are ours; whatever else begins with `<` came from others.
fn foreign_tag(text: &str) -> Option<&str> {
    let ours = [
        "details>",
        "details open>",
        "/details>",
        "summary>",
        "/summary>",
        "b>",
        "/b>",
        "code>",
        "/code>",
        "br>",
        "sub>",
        "/sub>",
        "del>",
        "/del>",
        "ins>",
        "/ins>",
    ];
    let (_, rest) = text.split_once('\n')?;
    rest.split('<').skip(1).find(|tag| !ours.iter().any(|own| tag.starts_with(own)))
}

/// What a reader of Markdown takes the text for, apart from words and tables: anything that is not ours.
fn foreign_structure(text: &str) -> Vec<String> {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS | Options::ENABLE_MATH;
    let is_ours = |tag: &Tag<'_>| {
        let is_heading = matches!(tag, Tag::Heading { .. });
        let is_block = matches!(tag, Tag::Paragraph | Tag::List(_) | Tag::Item | Tag::HtmlBlock | Tag::Strong);
        is_heading || is_block || matches!(tag, Tag::Table(_) | Tag::TableHead | Tag::TableRow | Tag::TableCell)
    };
    let found = Parser::new_ext(text, options).filter_map(|event| match event {
        Event::Start(tag) if !is_ours(&tag) => Some(format!("{tag:?}")),
        Event::InlineMath(_) | Event::DisplayMath(_) | Event::TaskListMarker(_) | Event::Rule => {
            Some(format!("{event:?}"))
        }
        _ => None,
    });
    found.collect()
}

/// How many rows the tables under a heading have; each must be as wide as its head.
fn rows_under(text: &str, title: &str) -> usize {
    let section = text.split("\n### ").find(|section| section.starts_with(&format!("{title}\n")));
    let rows = section.unwrap_or_default().lines().filter(|line| line.starts_with("| "));
    rows.count().saturating_sub(1)
}

fn missing(text: &str, noun: &str) -> usize {
    let Some((before, _)) = text.split_once(noun) else { return 0 };
    let Some(counts) = before.rsplit(['·', ':']).next().filter(|counts| counts.contains(" of ")) else { return 0 };
    counts.trim().split(' ').next().unwrap().parse().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn it_fits_and_stays_markdown_and_nothing_that_matters_is_missing_unsaid(plan in plans(), units in 2_000..30_000_usize) {
        let text = markdown(&plan, limit(units));
        prop_assert!(measure(&text) <= units, "{} of {units}: {text}", measure(&text));
        prop_assert_eq!(foreign_tag(&text), None, "{}", text);
        let structure = foreign_structure(&text);
        prop_assert!(structure.is_empty(), "{:?}\n{}", structure, text);

        let mut depth = 0_i32;
        for tag in text.split('<') {
            depth += i32::from(tag.starts_with("details")) - i32::from(tag.starts_with("/details"));
            prop_assert!((0..=2).contains(&depth), "{}", text);
        }
        prop_assert_eq!(depth, 0);
        let mut width = 0;
        for line in text.lines() {
            let columns = if line.starts_with('|') { line.matches('|').count() } else { 0 };
            prop_assert!(columns == 0 || width == 0 || columns == width, "{}", line);
            width = columns;
        }

        let Summary { changes, steps, blocked, .. } = plan.summary();
        let (of_fields, of_blocks) = (format!("\nChanges: {changes} · Steps: {steps}  \nDigest: "), format!("· {blocked} blocked"));
        prop_assert!(text.contains(&of_fields) && text.contains(&of_blocks));

        let written = || plan.offers.iter().flat_map(|offer| offer.changes.open()).map(|change| change.difference);
        let prices = written().filter(|difference| difference.path.to_string() == PRICE).count();
        let removals = written().filter(|difference| difference.operation == Operation::Remove).count();
        prop_assert_eq!(rows_under(&text, "Prices") + missing(&text, " price"), prices, "{}", text);
        prop_assert_eq!(rows_under(&text, "Removed") + missing(&text, " removal"), removals, "{}", text);
        let whole = markdown(&plan, MarkdownLimit::GITLAB);
        let guards = |text: &str| text.matches("blocked by <code>").count();
        prop_assert_eq!(guards(&text) + missing(&text, " block by a guard") + missing(&text, " blocks by guards"), guards(&whole));
        prop_assert!(!whole.contains("Not everything fits"), "{}", whole);
    }
}

/// Whatever is less important goes first: a small limit keeps the price and drops the words.
#[test]
fn prices_and_removals_stay_when_long_texts_go() {
    let long = |word: &str| json!(format!("{word} ").repeat(600));
    let summary = "/definition/offer/microsoft-azure-marketplace.description";
    let found = [
        difference(summary, Some(long("old")), Some(long("new"))),
        difference(PRICE, Some(json!(1)), Some(json!(10))),
        difference("/definition/plans/gold/x.vmImages/1.0.0", Some(json!({"a": 1})), None),
    ];
    let changes =
        found.map(|difference| Change { difference, sensitive: false, source: position() }).into_iter().collect();
    let sentence = "offer plan `gold`, per core: 1 → 10".to_owned();
    let offer = PlannedOffer {
        changes,
        blocks: vec![Block { guard: Guard::PriceChange, sentence, messages: Vec::new(), fields: Vec::new() }],
        notes: vec!["a note ".repeat(200)],
        ..offer("contoso/vm")
    };
    let plan = Plan { offers: vec![offer], ..Plan::default() };
    insta::assert_snapshot!(markdown(&plan, MarkdownLimit::LEAST));
    let whole = markdown(&plan, MarkdownLimit::GITHUB);
    assert!(whole.contains("Description: what changes</summary>") && !whole.contains("Not everything fits"), "{whole}");
}

/// A run that would change a thousand offers says so once.
#[test]
fn one_reason_for_many_offers_is_told_once() {
    let block = Block {
        guard: Guard::MassChange,
        sentence: "this run would change all".to_owned(),
        messages: Vec::new(),
        fields: Vec::new(),
    };
    let blocked =
        |number: usize| PlannedOffer { blocks: vec![block.clone()], ..offer(&format!("contoso/vm-{number:04}")) };
    let plan = Plan { offers: (0..2_000).map(blocked).collect(), ..Plan::default() };
    let text = markdown(&plan, MarkdownLimit::GITHUB);
    assert!(measure(&text) <= 65_536 && measure(&text) > 60_000, "{}", measure(&text));
    let beginning: Vec<_> = text.lines().take(15).collect();
    insta::assert_snapshot!(beginning.join("\n"));
}

#[test]
fn nothing_to_do_is_said_and_offers_in_sync_are_only_counted() {
    insta::assert_snapshot!(markdown(&Plan::default(), MarkdownLimit::GITHUB), @"
    <!-- offerctl:plan a%20name -->
    ## Plan: nothing to do

    Offers: 0 · 0 to create · 0 to change · 0 in sync · 0 blocked · 0 unreadable  
    Changes: 0 · Steps: 0  
    Digest: <code>sha256&#58;441433cb482a46f921c517e37a2ea2491123228adc8a53538316ae591123e560</code>
    ");
    let events = Parser::new(&markdown(&Plan::default(), MarkdownLimit::GITHUB))
        .filter(|event| matches!(event, Event::End(TagEnd::Heading(_))))
        .count();
    assert_eq!(events, 1);
}
