//! What is checked of texts: no token stands in any.

use super::{World, name};
use crate::input::Committed;
use crate::invariant::Invariant;

impl World<'_> {
    /// No token stands in what is committed.
    pub(super) fn look_through(&mut self, host: usize, list: &[(i32, Committed)]) {
        for (_, committed) in list {
            self.journal.premise(Invariant::I10);
            let found = committed.metadata.split([' ', ',', ':']).any(|word| {
                let number = word.parse::<u128>().ok().or_else(|| u128::from_str_radix(word, 16).ok());
                number.is_some_and(|number| self.journal.by_token(number).is_some())
            });
            if found {
                self.journal.violate(Invariant::I10, self.now, || format!("{} committed a token", name(host)));
            }
        }
    }

    /// No token stands in what a process prints of itself.
    pub(super) fn look_through_debug(&mut self, host: usize) {
        let Some(process) = &self.hosts[host].process else { return };
        let text = format!("{process:?}");
        self.journal.premise(Invariant::I10);
        let tokens = self.journal.calls.iter().rev().take(64).filter_map(|call| call.token);
        let mut found = false;
        for token in tokens {
            found |= text.contains(&token.to_string()) || text.contains(&format!("{token:x}"));
        }
        if found {
            self.journal.violate(Invariant::I10, self.now, || format!("{} prints a token", name(host)));
        }
    }
}
