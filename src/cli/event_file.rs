//! The file of `--events`: a line for each thing that happens, written as it happens, so that whoever follows the file
//! and whoever reads it after a crash sees whole lines.

use std::collections::{BTreeMap, HashMap};
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::printer::Printer;
use super::{CommandError, Exit};
use crate::complaint::Concern;
use crate::execute::Event;
use crate::offer::OfferKey;
use crate::plan::{Action, Plan, PlannedOffer};
use crate::render::{EventLine, Layout, OfferResult, RunEvent, json_text};

/// The events of one run; without a file they go nowhere.
#[derive(Debug)]
pub(super) struct EventFile {
    printer: Printer,
    /// What tells this run's lines from those of others in the same file.
    run: String,
    now: fn() -> String,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    sink: Option<Sink>,
    /// How many offers ended how.
    offers: BTreeMap<&'static str, usize>,
    /// The steps that were done, in their order, by publisher/offer.
    done: HashMap<String, Vec<Action>>,
}

#[derive(Debug)]
struct Sink {
    file: File,
    path: PathBuf,
}

impl EventFile {
    /// Opens the file to add to it; `run` names the run. An empty path counts as none: CI systems set what they do not
    /// have.
    pub(super) fn open(
        path: Option<&Path>,
        run: String,
        now: fn() -> String,
        printer: Printer,
    ) -> Result<Self, CommandError> {
        let sink = match path.filter(|path| !path.as_os_str().is_empty()) {
            None => None,
            Some(path) if path == Path::new("-") => {
                return Err(CommandError::bad_input("nothing was done: events go to a file, and `-` is none")
                    .hint("name a file: stdout has the result, and stderr what people read"));
            }
            Some(path) => {
                let file = append(path).map_err(|error| {
                    let path = path.display();
                    CommandError::bad_input(format!(
                        "nothing was done: the events cannot be written to `{path}`: {error}"
                    ))
                    .hint("name a file in a folder that exists and may be written")
                })?;
                Some(Sink { file, path: path.to_owned() })
            }
        };
        Ok(Self { printer, run, now, state: Mutex::new(State { sink, offers: BTreeMap::new(), done: HashMap::new() }) })
    }

    /// The run begins.
    pub(super) fn run_started(&self, command: &'static str, service: String) {
        self.write(RunEvent::RunStarted { command, program_version: env!("CARGO_PKG_VERSION"), service });
    }

    /// It is known what is to be done.
    pub(super) fn planned(&self, plan: &Plan) {
        plan.offers.iter().for_each(|offer| self.offer_planned(offer));
        for failed in &plan.failed {
            self.count("unreadable");
            self.write(RunEvent::unreadable(failed));
        }
    }

    /// It is known what is to be done about an offer.
    pub(super) fn offer_planned(&self, offer: &PlannedOffer) {
        self.write(RunEvent::planned(offer));
    }

    /// The executor tells something, which may speak of a field.
    pub(super) fn told(&self, key: &OfferKey, event: &Event, concern: Option<&Concern>) {
        if let Event::StepDone { action, .. } = event
            && *action != Action::Wait
        {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.done.entry(key.to_string()).or_default().push(*action);
        }
        self.write(RunEvent::told(key, event, concern));
    }

    /// What was done about `publisher/offer` so far, without the waits.
    pub(super) fn done(&self, offer: &str) -> Vec<Action> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).done.get(offer).cloned().unwrap_or_default()
    }

    /// Nothing more is done about an offer.
    pub(super) fn offer_ended(&self, result: OfferResult, exit: Exit) {
        self.count(result.result());
        self.write(RunEvent::OfferEnded { result, exit_code: exit.code() });
    }

    /// The run ends.
    pub(super) fn run_ended(&self, outcome: &Result<Exit, CommandError>) {
        let (exit, error) = match outcome {
            Ok(exit) => (*exit, None),
            Err(error) => (error.exit(), Some(crate::render::Redaction::text(error.message()))),
        };
        let offers = self.state.lock().unwrap_or_else(PoisonError::into_inner).offers.clone();
        self.write(RunEvent::RunEnded { exit_code: exit.code(), error, offers });
    }

    fn count(&self, result: &'static str) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner).offers.entry(result).or_default() += 1;
    }

    fn write(&self, event: RunEvent) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(Sink { file, path }) = &mut state.sink else { return };
        let time = (self.now)();
        let written = serde_json::to_value(EventLine::new(&time, &self.run, event))
            .map_err(io::Error::from)
            .map(|value| json_text(&self.printer.secrets().scrub_value(value), Layout::Line) + "\n")
            // In one piece and without a buffer, so that there are no half lines.
            .and_then(|line| file.write_all(line.as_bytes()));
        if let Err(error) = written {
            self.printer.warning(&format!(
                "the events cannot be written to `{}` any more: {error}; the work goes on without them",
                path.display()
            ));
            state.sink = None;
        }
    }
}

/// Opens a file to add lines to it. What a run before left half written is ended first.
fn append(path: &Path) -> io::Result<File> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    // A pipe or a device has no end to look at.
    if file.metadata()?.is_file() && !ends_with_a_line_break(path)? {
        file.write_all(b"\n")?;
    }
    Ok(file)
}

fn ends_with_a_line_break(path: &Path) -> io::Result<bool> {
    let mut file = File::open(path)?;
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}
