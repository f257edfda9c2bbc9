//! What a credential is given from outside: the environment, the time, and the chance.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use super::variable;

type Lookup = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// The environment, the clock and the seed of a process, or what a test says they are.
#[derive(Clone)]
pub struct Surroundings {
    variable: Lookup,
    now: fn() -> SystemTime,
    seed: u64,
}

impl Surroundings {
    /// Those of this process; `seed` should differ between processes.
    pub fn of_process(seed: u64) -> Self {
        Self::new(|name| std::env::var(name).ok(), SystemTime::now, seed)
    }

    /// Surroundings of the caller's making.
    pub fn new(
        variable: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
        now: fn() -> SystemTime,
        seed: u64,
    ) -> Self {
        Self { variable: Arc::new(variable), now, seed }
    }

    /// A variable; an empty one counts as one that is not set: CI systems set what they do not have.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        (self.variable)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    pub(super) fn clock(&self) -> fn() -> SystemTime {
        self.now
    }

    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    /// Whether a program can be started by its name.
    pub(super) fn has_program(&self, name: &str) -> bool {
        let endings: &[&str] = if cfg!(windows) { &[".cmd", ".exe", ".bat"] } else { &[""] };
        let path = (self.variable)(variable::PATH).unwrap_or_default();
        std::env::split_paths(&path)
            .any(|folder| endings.iter().any(|ending| folder.join(format!("{name}{ending}")).is_file()))
    }
}

impl fmt::Debug for Surroundings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The variables hold secrets.
        formatter.debug_struct("Surroundings").finish_non_exhaustive()
    }
}
