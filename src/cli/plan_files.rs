//! Plans as files: `plan --out` writes them, `apply` and `show` read them. What is in a file is `plan::PlanDocument`'s
//! and `plan::PlanFile`'s.

use std::fs::{File, Metadata};
use std::io::{BufReader, BufWriter, ErrorKind, Read, Write as _};
use std::path::{Path, PathBuf};

use serde_json::Deserializer;
use tempfile::NamedTempFile;

use super::printer::Printer;
use super::{CommandError, Exit};
use crate::plan::{Plan, PlanDigest, PlanFile};
use crate::render::{Layout, plan_json, write_json};

/// The largest file of a plan that is read, in bytes. One of a thousand new offers of 57 KB has a quarter of it.
pub(super) const MAX_PLAN_BYTES: u64 = 512 << 20;
/// How much of a file tells what it is.
const HEAD_BYTES: u64 = 64 << 10;

/// The saved plan among the arguments of a command that else takes manifests and offers.
pub(super) fn named_plan(named: &[String]) -> Result<Option<&Path>, CommandError> {
    let Some(text) = named.iter().find(|text| means_a_plan(Path::new(text))) else { return Ok(None) };
    if named.len() > 1 {
        return Err(CommandError::bad_input(format!("`{text}` is a saved plan, and was named with other things"))
            .hint("a saved plan is applied as a whole; name it alone, or plan only the offers that are meant"));
    }
    Ok(Some(Path::new(text)))
}

/// Whether a person who names this means a plan: a JSON file, unless it is a manifest, or what another program prints.
fn means_a_plan(path: &Path) -> bool {
    if path.metadata().is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
        return true;
    }
    let is_json = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
    let Some(head) = head(path) else { return is_json };
    is_plan(&head) || (is_json && !head.contains("\"publisherId\""))
}

fn is_plan(head: &str) -> bool {
    head.trim_start().starts_with('{') && head.contains("\"offerctl-plan\"")
}

/// The beginning of a file. Not of a pipe, which may wait for somebody to write, and gives what it holds only once.
fn head(path: &Path) -> Option<String> {
    if !path.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(HEAD_BYTES).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Reads a saved plan.
pub(super) fn read(path: &Path) -> Result<PlanFile, CommandError> {
    let shown = path.display();
    let unreadable = |error: std::io::Error| {
        let message = match error.kind() {
            ErrorKind::NotFound => format!("there is no file `{shown}`"),
            _ => format!("the plan `{shown}` cannot be read: {error}"),
        };
        CommandError::bad_input(message).hint("`offerctl plan --out plan.json` writes a plan")
    };
    let file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    let too_large = || {
        let message = format!("`{shown}` is larger than a plan may be that is read ({} MiB)", MAX_PLAN_BYTES >> 20);
        CommandError::bad_input(message).hint("plan fewer offers at once, by name or pattern")
    };
    if metadata.len() > MAX_PLAN_BYTES {
        return Err(too_large());
    }
    let name = format!("`{shown}`");
    if metadata.is_file() {
        return plan_of(|| File::open(path).map(|file| file.take(MAX_PLAN_BYTES)), &name);
    }
    // A pipe, of which nothing can be read twice.
    let mut bytes = Vec::new();
    file.take(MAX_PLAN_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_PLAN_BYTES {
        return Err(too_large());
    }
    plan_of(|| Ok(bytes.as_slice()), &name)
}

/// Reads the text of a saved plan; `name` is what to call it.
pub(super) fn parse(text: &str, name: &str) -> Result<PlanFile, CommandError> {
    plan_of(|| Ok(text.as_bytes()), name)
}

fn plan_of<Source: Read>(open: impl Fn() -> std::io::Result<Source>, name: &str) -> Result<PlanFile, CommandError> {
    let open = || {
        // One kind of reader for all sources: the code that reads a plan is large.
        let source: Box<dyn Read + '_> = Box::new(open().map_err(serde_json::Error::io)?);
        Ok(Deserializer::from_reader(BufReader::new(source)))
    };
    PlanFile::read(open).map_err(|error| {
        CommandError::bad_input(format!("{name} cannot be used as a plan: {error}")).hint(error.advice())
    })
}

/// Refuses to write a plan over what is none: a name that was mistyped must not cost a manifest, nor a key that is nobody
/// else's to read.
pub(super) fn expect_no_other_file(path: &Path) -> Result<(), CommandError> {
    let refuse = |what: &str| {
        Err(CommandError::bad_input(format!("no plan is saved as `{}`: {what}", path.display()))
            .hint("name a new file, or the file of an earlier plan: `--out plan.json`"))
    };
    if path.is_dir() {
        return refuse("it is a folder");
    }
    if path.parent().is_some_and(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) {
        return refuse("there is no such folder");
    }
    match head(path) {
        Some(head) if !head.trim().is_empty() && !is_plan(&head) => refuse("that file is there, and is not a plan"),
        None if path.is_file() => refuse("that file is there, and cannot be read, so that it may be something else"),
        _ => Ok(()),
    }
}

/// What a plan is written to.
enum Sink {
    /// A file that takes the place of the one of that name once it is whole.
    Beside(NamedTempFile, PathBuf),
    /// What is there, and cannot be replaced.
    Through(File),
}

/// Where a plan of this name is written. A file in whose place another one can be put stays as it is until then; what cannot be
/// replaced, or would not be the same afterwards, is written in its place: a pipe, a link that leads nowhere, a file with
/// another owner or a second name, and one in a folder that takes no new file.
fn sink(path: &Path) -> std::io::Result<Sink> {
    let place = match path.canonicalize() {
        // Where a link leads, so that it stays one.
        Ok(place) => place,
        Err(_) if path.symlink_metadata().is_ok() => return Ok(Sink::Through(File::create(path)?)),
        Err(_) => path.to_owned(),
    };
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut beside = tempfile::Builder::new();
    beside.prefix(".plan-");
    // Unlike other temporary files: a new plan may be read by whom new files may be read by.
    #[cfg(unix)]
    beside.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let Ok(earlier) = place.metadata() else { return Ok(Sink::Beside(beside.tempfile_in(folder)?, place)) };
    if earlier.is_file() {
        // Whoever may not write a file may not replace it either.
        File::options().write(true).open(&place)?;
        if let Ok(beside) = beside.tempfile_in(folder)
            && is_replaceable_by(&earlier, &beside.as_file().metadata()?)
        {
            beside.as_file().set_permissions(earlier.permissions())?;
            return Ok(Sink::Beside(beside, place));
        }
    }
    Ok(Sink::Through(File::create(&place)?))
}

/// Whether nobody loses a file when another one takes its place.
#[cfg(unix)]
fn is_replaceable_by(earlier: &Metadata, beside: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    earlier.nlink() == 1 && (earlier.uid(), earlier.gid()) == (beside.uid(), beside.gid())
}

#[cfg(not(unix))]
fn is_replaceable_by(_: &Metadata, _: &Metadata) -> bool {
    true
}

/// Puts a whole file into its place. Where a name cannot be given anew, as that of a file which a container was handed, its
/// content goes there.
fn settle(beside: NamedTempFile, place: &Path) -> std::io::Result<()> {
    beside.as_file().sync_all()?;
    match beside.persist(place) {
        Ok(_) => Ok(()),
        Err(refused) => std::fs::copy(refused.file.path(), place).map(drop),
    }
}

/// Saves a plan, and answers what it is recognised by. An earlier plan of that name stays until this one is whole, where
/// files can be replaced.
pub(super) fn write(path: &Path, plan: &Plan, printer: Printer) -> Result<PlanDigest, CommandError> {
    let unwritable = |error: &dyn std::fmt::Display| {
        CommandError::other(format!("the plan cannot be saved as `{}`: {error}", path.display()))
    };
    let finish = |part| printer.fit_json(part);
    let document = plan_json(plan, &finish);
    document.expect_readable().map_err(|unsavable| {
        CommandError::bad_input(format!("the plan cannot be saved as `{}`: {unsavable}", path.display()))
            .hint(unsavable.advice())
    })?;
    let failed = |error: std::io::Error| {
        let is_about_place = matches!(error.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied);
        match unwritable(&error) {
            failed if is_about_place => failed.hint("name a file that may be written, in a folder that exists"),
            failed => failed,
        }
    };
    let write = |file: &File| -> Result<(), CommandError> {
        let mut buffered = BufWriter::new(file);
        write_json(&mut buffered, &document, Layout::Indented)
            .and_then(|()| buffered.write_all(b"\n"))
            .and_then(|()| buffered.flush())
            .map_err(failed)?;
        // What stands for no file, such as a pipe, has no size.
        if file.metadata().map_err(failed)?.len() <= MAX_PLAN_BYTES {
            return Ok(());
        }
        let what = format!("it is larger than a plan may be that is applied ({} MiB)", MAX_PLAN_BYTES >> 20);
        Err(unwritable(&what).ending_as(Exit::BadInput).hint("plan fewer offers at once, by name or pattern"))
    };
    match sink(path).map_err(failed)? {
        Sink::Beside(beside, place) => {
            write(beside.as_file())?;
            settle(beside, &place).map_err(failed)?;
        }
        Sink::Through(file) => write(&file)?,
    }
    Ok(document.digest().clone())
}
