//! The log on stderr: what is logged, and lines that go through the printer, so that they neither tear the bars nor hold
//! a secret, whichever library wrote them.

use std::io;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use super::printer::Printer;

/// Starts the log of this process. `verbose` is how often `-v` was given; `filter` beats it.
pub(super) fn start(verbose: u8, filter: Option<&str>, printer: Printer) {
    let filter = filter.filter(|filter| !filter.trim().is_empty());
    let chosen = EnvFilter::new(filter.unwrap_or(match verbose {
        0 => "error,offerctl=warn",
        1 => "error,offerctl=debug",
        _ => "info,offerctl=trace",
    }));
    let log = tracing_subscriber::fmt()
        .with_env_filter(chosen)
        .with_writer(LogWriter(printer))
        .with_ansi(printer.stderr_palette().is_coloured())
        // Whose line it is matters only where the lines of others were asked for.
        .with_target(filter.is_some());
    // A lone warning reads better without the time; a log does not.
    if verbose == 0 && filter.is_none() { log.without_time().init() } else { log.init() }
}

/// Hands each event of the log to the printer.
#[derive(Debug, Clone, Copy)]
struct LogWriter(Printer);

impl<'writer> MakeWriter<'writer> for LogWriter {
    type Writer = Self;

    fn make_writer(&'writer self) -> Self {
        *self
    }
}

impl io::Write for LogWriter {
    /// Takes one whole event: the log writes each in one piece.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let line = String::from_utf8_lossy(event);
        // An event is a line, so that nothing in it can look like another one.
        self.0.note(&line.trim_end().replace('\n', "⏎"));
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
