//! What every run of the program pays: starting, its size on disk, and reading a manifest, here one of 5 MB.
//!
//! The targets: `--version` within 10 ms, a stripped binary under 15 MB, the manifest within a second.

mod document;
mod stopwatch;
mod yaml;

use std::error::Error;
use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use jiff::civil::date;
use offerctl::manifest::{Repository, RepositoryPath, load};
use serde_json::Value;

use document::{Shape, document};
use stopwatch::{fastest, milliseconds, time};

const OFFERCTL: &str = env!("CARGO_BIN_EXE_offerctl");
const FIVE_MEGABYTES: Shape = Shape { offer_plans: 270, images: 12, paragraphs: 8, unknown_keys: 120 };
const STARTS: usize = 50;
const LOADS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    // Without this flag `cargo test` wants to know only whether it builds.
    if std::env::args().any(|argument| argument == "--bench") {
        start()?;
        size()?;
        manifest()?;
    }
    Ok(())
}

fn start() -> Result<(), Box<dyn Error>> {
    let mut samples = Vec::new();
    for _ in 0..STARTS {
        let mut version = Command::new(OFFERCTL);
        version.arg("--version").stdout(Stdio::null());
        let mut outcome = None;
        samples.push(time(|| outcome = Some(version.status())));
        if !outcome.transpose()?.is_some_and(|status| status.success()) {
            return Err("offerctl --version failed".into());
        }
    }
    samples.sort_unstable();
    let median = samples.get(STARTS / 2).copied().unwrap_or_default();
    println!("--version, median of {STARTS}: {:.1} ms (target 10)", milliseconds(median));
    Ok(())
}

fn size() -> Result<(), Box<dyn Error>> {
    // Exact: no binary has 2^53 bytes.
    #[expect(clippy::cast_precision_loss)]
    let megabytes = fs::metadata(OFFERCTL)?.len() as f64 / 1e6;
    println!("binary: {megabytes:.1} MB (target 15)");
    Ok(())
}

fn manifest() -> Result<(), Box<dyn Error>> {
    let document = document("contoso-backup", FIVE_MEGABYTES);
    let (yaml, json) = (yaml::manifest(&document), document.to_string());
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("offer.yaml"), &yaml)?;
    let path = [RepositoryPath::new("offer.yaml")?];
    let (mut loads, mut parses): (Vec<Duration>, Vec<Duration>) = Default::default();
    for _ in 0..LOADS {
        let mut repository = Repository::open(folder.path())?;
        let mut offers = 0;
        loads.push(time(|| {
            let loaded = load(&mut repository, &path, &|_| None, date(2026, 11, 1));
            offers = loaded.desired.len();
            loaded
        }));
        if offers != 1 {
            return Err("the generated manifest is refused".into());
        }
        parses.push(time(|| serde_json::from_str::<Value>(&json)));
    }
    let (load, parse) = (milliseconds(fastest(&loads)), milliseconds(fastest(&parses)));
    println!(
        "manifest of {} bytes, the fastest of {LOADS}: {load:.0} ms (target 1000), {:.1} × parsing the same as JSON",
        yaml.len(),
        load / parse
    );
    Ok(())
}
