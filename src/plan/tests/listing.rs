//! The listing: what customers see before and after, and from which slots.

use insta::assert_snapshot;

use super::*;
use crate::offer::{FieldPath, FileDigest, IgnoredField, LocalFile};

fn listed(listing: &Listing) -> String {
    let mut text = match listing.from {
        Some(from) => format!("from {from} to {}\n", listing.to),
        None => format!("new, to {}\n", listing.to),
    };
    for part in &listing.parts {
        text.push_str(&line(part));
    }
    for plan in &listing.offer_plans {
        writeln!(text, "{} {:?}", plan.id, plan.presence).unwrap();
        for part in &plan.parts {
            write!(text, "  {}", line(part)).unwrap();
        }
    }
    text
}

fn line(part: &ListedPart) -> String {
    let said = |text: &Option<String>| text.as_ref().map_or_else(|| "-".to_owned(), |text| format!("{text:?}"));
    let content = match &part.content {
        Content::Text { before, after } if before == after => format!("= {}", said(after)),
        Content::Text { before, after } => format!("{} → {}", said(before), said(after)),
        Content::Items(items) => {
            let item = |item: &ListedItem| match (&item.before, &item.after) {
                (before, after) if before == after => format!("={}({})", item.name, said(after)),
                (before, after) => format!("{}({} → {})", item.name, said(before), said(after)),
            };
            items.iter().map(item).collect::<Vec<_>>().join(", ")
        }
    };
    format!("{:?} {}: {content}\n", part.part, part.path.last().unwrap())
}

/// Something for each part, as the service returns it.
fn rich() -> Value {
    json!({
        "publisherId": "contoso", "offerTypeId": "microsoft-azure-virtualmachines", "id": "contoso-vm",
        "definition": {
            "displayText": "Contoso VM",
            "offer": {
                "x.summary": "A machine", "x.title": "Contoso", "x.description": "<p>Old?sig=SIGNED1</p>", "x.longSummary": "",
                "x.smallLogo": "https://publishingstoredm.blob.core.windows.net/a/1.png?sig=SIGNED1&se=2026",
                "x.categoryMap": [{"categoryL1": "storage", "categoryL2-storage": ["backup", "archive"]}, {"categoryL1": "web"}],
                "x.usefulLinks": [{"linkTitle": "Guide", "linkUrl": "https://c.com/guide"}],
                "x.screenshots": [{"name": "one", "image": "https://c.com/1.png"}, "https://c.com/2.png"],
                "x.tableLeadConfiguration": {"connectionString": "hunter2"},
                "unknown": "not shown",
            },
            "plans": [{
                "planId": "gold", "x.skuTitle": "Gold", "regions": ["US", "DE"],
                "restrictedAudience": {"manualEntries": [{"type": "tenantId", "id": "t1", "description": "Fabrikam"}]},
                "virtualMachinePricing": {"isByol": false, "coreMultiplier": {"currency": "USD", "individually": {"1core": 0.1, "2core": 0.2}}},
                "virtualMachinePricingV2": {"isByol": false, "coreMultiplier": {"currency": "USD", "individually": {"1core": 0.1, "2core": 0.2}}},
                "x.vmImages": {"1.0.0": {"osVhdUrl": "https://s.net/1.vhd?sig=SIGNED1", "lunVhdDetails": []}, "1.1.0": {"label": "two"}},
                "diskGenerations": [{"planId": "gold-gen2", "x.vmImages": {"2.0.0": {"label": "two"}}}],
            }],
        },
    })
}

fn wanted() -> Value {
    let mut wanted = rich();
    let offer = &mut wanted["definition"]["offer"];
    offer["x.title"] = json!("Contoso VM");
    offer["x.description"] = json!("<p>New</p>");
    offer["x.smallLogo"] = json!("https://c.com/new.png?sig=SIGNED2");
    offer["x.categoryMap"][0]["categoryL2-storage"] = json!(["backup", "sync"]);
    offer["x.usefulLinks"] = json!([{"linkTitle": "The guide", "linkUrl": "https://c.com/guide"}]);
    let plan = &mut wanted["definition"]["plans"][0];
    plan["regions"] = json!(["FR", "US"]);
    plan["virtualMachinePricing"]["coreMultiplier"]["individually"] = json!({"1core": 0.15, "4core": 0.4});
    plan.as_object_mut().unwrap().remove("virtualMachinePricingV2");
    plan["x.vmImages"] = json!({"1.0.0": {"osVhdUrl": "https://s.net/1.vhd?sig=SIGNED3"}, "1.1.0": {"label": "zwei"}, "1.2.0": {"label": "three"}});
    wanted["definition"]["plans"].as_array_mut().unwrap().push(json!({"planId": "silver", "x.skuTitle": "Silver"}));
    wanted
}

#[test]
fn each_part_is_told_before_and_after() {
    let mut known = Known::default();
    let logo = FieldPath::parse("/definition/offer/x.smallLogo").unwrap();
    known.media.remember(
        logo,
        "https://c.com/old.png",
        "https://publishingstoredm.blob.core.windows.net/a/1.png",
        None,
    );
    let observed = observed(rich(), Some(rich()), Some(rich()), Standing::Live);
    let planned = plan_with(&desired(wanted()), &observed, &known, &Directives::default());
    let listing = planned.listing.unwrap().open();
    assert_snapshot!(listed(&listing), @r#"
    from production to production
    Title x.title: "Contoso" → "Contoso VM"
    Summary x.summary: = "A machine"
    Logo x.smallLogo: "https://publishingstoredm.blob.core.windows.net/a/1.png" → "https://c.com/new.png"
    Categories x.categoryMap: =storage › backup(""), storage › sync(- → ""), =web(""), storage › archive("" → -)
    Markup x.description: "<p>Old?sig=REDACTED</p>" → "<p>New</p>"
    Pictures x.screenshots: =https://c.com/1.png("one"), =https://c.com/2.png("")
    Links x.usefulLinks: https://c.com/guide("Guide" → "The guide")
    gold Kept
      Title x.skuTitle: = "Gold"
      Audience manualEntries: =t1("Fabrikam")
      Members regions: FR(- → ""), =US(""), DE("" → -)
      Prices virtualMachinePricing: 1core("0.1" → "0.15"), =2core("0.2"), 4core(- → "0.4")
      Fact isByol: = "false"
      Fact currency: = "USD"
      Versions x.vmImages: =1.0.0("OS disk: https://s.net/1.vhd"), 1.1.0("Label: two" → "Label: zwei"), 1.2.0(- → "Label: three")
      Versions x.vmImages: =2.0.0("Label: two")
    silver Added
      Title x.skuTitle: - → "Silver"
    "#);
    let text = serde_json::to_string(&listing).unwrap();
    assert!(!["SIGNED", "hunter2", "not shown"].iter().any(|hidden| text.contains(hidden)), "{text}");
    assert_eq!(serde_json::from_str::<Listing>(&text).unwrap(), listing);
}

#[test]
fn what_each_answer_names_anew_is_no_part_of_the_digest() {
    let digest = |production: Value| {
        let observed = observed(rich(), Some(rich()), Some(production), Standing::Live);
        let planned = plan(&desired(wanted()), &observed);
        let told = listed(&planned.listing.as_ref().unwrap().open());
        let plan = Plan { offers: vec![planned], ..Plan::default() };
        (PlanDigest::of_plan(&plan, &|_, value| value.clone()), told)
    };
    let (expected, told) = digest(rich());
    let mut anew = rich();
    let offer = &mut anew["definition"]["offer"];
    offer["x.smallLogo"] = json!("https://publishingstoredm.blob.core.windows.net/b/2.png?sig=SIGNED9");
    let images = &mut anew["definition"]["plans"][0]["x.vmImages"];
    *images = json!({"1.1.0": images["1.1.0"], "1.0.0": images["1.0.0"]});
    let (digest_anew, told_anew) = digest(anew.clone());
    assert_ne!(told_anew, told, "it is another name that is shown");
    assert_eq!(digest_anew, expected);
    anew["definition"]["offer"]["x.smallLogo"] = json!("https://c.com/2.png");
    assert_ne!(digest(anew).0, expected);
}

#[test]
fn each_side_is_what_the_steps_take_where() {
    let told = |desired: &Desired, observed: &Observed| match plan(desired, observed).listing.as_ref().map(Packed::open)
    {
        Some(listing) => {
            let title = listing.parts.iter().find(|part| part.part == crate::offer::ListingPart::Title).map(line);
            let from = listing.from.map_or("nothing", Slot::as_str);
            format!("from {from} to {}: {}", listing.to, title.unwrap().trim())
        }
        None => "nothing".to_owned(),
    };
    let up_to = |slot: Slot| {
        let mut wanted = desired(right());
        wanted.reconcile.publish_to = slot;
        wanted
    };
    let third = || document("Third");
    let idle = |preview, production| observed(other(), preview, production, Standing::Live);
    let lines = [
        told(&up_to(Slot::Production), &Observed::absent(key())),
        told(&up_to(Slot::Production), &idle(Some(third()), Some(other()))),
        told(&up_to(Slot::Production), &idle(Some(third()), None)),
        told(&up_to(Slot::Production), &idle(None, None)),
        told(&up_to(Slot::Preview), &idle(Some(third()), None)),
        told(&up_to(Slot::Draft), &idle(None, None)),
        // Only the draft was edited.
        told(&up_to(Slot::Production), &idle(Some(right()), Some(right()))),
        // The preview goes live, whatever somebody wrote into the draft since.
        told(&up_to(Slot::Production), &observed(third(), Some(right()), Some(other()), Standing::AwaitingSignoff)),
        told(&up_to(Slot::Production), &observed(third(), Some(right()), None, Standing::AwaitingSignoff)),
        // What is submitted already is what comes.
        told(&up_to(Slot::Preview), &running(right(), observed(right(), Some(other()), None, Standing::Publishing))),
        // Blocked: what it would be.
        told(&up_to(Slot::Preview), &observed(right(), None, None, Standing::Failed)),
        told(&up_to(Slot::Production), &observed(right(), Some(right()), Some(right()), Standing::Live)),
    ];
    assert_snapshot!(lines.join("\n"), @r#"
    from nothing to production: Title x.title: - → "Ours"
    from production to production: Title x.title: "Theirs" → "Ours"
    from preview to production: Title x.title: "Third" → "Ours"
    from nothing to production: Title x.title: - → "Ours"
    from preview to preview: Title x.title: "Third" → "Ours"
    from draft to draft: Title x.title: "Theirs" → "Ours"
    from draft to draft: Title x.title: "Theirs" → "Ours"
    from production to production: Title x.title: "Theirs" → "Ours"
    from nothing to production: Title x.title: - → "Ours"
    from preview to preview: Title x.title: "Theirs" → "Ours"
    from nothing to preview: Title x.title: - → "Ours"
    nothing
    "#);
}

#[test]
fn a_picture_is_a_file_of_the_repository_where_that_is_known() {
    let logo = || FieldPath::parse("/definition/offer/x.smallLogo").unwrap();
    let source = "https://c.com/new.png";
    let with_file = |document: Value| {
        let mut desired = desired(document);
        let (file, digest) = ("logos/small.png".into(), FileDigest::of(b"new"));
        desired.local_files = vec![LocalFile { field: logo(), url: format!("{source}?sig=SIGNED2"), file, digest }];
        desired
    };
    let mut known = Known::default();
    let served = "https://publishingstoredm.blob.core.windows.net/a/1.png";
    known.media.remember(logo(), source, served, Some(&FileDigest::of(b"new")));
    let told = |desired: &Desired, observed: &Observed, known: &Known| {
        let planned = plan_with(desired, observed, known, &Directives::default());
        let files = planned.listing.unwrap().open().files;
        files
            .iter()
            .map(|file| format!("{:?} {} {}", file.state, file.address, file.file))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let mut other = Known::default();
    other.media.remember(logo(), "https://c.com/old.png", served, None);
    let mut of_some_content = Known::default();
    of_some_content.media.remember(logo(), source, served, None);
    let live = observed(rich(), Some(rich()), Some(rich()), Standing::Live);
    let sent = with_file(wanted());
    // The logo is ours already, and something else changes.
    let mut same = wanted();
    same["definition"]["offer"]["x.smallLogo"] = json!(source);
    let kept = with_file(same);
    let mut waived = with_file(wanted());
    waived.reconcile.ignore.push(IgnoredField {
        path: logo(),
        reason: "marketing".to_owned(),
        until: None,
        position: waived.manifest.clone(),
    });
    // Somebody put another one into the draft, while the preview waits with ours.
    let mut theirs = wanted();
    theirs["definition"]["offer"]["x.smallLogo"] = json!("https://publishingstoredm.blob.core.windows.net/a/9.png");
    let mut ours = wanted();
    ours["definition"]["offer"]["x.smallLogo"] = json!(served);
    let waits = observed(theirs, Some(ours), Some(rich()), Standing::AwaitingSignoff);
    let lines = [
        ("new offer", told(&sent, &Observed::absent(key()), &Known::default())),
        ("another was sent", told(&sent, &live, &other)),
        ("no record", told(&sent, &live, &Known::default())),
        ("no record of the content", told(&kept, &live, &of_some_content)),
        ("in sync", told(&kept, &live, &known)),
        ("waived", told(&waived, &live, &other)),
        ("not from the draft", told(&kept, &waits, &known)),
    ];
    assert_snapshot!(lines.map(|(case, told)| format!("{case}: {told}")).join("\n"), @"
    new offer: New https://c.com/new.png logos/small.png
    another was sent: New https://c.com/new.png logos/small.png
    no record: Unknown https://publishingstoredm.blob.core.windows.net/a/1.png logos/small.png
    no record of the content: Unknown https://publishingstoredm.blob.core.windows.net/a/1.png logos/small.png
    in sync: Kept https://publishingstoredm.blob.core.windows.net/a/1.png logos/small.png
    waived: 
    not from the draft:
    ");
}
