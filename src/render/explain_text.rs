//! An explanation for terminals: what it is, what became of it, and each value with the reason of its verdict.

use std::fmt::Write as _;

use serde_json::Value;

use super::explain_words::{consequence, kind, management, rules, source, standing, tally, verdict};
use super::look_alike::LookAlikes;
use super::palette::Palette;
use super::plan_text::{dim, place, step_text};
use super::redaction::Redaction;
use super::safe::single_line;
use super::value_text::{is_long, replaced, short};
use crate::diff::{Sameness, Verdict};
use crate::explain::{
    Answer, Child, Declared, Explanation, FieldAnswer, Held, Management, OfferAnswer, Stand, Standing, StepAnswer,
};
use crate::offer::{Catalogue, ListRule};
use crate::plan::{Action, Circumstances, OfferVerdict, PlannedOffer, Undo};

/// How many fields that lead to a step are listed.
const LISTED_FIELDS: usize = 20;
/// How wide the names before values are.
const WIDTH: usize = 12;

/// The whole explanation. It ends with a line break.
pub fn explain_text(explanation: &Explanation, palette: &Palette) -> String {
    let mut page = Page { text: String::new(), palette };
    let key = &explanation.key;
    match &explanation.answer {
        Answer::Field(answer) => {
            page.headline(&key.to_string(), &place(&answer.path));
            page.field(explanation, answer);
        }
        Answer::Step(answer) => {
            page.headline(&key.to_string(), answer.action.as_str());
            page.step(answer);
        }
        Answer::Offer(answer) => {
            page.headline(&key.to_string(), "");
            page.offer(explanation, answer);
        }
    }
    page.text
}

struct Page<'palette> {
    text: String,
    palette: &'palette Palette,
}

impl Page<'_> {
    fn headline(&mut self, key: &str, about: &str) {
        let about = if about.is_empty() { String::new() } else { format!(" › {about}") };
        let _ = writeln!(self.text, "{}", self.palette.paint(self.palette.bold, &format!("{key}{about}")));
    }

    fn line(&mut self, name: &str, what: &str) {
        let name = dim(self.palette, &format!("{name:<WIDTH$}"));
        let _ = writeln!(self.text, "  {name}{what}");
    }

    /// A name, and sentences below each other.
    fn lines(&mut self, name: &str, sentences: &[String]) {
        for (index, sentence) in sentences.iter().enumerate() {
            self.line(if index == 0 { name } else { "" }, sentence);
        }
    }

    fn field(&mut self, explanation: &Explanation, answer: &FieldAnswer) {
        self.line("path", &single_line(&answer.path.to_string()));
        self.line("type", kind(answer));
        self.lines("rule", &rules(answer));
        self.line("known from", source(answer.rule));
        if let Some(note) = &answer.rule.note {
            self.line("note", note);
        }
        if let Some(declared) = &answer.declared {
            self.line("declared", &place_of(declared));
        }
        if let Some(unlike_plain) = management(&answer.management) {
            self.line("managed", &unlike_plain);
        }
        if let Some(whole) = &answer.part_of {
            self.line("part of", &single_line(&format!("{whole}, which is compared as a whole")));
        }
        let (word, meaning) = standing(answer.standing, explanation);
        let word = self.palette.paint(colour(answer.standing, self.palette), word);
        self.line("standing", &format!("{word}: {meaning}"));
        self.line("apply", &consequence(answer));
        self.text.push('\n');
        self.values(explanation, answer);
        self.children(explanation, answer);
    }

    fn values(&mut self, explanation: &Explanation, answer: &FieldAnswer) {
        let shown = |value: &Value| Redaction::default().value(&answer.path, value);
        let held = answer.stands.iter().filter_map(|stand| stand.held.as_ref()?.value.as_ref());
        let values: Vec<_> = held.chain(&answer.repository).chain(&answer.applied).map(shown).collect();
        let alikes = LookAlikes::among(&values);
        let told = |value: &Value| short(&alikes.value(&shown(value)));
        let plain = |value: &Option<Value>| value.as_ref().map_or_else(|| "-".to_owned(), told);
        self.line("repository", &plain(&answer.repository));
        let applied = match &explanation.recorded {
            Some(recorded) => {
                let commit = recorded.commit.as_ref().map(|commit| format!(", commit {commit}")).unwrap_or_default();
                let when = dim(self.palette, &single_line(&format!("  (recorded {}{commit})", recorded.at)));
                format!("{}{when}", plain(&answer.applied))
            }
            None => "no record".to_owned(),
        };
        self.line("applied", &applied);
        for Stand { slot, held } in &answer.stands {
            let Some(Held { value, under, verdict: found, inside }) = held else {
                let empty =
                    if explanation.exists { "nothing is in this slot" } else { "the service has no such offer" };
                self.line(slot.as_str(), empty);
                continue;
            };
            self.line(slot.as_str(), &plain(value));
            if let Some(found) = found {
                let why = verdict(*found, under.as_deref());
                let colour = if found.is_different() { self.palette.changed } else { self.palette.dim };
                self.line("", &self.palette.paint(colour, &why));
                if let (true, Some(ours), Some(theirs)) = (found.is_different(), &answer.repository, value) {
                    self.beside_the_repository(answer, &shown(ours), &shown(theirs));
                }
            } else if let Some(inside) = inside {
                let colour = if inside.different > 0 { self.palette.changed } else { self.palette.dim };
                self.line("", &self.palette.paint(colour, &tally(*inside)));
            }
        }
    }

    /// What a slot has otherwise, where that is hard to see from both values.
    fn beside_the_repository(&mut self, answer: &FieldAnswer, ours: &Value, theirs: &Value) {
        let is_hard = match (ours, theirs) {
            (Value::String(ours), Value::String(theirs)) => is_long(ours) || is_long(theirs),
            (Value::Array(_), Value::Array(_)) => answer.rule.list == ListRule::Set,
            _ => false,
        };
        if is_hard {
            let rules = Catalogue::built_in().rules_at(&answer.path);
            let told = replaced(self.palette, rules, ours, theirs);
            self.line("", &format!("beside the repository: {told}"));
        }
    }

    fn children(&mut self, explanation: &Explanation, answer: &FieldAnswer) {
        if answer.children.is_empty() {
            return;
        }
        let _ = writeln!(self.text, "\n  {}", dim(self.palette, "contains"));
        for Child { path, management, standing: stands, verdict: found } in &answer.children {
            let word = match (stands, management) {
                (Standing::Contains(1), _) => "1 field differs".to_owned(),
                (Standing::Contains(count), _) => format!("{count} fields differ"),
                (Standing::Unmanaged, Management::Added) => "added by the service".to_owned(),
                (Standing::Unmanaged, Management::Renamed { .. }) => "another name of a managed field".to_owned(),
                (Standing::Unmanaged, Management::Copied { .. }) => "the service's own copy".to_owned(),
                _ => standing(*stands, explanation).0.to_owned(),
            };
            let word = self.palette.paint(colour(*stands, self.palette), &word);
            // Where all is plain there is nothing to explain.
            let is_plain =
                |found: &Verdict| *found == Verdict::Same(Sameness::Identical) || *stands == Standing::ServiceOwned;
            let why = found.filter(|found| !is_plain(found)).map(|found| verdict(found, None));
            let why = why.map(|why| dim(self.palette, &format!("  ({why})"))).unwrap_or_default();
            let name = path.last().map(single_line).unwrap_or_default();
            let _ = writeln!(self.text, "    {name}: {word}{why}");
        }
        if answer.more_children > 0 {
            let _ = writeln!(self.text, "    … and {} more", answer.more_children);
        }
    }

    fn step(&mut self, answer: &StepAnswer) {
        if answer.places.is_empty() {
            self.line("in the plan", "no");
            self.lines("because", &sentences(&answer.absent_because));
        }
        for (number, step) in &answer.places {
            self.line("in the plan", &step_text(*number, step, self.palette));
            self.line("asked by", &step.source.to_string());
            self.line("undo", undo(step.action.undo()));
            let estimate = step.estimate.as_deref().map(single_line);
            self.line("estimate", estimate.as_deref().unwrap_or("the service has not named one"));
        }
        self.lines("leads to it", &sentences(&answer.led_by));
        if let Some((planned, _)) = &answer.plan {
            if !answer.places.is_empty() && matches!(answer.action, Action::Create | Action::Update | Action::Publish) {
                self.changes(planned);
            }
            self.blocks(planned);
        }
    }

    fn offer(&mut self, explanation: &Explanation, answer: &OfferAnswer) {
        match &explanation.manifest {
            Some(manifest) => self.line("manifest", &manifest.to_string()),
            None => self.line("manifest", "none describes it; `offerctl import` writes one"),
        }
        let service = match (&answer.status, explanation.exists) {
            (_, false) => "has no such offer".to_owned(),
            (Some(report), true) => format!("calls it {}", single_line(&report.status.word())),
            (None, true) => "has the offer".to_owned(),
        };
        self.line("service", &service);
        if explanation.exists {
            let filled: Vec<_> = answer.filled.iter().map(|slot| slot.as_str()).collect();
            self.line("slots", &format!("{} hold content", filled.join(", ")));
        }
        match &explanation.recorded {
            Some(recorded) => {
                let commit = recorded.commit.as_ref().map(|commit| format!(", commit {commit}")).unwrap_or_default();
                self.line("applied", &single_line(&format!("recorded {}{commit}", recorded.at)));
            }
            None => self.line("applied", "no record tells of an apply"),
        }
        let Some((planned, circumstances)) = &answer.plan else { return };
        self.line("target", circumstances.target.as_str());
        self.line("plan", plan_word(planned, circumstances));
        let steps = planned.steps.iter().enumerate();
        let steps: Vec<_> = steps.map(|(index, step)| step_text(index + 1, step, self.palette)).collect();
        self.lines("steps", &steps);
        self.changes(planned);
        for note in &planned.notes {
            self.line("note", &single_line(note));
        }
        self.blocks(planned);
        let ask = format!("`offerctl explain {} FIELD` or `… STEP` tells more of one of them", explanation.key);
        self.line("", &dim(self.palette, &ask));
    }

    /// The fields that differ and are written, each by its name and its path.
    fn changes(&mut self, planned: &PlannedOffer) {
        let changes = planned.changes.open();
        let written = changes.iter().filter(|change| change.difference.is_written());
        let told = written.take(LISTED_FIELDS).map(|change| {
            let path = &change.difference.path;
            format!("{} {}", place(path), dim(self.palette, &single_line(&format!("({path}, {})", change.source))))
        });
        let mut told: Vec<_> = told.collect();
        let written = planned.changes.written();
        if written > LISTED_FIELDS {
            told.push(format!("… and {} more", written - LISTED_FIELDS));
        }
        self.lines("fields", &told);
    }

    fn blocks(&mut self, planned: &PlannedOffer) {
        for block in &planned.blocks {
            let guard = self.palette.paint(self.palette.alarm, block.guard.as_str());
            self.line("blocked by", &format!("{guard}: {}", single_line(&block.sentence)));
            for message in &block.messages {
                self.line("", &format!("the service says: {}", single_line(&Redaction::text(message))));
            }
            self.line("way out", &single_line(&planned.way_out(block)));
        }
    }
}

fn sentences(said: &[String]) -> Vec<String> {
    said.iter().map(|sentence| single_line(sentence)).collect()
}

fn colour(standing: Standing, palette: &Palette) -> &'static str {
    match standing {
        Standing::Differs(_) if standing.is_edited_elsewhere() => palette.alarm,
        Standing::Passenger => palette.alarm,
        Standing::Differs(_) | Standing::Contains(_) | Standing::Unpublished(_) => palette.changed,
        Standing::InSync
        | Standing::Unverifiable
        | Standing::Waived
        | Standing::Unmanaged
        | Standing::ServiceOwned
        | Standing::NoManifest => palette.dim,
    }
}

fn place_of(declared: &Declared) -> String {
    if declared.key.file == declared.value.file {
        declared.key.to_string()
    } else {
        format!("{}, its value in {}", declared.key, declared.value)
    }
}

fn undo(undo: Undo) -> &'static str {
    match undo {
        Undo::NotNeeded => "not needed: it changes nothing",
        Undo::ByApply => "another apply puts the old value back",
        Undo::ByCancel => "`offerctl cancel`, while it runs",
        Undo::Never => "cannot be taken back",
    }
}

fn plan_word(planned: &PlannedOffer, circumstances: &Circumstances) -> &'static str {
    match planned.verdict() {
        OfferVerdict::Blocked => "blocked: nothing is done until somebody decides",
        OfferVerdict::ToDo => "has something to do",
        OfferVerdict::InSync if circumstances.to_write == 0 => "nothing to do: everything is as the manifest says",
        OfferVerdict::InSync => "nothing to do",
    }
}
