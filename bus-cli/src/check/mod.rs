//! What breaks: contracts against what they were, and callers against servers.

mod compare;
mod report;

pub use self::compare::{Pair, compare};
pub use self::report::{Changed, Report, Verdict};
