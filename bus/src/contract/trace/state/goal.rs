//! What a pass is after once it is known what a type asks for: to see how it takes something else.

use super::super::super::shape::Shape;
use super::super::query::Id;
use super::slot::Choice;

/// What to show at one place; everywhere else stands what is known to be taken.
#[derive(Clone, Debug)]
pub(in super::super) enum Goal {
    /// What is known to be taken everywhere.
    Value,
    /// At every place without parts what counts as nothing: 0, false, an empty text.
    Blank,
    /// At every place without parts something else again.
    Different,
    /// Nothing where there may be nothing.
    Empty(Id),
    /// A variant by its index.
    Variant { slot: Id, index: usize },
    /// A variant by its name, and the slot of its content.
    Name { slot: Id, name: &'static str, content: Id },
    /// A variant of a name that no type has.
    UnknownName(Id),
    /// The fields of a struct by their names.
    Keys { slot: Id, keys: Vec<Step> },
}

/// A field that is shown by its name.
#[derive(Clone, Copy, Debug)]
pub(in super::super) enum Step {
    /// With a part of the struct as its value.
    Field(&'static str, usize),
    /// Without a value: the pass ends when it is asked for.
    Name(&'static str),
    /// Of a name that no type has.
    Nobody,
}

/// A variant that is shown by its name.
#[derive(Clone, Copy, Debug)]
pub(in super::super) enum NameShown {
    /// With the slot of its content.
    Of(&'static str, Id),
    /// A name that no type has.
    Nobodys,
}

/// How a type took what it was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Found {
    /// It was content.
    Taken,
    /// It skipped what it did not know.
    Skipped,
    Missing(&'static str),
    Duplicate(&'static str),
    /// It does not know the name.
    Unknown,
    /// It complained of something else.
    Other,
}

/// The goal of a pass, and the way to it.
#[derive(Debug, Default)]
pub(super) struct Pursuit {
    pub(super) goal: Option<Goal>,
    /// The slot that the goal is about, and those that enclose it.
    pub(super) around: Vec<Id>,
    pub(super) found: Option<Found>,
}

impl Pursuit {
    pub(super) fn slot(&self) -> Option<Id> {
        match self.goal.as_ref()? {
            Goal::Value | Goal::Blank | Goal::Different => None,
            Goal::Empty(slot)
            | Goal::UnknownName(slot)
            | Goal::Variant { slot, .. }
            | Goal::Name { slot, .. }
            | Goal::Keys { slot, .. } => Some(*slot),
        }
    }

    /// Whether nothing is to be shown there.
    pub(super) fn empties(&self, id: Id) -> bool {
        matches!(self.goal, Some(Goal::Empty(slot)) if slot == id)
    }

    /// Whether the goal is inside.
    pub(super) fn leads_through(&self, id: Id) -> bool {
        self.around.contains(&id) && self.slot() != Some(id)
    }

    /// The variant that leads to the goal, or is it.
    pub(super) fn variant(&self, id: Id, variants: &[Choice]) -> Option<usize> {
        match self.goal {
            Some(Goal::Variant { slot, index }) if slot == id => Some(index),
            _ => variants.iter().position(|choice| self.around.contains(&choice.content)),
        }
    }

    /// The sample to show where this is asked for, if not the one that is known to be taken.
    pub(super) fn sample(&self, shape: &Shape) -> Option<usize> {
        match (self.goal.as_ref()?, shape) {
            (Goal::Blank | Goal::Different, Shape::Opaque(_)) => None,
            (Goal::Blank, Shape::Bool | Shape::Char) => Some(0),
            (Goal::Blank, _) | (Goal::Different, Shape::Bool) => Some(1),
            (Goal::Different, _) => Some(2),
            _ => None,
        }
    }
}
