//! The table of `docs/retries.md`, read as a reader reads it.

use std::path::Path;

/// What a cell says is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    Again,
    LookAgain,
    Look,
    LookDone,
    Renew,
    Merge,
    Done,
    Answer,
    Stop,
}

impl Behaviour {
    pub const ALL: [Self; 9] = [
        Self::Again,
        Self::LookAgain,
        Self::Look,
        Self::LookDone,
        Self::Renew,
        Self::Merge,
        Self::Done,
        Self::Answer,
        Self::Stop,
    ];

    /// As the document writes it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Again => "again",
            Self::LookAgain => "look, again",
            Self::Look => "look",
            Self::LookDone => "look, done",
            Self::Renew => "renew",
            Self::Merge => "merge",
            Self::Done => "done",
            Self::Answer => "answer",
            Self::Stop => "stop",
        }
    }

    /// Whether the same request is sent again after a while.
    pub fn repeats(self) -> bool {
        matches!(self, Self::Again | Self::LookAgain)
    }
}

/// One cell: what is done, and the exit code if the failure lasts; 0 where the cell names none.
#[derive(Debug)]
pub struct Cell {
    pub behaviour: Behaviour,
    pub exit: u8,
}

pub struct Table {
    /// The cells of each line of the document that belongs to a table.
    lines: Vec<Vec<String>>,
}

impl Table {
    pub fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/retries.md");
        let text = std::fs::read_to_string(path).unwrap();
        let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
        Self { lines: text.lines().map(|line| if line.starts_with('|') { cells(line) } else { Vec::new() }).collect() }
    }

    /// The table that begins with this heading, and its lines.
    fn below(&self, heading: &str) -> (&[String], &[Vec<String>]) {
        let at = self.lines.iter().position(|line| line.first().is_some_and(|first| first == heading)).unwrap();
        let rest = &self.lines[at + 2..];
        let end = rest.iter().position(Vec::is_empty).unwrap();
        (&self.lines[at], &rest[..end])
    }

    pub fn columns(&self) -> Vec<&str> {
        self.below("what happens").0[1..].iter().map(String::as_str).collect()
    }

    pub fn rows(&self) -> Vec<&str> {
        self.below("what happens").1.iter().map(|line| line[0].as_str()).collect()
    }

    /// The words that the legend explains.
    pub fn explained(&self) -> Vec<&str> {
        self.below("cell").1.iter().map(|line| line[0].as_str()).collect()
    }

    pub fn cell(&self, row: &str, column: &str) -> Cell {
        let (heads, lines) = self.below("what happens");
        let line = lines.iter().find(|line| line[0] == row).unwrap_or_else(|| panic!("no row `{row}`"));
        let at = heads.iter().position(|head| head == column).unwrap_or_else(|| panic!("no column `{column}`"));
        let (word, exit) = line[at].split_once(" · ").unwrap_or((&line[at], "0"));
        let behaviour = Behaviour::ALL.into_iter().find(|behaviour| behaviour.word() == word);
        let behaviour = behaviour.unwrap_or_else(|| panic!("{row} / {column}: nobody knows what `{word}` is"));
        Cell { behaviour, exit: exit.parse().unwrap() }
    }
}
