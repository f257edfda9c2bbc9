//! Plans as files: `plan --out` writes them, `apply` and `show` read them. What is in a file is `plan::PlanDocument`'s
//! and `plan::PlanFile`'s.

use std::fs::File;
use std::io::{BufReader, BufWriter, ErrorKind, Read, Write as _};
use std::path::Path;

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
    let mut bytes = Vec::new();
    let file = if path.is_file() { File::open(path).ok()? } else { return None };
    file.take(HEAD_BYTES).read_to_end(&mut bytes).ok()?;
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

/// Refuses to write a plan over what is none: a name that was mistyped must not cost a manifest.
pub(super) fn expect_no_other_file(path: &Path) -> Result<(), CommandError> {
    let refuse = |what: &str| {
        Err(CommandError::bad_input(format!("no plan is saved as `{}`: {what}", path.display()))
            .hint("name a new file, or the file of an earlier plan: `--out plan.json`"))
    };
    if path.is_dir() {
        return refuse("it is a folder");
    }
    match head(path) {
        Some(head) if !head.trim().is_empty() && !is_plan(&head) => refuse("that file is there, and is not a plan"),
        _ => Ok(()),
    }
}

/// A file that is to take the place of another, and may be read by whom that may be read by; a new one as files here are.
/// `None` where nothing can be put beside it, and in the place of a pipe.
fn new_beside(place: &Path) -> Option<NamedTempFile> {
    let earlier = place.metadata().ok();
    if earlier.as_ref().is_some_and(|earlier| !earlier.is_file()) {
        return None;
    }
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut beside = tempfile::Builder::new();
    beside.prefix(".plan-");
    #[cfg(unix)]
    beside.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let beside = beside.tempfile_in(folder).ok()?;
    if let Some(earlier) = earlier {
        beside.as_file().set_permissions(earlier.permissions()).ok()?;
    }
    Some(beside)
}

/// Saves a plan, and answers what it is recognised by. An earlier plan of that name stays until this one is whole.
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
    let failed = |error| unwritable(&error).hint("name a file in a folder that exists and may be written");
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
    // Where a link leads, so that it stays one.
    let place = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    match new_beside(&place) {
        Some(beside) => {
            write(beside.as_file())?;
            beside.persist(&place).map_err(|error| failed(error.error))?;
        }
        None => write(&File::create(path).map_err(failed)?)?,
    }
    Ok(document.digest().clone())
}
