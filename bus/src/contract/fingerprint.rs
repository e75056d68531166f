//! A method's form on the wire in two numbers.

use std::fmt;

/// A method's form on the wire in two numbers, the same on every machine and in every release.
///
/// bincode decodes some changed types into wrong values without an error, and nothing in the
/// bytes can tell. So a request names the `wire` number of its method, which is what this
/// displays: 16 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint {
    /// Changes when the bytes change that bincode makes of arguments, answer and error.
    ///
    /// Names are no part of it, so that a renaming is none. Two fields of one type that trade
    /// places, or two variants with the same content, are two renamings as far as bytes go: only
    /// `api` sees them.
    pub wire: u64,
    /// Changes when the bytes or a name changes: of the method, an argument, a type, a field, a variant.
    pub api: u64,
    /// What the numbers are made of.
    pub level: Level,
}

/// What a [`Fingerprint`] is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Level {
    /// The shapes of all types: equal numbers are equal bytes.
    Shape,
    /// A type could not be traced, and its name in the source stands for it: a change in it goes
    /// unseen, and its renaming looks like a change.
    Names,
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.wire)
    }
}
