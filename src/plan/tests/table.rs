//! The table itself.

use super::*;

/// Each situation by its name, as the design's table has them and as the service makes more of them.
pub(super) fn situations() -> Vec<(&'static str, Observed)> {
    use Standing::{AwaitingSignoff, Canceled, Failed, GoingLive, Live, Mystery, NeverPublished, Publishing};
    let (ours, theirs) = (|| Some(right()), || Some(other()));
    vec![
        ("no offer", Observed::absent(key())),
        ("a draft only, and it is right", observed(right(), None, None, NeverPublished)),
        ("a draft only, and it differs", observed(other(), None, None, NeverPublished)),
        ("all slots right", observed(right(), ours(), ours(), Live)),
        ("all slots right, the preview empty since the go-live", observed(right(), None, ours(), Live)),
        ("draft and slots differ", observed(other(), theirs(), theirs(), Live)),
        ("the draft differs, the slots are right", observed(other(), ours(), ours(), Live)),
        ("the draft is right, the slots differ", observed(right(), theirs(), theirs(), Live)),
        ("the draft is right, only production differs", observed(right(), ours(), theirs(), Live)),
        ("the draft is right, the preview empty, production differs", observed(right(), None, theirs(), Live)),
        ("the preview is right and waits for sign-off", observed(right(), ours(), theirs(), AwaitingSignoff)),
        ("another preview waits for sign-off", observed(right(), theirs(), None, AwaitingSignoff)),
        ("the preview waits for sign-off, the draft differs", observed(other(), ours(), None, AwaitingSignoff)),
        ("ours is being published", running(right(), observed(right(), theirs(), theirs(), Publishing))),
        ("ours is being published, the draft differs", running(right(), observed(other(), theirs(), None, Publishing))),
        ("ours goes live", running(right(), observed(right(), ours(), theirs(), GoingLive))),
        ("ours goes live, the draft differs", running(right(), observed(other(), ours(), theirs(), GoingLive))),
        ("theirs is being published, the draft is right", running(other(), observed(right(), None, None, Publishing))),
        ("theirs is being published, the draft differs", running(other(), observed(other(), None, None, Publishing))),
        (
            "theirs is being published, the slots are right",
            running(other(), observed(right(), ours(), ours(), Publishing)),
        ),
        ("theirs goes live", running(other(), observed(right(), theirs(), theirs(), GoingLive))),
        ("something is being published, the draft is right", observed(right(), None, None, Publishing)),
        ("something is being published, the draft differs", observed(other(), None, None, Publishing)),
        ("an unknown word, of ours", running(right(), observed(right(), None, None, Mystery))),
        ("an unknown word, of theirs", running(other(), observed(other(), None, None, Mystery))),
        ("the last publish failed, the draft is right", observed(right(), theirs(), None, Failed)),
        ("the last publish failed, the draft differs", observed(other(), theirs(), None, Failed)),
        ("the last publish failed, all slots right", observed(right(), ours(), ours(), Failed)),
        ("the last publish was canceled, the draft is right", observed(right(), None, None, Canceled)),
        ("the go-live was canceled, the preview is right", observed(right(), ours(), theirs(), Canceled)),
    ]
}

fn story(observed: &Observed, directives: &Directives) -> String {
    let mut text = String::new();
    for publish_to in [Slot::Draft, Slot::Preview, Slot::Production] {
        let mut desired = desired(right());
        desired.reconcile.publish_to = publish_to;
        let planned = plan_with(&desired, observed, &Known::default(), directives);
        writeln!(text, "  {:<11} {}", format!("{publish_to}:"), steps(&planned)).unwrap();
    }
    text
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table is read in one piece")]
fn the_whole_table() {
    let mut table = String::new();
    for (name, observed) in situations() {
        write!(table, "{name}\n{}", story(&observed, &Directives::default())).unwrap();
    }
    insta::assert_snapshot!(table, @"
    no offer
      draft:      create
      preview:    create, publish, wait for preview
      production: create, publish, wait for preview, go live, wait for live
    a draft only, and it is right
      draft:      nothing
      preview:    publish, wait for preview
      production: publish, wait for preview, go live, wait for live
    a draft only, and it differs
      draft:      update
      preview:    update, publish, wait for preview
      production: update, publish, wait for preview, go live, wait for live
    all slots right
      draft:      nothing
      preview:    nothing
      production: nothing
    all slots right, the preview empty since the go-live
      draft:      nothing
      preview:    nothing
      production: nothing
    draft and slots differ
      draft:      update
      preview:    update, publish, wait for preview
      production: update, publish, wait for preview, go live, wait for live
    the draft differs, the slots are right
      draft:      update
      preview:    update
      production: update
    the draft is right, the slots differ
      draft:      nothing
      preview:    publish, wait for preview
      production: publish, wait for preview, go live, wait for live
    the draft is right, only production differs
      draft:      nothing
      preview:    nothing
      production: publish, wait for preview, go live, wait for live
    the draft is right, the preview empty, production differs
      draft:      nothing
      preview:    publish, wait for preview
      production: publish, wait for preview, go live, wait for live
    the preview is right and waits for sign-off
      draft:      nothing
      preview:    nothing
      production: go live, wait for live
    another preview waits for sign-off
      draft:      nothing
      preview:    publish, wait for preview
      production: publish, wait for preview, go live, wait for live
    the preview waits for sign-off, the draft differs
      draft:      update
      preview:    update
      production: update, go live, wait for live
    ours is being published
      draft:      nothing
      preview:    wait for preview
      production: wait for preview, go live, wait for live
    ours is being published, the draft differs
      draft:      wait for settled, update
      preview:    wait for preview, update
      production: wait for preview, update, go live, wait for live
    ours goes live
      draft:      nothing
      preview:    nothing
      production: wait for live
    ours goes live, the draft differs
      draft:      wait for settled, update
      preview:    wait for settled, update
      production: wait for live, update
    theirs is being published, the draft is right
      draft:      nothing
      preview:    wait for settled, publish, wait for preview
      production: wait for settled, publish, wait for preview, go live, wait for live
    theirs is being published, the draft differs
      draft:      wait for settled, update
      preview:    wait for settled, update, publish, wait for preview
      production: wait for settled, update, publish, wait for preview, go live, wait for live
    theirs is being published, the slots are right
      draft:      nothing
      preview:    wait for settled, publish, wait for preview
      production: wait for settled, publish, wait for preview, go live, wait for live
    theirs goes live
      draft:      nothing
      preview:    wait for settled, publish, wait for preview
      production: wait for settled, publish, wait for preview, go live, wait for live
    something is being published, the draft is right
      draft:      nothing
      preview:    wait for preview
      production: wait for preview, go live, wait for live
    something is being published, the draft differs
      draft:      wait for settled, update
      preview:    wait for settled, update, publish, wait for preview
      production: wait for settled, update, publish, wait for preview, go live, wait for live
    an unknown word, of ours
      draft:      nothing
      preview:    wait for preview
      production: wait for preview, go live, wait for live
    an unknown word, of theirs
      draft:      wait for settled, update
      preview:    wait for settled, update, publish, wait for preview
      production: wait for settled, update, publish, wait for preview, go live, wait for live
    the last publish failed, the draft is right
      draft:      nothing
      preview:    blocked by failed-submission
      production: blocked by failed-submission
    the last publish failed, the draft differs
      draft:      update
      preview:    update, publish, wait for preview
      production: update, publish, wait for preview, go live, wait for live
    the last publish failed, all slots right
      draft:      nothing
      preview:    nothing
      production: nothing
    the last publish was canceled, the draft is right
      draft:      nothing
      preview:    blocked by failed-submission
      production: blocked by failed-submission
    the go-live was canceled, the preview is right
      draft:      nothing
      preview:    nothing
      production: blocked by failed-submission
    ");
}

#[test]
fn until_goes_no_further_and_never_further_than_the_manifest() {
    for (name, observed) in situations() {
        for publish_to in [Slot::Draft, Slot::Preview, Slot::Production] {
            for until in [Slot::Draft, Slot::Preview, Slot::Production] {
                let mut desired = desired(right());
                desired.reconcile.publish_to = publish_to;
                let directives = Directives { until: Some(until), ..Directives::default() };
                let limited = plan_with(&desired, &observed, &Known::default(), &directives);
                desired.reconcile.publish_to = publish_to.min(until);
                let as_if = plan(&desired, &observed);
                // The reasons may name another slot; what is done may not differ.
                assert_eq!(steps(&limited), steps(&as_if), "{name}: publishTo {publish_to}, --until {until}");
                assert_eq!(limited.target, publish_to.min(until));
            }
        }
    }
}

#[test]
fn supersede_cancels_only_what_is_not_ours() {
    let directives = Directives { supersede: true, ..Directives::default() };
    let mut table = String::new();
    for (name, observed) in situations() {
        if story(&observed, &directives) != story(&observed, &Directives::default()) {
            write!(table, "{name}\n{}", story(&observed, &directives)).unwrap();
        }
    }
    insta::assert_snapshot!(table, @"
    another preview waits for sign-off
      draft:      nothing
      preview:    cancel, wait for settled, publish, wait for preview
      production: cancel, wait for settled, publish, wait for preview, go live, wait for live
    theirs is being published, the draft is right
      draft:      nothing
      preview:    cancel, wait for settled, publish, wait for preview
      production: cancel, wait for settled, publish, wait for preview, go live, wait for live
    theirs is being published, the draft differs
      draft:      cancel, wait for settled, update
      preview:    cancel, wait for settled, update, publish, wait for preview
      production: cancel, wait for settled, update, publish, wait for preview, go live, wait for live
    theirs is being published, the slots are right
      draft:      nothing
      preview:    cancel, wait for settled
      production: cancel, wait for settled
    theirs goes live
      draft:      nothing
      preview:    cancel, wait for settled, publish, wait for preview
      production: cancel, wait for settled, publish, wait for preview, go live, wait for live
    something is being published, the draft differs
      draft:      cancel, wait for settled, update
      preview:    cancel, wait for settled, update, publish, wait for preview
      production: cancel, wait for settled, update, publish, wait for preview, go live, wait for live
    an unknown word, of theirs
      draft:      cancel, wait for settled, update
      preview:    cancel, wait for settled, update, publish, wait for preview
      production: cancel, wait for settled, update, publish, wait for preview, go live, wait for live
    ");
}

#[test]
fn retry_failed_submits_the_same_again() {
    let directives = Directives { retry_failed: true, ..Directives::default() };
    let mut table = String::new();
    for (name, observed) in situations() {
        if story(&observed, &directives) != story(&observed, &Directives::default()) {
            write!(table, "{name}\n{}", story(&observed, &directives)).unwrap();
        }
    }
    insta::assert_snapshot!(table, @"
    the last publish failed, the draft is right
      draft:      nothing
      preview:    publish, wait for preview
      production: publish, wait for preview, go live, wait for live
    the last publish was canceled, the draft is right
      draft:      nothing
      preview:    publish, wait for preview
      production: publish, wait for preview, go live, wait for live
    the go-live was canceled, the preview is right
      draft:      nothing
      preview:    nothing
      production: publish, wait for preview, go live, wait for live
    ");
}

/// Rules that hold in every row.
#[test]
fn nothing_is_written_or_submitted_while_a_submission_runs() {
    for (name, observed) in situations() {
        for supersede in [false, true] {
            let directives = Directives { supersede, ..Directives::default() };
            let planned = plan_with(&desired(right()), &observed, &Known::default(), &directives);
            let runs = observed.status.as_ref().is_some_and(StatusReport::is_running);
            let first = planned.steps.first().map(|step| step.action);
            if runs && !planned.steps.is_empty() {
                assert!(matches!(first, Some(Action::Wait | Action::Cancel)), "{name}: {}", steps(&planned));
            }
            for pair in planned.steps.windows(2) {
                let starts_something = matches!(pair[0].action, Action::Publish | Action::GoLive | Action::Cancel);
                assert!(!starts_something || pair[1].action == Action::Wait, "{name}: {}", steps(&planned));
            }
            let last = planned.steps.last().map(|step| step.action);
            assert!(!matches!(last, Some(Action::Publish | Action::GoLive | Action::Cancel)), "{name}");
        }
    }
}

#[test]
fn a_plan_is_the_same_whenever_it_is_made() {
    for (name, observed) in situations() {
        let describe = || format!("{:?}", plan(&desired(right()), &observed));
        assert_eq!(describe(), describe(), "{name}");
    }
}

#[test]
fn each_step_carries_its_reason_and_whether_it_can_be_undone() {
    let mut story = String::new();
    for wanted in [
        "no offer",
        "draft and slots differ",
        "ours is being published",
        "theirs is being published, the draft differs",
    ] {
        let (name, mut observed) = situations().into_iter().find(|(name, _)| *name == wanted).unwrap();
        if let Some(report) = &mut observed.status {
            report.stages.insert(
                0,
                Stage { estimate: Some("< 5 day".to_owned()), ..stage("displaycertify", StageStatus::NotStarted) },
            );
            report.stages.last_mut().unwrap().estimate = Some("~2-5 days".to_owned());
        }
        writeln!(story, "{name}").unwrap();
        for step in plan(&desired(right()), &observed).steps {
            let Step { action, until, reason, estimate, source } = step;
            let undo = action.undo();
            let goal = until.map(|goal| format!(" for {goal:?}").to_lowercase()).unwrap_or_default();
            let estimate = estimate.map(|estimate| format!(", {estimate}")).unwrap_or_default();
            writeln!(story, "  {}{goal}: {reason} [{undo:?}{estimate}] {source}", action.as_str()).unwrap();
        }
    }
    insta::assert_snapshot!(story, @"
    no offer
      create: the service has no offer contoso/contoso-vm [Never] offers/vm/offer.yaml:1:1
      publish: a new offer has nothing in its slots yet [ByCancel] offers/vm/offer.yaml:1:1
      wait for preview: the service validates, certifies and provisions the preview [NotNeeded] offers/vm/offer.yaml:1:1
      go live: `publishTo` is production [Never] offers/vm/offer.yaml:1:1
      wait for live: the service makes the preview public [NotNeeded] offers/vm/offer.yaml:1:1
    draft and slots differ
      update: 1 field of the draft differs [ByApply] offers/vm/offer.yaml:8:1
      publish: the preview slot holds other content [ByCancel, displaycertify < 5 day] offers/vm/offer.yaml:1:1
      wait for preview: the service validates, certifies and provisions the preview [NotNeeded] offers/vm/offer.yaml:1:1
      go live: `publishTo` is production [Never, Live ~2-5 days] offers/vm/offer.yaml:1:1
      wait for live: the service makes the preview public [NotNeeded] offers/vm/offer.yaml:1:1
    ours is being published
      wait for preview: a publish of exactly this content runs already [NotNeeded] offers/vm/offer.yaml:1:1
      go live: `publishTo` is production [Never, Live ~2-5 days] offers/vm/offer.yaml:1:1
      wait for live: the service makes the preview public [NotNeeded] offers/vm/offer.yaml:1:1
    theirs is being published, the draft differs
      wait for settled: a submission of other content runs; ours queues behind it [NotNeeded] offers/vm/offer.yaml:1:1
      update: 1 field of the draft differs [ByApply] offers/vm/offer.yaml:8:1
      publish: nothing is in the preview slot yet [ByCancel, displaycertify < 5 day] offers/vm/offer.yaml:1:1
      wait for preview: the service validates, certifies and provisions the preview [NotNeeded] offers/vm/offer.yaml:1:1
      go live: `publishTo` is production [Never, Live ~2-5 days] offers/vm/offer.yaml:1:1
      wait for live: the service makes the preview public [NotNeeded] offers/vm/offer.yaml:1:1
    ");
}

#[test]
fn without_the_submitted_version_the_draft_stands_in_for_it() {
    let publishing = |draft: Value| observed(draft, None, None, Standing::Publishing);
    assert!(steps(&plan(&desired(right()), &publishing(right()))).starts_with("wait for preview"));
    assert!(steps(&plan(&desired(right()), &publishing(other()))).starts_with("wait for settled"));
    let known_content = running(other(), publishing(right()));
    assert!(steps(&plan(&desired(right()), &known_content)).starts_with("wait for settled"));
}

#[test]
fn without_a_row_the_live_stage_tells_a_go_live() {
    let mut observed = running(right(), observed(right(), Some(right()), Some(other()), Standing::GoingLive));
    observed.running = None;
    assert_eq!(steps(&plan(&desired(right()), &observed)), "wait for live");
}

#[test]
fn an_offer_without_a_status_is_published() {
    let mut observed = observed(right(), None, None, Standing::NeverPublished);
    observed.status = None;
    assert_eq!(steps(&plan(&desired(right()), &observed)), "publish, wait for preview, go live, wait for live");
}
