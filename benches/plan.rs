//! `offerctl plan` of a thousand offers, against the emulator in this process with 50 ms before each answer.
//!
//! The targets: at most 1.15 × what the requests take when 32 of them are always under way, and under 100 MB however many
//! offers there are. First all of them are new, and each way to see their plan is measured; then they are applied, and one of ten
//! is edited, so that the plan is a usual one.

mod document;
mod process;
mod repository;
mod yaml;

use std::error::Error;
use std::fs;
use std::time::Duration;

use document::Shape;
use repository::{Asked, PARALLELISM, Repository, SHAPES};

const OFFERS: usize = 1_000;
const EDITED_EACH: usize = 10;
const LATENCY: Duration = Duration::from_millis(50);
const OF_NEW_OFFERS: [&[&str]; 7] = [
    &["validate"],
    &["plan"],
    &["plan", "--output", "markdown"],
    &["plan", "--output", "html"],
    &["plan", "--output", "json"],
    &["plan", "--out", "plan.json"],
    &["show", "plan.json"],
];

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
    let repository = Repository::new(OFFERS, shape, LATENCY)?;
    println!("{OFFERS} new offers, manifests of {} bytes (target 100 MB)", repository.bytes);
    for arguments in OF_NEW_OFFERS {
        let Asked { run, .. } = repository.run(arguments)?;
        println!("  {}: {:.2} s, {}", arguments.join(" "), run.wall.as_secs_f64(), run.used());
    }
    repository.apply()?;
    repository.edit(EDITED_EACH)?;
    let Asked { run, requests } = repository.run(&["plan"])?;
    let ideal = LATENCY * requests / PARALLELISM;
    let result = fs::read_to_string(repository.root().join("result"))?;
    let summary = result.lines().find(|line| line.starts_with("Plan: ")).unwrap_or_default();
    println!("{OFFERS} offers, manifests of {} bytes: {summary}", repository.bytes);
    println!(
        "  {requests} requests in {:.2} s, {:.2} × the {:.2} s that they take at {PARALLELISM} at once (target 1.15)",
        run.wall.as_secs_f64(),
        run.wall.as_secs_f64() / ideal.as_secs_f64(),
        ideal.as_secs_f64()
    );
    println!("  {} (target 100 MB)", run.used());
    repository.close();
    Ok(())
}
