//! What is asked for at one place of a type, and what was shown there.

use super::super::super::shape::Shape;
use super::super::query::{Id, TypeReader};

/// What was asked for at a place.
#[derive(Debug)]
pub(super) enum Kind {
    /// Nothing yet.
    Unknown,
    /// Something without parts.
    Leaf(Shape),
    /// Whatever there is, or two things in turn: bincode cannot say what comes.
    Any,
    Option(Id),
    Seq(Id),
    Map(Id, Id),
    Tuple(Vec<Id>),
    Struct {
        name: &'static str,
        names: Option<&'static [&'static str]>,
        fields: Vec<Id>,
        newtype: bool,
    },
    Enum {
        name: &'static str,
        variants: Vec<Choice>,
    },
    /// The same type as a slot that encloses this one.
    Link(Id),
}

/// A variant of an enum.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) name: &'static str,
    pub(super) state: State,
    pub(super) content: Id,
    /// How often it is open in this pass.
    pub(super) busy: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Untried,
    Tried,
    /// The type does not know this index: the name before it has an alias.
    Missing,
    /// The type refuses it whatever is in it.
    Refused,
}

#[derive(Debug)]
pub(super) struct Slot {
    pub(super) kind: Kind,
    /// The Rust type, if whoever asked told it.
    pub(super) type_name: &'static str,
    /// Which of the samples to show.
    pub(super) sample: usize,
    /// All samples were refused: no pass gets beyond this place.
    pub(super) stuck: bool,
    /// How often it is open in this pass.
    pub(super) busy: usize,
    /// The slot that this is a part of, and none for the type itself.
    pub(super) of: Option<Id>,
    /// What reads it: the same reader inside itself is a type inside itself.
    pub(super) reader: TypeReader,
}

/// What could have been shown differently.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shown {
    Sample {
        slot: Id,
        of: usize,
    },
    Variant {
        slot: Id,
        index: usize,
    },
    /// What made the pass fail is already noted.
    Noted,
}
