//! A run of the program: how long it took, what it wrote, and what the system says that it used up.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How often it is looked at what the program uses up: the system forgets that with the process.
const LOOK: Duration = Duration::from_millis(2);

/// How one run of the program went.
pub struct Run {
    pub status: ExitStatus,
    pub wall: Duration,
    /// What it used up, where the system tells.
    pub usage: Option<Usage>,
}

pub struct Usage {
    /// The most memory that was resident at once.
    pub peak_kilobytes: u64,
    /// The time that all its threads had a processor.
    pub processor: Duration,
}

impl Run {
    /// Runs the program to its end; its result goes to a file, what it says besides to another.
    pub fn watch(command: &mut Command, result: &Path, said: &Path) -> io::Result<Self> {
        command.stdin(Stdio::null()).stdout(File::create(result)?).stderr(File::create(said)?);
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

    /// Peak memory and processor time, in words.
    pub fn used(&self) -> String {
        match &self.usage {
            Some(Usage { peak_kilobytes, processor }) => {
                format!("peak memory {} MB, {:.2} s of processor time", peak_kilobytes / 1000, processor.as_secs_f64())
            }
            None => "peak memory unknown: this system has no /proc".to_owned(),
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
