//! What an operation comes to, in the situations of the planner's table.

use super::*;
use crate::diff::MediaRecords;

fn told(operation: Operation, observed: &Observed) -> String {
    match plan_operation(Catalogue::built_in(), operation, observed, &MediaRecords::default()) {
        OperationPlan::ToDo(steps) => {
            let names: Vec<_> = steps.iter().map(|step| step.action.as_str()).collect();
            format!("{}: {}", names.join(", "), steps[0].reason)
        }
        OperationPlan::Nothing(reason) => format!("nothing: {reason}"),
        OperationPlan::Refused(refusal) => format!("refused, {:?}: {}", refusal.reason, refusal.sentence),
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table is read in one piece")]
fn the_table_of_operations() {
    let mut table = String::new();
    for (name, observed) in table::situations() {
        writeln!(table, "{name}").unwrap();
        for operation in [Operation::Publish, Operation::GoLive, Operation::Cancel] {
            writeln!(table, "  {:<8} {}", operation.as_str(), told(operation, &observed)).unwrap();
        }
    }
    insta::assert_snapshot!(table, @"
    no offer
      publish  refused, NotReady: the service has no such offer
      go-live  refused, NotReady: the service has no such offer
      cancel   refused, NotReady: the service has no such offer
    a draft only, and it is right
      publish  publish, wait: nothing is in the preview slot yet
      go-live  refused, NotReady: nothing was published yet
      cancel   nothing: there is nothing to cancel; nothing was ever submitted
    a draft only, and it differs
      publish  publish, wait: nothing is in the preview slot yet
      go-live  refused, NotReady: nothing was published yet
      cancel   nothing: there is nothing to cancel; nothing was ever submitted
    all slots right
      publish  nothing: production holds exactly this draft already
      go-live  nothing: production holds exactly this preview already
      cancel   nothing: there is nothing to cancel; the last submission succeeded
    all slots right, the preview empty since the go-live
      publish  nothing: production holds exactly this draft already
      go-live  nothing: production holds exactly this draft already
      cancel   nothing: there is nothing to cancel; the last submission succeeded
    draft and slots differ
      publish  nothing: production holds exactly this draft already
      go-live  nothing: production holds exactly this preview already
      cancel   nothing: there is nothing to cancel; the last submission succeeded
    the draft differs, the slots are right
      publish  publish, wait: the draft differs from the preview
      go-live  nothing: production holds exactly this preview already
      cancel   nothing: there is nothing to cancel; the last submission succeeded
    the draft is right, the slots differ
      publish  publish, wait: the draft differs from the preview
      go-live  nothing: production holds exactly this preview already
      cancel   nothing: there is nothing to cancel; the last submission succeeded
    the draft is right, only production differs
      publish  publish, wait: the preview holds this draft, and does not wait for a go-live
      go-live  refused, NotReady: no preview waits for a go-live
      cancel   nothing: there is nothing to cancel; the last submission succeeded
    the draft is right, the preview empty, production differs
      publish  publish, wait: nothing is in the preview slot yet
      go-live  refused, NotReady: no preview waits for a go-live
      cancel   nothing: there is nothing to cancel; the last submission succeeded
    the preview is right and waits for sign-off
      publish  nothing: the preview holds exactly this draft already, and waits for its go-live
      go-live  go live, wait: the preview waits for the go-live
      cancel   cancel, wait: a submission waits for its go-live, and is given up
    another preview waits for sign-off
      publish  publish, wait: the draft differs from the preview
      go-live  go live, wait: the preview waits for the go-live, and nothing is in production yet
      cancel   cancel, wait: a submission waits for its go-live, and is given up
    the preview waits for sign-off, the draft differs
      publish  publish, wait: the draft differs from the preview
      go-live  go live, wait: the preview waits for the go-live, and nothing is in production yet
      cancel   cancel, wait: a submission waits for its go-live, and is given up
    ours is being published
      publish  wait: a publish of exactly this draft runs already
      go-live  refused, StillGoing: the preview is not ready: a publish of version 4 runs
      cancel   cancel, wait: a publish of version 4 runs
    ours is being published, the draft differs
      publish  refused, Busy: a publish of version 4 runs
      go-live  refused, StillGoing: the preview is not ready: a publish of version 4 runs
      cancel   cancel, wait: a publish of version 4 runs
    ours goes live
      publish  refused, Busy: a go-live of version 4 runs
      go-live  wait: a go-live runs already
      cancel   cancel, wait: a go-live of version 4 runs
    ours goes live, the draft differs
      publish  refused, Busy: a go-live of version 4 runs
      go-live  wait: a go-live runs already
      cancel   cancel, wait: a go-live of version 4 runs
    theirs is being published, the draft is right
      publish  refused, Busy: a publish of version 4 runs
      go-live  refused, StillGoing: the preview is not ready: a publish of version 4 runs
      cancel   cancel, wait: a publish of version 4 runs
    theirs is being published, the draft differs
      publish  wait: a publish of exactly this draft runs already
      go-live  refused, StillGoing: the preview is not ready: a publish of version 4 runs
      cancel   cancel, wait: a publish of version 4 runs
    theirs is being published, the slots are right
      publish  refused, Busy: a publish of version 4 runs
      go-live  refused, StillGoing: the preview is not ready: a publish of version 4 runs
      cancel   cancel, wait: a publish of version 4 runs
    theirs goes live
      publish  refused, Busy: a go-live of version 4 runs
      go-live  wait: a go-live runs already
      cancel   cancel, wait: a go-live of version 4 runs
    something is being published, the draft is right
      publish  refused, Busy: a publish of version 4 runs
      go-live  refused, StillGoing: the preview is not ready: a publish of version 4 runs
      cancel   cancel, wait: a publish of version 4 runs
    something is being published, the draft differs
      publish  refused, Busy: a publish of version 4 runs
      go-live  refused, StillGoing: the preview is not ready: a publish of version 4 runs
      cancel   cancel, wait: a publish of version 4 runs
    an unknown word, of ours
      publish  wait: a publish of exactly this draft runs already
      go-live  refused, StillGoing: the preview is not ready: a publish of version 4 runs
      cancel   cancel, wait: a publish of version 4 runs
    an unknown word, of theirs
      publish  wait: a publish of exactly this draft runs already
      go-live  refused, StillGoing: the preview is not ready: a publish of version 4 runs
      cancel   cancel, wait: a publish of version 4 runs
    the last publish failed, the draft is right
      publish  publish, wait: the last submission failed, and you ask to submit again
      go-live  refused, NotReady: the last submission failed, so that no preview waits for a go-live
      cancel   nothing: there is nothing to cancel; the last submission failed
    the last publish failed, the draft differs
      publish  publish, wait: the last submission failed, and you ask to submit again
      go-live  refused, NotReady: the last submission failed, so that no preview waits for a go-live
      cancel   nothing: there is nothing to cancel; the last submission failed
    the last publish failed, all slots right
      publish  publish, wait: the last submission failed, and you ask to submit again
      go-live  refused, NotReady: the last submission failed, so that no preview waits for a go-live
      cancel   nothing: there is nothing to cancel; the last submission failed
    the last publish was canceled, the draft is right
      publish  publish, wait: the last submission was canceled, and you ask to submit again
      go-live  refused, NotReady: the last submission was canceled, so that no preview waits for a go-live
      cancel   nothing: there is nothing to cancel; the last submission was canceled
    the go-live was canceled, the preview is right
      publish  publish, wait: the last submission was canceled, and you ask to submit again
      go-live  refused, NotReady: the last submission was canceled, so that no preview waits for a go-live
      cancel   nothing: there is nothing to cancel; the last submission was canceled
    ");
}
