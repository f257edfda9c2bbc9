//! Progress on a terminal: a counter while planning, a line for each offer while applying. Elsewhere one line a change.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::printer::Printer;
use crate::complaint::Concern;
use crate::execute::{Event, StageNews};
use crate::offer::OfferKey;
use crate::render::{event_line, single_line};

/// How often a spinner turns.
const TURN: Duration = Duration::from_millis(120);

/// Counts offers while they are planned; invisible where nobody watches.
pub(super) struct Counter(Option<(ProgressBar, &'static MultiProgress)>);

impl Counter {
    pub(super) fn start(printer: Printer, what: &'static str, total: usize) -> Self {
        if !printer.is_interactive() || total < 2 {
            return Self(None);
        }
        let bar = printer.bars().add(ProgressBar::new(total as u64));
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {pos}/{len}") {
            bar.set_style(style);
        }
        bar.set_message(what);
        bar.enable_steady_tick(TURN);
        Self(Some((bar, printer.bars())))
    }

    pub(super) fn advance(&self) {
        if let Some((bar, _)) = &self.0 {
            bar.inc(1);
        }
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        if let Some((bar, bars)) = &self.0 {
            bar.finish_and_clear();
            bars.remove(bar);
        }
    }
}

/// Shows what happens to offers while they are worked on.
pub(super) struct Board {
    printer: Printer,
    lines: Mutex<HashMap<OfferKey, ProgressBar>>,
}

impl Board {
    pub(super) fn new(printer: Printer) -> Self {
        Self { printer, lines: Mutex::new(HashMap::new()) }
    }

    /// Shows one event: in the offer's own line on a terminal, as a line of its own elsewhere.
    pub(super) fn show(&self, key: &OfferKey, event: &Event, concern: Option<&Concern>) {
        let line = event_line(key, event, concern, &self.printer.stderr_palette());
        if !self.printer.is_interactive() {
            if let Some(line) = line {
                self.printer.note(&line);
            }
            return;
        }
        let bar = self.line_of(key);
        match event {
            Event::StageMoved(StageNews { stage, number, of })
            | Event::StageProgressed(StageNews { stage, number, of }) => {
                let done = number.saturating_sub(1) * 100 + usize::from(stage.progress.unwrap_or(0));
                bar.set_position((done / of.max(&1)) as u64);
                let status = single_line(&stage.status.to_string());
                let text = format!("{number} of {of}: {}, {status}", single_line(&stage.name));
                bar.set_message(self.printer.secrets().scrub(&text));
            }
            Event::StepStarted { .. } => bar.set_message(line.unwrap_or_default()),
            Event::StepDone { .. }
            | Event::Said(_)
            | Event::Merged { .. }
            | Event::RecordSetAside { .. }
            | Event::UnknownWord(_)
            | Event::Unclear(_)
            | Event::Unreachable(_)
            | Event::Unshared(_) => {
                self.printer.note(&line.unwrap_or_default());
            }
        }
    }

    /// Takes an offer's line away when it has ended.
    pub(super) fn done(&self, key: &OfferKey) {
        if let Some(bar) = self.lines.lock().unwrap_or_else(PoisonError::into_inner).remove(key) {
            bar.finish_and_clear();
            self.printer.bars().remove(&bar);
        }
    }

    fn line_of(&self, key: &OfferKey) -> ProgressBar {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines
            .entry(key.clone())
            .or_insert_with(|| {
                let bar = self.printer.bars().add(ProgressBar::new(100));
                let template = "{spinner} {prefix}  {bar:20} {pos:>3} %  {elapsed}  {msg}";
                if let Ok(style) = ProgressStyle::with_template(template) {
                    bar.set_style(style);
                }
                bar.set_prefix(key.to_string());
                bar.enable_steady_tick(TURN);
                bar
            })
            .clone()
    }
}
