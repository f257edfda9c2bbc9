//! Colours, or none.

/// The escape sequences of one output; all empty where nobody wants colours.
#[derive(Debug, Clone, Copy)]
pub struct Palette {
    pub(super) reset: &'static str,
    pub(super) bold: &'static str,
    pub(super) dim: &'static str,
    pub(super) added: &'static str,
    pub(super) removed: &'static str,
    pub(super) changed: &'static str,
    pub(super) alarm: &'static str,
}

impl Palette {
    /// For terminals.
    pub const COLOURED: Self = Self {
        reset: "\x1b[0m",
        bold: "\x1b[1m",
        dim: "\x1b[2m",
        added: "\x1b[32m",
        removed: "\x1b[31m",
        changed: "\x1b[33m",
        alarm: "\x1b[1;31m",
    };

    /// For files, pipes and `NO_COLOR`.
    pub const PLAIN: Self = Self { reset: "", bold: "", dim: "", added: "", removed: "", changed: "", alarm: "" };

    /// Whether anything would be coloured.
    pub fn is_coloured(&self) -> bool {
        !self.reset.is_empty()
    }

    pub(super) fn paint(&self, colour: &str, text: &str) -> String {
        if colour.is_empty() || text.is_empty() { text.to_owned() } else { format!("{colour}{text}{}", self.reset) }
    }
}
