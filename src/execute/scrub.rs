//! The secrets of a manifest, taken out of everything that the service says: it may quote what it was sent.

use std::sync::Arc;

use super::{Event, ExecuteError, Executor};
use crate::offer::{Desired, Message};
use crate::portal::{KnownSecrets, Secret};

/// The secrets that one offer is written with.
#[derive(Clone)]
pub(super) struct Secrets(KnownSecrets);

impl Secrets {
    /// Reads them from the environment; what is not set cannot be quoted.
    pub(super) fn of(desired: &Desired, environment: fn(&str) -> Option<Secret>) -> Self {
        let known = KnownSecrets::default();
        desired.secrets.iter().filter_map(|(_, name)| environment(name)).for_each(|secret| known.keep(&secret));
        Self(known)
    }

    fn text(&self, text: &mut String) {
        *text = self.0.scrub(text);
    }

    fn lines(&self, mut lines: Vec<String>) -> Vec<String> {
        for line in &mut lines {
            self.text(line);
        }
        lines
    }

    fn messages(&self, messages: &mut [Message]) {
        for message in messages {
            self.text(&mut message.text);
        }
    }

    fn event(&self, mut event: Event) -> Event {
        match &mut event {
            Event::StageMoved(news) | Event::StageProgressed(news) => self.messages(&mut news.stage.messages),
            Event::Said(message) => self.text(&mut message.text),
            Event::Unclear(text) | Event::Unreachable(text) | Event::Unshared(text) | Event::UnknownWord(text) => {
                self.text(text);
            }
            Event::StepStarted { .. }
            | Event::StepDone { .. }
            | Event::Merged { .. }
            | Event::RecordSetAside { .. } => {}
        }
        event
    }

    /// The error without them.
    pub(super) fn error(&self, error: ExecuteError) -> ExecuteError {
        match error {
            ExecuteError::Portal(error) => ExecuteError::Portal(error.without(&self.0)),
            ExecuteError::Unclear { answer } => ExecuteError::Unclear { answer: answer.without(&self.0) },
            ExecuteError::SubmissionEnded { word, messages } => {
                ExecuteError::SubmissionEnded { word, messages: self.lines(messages) }
            }
            ExecuteError::Blocked { guard, sentence, messages, way_out } => {
                ExecuteError::Blocked { guard, sentence, messages: self.lines(messages), way_out }
            }
            ExecuteError::NeedsPerson { what, status, messages } => {
                ExecuteError::NeedsPerson { what, status, messages: self.lines(messages) }
            }
            other => other,
        }
    }
}

impl Executor {
    /// The same executor, which tells nobody the secrets.
    pub(super) fn keeping(&self, secrets: &Secrets) -> Self {
        let (secrets, watcher) = (secrets.clone(), self.watcher.clone());
        Self { watcher: Arc::new(move |key, event| watcher(key, secrets.event(event))), ..self.clone() }
    }
}
