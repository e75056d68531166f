//! How many dead letters a server writes: a sender of what nobody can read fills no disk.

use std::time::{Duration, Instant};

/// How many seconds' worth may be written at once.
const BURST: u32 = 10;

/// What is allowed in a second where nobody says anything.
pub(super) const DEFAULT: Rate = Rate { letters: 100, bytes: 1 << 20 };

/// What is allowed in a second, over a longer time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rate {
    pub(super) letters: u32,
    pub(super) bytes: usize,
}

/// What may still be written.
#[derive(Debug)]
pub(super) struct LetterBudget {
    rate: Rate,
    letters: f64,
    bytes: f64,
    at: Instant,
}

#[allow(clippy::cast_precision_loss)] // Beyond 2^53 bytes a second nothing is bounded anyway.
impl LetterBudget {
    pub(super) fn new(rate: Rate, now: Instant) -> Self {
        let mut budget = Self { rate, letters: 0.0, bytes: 0.0, at: now };
        budget.earn(Duration::from_secs(u64::from(BURST)));
        budget
    }

    /// Whether a letter of so many bytes may be written, and takes its share where it may. One that is
    /// larger than all that can be saved up is written when everything is there.
    pub(super) fn take(&mut self, bytes: usize, now: Instant) -> bool {
        self.earn(now.saturating_duration_since(self.at));
        self.at = self.at.max(now);
        let needed = (bytes as f64).min(self.most_bytes());
        if self.letters < 1.0 || self.bytes < needed {
            return false;
        }
        self.letters -= 1.0;
        self.bytes -= needed;
        true
    }

    fn most_bytes(&self) -> f64 {
        self.rate.bytes as f64 * f64::from(BURST)
    }

    fn earn(&mut self, time: Duration) {
        let most = f64::from(self.rate.letters) * f64::from(BURST);
        self.letters = (self.letters + f64::from(self.rate.letters) * time.as_secs_f64()).min(most);
        self.bytes = (self.bytes + self.rate.bytes as f64 * time.as_secs_f64()).min(self.most_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { letters: 10, bytes: 1_000 };

    /// How many of `letters` are taken, one every `apart`, and when the last one came.
    fn taken(budget: &mut LetterBudget, start: Instant, letters: u32, bytes: usize, apart: Duration) -> usize {
        (0..letters).filter(|number| budget.take(bytes, start + apart * *number)).count()
    }

    #[test]
    fn ten_seconds_worth_is_written_at_once_and_then_no_more_than_the_rate() {
        let start = Instant::now();
        let mut budget = LetterBudget::new(RATE, start);
        assert_eq!(taken(&mut budget, start, 1_000, 1, Duration::ZERO), 100);
        // A hundred a second for a minute.
        let taken = taken(&mut budget, start, 6_000, 1, Duration::from_millis(10));
        assert!((599..=601).contains(&taken), "{taken}");
    }

    #[test]
    fn bytes_are_bounded_as_letters_are() {
        let start = Instant::now();
        let mut budget = LetterBudget::new(RATE, start);
        assert_eq!(taken(&mut budget, start, 100, 500, Duration::ZERO), 20);
        assert_eq!(taken(&mut budget, start + Duration::from_secs(1), 100, 500, Duration::ZERO), 2);
    }

    #[test]
    fn what_is_saved_up_is_bounded_and_a_clock_that_goes_back_earns_nothing() {
        let start = Instant::now();
        let mut budget = LetterBudget::new(RATE, start);
        let later = start + Duration::from_secs(3_600);
        assert_eq!(taken(&mut budget, later, 1_000, 1, Duration::ZERO), 100);
        assert_eq!(taken(&mut budget, start, 1_000, 1, Duration::ZERO), 0);
    }

    #[test]
    fn a_letter_that_is_larger_than_all_that_can_be_saved_is_written_now_and_then() {
        let start = Instant::now();
        let mut budget = LetterBudget::new(RATE, start);
        assert!(budget.take(1 << 20, start));
        assert!(!budget.take(1, start));
        assert!(budget.take(1 << 20, start + Duration::from_secs(10)));
    }

    #[test]
    fn none_are_written_where_none_are_allowed() {
        let start = Instant::now();
        let mut budget = LetterBudget::new(Rate { letters: 0, bytes: 0 }, start);
        assert!(!budget.take(0, start + Duration::from_secs(60)));
    }
}
