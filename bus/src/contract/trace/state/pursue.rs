//! Passes that are after something: what is shown in them, and how the type took it.

use super::super::query::Id;
use super::goal::{Found, Goal, NameShown, Pursuit, Step};
use super::slot::{Kind, Shown, Slot, State};
use super::{PASSES, TraceState, VISITS};

impl TraceState {
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
        self.last = Some(Shown::Noted);
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
        let named = |(id, slot): (Id, &Slot)| match &slot.kind {
            Kind::Struct { names: Some(names), fields, .. } => Some((id, *names, fields.len())),
            _ => None,
        };
        self.slots.iter().enumerate().filter_map(named).collect()
    }

    /// The enums: the names and aliases of their variants, and the indices that they know.
    pub(in super::super) fn enums(&self) -> Vec<(Id, Vec<&'static str>, Vec<usize>)> {
        let known = |(id, slot): (Id, &Slot)| match &slot.kind {
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
