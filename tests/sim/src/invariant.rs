//! What must be true, by name.

use crate::time::Time;

/// The invariants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invariant {
    /// Every call ends exactly once, at its deadline at the latest.
    I1,
    /// No cross-talk: an answer belongs to its call.
    I2,
    /// No phantom success: what was answered has run.
    I3,
    /// Honest errors: what is said to be certain is.
    I4,
    /// A request runs once, but where an event explains another run.
    I5,
    /// Everything is bounded, and nothing is left behind.
    I6,
    /// A committed offset never passes an unfinished request, and none is lost silently.
    I7,
    /// Once nothing disturbs them, calls succeed.
    I8,
    /// No panic, nothing stuck, a clean end in time.
    I9,
    /// No token in any text.
    I10,
}

impl Invariant {
    /// All of them, in order.
    pub const ALL: [Self; 10] =
        [Self::I1, Self::I2, Self::I3, Self::I4, Self::I5, Self::I6, Self::I7, Self::I8, Self::I9, Self::I10];

    /// What it says, in a line.
    pub fn says(self) -> &'static str {
        match self {
            Self::I1 => "every call ends once, at its deadline at the latest",
            Self::I2 => "an answer belongs to its call",
            Self::I3 => "what was answered has run",
            Self::I4 => "what is said to be certain is",
            Self::I5 => "a request runs once, or an event explains the other run",
            Self::I6 => "everything is bounded, and nothing is left behind",
            Self::I7 => "a commit passes nothing unfinished, and nothing is lost silently",
            Self::I8 => "calls that nothing disturbs succeed, and everything comes to rest",
            Self::I9 => "no panic, nothing stuck, a clean end in time",
            Self::I10 => "no token in any text",
        }
    }

    pub(crate) fn index(self) -> usize {
        self as usize
    }
}

/// An invariant that did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub invariant: Invariant,
    /// Microseconds of virtual time since the history began.
    pub at: Time,
    /// What was seen.
    pub what: String,
}
