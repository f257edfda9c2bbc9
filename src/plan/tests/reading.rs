//! A plan's file read back: nothing is lost, what is not a plan is refused, and the digest covers what matters.

use proptest::prelude::*;

use super::*;
use crate::diff::{Class, Difference, FileContent, Operation, SecretVerdict};
use crate::offer::{FieldPath, FileDigest, ListingPart};

fn as_it_is(_: &FieldPath, value: &Value) -> Value {
    value.clone()
}

fn text(plan: &Plan) -> String {
    let document = PlanDocument::new(plan, &as_it_is, &|part| part);
    document.expect_readable().unwrap();
    serde_json::to_string_pretty(&document).unwrap()
}

fn parse(text: &str) -> Result<PlanFile, UnusablePlan> {
    PlanFile::read(|| Ok(serde_json::Deserializer::from_str(text)))
}

fn file(plan: &Plan) -> PlanFile {
    parse(&text(plan)).unwrap()
}

/// Any JSON but `null`, which stands for nothing.
fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e9..1e9).prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((".{0,6}", inner), 0..4)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

fn position() -> impl Strategy<Value = SourcePosition> {
    ("[a-zé /.]{1,12}", 1..9_u32, 1..9_u32).prop_map(|(file, line, column)| SourcePosition {
        file: file.into(),
        line,
        column,
    })
}

fn difference(class: Option<Class>) -> impl Strategy<Value = Difference> {
    let classes = class
        .map_or_else(|| vec![Class::Pending, Class::Drift, Class::Conflict, Class::Unattributed], |class| vec![class]);
    let operation = prop::sample::select(vec![Operation::Add, Operation::Replace, Operation::Remove]);
    let value = || prop::option::of(json_value());
    let path = prop::collection::vec(".{0,5}", 1..4);
    (path, operation, prop::sample::select(classes), value(), value(), prop::option::of(".{0,9}")).prop_map(
        |(segments, operation, class, before, after, waived)| Difference {
            path: segments.into_iter().fold(FieldPath::root(), |path, segment| path.child(segment)),
            operation,
            class,
            before,
            after,
            waived,
            content: None,
        },
    )
}

fn file_content() -> impl Strategy<Value = FileContent> {
    ("[a-z/.]{1,9}", prop::option::of(any::<u8>()), any::<u8>()).prop_map(|(path, before, after)| FileContent {
        path: path.into(),
        before: before.map(|byte| FileDigest::of(&[byte])),
        after: FileDigest::of(&[after]),
    })
}

fn secret() -> impl Strategy<Value = PlannedSecret> {
    let verdicts = vec![SecretVerdict::Changed, SecretVerdict::Unchanged, SecretVerdict::Unverifiable];
    let doubts = vec![Doubt::NoFingerprint, Doubt::NotSet, Doubt::OtherKey];
    (".{0,5}", "[A-Z]{1,5}", prop::sample::select(verdicts), prop::option::of(prop::sample::select(doubts))).prop_map(
        |(segment, variable, verdict, doubt)| PlannedSecret {
            path: FieldPath::root().child(segment),
            variable,
            verdict,
            doubt,
        },
    )
}

fn change() -> impl Strategy<Value = Change> {
    (difference(None), prop::option::of(file_content()), any::<bool>(), position()).prop_map(
        |(difference, content, sensitive, source)| Change {
            difference: Difference { content, ..difference },
            sensitive,
            source,
        },
    )
}

fn passenger() -> impl Strategy<Value = Passenger> {
    (difference(Some(Class::Drift)), any::<bool>(), slot(), slot())
        .prop_map(|(difference, sensitive, from, replaces)| Passenger { difference, sensitive, from, replaces })
}

fn slot() -> impl Strategy<Value = Slot> {
    prop::sample::select(vec![Slot::Draft, Slot::Preview, Slot::Production])
}

fn step() -> impl Strategy<Value = Step> {
    let action = prop::sample::select(vec![
        Action::Create,
        Action::Update,
        Action::Publish,
        Action::GoLive,
        Action::Wait,
        Action::Cancel,
    ]);
    let until = prop::sample::select(vec![Goal::Preview, Goal::Live, Goal::Settled, Goal::Canceled]);
    (action, prop::option::of(until), ".{0,9}", prop::option::of(".{0,9}"), position())
        .prop_map(|(action, until, reason, estimate, source)| Step { action, until, reason, estimate, source })
}

fn block(messages: usize) -> impl Strategy<Value = Block> {
    let guards: Vec<_> = Guard::ALLOWABLE.into_iter().chain([Guard::FailedSubmission, Guard::OfferType]).collect();
    let field =
        (".{0,9}", position()).prop_map(|(name, source)| BlockedField { path: FieldPath::root().child(name), source });
    let fields = prop::collection::vec(field, 0..3);
    (prop::sample::select(guards), ".{0,9}", prop::collection::vec(".{0,9}", 0..=messages), fields)
        .prop_map(|(guard, sentence, messages, fields)| Block { guard, sentence, messages, fields })
}

fn listing() -> impl Strategy<Value = Listing> {
    let text = || prop::option::of(".{0,9}");
    let state = prop::sample::select(vec![FileState::Kept, FileState::Unknown, FileState::New]);
    (prop::option::of(slot()), slot(), text(), text(), ".{0,9}", state).prop_map(
        |(from, to, before, after, name, state)| {
            let path = FieldPath::root().child(name.as_str());
            let item = ListedItem { name: name.clone(), before: after.clone(), after: before.clone() };
            let items =
                ListedPart { path: path.clone(), part: ListingPart::Prices, content: Content::Items(vec![item]) };
            let text = ListedPart { path, part: ListingPart::Markup, content: Content::Text { before, after } };
            let file = ListedFile {
                field: text.path.clone(),
                address: name.clone(),
                file: name.clone(),
                digest: FileDigest::of(name.as_bytes()),
                state,
            };
            let plan = ListedOfferPlan { id: name, presence: Presence::Added, parts: vec![items] };
            Listing { from, to, parts: vec![text], offer_plans: vec![plan], files: vec![file] }
        },
    )
}

fn offer() -> impl Strategy<Value = PlannedOffer> {
    let text = || prop::option::of(".{0,9}");
    let names = ("[a-z]{1,5}", "[a-z0-9.]{1,5}[a-z]", position(), slot());
    let observed = (text(), text(), prop::option::of(any::<u64>()), text(), prop::option::of(any::<u64>()));
    let lists = (
        prop::collection::vec(change(), 0..3),
        prop::collection::vec(secret(), 0..2),
        prop::collection::vec(passenger(), 0..2),
        prop::collection::vec(step(), 0..4),
        prop::collection::vec(block(2), 0..2),
        prop::collection::vec(block(0), 0..2),
        prop::collection::vec(".{0,9}", 0..2),
    );
    let replaces = prop::option::of("sha256:[0-9a-f]{64}".prop_map(|text| text.parse().unwrap()));
    (names, observed, lists, prop::option::of(listing()), replaces).prop_map(
        |(
            (publisher, offer, manifest, target),
            (etag, content, version, desired, submission),
            (changes, secrets, passengers, steps, blocks, allowed, notes),
            listing,
            replaces,
        )| PlannedOffer {
            key: OfferKey::parse(&format!("{publisher}/{offer}")).unwrap(),
            offer_type: OfferTypeId::new(publisher).unwrap(),
            manifest,
            target,
            etag: etag.map(ETag::new),
            content,
            version,
            desired,
            submission,
            replaces,
            changes: changes.into_iter().collect(),
            secrets,
            passengers: passengers.into_iter().collect(),
            steps,
            blocks,
            allowed,
            guards: GuardSettings::default(),
            notes,
            listing: listing.as_ref().map(Packed::new),
        },
    )
}

fn any_plan() -> impl Strategy<Value = Plan> {
    let failed = (prop::option::of("[a-z]{1,5}/[a-z]{1,5}"), ".{0,9}", ".{0,9}").prop_map(|(key, manifest, reason)| {
        UnplannedOffer { key: key.map(|key| OfferKey::parse(&key).unwrap()), manifest: manifest.into(), reason }
    });
    let terms = (".{0,9}", any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(service, supersede, retry_failed, resend_media)| Terms { service, supersede, retry_failed, resend_media },
    );
    (prop::collection::vec(offer(), 0..3), prop::collection::vec(failed, 0..2), terms).prop_map(
        |(offers, failed, terms)| {
            let unchanged = Some(Unchanged {
                since: "origin/main".to_owned(),
                manifests: 1998,
                deleted: vec!["offers/gone/offer.yaml".to_owned()],
            });
            Plan { offers, failed, terms, unchanged }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_that_was_written_is_read_as_it_was(plan in any_plan()) {
        let read = parse(&text(&plan)).unwrap();
        prop_assert_eq!(read.digest(), &PlanDigest::of_plan(&plan, &as_it_is));
        prop_assert_eq!(read.into_plan(), plan);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in ".{0,40}", key in "[a-z]{0,8}", value in json_value()) {
        prop_assert!(parse(&text).is_err());
        let mut other = json!({"format": "offerctl-plan", "version": 1});
        other[key] = value;
        prop_assert!(parse(&other.to_string()).is_err());
    }
}

fn plan_of(offer: PlannedOffer) -> Plan {
    Plan { offers: vec![offer], terms: Terms { service: "loopback".to_owned(), ..Terms::default() }, ..Plan::default() }
}

fn blocked_offer() -> PlannedOffer {
    let mut draft = other();
    draft["definition"]["offer"]["x.notes"] = json!("Notes");
    let planned = plan(&desired(right()), &observed(draft, Some(right()), Some(other()), Standing::Live));
    assert!(!planned.passengers.open().is_empty() && !planned.blocks.is_empty());
    PlannedOffer { allowed: planned.blocks.clone(), ..planned }
}

#[test]
fn the_digest_does_not_depend_on_what_decides_nothing() {
    let digest = |offer| file(&plan_of(offer)).digest().clone();
    let expected = digest(blocked_offer());
    let elsewhere = SourcePosition { file: "elsewhere.yaml".into(), line: 7, column: 7 };
    let mut offer = blocked_offer();
    offer.etag = Some(ETag::new("W/\"another\""));
    offer.version = Some(7);
    offer.submission = Some(7);
    offer.manifest = elsewhere.clone();
    offer.notes.push("A note".to_owned());
    offer.changes.edit(|changes| {
        for change in &mut *changes {
            (change.source, change.difference.class) = (elsewhere.clone(), Class::Pending);
        }
        changes.reverse();
    });
    for step in &mut offer.steps {
        (step.source, step.estimate, step.reason) = (elsewhere.clone(), Some("2 days".to_owned()), "So".to_owned());
    }
    offer.blocks[0].messages.push("The service says".to_owned());
    assert_eq!(digest(offer), expected);
    // Whoever edits an offer with nothing to do changes nothing about the plan.
    let in_sync = |draft| plan(&desired(right()), &observed(draft, Some(right()), Some(right()), Standing::Live));
    let mut noted = right();
    noted["definition"]["offer"]["x.notes"] = json!("Notes");
    assert_eq!(digest(in_sync(right())), digest(in_sync(noted)));
    let mut plan = plan_of(blocked_offer());
    plan.terms.supersede = true;
    assert_eq!(file(&plan).digest().clone(), expected);
}

#[test]
fn the_digest_depends_on_everything_else() {
    type Edit = fn(&mut Plan);
    let edits: [Edit; 21] = [
        |plan| plan.terms.service = "https://service".to_owned(),
        |plan| plan.offers[0].key = OfferKey::parse("contoso/other").unwrap(),
        |plan| plan.offers[0].offer_type = OfferTypeId::new("another").unwrap(),
        |plan| plan.offers[0].target = Slot::Draft,
        |plan| plan.offers[0].content = None,
        |plan| plan.offers[0].desired = Some("sha256:00".to_owned()),
        |plan| plan.offers[0].changes.edit(|changes| changes[0].difference.after = Some(json!("Else"))),
        |plan| plan.offers[0].changes.edit(|changes| changes[0].difference.before = None),
        |plan| plan.offers[0].changes.edit(|changes| changes[0].difference.waived = Some("theirs".to_owned())),
        |plan| plan.offers[0].changes = Changes::default(),
        |plan| {
            let held = FileContent { path: "logo.png".into(), before: None, after: FileDigest::of(b"a logo") };
            plan.offers[0].changes.edit(|changes| changes[0].difference.content = Some(held));
        },
        |plan| plan.offers[0].passengers = Packed::default(),
        |plan| drop(plan.offers[0].steps.pop()),
        |plan| plan.offers[0].blocks.clear(),
        |plan| plan.offers[0].allowed[0].sentence.push('!'),
        |plan| plan.offers[0].listing = None,
        |plan| plan.offers[0].listing.as_mut().unwrap().edit(|listing| listing.to = Slot::Draft),
        |plan| {
            let listing = plan.offers[0].listing.as_mut().unwrap();
            listing.edit(|listing| *listing.texts_mut().next().unwrap() = "Else".to_owned());
        },
        |plan| plan.offers[0].listing.as_mut().unwrap().edit(|listing| listing.offer_plans.clear()),
        |plan| plan.offers.clear(),
        |plan| {
            let reason = "the manifest has errors".to_owned();
            plan.failed.push(UnplannedOffer { key: None, manifest: "offers/x.yaml".into(), reason });
        },
    ];
    let mut digests = vec![file(&plan_of(blocked_offer())).digest().clone()];
    for edit in edits {
        let mut plan = plan_of(blocked_offer());
        edit(&mut plan);
        digests.push(file(&plan).digest().clone());
    }
    let count = digests.len();
    digests.sort();
    digests.dedup();
    assert_eq!(digests.len(), count);
    // Which submission is canceled matters, too.
    let cancel = |submission| {
        let queued = running(other(), observed(other(), None, None, Standing::Publishing));
        let directives = Directives { supersede: true, ..Directives::default() };
        let planned = plan_with(&desired(right()), &queued, &Known::default(), &directives);
        assert!(planned.has(Action::Cancel));
        file(&plan_of(PlannedOffer { submission, ..planned })).digest().clone()
    };
    assert_ne!(cancel(Some(1)), cancel(Some(2)));
}

#[test]
fn what_is_no_plan_or_no_whole_one_says_so() {
    let whole = text(&plan_of(blocked_offer()));
    let refused = |text: &str| {
        let error = parse(text).unwrap_err();
        format!("{error} ({})", error.advice())
    };
    insta::assert_snapshot!(refused(""), @"it is no JSON, or only a part of it: EOF while parsing a value at line 1 column 0 (`offerctl plan --out plan.json` writes a plan)");
    insta::assert_snapshot!(refused(&whole[..400]), @"it is no JSON, or only a part of it: EOF while parsing a string at line 16 column 9 (`offerctl plan --out plan.json` writes a plan)");
    insta::assert_snapshot!(refused("[]"), @"it is JSON, but not a plan: it has no `format` (`offerctl plan --out plan.json` writes a plan)");
    insta::assert_snapshot!(refused(r#"{"format": "offerctl-drift", "version": 1}"#), @"it is JSON, but not a plan: its format is `offerctl-drift` (`offerctl plan --out plan.json` writes a plan)");
    insta::assert_snapshot!(refused(&whole.replace("\"version\": 1", "\"version\": 2")), @"it has version 2 of the format, and this program reads up to 1 (use the version of offerctl that made the plan, or plan anew with this one)");
    insta::assert_snapshot!(refused(&whole.replace("\"version\": 1", "\"version\": 2").replace("\"offers\"", "\"things\"")), @"it has version 2 of the format, and this program reads up to 1 (use the version of offerctl that made the plan, or plan anew with this one)");
    insta::assert_snapshot!(refused(&whole.replace("\"action\": \"update\"", "\"action\": \"erase\"")), @"it is damaged: unknown variant `erase`, expected one of `create`, `update`, `publish`, `goLive`, `wait`, `cancel` at line 58 column 27 (take the file as `plan --out` wrote it, or plan anew; a plan cannot be edited)");
    insta::assert_snapshot!(refused(&whole.replace("contoso-vm\"", "con toso\"")), @"it is damaged: `con toso` is not an offer id: only letters, digits, `-`, `_` and `.` are allowed at line 14 column 27 (take the file as `plan --out` wrote it, or plan anew; a plan cannot be edited)");
    insta::assert_snapshot!(refused(&("{\"a\":".repeat(200) + "1" + &"}".repeat(200))), @"it is JSON, but not a plan: it has no `format` (`offerctl plan --out plan.json` writes a plan)");
    let deep = "[".repeat(200) + &"]".repeat(200);
    insta::assert_snapshot!(refused(&whole.replace("\"Ours\"", &deep)), @"it is damaged: recursion limit exceeded at line 35 column 142 (take the file as `plan --out` wrote it, or plan anew; a plan cannot be edited)");
    insta::assert_snapshot!(refused(&whole.replace("\"version\": 1", "\"version\": 0")), @"it is JSON, but not a plan: its version is 0, and there was none (`offerctl plan --out plan.json` writes a plan)");
    let altered = refused(&whole.replace("\"Ours\"", "\"Mine\""));
    assert!(altered.starts_with("it was changed after it was written: it says the digest sha256:"), "{altered}");
}

#[test]
fn a_file_is_read_as_its_text_is_and_an_outage_of_the_disk_is_told_as_such() {
    let whole = text(&plan_of(blocked_offer()));
    let read = |text: &str| PlanFile::read(|| Ok(serde_json::Deserializer::from_reader(text.as_bytes())));
    assert_eq!(read(&whole).unwrap().into_plan(), parse(&whole).unwrap().into_plan());
    for wrong in
        [&whole[..400], "[]", "7 8", &whole.replace("\"version\": 1", "\"version\": 2"), &(whole.clone() + "{}")]
    {
        let kind = |error: UnusablePlan| std::mem::discriminant(&error);
        assert_eq!(read(wrong).map_err(kind).unwrap_err(), parse(wrong).map_err(kind).unwrap_err(), "{wrong}");
    }
    let broken = PlanFile::read(|| -> serde_json::Result<serde_json::Deserializer<serde_json::de::StrRead<'_>>> {
        Err(serde_json::Error::io(std::io::ErrorKind::PermissionDenied.into()))
    });
    assert!(matches!(broken, Err(UnusablePlan::Unreadable(_))), "{broken:?}");
}

#[test]
fn no_file_makes_a_go_live_look_harmless() {
    let live = plan(&desired(right()), &observed(other(), Some(other()), Some(other()), Standing::Live));
    let whole = text(&plan_of(live));
    assert!(whole.contains("\"undo\": \"never\""), "{whole}");
    let read = parse(&whole.replace("\"undo\": \"never\"", "\"undo\": \"byCancel\"")).unwrap().into_plan();
    assert_eq!(text(&read), whole);
}

#[test]
fn a_plan_that_shows_customers_something_else_is_refused() {
    let planned = plan(&desired(right()), &observed(other(), Some(other()), Some(other()), Standing::Live));
    let whole: Value = serde_json::from_str(&text(&plan_of(planned))).unwrap();
    let tamper = |pointer: &str, value: Value| {
        let mut tampered = whole.clone();
        let place = tampered.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer} in {whole:#}"));
        assert_ne!(*place, value);
        *place = value;
        parse(&tampered.to_string())
    };
    assert!(parse(&whole.to_string()).is_ok());
    for (pointer, value) in [
        ("/offers/0/listing", Value::Null),
        ("/offers/0/listing/to", json!("draft")),
        ("/offers/0/listing/parts/0/text/after", json!("What is not written")),
        ("/offers/0/listing/parts/0/text/before", json!("What nobody sees now")),
        ("/offers/0/listing/parts", json!([])),
        ("/offers/0/listing/offerPlans", json!([{"id": "gold", "presence": "added", "parts": []}])),
    ] {
        assert!(matches!(tamper(pointer, value), Err(UnusablePlan::Altered { .. })), "{pointer}");
    }
}

#[test]
fn a_digest_is_given_as_a_whole() {
    let digest = file(&plan_of(blocked_offer())).digest().clone();
    assert_eq!(digest.to_string().to_uppercase().replace("SHA256", "sha256").parse(), Ok(digest.clone()));
    assert_eq!(digest.short().len(), "sha256:".len() + 12);
    for wrong in [digest.short(), "", "sha256:", &digest.to_string()[7..], &format!("{digest}0")] {
        assert!(wrong.parse::<PlanDigest>().is_err(), "{wrong}");
    }
}

#[test]
fn guards_are_spelt_in_files_as_in_flags() {
    for guard in Guard::ALLOWABLE.into_iter().chain([Guard::FailedSubmission, Guard::OfferType]) {
        assert_eq!(json!(guard), guard.as_str());
    }
}
