//! Files that the service downloads and serves itself: which served file came from which source.
//!
//! The service never returns the address that was sent, so only a record can tell that a logo is still ours.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::url::address;
use crate::offer::{Catalogue, FieldPath, FileDigest, LocalFile, Rules};

/// The known origins, by path.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MediaRecords(BTreeMap<FieldPath, MediaRecord>);

/// Where one served file came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaRecord {
    /// The address that was sent, without its signature: host and path.
    pub source: String,
    /// The files that the service served instead, in any slot: host and path.
    pub served: Vec<String>,
    /// Whether two answers about one version named different files, so that the name of the file tells nothing.
    #[serde(default)]
    pub shifting: bool,
    /// The files that it served for sources before this one.
    #[serde(default)]
    pub former: Vec<String>,
    /// The files that others put in its place, as drafts have shown them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub foreign: Vec<String>,
    /// What the local file held when the source was sent last, where a manifest named one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<FileDigest>,
    /// What was about to be sent, until somebody has looked what became of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sending: Option<Sending>,
}

/// A source on its way to the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sending {
    source: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    content: Option<FileDigest>,
    /// The version of the draft that it is written on top of, where the service tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<u64>,
}

/// What to think of a served file that no record names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaTrust {
    /// It cannot be verified: count it as in sync and say so.
    Unverifiable,
    /// Count it as different, so that the source is sent again.
    Resend,
    /// It was written a moment ago: whatever is served there is ours.
    JustWritten,
    /// It stands in a slot, where the service may serve the file of the draft under another address: ours, unless it is
    /// known to come from an earlier source or from somebody else.
    InSlot,
}

/// Whether a text is the address of a file that the service serves itself, under a name of its own.
pub(crate) fn is_served(catalogue: &Catalogue, text: &str) -> bool {
    address(text).is_some_and(|address| catalogue.is_media_storage(&address.host))
}

/// The verdict on one desired address and what the service serves in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    Ours,
    /// No record names the place.
    Unknown,
    /// The record names this source, and another file.
    Other,
    /// The file that a draft has shown to be somebody else's.
    Foreign,
    /// The file of an earlier source, or the record names another source.
    Former,
}

/// What is known of the content that the service downloaded from an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent<'record> {
    /// A local file with this content was there when the address was sent.
    Content(&'record FileDigest),
    /// The address was sent, and nobody knows with what behind it.
    Unknown,
    /// No record tells that this address was ever sent to this place.
    Never,
}

impl MediaRecords {
    /// The record of one place.
    pub fn get(&self, path: &FieldPath) -> Option<&MediaRecord> {
        self.0.get(path)
    }

    /// Remembers that the served address stands for the source at this place, with this content behind it. A new source,
    /// or a new content, forgets the old one's files; where no content is told, the source has the one that it had.
    pub fn remember(&mut self, path: FieldPath, source: &str, served: &str, content: Option<&FileDigest>) {
        let (source, served) = (file_of(source), file_of(served));
        match self.0.get_mut(&path) {
            Some(record) if record.source == source && record.may_hold(content) => {
                record.content = content.or(record.content.as_ref()).cloned();
                record.sending = None;
                if !record.served.contains(&served) {
                    record.served.push(served);
                }
            }
            _ => {
                let old = self.0.remove(&path).map(|old| ([old.former, old.served].concat(), old.foreign));
                let (mut former, mut foreign) = old.unwrap_or_default();
                for files in [&mut former, &mut foreign] {
                    files.retain(|file| *file != served);
                }
                let content = content.cloned();
                let served = vec![served];
                let record = MediaRecord { source, served, shifting: false, former, foreign, content, sending: None };
                self.0.insert(path, record);
            }
        }
    }

    /// Takes the local files as what their addresses were sent with, where it is known that these were sent and not with
    /// what behind them.
    pub fn take_as_sent(&mut self, files: &[LocalFile]) {
        for file in files {
            if let Some(record) = self.0.get_mut(&file.field)
                && record.source == file_of(&file.url)
            {
                record.content.get_or_insert_with(|| file.digest.clone());
            }
        }
    }

    /// Remembers under which names a slot serves the files of the draft that was submitted: what is ours there is ours here.
    pub fn follow(&mut self, catalogue: &Catalogue, submitted: &Value, slot: &Value) {
        for (path, record) in &mut self.0 {
            let Some(file) = served_at(catalogue, slot, path) else { continue };
            let is_ours =
                served_at(catalogue, submitted, path).is_some_and(|submitted| record.served.contains(&submitted));
            let is_known = [&record.served, &record.former, &record.foreign].iter().any(|files| files.contains(&file));
            if is_ours && !is_known {
                record.served.push(file);
            }
        }
    }

    /// The files of a draft that the service made of none of our sources, by path, as far as the records do not say so yet.
    pub fn foreign_in(&self, catalogue: &Catalogue, draft: &Value) -> Vec<(FieldPath, String)> {
        let found = self.0.iter().filter(|(_, record)| !record.shifting).filter_map(|(path, record)| {
            let file = served_at(catalogue, draft, path)?;
            let is_known = [&record.served, &record.former, &record.foreign].iter().any(|files| files.contains(&file));
            (!is_known).then(|| (path.clone(), file))
        });
        found.collect()
    }

    /// Remembers files that are somebody else's, wherever they turn up later.
    pub fn note_foreign(&mut self, found: Vec<(FieldPath, String)>) {
        for (path, file) in found {
            if let Some(record) = self.0.get_mut(&path) {
                record.foreign.push(file);
            }
        }
    }

    /// Notes that an address is about to be sent, with this content behind it, on top of that version: a run may end before
    /// it has seen what the service makes of it.
    pub fn note_sending(&mut self, path: &FieldPath, source: &str, content: Option<&FileDigest>, version: Option<u64>) {
        if let Some(record) = self.0.get_mut(path) {
            record.sending = Some(Sending { source: file_of(source), content: content.cloned(), version });
        }
    }

    /// Forgets what was about to be sent: it was not, or it was seen what became of it. False when nothing was.
    pub fn forget_sending(&mut self) -> bool {
        let sending = self.0.values_mut().filter_map(|record| record.sending.take());
        sending.count() > 0
    }

    /// Whether a run was about to send exactly this to become that version, and none has seen what became of it. Any other
    /// version is somebody else's.
    pub(super) fn was_sending(
        &self,
        path: &FieldPath,
        source: &str,
        content: Option<&FileDigest>,
        version: Option<u64>,
    ) -> bool {
        self.get(path).and_then(|record| record.sending.as_ref()).is_some_and(|sending| {
            let becomes = sending.version.and_then(|before| before.checked_add(1));
            let is_right_after_it = becomes.is_some() && becomes == version;
            is_right_after_it && sending.source == file_of(source) && sending.content.as_ref() == content
        })
    }

    /// What is known of the content that the service downloaded from the address for this place.
    pub(super) fn sent(&self, path: &FieldPath, url: &str) -> Sent<'_> {
        match self.get(path).filter(|record| record.source == file_of(url)) {
            Some(MediaRecord { content: Some(content), .. }) => Sent::Content(content),
            Some(_) => Sent::Unknown,
            None => Sent::Never,
        }
    }

    /// Compares with what another reading of the same version recorded: files that differ are marked as shifting.
    pub fn mark_shifting(&mut self, again: &Self) {
        for (path, record) in &mut self.0 {
            let other = again.get(path).filter(|other| other.source == record.source);
            record.shifting |= other.is_some_and(|other| !other.served.iter().all(|file| record.served.contains(file)));
        }
    }

    /// Whether any served file goes by another name in each answer.
    pub fn is_shifting(&self) -> bool {
        self.0.values().any(|record| record.shifting)
    }

    /// Whether both addresses are known to serve the file of one source, each in another slot or version.
    pub(super) fn serve_one_source(&self, path: &FieldPath, one: &str, other: &str) -> bool {
        let (Some(one), Some(other)) = (address(one), address(other)) else { return false };
        self.get(path).is_some_and(|record| [one, other].iter().all(|address| record.served.contains(&address.file)))
    }

    /// Whether a served address is known to stand for the source, and for this content of it.
    pub(crate) fn tell_content(&self, path: &FieldPath, source: &str, served: &str, content: &FileDigest) -> bool {
        self.sent(path, source) == Sent::Content(content)
            && self.origin(path, &file_of(source), &file_of(served)) == Origin::Ours
    }

    pub(super) fn origin(&self, path: &FieldPath, source_file: &str, served_file: &str) -> Origin {
        match self.get(path) {
            None => Origin::Unknown,
            Some(record) if record.source == source_file && record.shifting => Origin::Ours,
            Some(record) if record.source == source_file && record.served.iter().any(|file| file == served_file) => {
                Origin::Ours
            }
            Some(record) if record.foreign.iter().any(|file| file == served_file) => Origin::Foreign,
            Some(record) if record.source != source_file || record.former.iter().any(|file| file == served_file) => {
                Origin::Former
            }
            Some(_) => Origin::Other,
        }
    }
}

impl MediaRecord {
    /// Whether the files that were served so far may have this content.
    fn may_hold(&self, content: Option<&FileDigest>) -> bool {
        self.content.as_ref().zip(content).is_none_or(|(known, content)| known == content)
    }
}

/// The file that an address names, without its signature.
fn file_of(text: &str) -> String {
    address(text).map_or_else(|| text.to_owned(), |address| address.file)
}

/// The file that a document serves in the place of a source; `None` where it serves none from the service's own storage.
fn served_at(catalogue: &Catalogue, document: &Value, path: &FieldPath) -> Option<String> {
    let address = address(text_at(catalogue, document, path)?)?;
    catalogue.is_media_storage(&address.host).then_some(address.file)
}

fn text_at<'value>(catalogue: &Catalogue, document: &'value Value, path: &FieldPath) -> Option<&'value str> {
    document.pointer(&catalogue.in_document(document, path).to_string())?.as_str()
}

/// Records every file that the service serves in place of a declared address, right after that was written.
///
/// Only what was `sent` counts: where the body had the file that was read, what is served may be anybody's. `local_files`
/// are those whose content the service downloaded then.
pub fn record_media(
    catalogue: &Catalogue,
    desired: &Value,
    sent: &Value,
    local_files: &[&LocalFile],
    served: &Value,
    records: &mut MediaRecords,
) {
    Visit { catalogue, sent, local_files, records }.value(catalogue.rules(), &mut FieldPath::root(), desired, served);
}

struct Visit<'visit> {
    catalogue: &'visit Catalogue,
    sent: &'visit Value,
    local_files: &'visit [&'visit LocalFile],
    records: &'visit mut MediaRecords,
}

impl Visit<'_> {
    fn value(&mut self, rules: Rules<'_>, path: &mut FieldPath, desired: &Value, served: &Value) {
        match (desired, served) {
            (Value::Object(desired), Value::Object(served)) => {
                for (key, child) in desired {
                    if let Some(other) = served.get(key) {
                        path.push(key.as_str());
                        self.value(rules.child(key), path, child, other);
                        path.pop();
                    }
                }
            }
            (Value::Array(desired), Value::Array(served)) => {
                for (index, child) in desired.iter().enumerate() {
                    let (segment, other) = super::equality::counterpart(rules.field(), index, child, served);
                    if let Some(other) = other {
                        path.push(segment.as_str());
                        self.value(rules.child(&segment), path, child, other);
                        path.pop();
                    }
                }
            }
            (Value::String(source), Value::String(served)) => self.text(path, source, served),
            _ => {}
        }
    }

    fn text(&mut self, path: &FieldPath, source: &str, served: &str) {
        let content = self.local_files.iter().find(|file| file.field == *path).map(|file| &file.digest);
        if source == served && content.is_none() {
            return;
        }
        let (Some(from), Some(to)) = (address(source), address(served)) else { return };
        let is_copy = self.catalogue.is_media_storage(&to.host) && from.file != to.file;
        // What the service serves from where it is has no copy, and may still change its content.
        let was_sent = || text_at(self.catalogue, self.sent, path).is_some_and(|sent| file_of(sent) == from.file);
        if (is_copy || (content.is_some() && from.file == to.file)) && was_sent() {
            self.records.remember(path.clone(), source, served, content);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_go_by_another_name_in_each_answer_are_ours_while_the_source_stays() {
        let path = FieldPath::parse("/definition/offer/x.smallLogo").unwrap();
        let recorded = |served: &str| {
            let mut records = MediaRecords::default();
            records.remember(path.clone(), "https://contoso.com/logo.png", served, None);
            records
        };
        let mut records = recorded("https://store/1.png?sig=a");
        records.mark_shifting(&recorded("https://store/1.png?sig=b"));
        assert!(!records.is_shifting());
        assert_eq!(records.origin(&path, "contoso.com/logo.png", "store/2.png"), Origin::Other);
        records.mark_shifting(&recorded("https://store/2.png?sig=c"));
        assert!(records.is_shifting());
        assert_eq!(records.origin(&path, "contoso.com/logo.png", "store/3.png"), Origin::Ours);
        assert_eq!(records.origin(&path, "contoso.com/other.png", "store/3.png"), Origin::Former);
    }

    const LOGO: &str = "/definition/offer/x.smallLogo";
    const SOURCE: &str = "https://contoso.com/logo.png";

    fn document(logo: &str) -> Value {
        serde_json::json!({"definition": {"offer": {"x.smallLogo": logo}, "plans": []}})
    }

    fn stored(name: &str) -> String {
        format!("https://publishingstoredm.blob.core.windows.net/prodcontent/{name}.png?sig=a")
    }

    /// What is known after the source was sent and is served as `ours`.
    fn sent() -> (FieldPath, MediaRecords) {
        let (path, mut records) = (FieldPath::parse(LOGO).unwrap(), MediaRecords::default());
        records.remember(path.clone(), SOURCE, &stored("ours"), None);
        (path, records)
    }

    #[test]
    fn only_what_the_body_sent_is_recorded() {
        let catalogue = Catalogue::built_in();
        let recorded = |body: &str| {
            let mut records = MediaRecords::default();
            record_media(catalogue, &document(SOURCE), &document(body), &[], &document(&stored("new")), &mut records);
            records
        };
        assert_eq!(recorded(&stored("new")), MediaRecords::default(), "sent as it was read");
        assert!(recorded(SOURCE).get(&FieldPath::parse(LOGO).unwrap()).is_some());
    }

    #[test]
    fn a_slot_serves_ours_under_another_name_only_where_the_submitted_draft_served_ours() {
        let catalogue = Catalogue::built_in();
        let (path, records) = sent();
        let followed = |submitted: &str| {
            let mut records = records.clone();
            records.follow(catalogue, &document(&stored(submitted)), &document(&stored("in-slot")));
            records.get(&path).unwrap().served.len()
        };
        assert_eq!((followed("ours"), followed("theirs")), (2, 1));
    }

    #[test]
    fn a_file_of_the_draft_that_is_not_ours_stays_foreign_under_a_new_source() {
        let catalogue = Catalogue::built_in();
        let (path, mut records) = sent();
        assert_eq!(records.foreign_in(catalogue, &document(&stored("ours"))), []);
        assert_eq!(records.foreign_in(catalogue, &document("https://contoso.com/elsewhere.png")), []);
        let theirs = "publishingstoredm.blob.core.windows.net/prodcontent/theirs.png";
        records.note_foreign(records.foreign_in(catalogue, &document(&stored("theirs"))));
        assert_eq!(records.foreign_in(catalogue, &document(&stored("theirs"))), [], "known already");
        records.remember(path.clone(), "https://contoso.com/new.png", &stored("new"), None);
        assert_eq!(records.origin(&path, "contoso.com/new.png", theirs), Origin::Foreign);
        records.remember(path.clone(), SOURCE, &stored("theirs"), None);
        assert_eq!(records.origin(&path, "contoso.com/logo.png", theirs), Origin::Ours);
    }

    #[test]
    fn what_was_being_sent_is_believed_of_the_version_right_after_it_alone() {
        let (path, mut records) = sent();
        let believed = |records: &MediaRecords, version| records.was_sending(&path, SOURCE, None, version);
        records.note_sending(&path, SOURCE, None, Some(7));
        let versions = [Some(7), Some(8), Some(9), None];
        assert_eq!(versions.map(|version| believed(&records, version)), [false, true, false, false]);
        records.note_sending(&path, SOURCE, None, None);
        assert!(!believed(&records, None), "without versions nobody can tell");
        assert!(records.forget_sending() && !records.forget_sending());
    }
}
