//! Lines of a log that come again and again: one a minute for each kind, with how many were held
//! back.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::sync::lock;

/// How long the same kind stays silent after it was logged.
const SILENCE: Duration = Duration::from_secs(60);

/// How many kinds are remembered. A table that is full is emptied, and the worst that follows is a
/// line logged twice.
const REMEMBERED: usize = 256;

/// What was logged lately.
#[derive(Debug, Default)]
pub(crate) struct Repeats {
    /// When each kind was logged last, and how many have been held back since.
    logged: Mutex<HashMap<String, (Instant, u64)>>,
}

impl Repeats {
    /// How many lines of this kind were held back since one was logged, or `None` to hold this one
    /// back, too. The text of a line may come from whoever causes it, so a kind is no text.
    pub(crate) fn worth_logging(&self, kind: &str) -> Option<u64> {
        let mut logged = lock(&self.logged);
        if logged.len() >= REMEMBERED && !logged.contains_key(kind) {
            logged.clear();
        }
        match logged.get_mut(kind) {
            Some((at, held_back)) if at.elapsed() < SILENCE => {
                *held_back += 1;
                None
            }
            Some((at, held_back)) => {
                *at = Instant::now();
                Some(std::mem::take(held_back))
            }
            None => {
                logged.insert(kind.to_owned(), (Instant::now(), 0));
                Some(0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_logged_once_and_its_repeats_are_counted() {
        let repeats = Repeats::default();
        assert_eq!(repeats.worth_logging("refused"), Some(0));
        assert_eq!((repeats.worth_logging("refused"), repeats.worth_logging("refused")), (None, None));
        assert_eq!(repeats.worth_logging("another"), Some(0));
        for (at, _) in lock(&repeats.logged).values_mut() {
            *at -= SILENCE;
        }
        assert_eq!(repeats.worth_logging("refused"), Some(2), "two were held back");
        assert_eq!(repeats.worth_logging("refused"), None);
    }

    #[test]
    fn the_table_of_kinds_is_bounded() {
        let repeats = Repeats::default();
        for kind in 0..10_000 {
            repeats.worth_logging(&kind.to_string());
        }
        assert!(lock(&repeats.logged).len() <= REMEMBERED);
    }
}
