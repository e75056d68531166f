//! What a pass is after once it is known what a type asks for: to see how it takes something else.

use super::super::super::shape::Shape;
use super::{Book, Choice, Id, Kind, PASSES, State, VISITS};

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
    goal: Option<Goal>,
    /// The slot that the goal is about, and those that enclose it.
    around: Vec<Id>,
    found: Option<Found>,
}

impl Pursuit {
    fn slot(&self) -> Option<Id> {
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

impl Book {
    /// Starts a pass with a goal, if there may be another.
    pub(in super::super) fn pursue(&mut self, goal: &Goal) -> bool {
        self.reset();
        self.goal = Pursuit { goal: Some(goal.clone()), around: Vec::new(), found: None };
        self.goal.around = std::iter::successors(self.goal.slot(), |slot| self.slots[*slot].of).collect();
        self.passes < PASSES && self.visits < VISITS
    }

    /// Counts anew what is looked at: there is one bound for finding out what there is, and
    /// another for how it is taken.
    pub(in super::super) fn count_anew(&mut self) {
        self.passes = 0;
        self.visits = 0;
    }

    /// How the type took it, if it came that far.
    pub(in super::super) fn found(&self) -> Option<Found> {
        self.goal.found
    }

    pub(in super::super) fn find(&mut self, found: Found) {
        self.goal.found = Some(found);
        self.last = Some(super::Shown::Noted);
    }

    /// The fields to show there by name.
    pub(in super::super) fn keys(&self, id: Id) -> Option<Vec<Step>> {
        match &self.goal.goal {
            Some(Goal::Keys { slot, keys }) if *slot == id && self.slots[id].busy == 1 => Some(keys.clone()),
            _ => None,
        }
    }

    /// The variant to show there by name.
    pub(in super::super) fn name_to_show(&self, id: Id) -> Option<NameShown> {
        match &self.goal.goal {
            Some(Goal::UnknownName(slot)) if *slot == id && self.slots[id].busy == 1 => Some(NameShown::Nobodys),
            Some(Goal::Name { slot, name, content }) if *slot == id && self.slots[id].busy == 1 => {
                Some(NameShown::Of(name, *content))
            }
            _ => None,
        }
    }

    /// Whether the format is one that people read.
    pub(in super::super) fn readable(&self) -> bool {
        self.readable
    }

    /// A slot for what is in a variant of an enum when it is shown by its name.
    pub(in super::super) fn content_slot(&mut self, of: Id) -> Id {
        self.slot(Some(of))
    }

    /// The structs with named fields: their names and aliases, and how many fields there are.
    pub(in super::super) fn structs(&self) -> Vec<(Id, &'static [&'static str], usize)> {
        let named = |(id, slot): (Id, &super::Slot)| match &slot.kind {
            Kind::Struct { names: Some(names), fields, .. } => Some((id, *names, fields.len())),
            _ => None,
        };
        self.slots.iter().enumerate().filter_map(named).collect()
    }

    /// The enums: the names and aliases of their variants, and the indices that they know.
    pub(in super::super) fn enums(&self) -> Vec<(Id, Vec<&'static str>, Vec<usize>)> {
        let known = |(id, slot): (Id, &super::Slot)| match &slot.kind {
            Kind::Enum { variants, .. } => Some((
                id,
                variants.iter().map(|variant| variant.name).collect(),
                (0..variants.len()).filter(|index| variants[*index].state != State::Missing).collect(),
            )),
            _ => None,
        };
        self.slots.iter().enumerate().filter_map(known).collect()
    }

    /// The places that may be empty.
    pub(in super::super) fn maybe_empty(&self) -> Vec<Id> {
        let may = |id: &Id| matches!(self.slots[*id].kind, Kind::Option(_) | Kind::Seq(_) | Kind::Map(..));
        (0..self.slots.len()).filter(may).collect()
    }
}
