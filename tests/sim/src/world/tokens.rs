//! No token stands in any text (I10).

use std::fmt::{self, Write as _};

use super::{World, name};
use crate::input::Committed;
use crate::invariant::Invariant;
use crate::journal::Journal;

/// Digits that a token has at the least: of 122 random bits.
const SHORTEST: usize = 20;

/// And at the most, as a decimal.
const LONGEST: usize = 39;

/// Looks for tokens in what is written to it, decimal or hexadecimal. Keeps none of the text.
struct Search<'a> {
    journal: &'a mut Journal,
    /// The digits that came last, and how many in a row there were.
    word: [u8; LONGEST],
    digits: usize,
    found: bool,
}

impl<'a> Search<'a> {
    fn new(journal: &'a mut Journal) -> Self {
        Self { journal, word: [0; LONGEST], digits: 0, found: false }
    }

    fn word_ends(&mut self) {
        let digits = std::mem::take(&mut self.digits);
        if !(SHORTEST..=LONGEST).contains(&digits) {
            return;
        }
        let word = std::str::from_utf8(&self.word[..digits]).unwrap_or_default();
        let numbers = [word.parse::<u128>().ok(), u128::from_str_radix(word, 16).ok()];
        self.found |= numbers.into_iter().flatten().any(|number| self.journal.by_token(number).is_some());
    }

    fn found(mut self) -> bool {
        self.word_ends();
        self.found
    }
}

impl fmt::Write for Search<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            if byte.is_ascii_hexdigit() {
                if let Some(place) = self.word.get_mut(self.digits) {
                    *place = byte;
                }
                self.digits += 1;
            } else if self.digits > 0 {
                self.word_ends();
            }
        }
        Ok(())
    }
}

impl World<'_> {
    /// No token stands in what is committed.
    pub(super) fn look_through(&mut self, host: usize, list: &[(i32, Committed)]) {
        for (_, committed) in list {
            self.journal.premise(Invariant::I10);
            let mut search = Search::new(&mut self.journal);
            let _ = search.write_str(&committed.metadata);
            if search.found() {
                self.journal.violate(Invariant::I10, self.now, || format!("{} committed a token", name(host)));
            }
        }
    }

    /// No token stands in what a process prints of itself.
    pub(super) fn look_through_debug(&mut self, host: usize) {
        let Some(process) = &self.hosts[host].process else { return };
        self.journal.premise(Invariant::I10);
        let mut search = Search::new(&mut self.journal);
        let _ = write!(search, "{process:?}");
        if search.found() {
            self.journal.violate(Invariant::I10, self.now, || format!("{} prints a token", name(host)));
        }
    }
}
