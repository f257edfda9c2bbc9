//! Exit codes: one place, documented in `docs/exit-codes.md`.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done, or nothing to do.
    Done,
    /// Failed for a reason that has no code of its own.
    Failed,
    /// There are changes (`diff`, `plan --detailed-exitcode`).
    Changes,
    /// Somebody else edited an offer (`drift`).
    Drift,
    /// Bad input: a manifest, a setting, the command line.
    BadInput,
    /// Not authenticated, or not allowed.
    NotAllowed,
    /// Somebody else changed the offer.
    Conflict,
    /// The service still works on it.
    StillGoing,
    /// The service failed, rejected or canceled it.
    Rejected,
    /// A guard blocks.
    Blocked,
    /// The person stopped it.
    Interrupted,
}

impl Exit {
    /// From the most serious to the least: with several offers, the most serious wins.
    const BY_SERIOUSNESS: [Self; 11] = [
        Self::Interrupted,
        Self::Failed,
        Self::NotAllowed,
        Self::Rejected,
        Self::Conflict,
        Self::Blocked,
        Self::BadInput,
        Self::StillGoing,
        Self::Drift,
        Self::Changes,
        Self::Done,
    ];

    /// The number that the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Changes => 2,
            Self::Drift => 3,
            Self::BadInput => 4,
            Self::NotAllowed => 5,
            Self::Conflict => 6,
            Self::StillGoing => 7,
            Self::Rejected => 8,
            Self::Blocked => 9,
            Self::Interrupted => 130,
        }
    }

    /// The more serious of two.
    #[must_use]
    pub fn or_worse(self, other: Self) -> Self {
        let rank = |exit: Self| Self::BY_SERIOUSNESS.iter().position(|other| *other == exit);
        if rank(other) < rank(self) { other } else { self }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_serious_of_several_wins() {
        let order = [1, 5, 8, 6, 9, 4, 7, 3, 2, 0];
        let ranked: Vec<u8> = Exit::BY_SERIOUSNESS[1..].iter().map(|exit| exit.code()).collect();
        assert_eq!(ranked, order);
        assert_eq!(Exit::StillGoing.or_worse(Exit::Blocked), Exit::Blocked);
        assert_eq!(Exit::Failed.or_worse(Exit::Done), Exit::Failed);
    }
}
