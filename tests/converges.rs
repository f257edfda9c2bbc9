//! Whatever a manifest says, whatever the service makes of it and whoever edits meanwhile: after an apply the next plan is
//! empty, nobody's other keys are lost, and nothing was submitted that need not be.
//!
//! Each case is one offer's life on its own emulator; a failing one is printed as the smallest that fails.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests, their helpers too")]

#[path = "one_offer/documents.rs"]
mod documents;
#[path = "one_offer/engine.rs"]
mod engine;
#[path = "converges/life.rs"]
mod life;
#[path = "converges/random.rs"]
mod random;

use life::{Life, Submitted, differ};
use offerctl::offer::Slot;
use offerctl::plan::Action;
use proptest::prelude::*;
use random::{Edit, Story, story};

/// Lives through a story and checks it at every turn.
async fn live(story: &Story) {
    let mut life = Life::begin(story).await;
    if let Some(document) = &story.before {
        life.put(document).await;
    }

    // The first apply takes the offer as far as the manifest says, with one submission each way.
    life.forget_requests().await;
    let planned = life.apply(&story.first).await;
    assert_eq!(planned.has(Action::Create), story.before.is_none());
    let expected = Submitted {
        publishes: u64::from(story.publish_to >= Slot::Preview),
        go_lives: u64::from(story.publish_to == Slot::Production),
    };
    assert_eq!(life.submitted().await, expected);
    life.assert_nothing_left(&story.first).await;

    // Others edit the draft, and may publish what they made of it.
    for edit in &story.edits {
        life.edit(edit).await;
    }
    let published_by_others = story.edits.contains(&Edit::Publish);

    // The next apply brings the manifest's part back and leaves the rest; it submits only what the slots do not hold.
    life.forget_requests().await;
    let planned = life.apply(&story.second).await;
    let submitted = life.submitted().await;
    if !published_by_others {
        let is_needed = differ(&story.first, &story.second);
        let needed = |slot| u64::from(is_needed && story.publish_to >= slot);
        let expected = Submitted { publishes: needed(Slot::Preview), go_lives: needed(Slot::Production) };
        assert_eq!(submitted, expected, "{planned:#?}");
    }
    assert!(submitted.publishes <= 1 && submitted.go_lives <= 1, "{submitted:?}");
    life.assert_nothing_left(&story.second).await;
    life.assert_others_kept().await;

    // Applying once more asks for nothing and writes nothing.
    life.forget_requests().await;
    life.apply(&story.second).await;
    assert_eq!(life.writes().await, 0);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 32,
        max_shrink_iters: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_story_ends_in_sync(story in story()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(live(&story));
    }
}
