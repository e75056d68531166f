//! What becomes of values that one type writes and another reads.

mod item;
mod named;
mod places;
mod scalars;

use std::collections::HashSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use self::item::Item;
use super::table::{TypeNumber, TypeRef};
use crate::codec::Codec;

/// How deep types are compared; a table of a peer may claim any depth.
const DEPTH: usize = 200;
/// How many pairs of types are compared: two shapes that belong together have hardly more pairs than
/// types, and a peer's may have been made to take long.
const PAIRS: usize = 8_192;
/// How many findings are kept.
const FINDINGS: usize = 64;

/// What becomes of values, the worse the later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing differs but names of types and documentation.
    Same,
    /// Every value arrives.
    Safe,
    /// Values that the reader has room for arrive; the others are an error in decoding.
    ByValue,
    /// Too little is known: the decoder is the judge, and bincode's cannot see what is wrong.
    Unknown,
    /// No value can be read.
    ErrorInDecoding,
    /// Values would arrive as others, or the codec cannot tell: refused before anything is decoded.
    Refused,
}

impl Outcome {
    /// Whether a change of this kind needs no thought: both sides may be deployed in any order.
    pub fn is_harmless(self) -> bool {
        self <= Self::Safe
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Same => "same",
            Self::Safe => "safe",
            Self::ByValue => "by value",
            Self::Unknown => "unknown",
            Self::ErrorInDecoding => "error in decoding",
            Self::Refused => "refused before decoding",
        })
    }
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Finding {
    /// What it makes of values.
    pub outcome: Outcome,
    /// Where it is: `lines[].price`; empty for the whole.
    pub path: String,
    /// What differs, what it leads to, and what helps.
    pub sentence: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" => write!(f, "{}: {}", self.outcome, self.sentence),
            path => write!(f, "{}: `{path}`: {}", self.outcome, self.sentence),
        }
    }
}

/// What becomes of the values of one type that are read as another, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Verdict {
    /// The worst of the findings; the same where there are none.
    pub outcome: Outcome,
    /// All that differs, the worst first.
    pub findings: Vec<Finding>,
}

impl Verdict {
    pub(crate) fn of(mut findings: Vec<Finding>) -> Self {
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.outcome));
        findings.truncate(FINDINGS);
        Self { outcome: findings.first().map_or(Outcome::Same, |worst| worst.outcome), findings }
    }

    /// The worst finding.
    pub fn worst(&self) -> Option<&Finding> {
        self.findings.first()
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.worst() {
            Some(worst) => worst.fmt(f),
            None => self.outcome.fmt(f),
        }
    }
}

/// What becomes of values that are written as one type and read as another, with a codec.
///
/// It is one rule for everybody: the check at run time, the lock of a contract, tools. Under
/// bincode, where bytes say nothing of themselves, types that are not alike are refused. JSON and
/// MessagePack carry names, so there the question is what serde makes of them, and whether that is
/// what was meant.
///
/// ```
/// use bus::Codec;
/// use bus::contract::{Outcome, Shapes, verdict};
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Old { limit: Option<u32> }
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct New { limit: Option<u64>, #[serde(default)] from: u64 }
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Renamed { #[serde(default)] max: Option<u32> }
///
/// let [old, new, renamed] = [
///     Shapes::of::<Old>(Codec::Json),
///     Shapes::of::<New>(Codec::Json),
///     Shapes::of::<Renamed>(Codec::Json),
/// ];
/// assert_eq!(verdict(old.written(), new.read(), Codec::Json).outcome, Outcome::Safe);
/// assert_eq!(verdict(new.written(), old.read(), Codec::Json).outcome, Outcome::ByValue);
///
/// let verdict = verdict(old.written(), renamed.read(), Codec::Json);
/// assert_eq!(verdict.outcome, Outcome::Refused);
/// assert_eq!(verdict.worst().unwrap().path, "max");
/// ```
pub fn verdict(written: TypeRef<'_>, read: TypeRef<'_>, codec: Codec) -> Verdict {
    let mut comparison = Comparison::new(codec);
    comparison.types(written, read, "", true);
    Verdict::of(comparison.findings)
}

/// A comparison under way.
struct Comparison {
    codec: Codec,
    findings: Vec<Finding>,
    /// Pairs that were compared or are being compared, and whether what is wrong with them is wrong
    /// with every value.
    seen: HashSet<(TypeNumber, TypeNumber, bool)>,
    depth: usize,
    /// Whether a renaming is looked for: not where it is asked whether two fields could be one, for a type
    /// may be in itself.
    renamings: bool,
}

/// Where a comparison is.
#[derive(Clone, Copy)]
struct At<'p> {
    path: &'p str,
    /// Whether every value has this part: what cannot be read there cannot be read at all.
    always: bool,
}

impl Comparison {
    fn new(codec: Codec) -> Self {
        Self { codec, findings: Vec::new(), seen: HashSet::new(), depth: 0, renamings: true }
    }

    fn find(&mut self, at: At<'_>, outcome: Outcome, sentence: impl Into<String>) {
        // A part that a value need not have fails only the values that have it.
        let outcome = match outcome {
            Outcome::ErrorInDecoding if !at.always => Outcome::ByValue,
            outcome => outcome,
        };
        // Enough to see all kinds of it; the worst must not be lost to a bound.
        if self.findings.len() < 4 * FINDINGS || self.findings.iter().all(|known| known.outcome < outcome) {
            self.findings.push(Finding { outcome, path: at.path.to_owned(), sentence: sentence.into() });
        }
    }

    fn types(&mut self, written: TypeRef<'_>, read: TypeRef<'_>, path: &str, always: bool) {
        let at = At { path, always };
        if !self.seen.insert((written.number(), read.number(), always)) {
            return;
        }
        if self.depth >= DEPTH || self.seen.len() > PAIRS {
            self.find(at, Outcome::Unknown, "the types are too large to be compared");
            return;
        }
        self.depth += 1;
        self.items(Item::of(written), Item::of(read), at);
        self.depth -= 1;
    }

    fn items(&mut self, written: Item<'_>, read: Item<'_>, at: At<'_>) {
        match self.codec {
            Codec::Bincode => self.by_place(written, read, at),
            _ => self.by_name(written, read, at),
        }
    }

    /// What would be found there, without noting it.
    fn would_find(&self, written: TypeRef<'_>, read: TypeRef<'_>) -> Outcome {
        let mut inner = Self { depth: self.depth, renamings: false, ..Self::new(self.codec) };
        inner.types(written, read, "", true);
        Verdict::of(inner.findings).outcome
    }
}

/// The path of a part.
fn inside(path: &str, part: &str) -> String {
    match path {
        "" => part.trim_start_matches('.').to_owned(),
        path => format!("{path}{part}"),
    }
}

#[cfg(test)]
mod tests;
