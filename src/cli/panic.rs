//! What is said when this program has a bug: through the printer like everything else, since the message of a panic may
//! hold any text, and to a person, who can do nothing about it but report it.

use std::panic::PanicHookInfo;

use super::CommandError;
use super::printer::Printer;

/// Has the panics of all threads reported by the printer, which knows what must not be printed.
pub(super) fn report_through(printer: Printer) {
    std::panic::set_hook(Box::new(move |info| printer.error(&report(message(info), &place(info)))));
}

fn message<'info>(info: &'info PanicHookInfo<'_>) -> &'info str {
    let payload = info.payload();
    let formatted = payload.downcast_ref::<String>().map(String::as_str);
    formatted.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no message")
}

fn place(info: &PanicHookInfo<'_>) -> String {
    info.location().map_or_else(|| "an unknown place".to_owned(), |place| format!("{}:{}", place.file(), place.line()))
}

fn report(message: &str, place: &str) -> CommandError {
    CommandError::other(format!("offerctl has a bug, in {place}: {message}")).hint(
        "please report it with the line above; before you go on, look with `offerctl status` how your offers stand",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_says_where_and_what_to_do() {
        let error = report("index out of bounds", "src/diff/compare.rs:7");
        assert_eq!(error.message(), "offerctl has a bug, in src/diff/compare.rs:7: index out of bounds");
        assert!(error.hints()[0].contains("offerctl status"));
    }
}
