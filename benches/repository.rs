//! A repository of many generated offers, and the emulator in this process that has them.

use std::error::Error;
use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use offerctl::emulator::{Emulator, Options, Timing};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::document::{Shape, TYPE, document};
use crate::process::Run;
use crate::yaml;

/// Manifests of about 5 and 57 KB.
pub const SHAPES: [Shape; 2] = [
    Shape { offer_plans: 1, images: 1, paragraphs: 2, unknown_keys: 6 },
    Shape { offer_plans: 5, images: 6, paragraphs: 6, unknown_keys: 60 },
];

const OFFERCTL: &str = env!("CARGO_BIN_EXE_offerctl");
/// How many requests are under way at once.
pub const PARALLELISM: u32 = 32;

/// A run of the program, and what it asked of the service.
pub struct Asked {
    pub run: Run,
    pub requests: u32,
}

/// A repository and its service.
pub struct Repository {
    folder: TempDir,
    shape: Shape,
    offers: usize,
    /// The bytes of one manifest.
    pub bytes: usize,
    runtime: Runtime,
    emulator: Emulator,
}

impl Repository {
    /// Writes the manifests and starts a service that has none of the offers yet.
    pub fn new(offers: usize, shape: Shape, latency: Duration) -> Result<Self, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let mut bytes = 0;
        for number in 0..offers {
            let offer_id = offer_id(number);
            let text = yaml::manifest(&document(&offer_id, shape));
            bytes = text.len();
            let folder = folder.path().join("offers").join(offer_id);
            fs::create_dir_all(&folder)?;
            fs::write(folder.join("offer.yaml"), text)?;
        }
        // The mark of a repository of offers, as every one in use has it.
        fs::write(folder.path().join("offerctl.yaml"), "offers: [\"offers/**/offer.yaml\"]\n")?;
        let runtime = Runtime::new()?;
        let options = Options { timing: Timing::instant(), latency, ..Options::default() };
        let emulator = runtime.block_on(Emulator::start(([127, 0, 0, 1], 0).into(), options))?;
        Ok(Self { folder, shape, offers, bytes, runtime, emulator })
    }

    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    /// Gives every so many-th offer another summary and a new image; answers how many these are.
    pub fn edit(&self, each: usize) -> io::Result<usize> {
        let numbers = (0..self.offers).step_by(each);
        for number in numbers.clone() {
            let offer_id = offer_id(number);
            let mut edited = document(&offer_id, self.shape);
            let offer_plan = &mut edited["definition"]["plans"][0];
            offer_plan[format!("{TYPE}.skuSummary")] = json!("Up to 200 protected machines");
            let image = json!({"osVhdUrl": "https://images.contoso.com/6.0.0.vhd", "lunVhdDetails": []});
            offer_plan[format!("{TYPE}.vmImages")]["6.0.0"] = image;
            fs::write(self.root().join("offers").join(offer_id).join("offer.yaml"), yaml::manifest(&edited))?;
        }
        Ok(numbers.len())
    }

    /// Runs the program in the repository, against its service. Its result is in the file `result`.
    pub fn run(&self, arguments: &[&str]) -> Result<Asked, Box<dyn Error>> {
        self.runtime.block_on(forget(&self.requests()))?;
        let mut command = Command::new(OFFERCTL);
        command.args(arguments).args(["--parallelism", &PARALLELISM.to_string()]).current_dir(self.root());
        command.env("OFFERCTL_ENDPOINT", self.emulator.url()).env("OFFERCTL_TOKEN", "benchmark");
        let said = self.root().join("said");
        let run = Run::watch(&mut command, &self.root().join("result"), &said)?;
        if !run.status.success() {
            let said = fs::read_to_string(said)?;
            let end: Vec<_> = said.lines().rev().take(5).collect();
            return Err(
                format!("offerctl {} failed with {}: {}", arguments.join(" "), run.status, end.join("\n")).into()
            );
        }
        Ok(Asked { run, requests: self.runtime.block_on(count(&self.requests()))? })
    }

    /// Makes the service have what the manifests say.
    pub fn apply(&self) -> Result<Asked, Box<dyn Error>> {
        self.run(&["apply", "--yes", "--poll-interval", "50ms", "--allow", "mass-change"])
    }

    fn requests(&self) -> String {
        format!("{}/_emulator/requests", self.emulator.url())
    }

    /// Ends the service.
    pub fn close(self) {
        self.runtime.block_on(self.emulator.shutdown());
    }
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
