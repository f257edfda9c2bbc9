//! The commands that texts for people name: whoever types one as it stands must meet the same service and the same records.

/// What stands before such a command.
const BEGINNING: &str = "`offerctl ";
/// Commands that ask neither a service nor records.
const ALONE: [&str; 3] = ["completions", "man", "schema"];

/// The text with the flags in each command that does not repeat them yet.
pub(super) fn completed(text: &str, flags: &str) -> String {
    let mut pieces = text.split(BEGINNING);
    let mut completed = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        completed.push_str(BEGINNING);
        let command = piece.split('`').next().unwrap_or_default();
        let verb = command.split(' ').next().unwrap_or_default();
        let is_verb = verb.starts_with(|first: char| first.is_ascii_lowercase()) && !ALONE.contains(&verb);
        if flags.is_empty() || !is_verb || command.contains(flags) {
            completed.push_str(piece);
        } else {
            completed.extend([verb, " ", flags, &piece[verb.len()..]]);
        }
    }
    completed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_repeats_the_flags_once() {
        let completed = |text| completed(text, "--emulator --state x");
        assert_eq!(completed("`offerctl apply contoso/vm` it"), "`offerctl apply --emulator --state x contoso/vm` it");
        assert_eq!(completed("see `offerctl list`"), "see `offerctl list --emulator --state x`");
        let whole = "`offerctl plan --emulator --state x contoso/vm`, `offerctl --help`, `offerctl schema offer`, offerctl plan";
        assert_eq!(completed(whole), whole);
    }

    #[test]
    fn without_flags_nothing_is_added() {
        assert_eq!(completed("`offerctl list` and `offerctl plan x`", ""), "`offerctl list` and `offerctl plan x`");
    }
}
