//! What a type says of itself when it asks for a value.

use std::any::type_name;

/// The number of a slot.
pub(super) type Id = usize;

/// What whoever asks tells about a Rust type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TypeInfo {
    pub(super) name: &'static str,
    pub(super) size: usize,
}

impl TypeInfo {
    pub(super) fn of<T>() -> Self {
        Self { name: type_name::<T>(), size: size_of::<T>() }
    }

    /// A name at most.
    pub(super) const fn name(name: &'static str) -> Self {
        Self { name, size: 0 }
    }
}

/// A visitor's type and its value's, which name a type with its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TypeReader {
    pub(super) visitor: &'static str,
    pub(super) value: TypeInfo,
}

/// The reader of a variant's content: no type of its own, so never one inside itself.
pub(super) const CONTENT: TypeReader = TypeReader { visitor: "", value: TypeInfo::name("") };

/// What a reader of several parts is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Query {
    Option,
    Seq,
    Map,
    Tuple(usize),
    Struct { name: &'static str, names: Option<&'static [&'static str]>, len: usize, newtype: bool },
    Enum { name: &'static str, names: &'static [&'static str] },
}
