//! What a result looks like: the forms that every command has, and those of reports.

use clap::ValueEnum;

/// What a result looks like, as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs: one versioned JSON document.
    Json,
    /// For issues and comments; of reports only.
    Markdown,
    /// A page for a browser, in one file; of reports only.
    Html,
    /// For code scanning and viewers of findings: SARIF 2.1.0; of reports and of `validate`.
    Sarif,
}

/// The forms that every command has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Output {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

impl Format {
    /// The form that every command has, unless it is one that only reports have.
    pub fn plain(self) -> Option<Output> {
        match self {
            Self::Text => Some(Output::Text),
            Self::Json => Some(Output::Json),
            Self::Markdown | Self::Html | Self::Sarif => None,
        }
    }
}
