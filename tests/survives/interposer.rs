//! Between a process and the service: counts what passes, lets it go wrong, lets others be quicker, and says when the
//! process shall be dead. Bytes in, bytes out, one request at a time.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};

use super::others::{Others, Warning};
use super::run::{Crash, Fault, Harm, Kind};

/// What came through and what was done to it, over all processes of a run.
#[derive(Default)]
pub struct Log {
    /// The requests that reached the interposer: all, and of each kind.
    total: usize,
    of_kind: [usize; 4],
    /// How many publishes and go-lives the service accepted.
    pub publishes: usize,
    pub go_lives: usize,
    /// What the service refused to do.
    pub refused: Vec<String>,
    /// How many requests met a fault.
    pub harmed: usize,
    /// Whether the offer is there already.
    pub is_there: bool,
}

/// What all processes of a run go through.
pub struct Passage {
    service: SocketAddr,
    faults: Vec<Fault>,
    others: Others,
    log: Mutex<Log>,
}

/// A process, from its begin to its end.
#[derive(Default)]
pub struct Process {
    crash: Option<Crash>,
    moments: AtomicUsize,
    is_dead: AtomicBool,
    died: Notify,
    /// Whether it has written its record since it last asked the service for anything.
    has_saved: AtomicBool,
}

/// One process's way to the service; ends with it.
pub struct Interposer {
    pub url: String,
    pub process: Arc<Process>,
    serving: JoinHandle<()>,
}

impl Drop for Interposer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// What a moment is to a process.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Lives,
    DiesBefore,
    DiesAfter,
    IsDead,
}

impl Process {
    /// Returns when the process has to end.
    pub async fn died(&self) {
        self.died.notified().await;
    }

    pub fn is_dead(&self) -> bool {
        self.is_dead.load(Ordering::SeqCst)
    }

    fn moment(&self) -> Fate {
        if self.is_dead() {
            return Fate::IsDead;
        }
        let moment = self.moments.fetch_add(1, Ordering::SeqCst);
        match self.crash {
            Some(Crash::Before(at)) if at == moment => Fate::DiesBefore,
            Some(Crash::After(at)) if at == moment => Fate::DiesAfter,
            // After the writing of a record is before whatever comes next.
            Some(Crash::After(at)) if at < moment => Fate::DiesBefore,
            _ => Fate::Lives,
        }
    }

    fn die(&self) {
        self.is_dead.store(true, Ordering::SeqCst);
        self.died.notify_one();
    }

    /// The record is about to be written; true when the process ends before it is.
    pub fn dies_before_saving(&self) -> bool {
        self.has_saved.store(true, Ordering::SeqCst);
        let dies = self.moment() == Fate::DiesBefore;
        if dies {
            self.die();
        }
        dies
    }
}

impl Passage {
    pub fn new(service: SocketAddr, faults: &[Fault], others: Others) -> Arc<Self> {
        Arc::new(Self { service, faults: faults.to_vec(), others, log: Mutex::default() })
    }

    /// Begins a process that ends at the crash, if it gets so far.
    pub async fn open(self: &Arc<Self>, crash: Option<Crash>) -> Interposer {
        let process = Arc::new(Process { crash, ..Process::default() });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (passage, life) = (Arc::clone(self), Arc::clone(&process));
        let serving = tokio::spawn(async move {
            let mut conversations = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                conversations.spawn(converse(Arc::clone(&passage), Arc::clone(&life), stream));
            }
        });
        Interposer { url, process, serving }
    }

    pub fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap()
    }

    pub fn others(&self) -> &Others {
        &self.others
    }

    /// Notes the request, and tells its number and what goes wrong with it.
    fn note(&self, kind: Kind) -> (usize, Option<Harm>) {
        let mut log = self.log();
        let number = log.total;
        log.total += 1;
        let nth = log.of_kind[kind as usize];
        log.of_kind[kind as usize] += 1;
        let due = |fault: &&Fault| fault.kind == kind && (fault.nth..fault.nth + fault.times).contains(&nth);
        let harm = self.faults.iter().find(due).map(|fault| fault.harm);
        log.harmed += usize::from(harm.is_some());
        (number, harm)
    }

    /// Lets the service act, and notes what it made of it.
    async fn act(&self, request: &Request, warning: Warning) -> Answer {
        let mut service = TcpStream::connect(self.service).await.unwrap();
        service.write_all(&request.bytes).await.unwrap();
        let mut bytes = Vec::new();
        service.read_to_end(&mut bytes).await.unwrap();
        let answer = Answer { bytes };
        let mut log = self.log();
        match (request.kind, answer.status()) {
            (Kind::Read, _) | (Kind::Write, 200 | 201) => {}
            // An edit after the look at the draft is what the write's condition is for.
            (Kind::Write, 412) if !self.others.done().left.is_empty() => {}
            (Kind::Publish, 202) => log.publishes += 1,
            (Kind::GoLive, 202) => log.go_lives += 1,
            // Without an `ETag` the draft is looked at last, and not the submissions.
            (Kind::Write, 409) if self.others.is_published_untold() => {}
            _ if warning == Warning::TooLate => {}
            _ => log.refused.push(format!("{:?}: {}", request.kind, String::from_utf8_lossy(&answer.bytes))),
        }
        answer
    }
}

async fn converse(passage: Arc<Passage>, process: Arc<Process>, mut stream: TcpStream) {
    let Some(request) = Request::read(&mut stream).await else { return };
    let fate = process.moment();
    if fate == Fate::DiesBefore {
        process.die();
    }
    if process.is_dead() {
        // Whoever is dead gets no answer, not even that there is none.
        return std::future::pending().await;
    }
    let (number, harm) = passage.note(request.kind);
    let has_saved = process.has_saved.swap(false, Ordering::SeqCst);
    let acts = !matches!(harm, Some(Harm::ResetBefore | Harm::Refused(_)));
    let answer = if acts {
        let warning = passage.others.act(number, request.kind).await;
        passage.act(&request, warning).await
    } else {
        Answer { bytes: Vec::new() }
    };
    // Records may be kept far away, and others are not idle meanwhile. A new offer is nobody's yet.
    if request.kind == Kind::Write && acts && matches!(answer.status(), 200 | 201) {
        let mut log = passage.log();
        if std::mem::replace(&mut log.is_there, true) && has_saved {
            log.refused.push("a write of the draft right after one of the record, without a look".to_owned());
        }
    }
    if fate == Fate::DiesAfter {
        process.die();
        return std::future::pending().await;
    }
    if let Some(bytes) = harm.map_or(Some(answer.bytes.clone()), |harm| answer.harmed(harm)) {
        // A process that does not want its answer any more is not worth a word.
        let _ = stream.write_all(&bytes).await;
    } else {
        let _ = stream.set_zero_linger();
    }
}

/// A whole request, that asks for the connection to be closed after it.
struct Request {
    kind: Kind,
    bytes: Vec<u8>,
}

impl Request {
    async fn read(stream: &mut TcpStream) -> Option<Self> {
        let mut bytes = Vec::new();
        let end = loop {
            if let Some(end) = end_of_head(&bytes) {
                break end;
            }
            if stream.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
        };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let length = head
            .lines()
            .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
        let whole = end + length.unwrap_or(0_usize);
        while bytes.len() < whole {
            if stream.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
        }
        let line = head.lines().next().unwrap();
        let path = line.split(' ').nth(1).unwrap().split('?').next().unwrap();
        let kind = match line.split(' ').next().unwrap() {
            "GET" => Kind::Read,
            "PUT" => Kind::Write,
            "POST" if path.ends_with("/publish") => Kind::Publish,
            "POST" if path.ends_with("/golive") => Kind::GoLive,
            _ => panic!("nothing asks for this: {line}"),
        };
        let after_line = line.len() + 2;
        bytes.splice(after_line..after_line, *b"connection: close\r\n");
        Some(Self { kind, bytes })
    }
}

/// An answer as it came from the service; nothing when it was not asked.
struct Answer {
    bytes: Vec<u8>,
}

impl Answer {
    fn status(&self) -> u16 {
        let line = self.bytes.get(9..12).and_then(|status| std::str::from_utf8(status).ok());
        line.and_then(|status| status.parse().ok()).unwrap_or_default()
    }

    /// What arrives of it; `None` when the connection is reset.
    fn harmed(&self, harm: Harm) -> Option<Vec<u8>> {
        let end = end_of_head(&self.bytes).unwrap_or_default();
        match harm {
            Harm::ResetBefore | Harm::ResetAfter => None,
            Harm::Truncated if self.bytes.len() == end => None,
            Harm::Truncated => Some(self.bytes[..end.midpoint(self.bytes.len())].to_vec()),
            Harm::Empty => {
                let head = String::from_utf8(self.bytes[..end].to_vec()).unwrap();
                let kept = head
                    .split_inclusive("\r\n")
                    .filter(|line| !line.to_ascii_lowercase().starts_with("content-length:"));
                let mut lines: Vec<_> = kept.collect();
                lines.insert(1, "content-length: 0\r\n");
                Some(lines.concat().into_bytes())
            }
            Harm::Page => Some(made(200, "<html><title>Sign in</title></html>")),
            Harm::Refused(status) | Harm::Misreported(status) => Some(made(status, explanation(status))),
        }
    }
}

fn end_of_head(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4)
}

fn made(status: u16, body: &str) -> Vec<u8> {
    let length = body.len();
    let patience = if status == 429 { "retry-after: 1\r\n" } else { "" };
    format!("HTTP/1.1 {status} x\r\nconnection: close\r\n{patience}content-length: {length}\r\n\r\n{body}").into_bytes()
}

/// What services and gateways say with such a status.
fn explanation(status: u16) -> &'static str {
    match status {
        500 => r#"{"Variant":{"serviceName":"x","error":"snapshot() resulted in an internal conflict! Retry is OK."}}"#,
        502 => "<html><title>Bad Gateway</title></html>",
        _ => "",
    }
}
