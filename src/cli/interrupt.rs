//! Ctrl-C and SIGTERM: once to end in order, twice to end at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

use super::Exit;

/// Whether the person wants the run to end. Until somebody listens, a signal ends the process as it always does.
#[derive(Debug, Clone)]
pub(super) struct Interruption {
    switch: watch::Sender<bool>,
    /// Whether something may be in flight that has to be finished first.
    acts: Arc<AtomicBool>,
}

impl Interruption {
    pub(super) fn new() -> Self {
        Self { switch: watch::channel(false).0, acts: Arc::default() }
    }

    /// Turns the switch at the first signal, and ends the process at the second. When there is something to finish, `say`
    /// tells the person, at the end also what goes on with it.
    pub(super) fn listen(&self, say: impl Fn(&str) + Send + 'static, goes_on: String) {
        let Some(mut signals) = Signals::catch() else { return };
        let Self { switch, acts } = self.clone();
        tokio::spawn(async move {
            signals.next().await;
            if acts.load(Ordering::SeqCst) {
                say("interrupted: finishing what is in flight and starting nothing new; once more stops at once");
            }
            switch.send_replace(true);
            signals.next().await;
            if acts.load(Ordering::SeqCst) {
                say(&format!("stopped; what was in flight may have been done all the same, go on with: {goes_on}"));
            }
            std::process::exit(i32::from(Exit::Interrupted.code()));
        });
    }

    /// Turns true when the run is to end.
    pub(super) fn switch(&self) -> watch::Receiver<bool> {
        self.switch.subscribe()
    }

    /// From here on something may be in flight.
    pub(super) fn work_begins(&self) {
        self.acts.store(true, Ordering::SeqCst);
    }

    /// Waits until the person wants the run to end.
    pub(super) async fn wanted(&self) {
        // The sender lives as long as this does, so that it cannot fail.
        let _ = self.switch().wait_for(|wanted| *wanted).await;
    }
}

/// Waits for a signal; returns at once when this system cannot deliver any.
pub(super) async fn signal() {
    if let Some(mut signals) = Signals::catch() {
        signals.next().await;
    }
}

/// The signals that ask for the end, caught from the moment on at which this is made.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn catch() -> Option<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Some(Self {
            interrupt: signal(SignalKind::interrupt()).ok()?,
            terminate: signal(SignalKind::terminate()).ok()?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn catch() -> Option<Self> {
        tokio::signal::windows::ctrl_c().ok().map(Self)
    }

    async fn next(&mut self) {
        self.0.recv().await;
    }
}
