//! What the pages say, and to whom.

use insta::assert_snapshot;

use super::reports::{blocked, drift_that_says, in_sync, listing, plan_that_says};
use super::{assert_sound, drift_page, elements, plan_page, read_aloud};
use crate::drift::DriftReport;
use crate::manifest::{NoPicture, Picture};
use crate::offer::{FieldPath, FileDigest, FileType};
use crate::plan::{FileState, ListedFile, Listing, OfferVerdict, Packed, Plan, PlannedOffer, Terms, Unchanged};
use crate::render::html::Album;
use crate::render::plan_digest;

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
    Nothing has been changed yet: this page shows what offerctl apply would do. Pictures are shown where they are files of the repository. Those that only the service has, or another host, are boxes with their address, since the page asks no network for anything.
    The digest of this plan, to be approved with it: sha256:72ef18a05f95b3a8636c3447a5f1d179768f3ba13d2d4658f69cf714dc281b25.
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
      | At first sight logo Contoso everything A machine Contoso VM A machine everything
      | Small logo picture https://a.b/everything not there
      | Description
      frame: Description of contoso/vm, now
      frame: Description of contoso/vm, after
      | Description, word by word <p>Old<p>New everything</p>
      | Privacy policy URL everything
      | Useful links − everything everything
    - − everything everything
      | Screenshots picture + everything: everything
    - picture + everything: everything
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
      | At first sight everything
    #### old − removed
    table: What goes with contoso/vm, offer plan old
      | Part Now, in the preview
      | At first sight everything
    1 offer plan stays as is: same
    ### Every change
    table: What the draft of contoso/vm holds now, and what the repository says
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
    table: Edits of others in contoso/vm that the repository does not say
      | Field Now After Remarks
      | Long summary − "theirs" + "everything" passenger: edited in the draft, not in preview and not in the manifest
    ### Steps
    None of them is done while the offer is blocked.
    - Write the draft: 4 fields differ everything (the service's estimate: everything)
    - Take the preview live: asked for everything (the service's estimate: everything); cannot be taken back
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
    *offer =
        PlannedOffer { listing: Some(Packed::new(&new)), steps: vec![offer.steps[0].clone()], ..in_sync("contoso/vm") };
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
    Nothing has been changed yet: this page shows what offerctl apply would do. Pictures are shown where they are files of the repository. Those that only the service has, or another host, are boxes with their address, since the page asks no network for anything.
    The digest of this plan, to be approved with it: sha256:6187fd95a4f9eb2a8471a5ba8b098fcee2f5e3272e8ddec87a5c4e0402ae0ea9.
    table: The offers of this page. Those that are in sync are only counted.
      | Offer What happens Reaches Changed fields Worth a look
      | contoso/vm will be updated every customer 0
    contoso/vm will be updated
    ## contoso/vm
    Manifest offers/x.yaml, up to production. The steps reach every customer.
    ### What customers see
    table: The listing of contoso/vm
      | Part After, in production
      | At first sight Contoso VM A machine x
    ### Steps
    - Write the draft: 4 fields differ x (the service's estimate: x)
    Plan: 1 offers: 0 to create, 1 to change, 0 in sync, 0 blocked, 0 unreadable; 0 changes, 1 steps.
    ");
}

#[test]
fn what_is_in_sync_is_only_counted_and_many_offers_are_folded() {
    let page = |count: usize| {
        let offers = (0..count).map(|number| in_sync(&format!("contoso/vm{number}")));
        plan_page(&Plan { offers: offers.collect(), failed: Vec::new(), ..Plan::default() })
    };
    assert_eq!(page(1).len() + 12, page(1_000).len(), "three more digits, four times");
    assert!(page(1).contains("There is nothing to do"));
    let counted = |count: usize| {
        let offers = (0..count).map(|number| blocked(&format!("contoso/vm{number}"), "x"));
        let page = plan_page(&Plan { offers: offers.collect(), failed: Vec::new(), ..Plan::default() });
        let elements = elements(&page);
        let open = elements.iter().filter(|one| one.name == "details" && one.attribute("open").is_some()).count();
        (open, elements.iter().filter(|one| one.name == "iframe").count())
    };
    assert_eq!([10, 11, 50, 51].map(counted), [(10, 20), (0, 22), (0, 100), (0, 0)]);
    let page = |count: usize| {
        let offers = (0..count).map(|number| blocked(&format!("contoso/vm{number}"), "x"));
        plan_page(&Plan { offers: offers.collect(), ..Plan::default() })
    };
    let stays = "<p class=\"muted\">1 part stays as it is.</p>";
    assert_eq!([page(50), page(51)].map(|page| page.matches(stays).count()), [0, 51], "the privacy policy");
}

#[test]
fn the_page_of_drift_says_whose_edit_stands_where() {
    assert_snapshot!(read_aloud(&drift_page(&drift_that_says("everything"))), @r#"
    [Drift: 1 of 2 offers is not as the repository says, and 1 offer could not be compared]
    # What was edited elsewhere
    1 of 2 offers is not as the repository says, and 1 offer could not be compared.
    - 2 offers
    - 1 read
    - 1 compared
    - 1 skipped
    - 1 not as the repository says
    - 3 fields edited elsewhere
    - 0 edited here too
    - 0 nobody can tell by whom
    - 0 ours, not applied or published yet
    - 0 left to others
    offerctl adopt takes an edit into the repository, and offerctl apply undoes it: it writes what the repository says. A conflict needs a decision first.
    table: The offers of this page. Those that are as the repository says are only counted.
      | Offer How it stands Edited elsewhere Other differences
      | contoso/vm was edited elsewhere 3 0
    contoso/vm was edited elsewhere
    ## contoso/vm
    Manifest offers/everything.yaml.
    table: What differs in contoso/vm
      | Field Repository Draft Preview Production Whose edit
      | Title "Contoso" "everything" empty as in the repository drift: edited elsewhere
      | Summary "A machine for the whole company and all its friends" "A machine for the whole company and all its friends everything" empty as in the repository drift: edited elsewhere
      | Summary, from the repository to the service … whole company and all its friends everything
      | Offer plan gold › Regions [US, DE] [US, everything] empty as in the repository drift: edited elsewhere
      | Offer plan gold › Regions, from the repository to the service + everything − DE
    - + everything
    - − DE
    ### What to type
    - to keep what was edited elsewhere: offerctl adopt contoso/vm
    - to undo it: offerctl apply contoso/vm
    ## Could not be compared
    everything.yaml
    not readable
    everything
    Drift: 2 offers found, 1 read, 1 compared, 1 skipped; 1 drifted; 3 drift, 0 conflict, 0 unattributed, 0 pending, 0 waived.
    "#);
}

#[test]
fn a_keyboard_and_a_screen_reader_find_their_way() {
    assert_sound(&plan_page(&plan_that_says("x")));
    assert_sound(&plan_page(&Plan::default()));
    assert_sound(&drift_page(&drift_that_says("x")));
    assert_sound(&drift_page(&DriftReport::default()));
}

#[test]
fn a_picture_is_shown_where_its_file_is_at_hand() {
    let mut plan = plan_that_says("x");
    let edit = |plan: &mut Plan, edit: &dyn Fn(&mut Listing)| plan.offers[0].listing.as_mut().unwrap().edit(edit);
    let says = |before: &str| {
        serde_json::from_value(serde_json::json!({"text": {"before": before, "after": "https://a.b/2.png"}})).unwrap()
    };
    let file = |field: &str, address: &str, state| ListedFile {
        field: FieldPath::parse(field).unwrap(),
        address: address.to_owned(),
        file: "logos/small.png".to_owned(),
        digest: FileDigest::of(b"logo"),
        state,
    };
    edit(&mut plan, &|listing| {
        listing.parts[2].content = says("https://a.b/1.png");
        listing.files = vec![
            file("/definition/offer/x.smallLogo", "https://a.b/2.png", FileState::New),
            file("/definition/offer/x.screenshots/0", "x", FileState::New),
        ];
    });
    let picture = || Ok(Picture { kind: FileType::Png, width: 48, height: 49, bytes: vec![1, 2, 3] });
    let shown = |page: &str| {
        let seen = elements(page).into_iter().filter_map(|one| match one.name.as_str() {
            "img" => Some(format!("{} ({})", one.attribute("src")?, one.attribute("alt")?)),
            "figcaption" => Some(format!("  below: {}", one.text)),
            _ => one
                .attribute("aria-label")
                .filter(|_| one.attribute("role") == Some("img"))
                .map(|said| format!("[{}] {said}", one.text)),
        });
        seen.collect::<Vec<_>>().join("\n")
    };
    let page = super::super::plan_page(&plan, &Album::of(&plan, |_, _| picture())).collect::<String>();
    assert_sound(&page);
    assert_snapshot!(shown(&page), @"
    data:image/png;base64,AQID ()
    [PNG] Small logo of contoso/vm, now, not shown
      below: https://a.b/1.png
    data:image/png;base64,AQID (Small logo of contoso/vm, after)
      below: File logos/small.png https://a.b/2.png
    data:image/png;base64,AQID (Screenshots 1 of contoso/vm)
      below: File logos/small.png + x: x
    ");
    let page = super::super::plan_page(&plan, &Album::of(&plan, |_, _| Err(NoPicture::TooLarge))).collect::<String>();
    assert_snapshot!(shown(&page), @"
    [PNG] Small logo of contoso/vm, now, not shown
      below: https://a.b/1.png
    [PNG] Small logo of contoso/vm, after, not shown
      below: File logos/small.png Not shown: the file is too large for a page. https://a.b/2.png
    [picture] Screenshots 1 of contoso/vm, not shown
      below: File logos/small.png Not shown: the file is too large for a page. + x: x
    ");
    // Only what is behind the address changes.
    edit(&mut plan, &|listing| {
        listing.parts[2].content = says("https://a.b/2.png");
        listing.files.truncate(1);
    });
    let page = |plan: &Plan| super::super::plan_page(plan, &Album::of(plan, |_, _| picture())).collect::<String>();
    assert_snapshot!(shown(&page(&plan)), @"
    data:image/png;base64,AQID ()
    [PNG] Small logo of contoso/vm, now, not shown
      below: https://a.b/2.png
    data:image/png;base64,AQID (Small logo of contoso/vm, after)
      below: File logos/small.png https://a.b/2.png
    [picture] Screenshots 1 of contoso/vm, not shown
      below: + x: x
    ");
    edit(&mut plan, &|listing| listing.files[0].state = FileState::Kept);
    assert_snapshot!(shown(&page(&plan)), @"
    data:image/png;base64,AQID ()
    data:image/png;base64,AQID ()
    data:image/png;base64,AQID (Small logo of contoso/vm)
      below: File logos/small.png https://a.b/2.png
    [picture] Screenshots 1 of contoso/vm, not shown
      below: + x: x
    ");
    // Nobody knows what the service has.
    edit(&mut plan, &|listing| listing.files[0].state = FileState::Unknown);
    assert_snapshot!(shown(&page(&plan)), @"
    [PNG] Small logo of contoso/vm, not shown
      below: File logos/small.png Not shown: nobody knows whether the service has this file, and no step sends it. https://a.b/2.png
    [picture] Screenshots 1 of contoso/vm, not shown
      below: + x: x
    ");
}

#[test]
fn what_is_approved_and_what_cannot_be_taken_back_stand_at_the_top() {
    let mut plan = plan_that_says("x");
    plan.terms = Terms { service: "https://cloudpartner.azure.com".to_owned(), ..Terms::default() };
    plan.unchanged = Some(Unchanged { since: "origin/main".to_owned(), manifests: 7, deleted: Vec::new() });
    let page = plan_page(&plan);
    let header = |page: &str| elements(page).into_iter().find(|one| one.name == "header").unwrap().text;
    assert!(header(&page).contains(&plan_digest(&plan).to_string()));
    assert!(header(&page).contains("It is for https://cloudpartner.azure.com."));
    assert!(header(&page).contains("Left out: 7 manifests, of which nothing changed since origin/main."));
    assert!(!page.contains("Goes live, which"), "it is blocked");
    plan.offers[0].blocks.clear();
    assert_eq!(plan.offers[0].verdict(), OfferVerdict::ToDo);
    assert!(header(&plan_page(&plan)).contains("Goes live, which cannot be taken back: 1 offer."));
    let mut report = drift_that_says("x");
    report.unchanged = plan.unchanged;
    assert!(
        header(&drift_page(&report)).contains("Left out: 7 manifests, of which nothing changed since origin/main.")
    );
}
