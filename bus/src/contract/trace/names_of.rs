//! Names: which of them mean one field or variant, which must be there, what becomes of others.

use std::cell::RefCell;

use super::super::table::{Others, Presence};
use super::query::Id;
use super::record::Record;
use super::state::{EnumFacts, Found, Goal, Step, StructFacts, TraceState};

/// How often something else is shown on the way to a goal.
const ATTEMPTS: usize = 64;

/// Finds out all about the names that a type asks for.
pub(super) fn find(book: &RefCell<TraceState>, record: &RefCell<Record>, pass: &dyn Fn() -> bool) {
    book.borrow_mut().count_anew();
    let trying = Trying { book, record, pass };
    let structs = book.borrow().structs();
    for (slot, names, fields) in structs {
        let facts = trying.fields(slot, names, fields);
        book.borrow_mut().know_struct(slot, facts);
    }
    let enums = book.borrow().enums();
    for (slot, names, known) in enums {
        let facts = trying.variants(slot, &names, &known);
        book.borrow_mut().know_enum(slot, facts);
    }
}

struct Trying<'a> {
    book: &'a RefCell<TraceState>,
    record: &'a RefCell<Record>,
    pass: &'a dyn Fn() -> bool,
}

impl Trying<'_> {
    /// Shows something until the type says how it takes it.
    fn try_it(&self, goal: &Goal) -> Option<Found> {
        for _ in 0..ATTEMPTS {
            if !self.book.borrow_mut().pursue(goal) {
                return None;
            }
            let taken = (self.pass)();
            let found = self.book.borrow().found();
            if found.is_some() || taken {
                return found;
            }
            self.book.borrow_mut().refused();
        }
        None
    }

    fn keys(&self, slot: Id, keys: Vec<Step>) -> Option<Found> {
        self.try_it(&Goal::Keys { slot, keys })
    }

    fn fields(&self, slot: Id, names: &'static [&'static str], fields: usize) -> StructFacts {
        let others = match self.keys(slot, vec![Step::Nobody]) {
            Some(Found::Skipped) => Others::Ignored,
            Some(Found::Unknown) => Others::Denied,
            _ => Others::Unknown,
        };
        let Some(mut groups) = self.groups(slot, names, fields) else {
            return StructFacts { names: None, presence: vec![Presence::Unknown; fields], others };
        };
        let presence = (0..fields).map(|field| self.presence(slot, &groups, field)).collect();
        for (field, group) in groups.iter_mut().enumerate() {
            if group.len() > 1 {
                let Some(name) = self.own_name(slot, group[0], field) else {
                    return StructFacts { names: None, presence, others };
                };
                // The field's own name first.
                let Some(position) = group.iter().position(|known| *known == name) else {
                    return StructFacts { names: None, presence, others };
                };
                let own = group.remove(position);
                group.insert(0, own);
            }
        }
        StructFacts { names: Some(groups), presence, others }
    }

    /// Which names mean one field. serde lists the names of a field one after another, so that
    /// each name is its neighbour's or the next field's.
    fn groups(&self, slot: Id, names: &'static [&'static str], fields: usize) -> Option<Vec<Vec<&'static str>>> {
        let mut groups: Vec<Vec<&'static str>> = Vec::new();
        for name in names {
            let one = match groups.len().checked_sub(1) {
                // As many names as there are fields: no field has two.
                _ if names.len() == fields => false,
                None => false,
                Some(field) => {
                    let before = *groups.last().and_then(|group| group.last())?;
                    match self.keys(slot, vec![Step::Field(before, field), Step::Name(name)]) {
                        Some(Found::Duplicate(_)) => true,
                        Some(_) => false,
                        None => return None,
                    }
                }
            };
            match groups.last_mut() {
                Some(group) if one => group.push(name),
                _ => groups.push(vec![name]),
            }
        }
        (groups.len() == fields).then_some(groups)
    }

    /// What a field is called by whoever complains that it is there twice.
    fn own_name(&self, slot: Id, name: &'static str, field: usize) -> Option<&'static str> {
        match self.keys(slot, vec![Step::Field(name, field), Step::Name(name)]) {
            Some(Found::Duplicate(name)) => Some(name),
            _ => None,
        }
    }

    /// Whether a struct can do without a field.
    fn presence(&self, slot: Id, groups: &[Vec<&'static str>], field: usize) -> Presence {
        let all = groups.iter().enumerate().filter(|(part, _)| *part != field);
        let steps = all.map(|(part, group)| Step::Field(group[0], part)).collect();
        match self.keys(slot, steps) {
            Some(Found::Taken) => Presence::Sometimes,
            Some(Found::Missing(name)) if groups[field].contains(&name) => Presence::Always,
            _ => Presence::Unknown,
        }
    }

    fn variants(&self, slot: Id, names: &[&'static str], known: &[usize]) -> EnumFacts {
        let others = match self.try_it(&Goal::UnknownName(slot)) {
            Some(Found::Taken) => Others::Ignored,
            Some(Found::Unknown) => Others::Denied,
            _ => Others::Unknown,
        };
        // Without aliases each index has its name. With `other` an index beyond the last variant is
        // taken, too, so that nothing is missing.
        if known.len() == names.len() && others != Others::Ignored {
            return EnumFacts {
                variants: known.iter().map(|index| (*index, Some(vec![names[*index]]))).collect(),
                others,
            };
        }
        // What is written again tells which name means which index: all else that is written there,
        // before this variant, is the same each time.
        let mut wrote = Vec::new();
        for index in known {
            match self.wrote(&Goal::Variant { slot, index: *index }) {
                Some(variants) => wrote.push((*index, variants)),
                None => return self.numbered(known, names, others),
            }
        }
        let longest = wrote.iter().map(|(_, variants)| variants.len()).max().unwrap_or(0);
        let differ = |at: &usize| wrote.iter().any(|(_, variants)| variants.get(*at) != wrote[0].1.get(*at));
        let own = (0..longest).find(differ);
        let variant = |variants: &[&'static str]| own.and_then(|own| variants.get(own).copied());
        let mut shown: Vec<(usize, Option<&'static str>)> = Vec::new();
        for (index, variants) in &wrote {
            let variant = variant(variants);
            if shown.iter().all(|(_, known)| *known != variant) {
                shown.push((*index, variant));
            }
        }
        let mut groups: Vec<Vec<&'static str>> = vec![Vec::new(); shown.len()];
        for name in names {
            let content = self.book.borrow_mut().content_slot(slot);
            let Some(variants) = self.wrote(&Goal::Name { slot, name, content }) else {
                return self.numbered(known, names, others);
            };
            let variant = variant(&variants);
            match shown.iter().position(|(_, known)| *known == variant) {
                Some(position) => groups[position].push(name),
                None => return self.numbered(known, names, others),
            }
        }
        if groups.iter().any(Vec::is_empty) {
            return self.numbered(known, names, others);
        }
        for (group, (_, wrote)) in groups.iter_mut().zip(&shown) {
            // What a reader calls a variant nobody says: what the writer calls it comes first.
            group.sort_by_key(|name| Some(*name) != *wrote);
        }
        let variants = shown.into_iter().zip(groups).map(|((index, _), group)| (index, Some(group))).collect();
        EnumFacts { variants, others }
    }

    /// Nobody can tell which name is whose.
    fn numbered(&self, known: &[usize], names: &[&'static str], others: Others) -> EnumFacts {
        let _ = self;
        let sure = known.len() == names.len() && others == Others::Denied;
        let name = |index: &usize| (*index, sure.then(|| vec![names[*index]]));
        EnumFacts { variants: known.iter().map(name).collect(), others }
    }

    /// What a value wrote in variants, if it was taken.
    fn wrote(&self, goal: &Goal) -> Option<Vec<&'static str>> {
        for _ in 0..ATTEMPTS {
            if !self.book.borrow_mut().pursue(goal) {
                return None;
            }
            if (self.pass)() {
                return Some(self.record.borrow().variants().to_vec());
            }
            if self.book.borrow().found().is_some() {
                return None;
            }
            self.book.borrow_mut().refused();
        }
        None
    }
}
