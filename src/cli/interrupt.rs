//! Ctrl-C and SIGTERM: once to end in order, twice to end at once.

use tokio::sync::watch;

use super::Exit;

/// A switch that turns true at the first signal; `say` tells the person. A second signal ends the process.
pub(super) fn listen(say: impl Fn(&str) + Send + 'static) -> watch::Receiver<bool> {
    let (sender, receiver) = watch::channel(false);
    tokio::spawn(async move {
        if !signal().await {
            return;
        }
        say("interrupted: finishing what is in flight and starting nothing new; once more stops at once");
        let _ = sender.send(true);
        if signal().await {
            std::process::exit(i32::from(Exit::Interrupted.code()));
        }
    });
    receiver
}

/// Waits for a signal; false when this system cannot deliver any.
pub(super) async fn signal() -> bool {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminate) = signal(SignalKind::terminate()) else { return false };
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted.is_ok(),
            terminated = terminate.recv() => terminated.is_some(),
        }
    }
    #[cfg(not(unix))]
    {
        tokio::signal::ctrl_c().await.is_ok()
    }
}
