//! Two thousand offers in one repository: what each command takes, how large its result is, and how much memory it needs.
//!
//! The service answers at once, so that what is measured is the program and not the network. One offer of ten is edited;
//! then each of them, as by a part that all manifests extend.

mod document;
mod process;
mod repository;
mod yaml;

use std::error::Error;
use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use document::Shape;
use repository::{Asked, Repository, SHAPES};

const OFFERS: usize = 2_000;

fn main() -> Result<(), Box<dyn Error>> {
    // Without this flag `cargo test` wants to know only whether it builds.
    if std::env::args().any(|argument| argument == "--bench") {
        for shape in SHAPES {
            measure(shape)?;
        }
    }
    Ok(())
}

fn measure(shape: Shape) -> Result<(), Box<dyn Error>> {
    let repository = Repository::new(OFFERS, shape, Duration::ZERO)?;
    println!("{OFFERS} offers, manifests of {} bytes", repository.bytes);
    commit(&repository)?;
    let tell = |what: &str, asked: &Asked| tell(&repository, what, asked);
    tell("apply, all new", &repository.apply()?)?;
    tell("apply, nothing to do", &repository.apply()?)?;
    tell("list contoso", &repository.run(&["list", "contoso"])?)?;
    for each in [10, 1] {
        println!(" {} edited", repository.edit(each)?);
        for arguments in COMMANDS {
            tell(&arguments.join(" "), &repository.run(arguments)?)?;
        }
        println!("  plan.json: {}", megabytes(&repository.root().join("plan.json"))?);
    }
    tell("apply, all edited", &repository.apply()?)?;
    repository.close();
    Ok(())
}

const COMMANDS: [&[&str]; 11] = [
    &["validate"],
    &["validate", "--changed-since", "HEAD"],
    &["plan"],
    &["plan", "--changed-since", "HEAD"],
    &["plan", "--output", "markdown"],
    &["plan", "--output", "html"],
    &["plan", "--output", "json"],
    &["plan", "--out", "plan.json"],
    &["show", "plan.json", "--output", "markdown"],
    &["show", "plan.json", "--output", "html"],
    &["drift"],
];

/// Makes the repository one of git, with all manifests as they are now.
fn commit(repository: &Repository) -> Result<(), Box<dyn Error>> {
    let who = ["-c", "user.name=benchmark", "-c", "user.email=benchmark@contoso.com"];
    for arguments in
        [&["init", "--quiet"][..], &["add", "offers", "offerctl.yaml"], &["commit", "--quiet", "-m", "Offers"]]
    {
        let status = Command::new("git").args(who).args(arguments).current_dir(repository.root()).status()?;
        if !status.success() {
            return Err(format!("git {} failed", arguments.join(" ")).into());
        }
    }
    Ok(())
}

fn tell(repository: &Repository, what: &str, Asked { run, requests }: &Asked) -> io::Result<()> {
    let result = megabytes(&repository.root().join("result"))?;
    println!("  {what}: {:.2} s, {requests} requests, result {result}, {}", run.wall.as_secs_f64(), run.used());
    Ok(())
}

fn megabytes(file: &Path) -> io::Result<String> {
    let bytes = fs::metadata(file)?.len();
    Ok(format!("{}.{:03} MB", bytes / 1_000_000, bytes / 1_000 % 1_000))
}
