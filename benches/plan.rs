//! `offerctl plan` of a thousand offers, against the emulator in this process with 50 ms before each answer.
//!
//! The targets: at most 1.15 × what the requests take when 32 of them are always under way, and under 100 MB however many
//! offers there are. The offers are applied first, and then one of ten is edited, so that the plan is a usual one.

mod document;
mod yaml;

use std::error::Error;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use offerctl::emulator::{Emulator, Options, Timing};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use document::{Shape, TYPE, document};

const OFFERCTL: &str = env!("CARGO_BIN_EXE_offerctl");
const OFFERS: usize = 1_000;
const EDITED_EACH: usize = 10;
const PARALLELISM: u32 = 32;
const LATENCY: Duration = Duration::from_millis(50);
/// How often it is looked at what the program uses up: the system forgets that with the process.
const LOOK: Duration = Duration::from_millis(2);

const SHAPES: [Shape; 2] = [
    Shape { offer_plans: 1, images: 1, paragraphs: 2, unknown_keys: 6 },
    Shape { offer_plans: 5, images: 6, paragraphs: 6, unknown_keys: 60 },
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
    let folder = tempfile::tempdir()?;
    let bytes = write_manifests(folder.path(), shape)?;
    let runtime = Runtime::new()?;
    let options = Options { timing: Timing::instant(), latency: LATENCY, ..Options::default() };
    let emulator = runtime.block_on(Emulator::start(([127, 0, 0, 1], 0).into(), options))?;
    let offerctl = |arguments: &[&str]| {
        let mut command = Command::new(OFFERCTL);
        command.args(arguments).args(["--parallelism", &PARALLELISM.to_string()]).current_dir(folder.path());
        command.env("OFFERCTL_ENDPOINT", emulator.url()).env("OFFERCTL_TOKEN", "benchmark").stdin(Stdio::null());
        command
    };

    let seeding = offerctl(&["apply", "--yes", "--poll-interval", "50ms"]).output()?;
    if !seeding.status.success() {
        return Err(format!("the offers were not applied: {}", String::from_utf8_lossy(&seeding.stderr)).into());
    }
    edit_manifests(folder.path(), shape)?;
    let requests = format!("{}/_emulator/requests", emulator.url());
    runtime.block_on(forget(&requests))?;

    let output = folder.path().join("output");
    let run = Run::watch(offerctl(&["plan"]).stdout(fs::File::create(&output)?).stderr(Stdio::null()))?;
    if !run.status.success() {
        return Err(format!("the plan failed with {}", run.status).into());
    }
    let total = runtime.block_on(count(&requests))?;
    runtime.block_on(emulator.shutdown());

    let ideal = LATENCY * total / PARALLELISM;
    let summary = fs::read_to_string(&output)?;
    println!("{OFFERS} offers, manifests of {bytes} bytes: {}", summary.lines().last().unwrap_or_default());
    println!(
        "  {total} requests in {:.2} s, {:.2} × the {:.2} s that they take at {PARALLELISM} at once (target 1.15)",
        run.wall.as_secs_f64(),
        run.wall.as_secs_f64() / ideal.as_secs_f64(),
        ideal.as_secs_f64()
    );
    match run.usage {
        Some(Usage { peak_kilobytes, processor }) => println!(
            "  peak memory {} MB (target 100), {:.2} s of processor time",
            peak_kilobytes / 1000,
            processor.as_secs_f64()
        ),
        None => println!("  peak memory unknown: this system has no /proc"),
    }
    Ok(())
}

/// One manifest for each offer; the bytes of one.
fn write_manifests(root: &Path, shape: Shape) -> io::Result<usize> {
    let mut bytes = 0;
    for number in 0..OFFERS {
        let offer_id = offer_id(number);
        let text = yaml::manifest(&document(&offer_id, shape));
        bytes = text.len();
        let folder = root.join("offers").join(offer_id);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("offer.yaml"), text)?;
    }
    Ok(bytes)
}

/// Gives some offers another summary and a new image.
fn edit_manifests(root: &Path, shape: Shape) -> io::Result<()> {
    for number in (0..OFFERS).step_by(EDITED_EACH) {
        let offer_id = offer_id(number);
        let mut edited = document(&offer_id, shape);
        let offer_plan = &mut edited["definition"]["plans"][0];
        offer_plan[format!("{TYPE}.skuSummary")] = json!("Up to 200 protected machines");
        let image = json!({"osVhdUrl": "https://images.contoso.com/6.0.0.vhd", "lunVhdDetails": []});
        offer_plan[format!("{TYPE}.vmImages")]["6.0.0"] = image;
        fs::write(root.join("offers").join(offer_id).join("offer.yaml"), yaml::manifest(&edited))?;
    }
    Ok(())
}

fn offer_id(number: usize) -> String {
    format!("offer-{number:04}")
}

async fn forget(requests: &str) -> Result<(), reqwest::Error> {
    client()?.delete(requests).send().await?.error_for_status()?;
    Ok(())
}

async fn count(requests: &str) -> Result<u32, Box<dyn Error>> {
    let body = client()?.get(requests).send().await?.error_for_status()?.bytes().await?;
    let report: Value = serde_json::from_slice(&body)?;
    let total = report["total"].as_u64().ok_or("the emulator does not tell how many requests it saw")?;
    Ok(u32::try_from(total)?)
}

fn client() -> Result<reqwest::Client, reqwest::Error> {
    // An error means that a provider was installed before, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().tls_certs_only([]).build()
}

/// How one run of the program went.
struct Run {
    status: ExitStatus,
    wall: Duration,
    /// What it used up, where the system tells.
    usage: Option<Usage>,
}

struct Usage {
    /// The most memory that was resident at once.
    peak_kilobytes: u64,
    /// The time that all its threads had a processor.
    processor: Duration,
}

impl Run {
    fn watch(command: &mut Command) -> io::Result<Self> {
        let begun = Instant::now();
        let mut child = command.spawn()?;
        let mut usage = None;
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(Self { status, wall: begun.elapsed(), usage });
            }
            usage = Usage::of(&child).or(usage);
            thread::sleep(LOOK);
        }
    }
}

impl Usage {
    fn of(child: &Child) -> Option<Self> {
        let read = |what: &str| fs::read_to_string(format!("/proc/{}/{what}", child.id())).ok();
        let status = read("status")?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix("kB"))?;
        // After the name in brackets, which may hold anything, the twelfth and the thirteenth are in hundredths.
        let stat = read("stat")?;
        let times = stat.rsplit_once(')')?.1.split_whitespace().skip(11).take(2);
        let hundredths = times.map(str::parse::<u64>).sum::<Result<u64, _>>().ok()?;
        Some(Self { peak_kilobytes: peak.trim().parse().ok()?, processor: Duration::from_millis(10 * hundredths) })
    }
}
