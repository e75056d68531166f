//! What is known of a type so far, and what to show it next.
//!
//! A type is looked at in passes. Each pass makes one value of it, and at every place where the
//! type asks for something there is a *slot* that remembers what was asked for and what was shown.

mod facts;
mod goal;
mod graph;
mod outcome;
mod pursue;
mod slot;

pub(super) use self::facts::{EnumFacts, StructFacts};
pub(super) use self::goal::{Found, Goal, NameShown, Step};

use self::slot::{Choice, Kind, Shown, Slot, State};
use super::super::shape::Shape;
use super::query::{CONTENT, Id, Query, TypeInfo, TypeReader};

/// Passes stop here: so many are needed by an enum with thousands of variants.
const PASSES: usize = 4_000;
/// Values shown in all passes together: a fraction of a second.
const VISITS: usize = 500_000;
/// Levels of a type in itself. Each takes some stack, of a size that the type chooses.
const DEPTH: usize = 64;
/// Bytes of one value. It stands on the stack several times while it is read.
const SIZE: usize = 32 * 1024;
/// Elements of one tuple or array.
const ELEMENTS: usize = 4096;

#[derive(Debug)]
pub(super) struct TraceState {
    slots: Vec<Slot>,
    /// How many slots with parts are open in this pass.
    depth: usize,
    last: Option<Shown>,
    /// Whether this pass found out something.
    progress: bool,
    passes: usize,
    visits: usize,
    /// Whether the format is one that people read, which some types ask for.
    readable: bool,
    /// What this pass is after, once it is known what there is.
    goal: goal::Pursuit,
    facts: facts::Facts,
}

impl TraceState {
    /// A book with one slot, of the type itself.
    pub(super) fn new(of: TypeInfo, readable: bool) -> Self {
        let mut book = Self {
            slots: Vec::new(),
            depth: 0,
            last: None,
            progress: true,
            passes: 0,
            visits: 0,
            readable,
            goal: goal::Pursuit::default(),
            facts: facts::Facts::default(),
        };
        let whole = book.slot(None);
        book.tell(whole, of);
        book
    }

    fn slot(&mut self, of: Option<Id>) -> Id {
        self.slots.push(Slot {
            kind: Kind::Unknown,
            type_name: "",
            sample: 0,
            stuck: false,
            busy: 0,
            of,
            reader: CONTENT,
        });
        self.slots.len() - 1
    }

    /// Notes the type of a slot. False if a value of it is too large to be made.
    fn tell(&mut self, id: Id, of: TypeInfo) -> bool {
        let slot = &mut self.slots[id];
        if slot.type_name.is_empty() {
            slot.type_name = of.name;
        }
        let fits = of.size <= SIZE;
        if !fits {
            slot.stuck = true;
            self.last = Some(Shown::Noted);
        }
        fits
    }

    fn slots(&mut self, of: Id, count: usize) -> Vec<Id> {
        (0..count).map(|_| self.slot(Some(of))).collect()
    }

    /// Starts a pass, if there is a reason for one.
    pub(super) fn begin(&mut self) -> bool {
        let go = self.progress && !self.slots[0].stuck && self.passes < PASSES && self.visits < VISITS;
        self.progress = false;
        self.reset();
        go
    }

    /// Puts right what the pass before has left.
    fn reset(&mut self) {
        self.passes += 1;
        self.last = None;
        self.depth = 0;
        // A panic may have left them set.
        for slot in &mut self.slots {
            slot.busy = 0;
            if let Kind::Enum { variants, .. } = &mut slot.kind {
                for variant in variants {
                    variant.busy = 0;
                }
            }
        }
    }

    /// Ends a pass in which the type refused its value: something else is to be shown next.
    ///
    /// What was shown last is blamed. An earlier value may be the cause, but what is asked for
    /// after it is known by now, and no more than that is wanted.
    pub(super) fn refused(&mut self) {
        match self.last {
            Some(Shown::Sample { slot, of }) => {
                let slot = &mut self.slots[slot];
                if !slot.stuck {
                    self.progress = true;
                    slot.sample += 1;
                    if slot.sample >= of {
                        slot.sample = 0;
                        slot.stuck = true;
                    }
                }
            }
            Some(Shown::Variant { slot, index }) => {
                if let Kind::Enum { variants, .. } = &mut self.slots[slot].kind
                    && variants[index].state != State::Refused
                {
                    variants[index].state = State::Refused;
                    self.progress = true;
                }
            }
            Some(Shown::Noted) | None => {}
        }
    }

    /// Whether a place may be looked at: there is a bound on how often.
    fn visit(&mut self) -> bool {
        self.visits += 1;
        let within = self.visits <= VISITS;
        if !within {
            self.last = Some(Shown::Noted);
        }
        within
    }

    /// Something without parts was asked for: the sample to show, of so many.
    pub(super) fn leaf(&mut self, id: Id, shape: Shape, samples: usize) -> Option<usize> {
        if !self.visit() {
            return None;
        }
        let shown = self.goal.sample(&shape);
        let slot = &mut self.slots[id];
        match &slot.kind {
            Kind::Unknown => {
                slot.kind = if shape == Shape::Opaque(String::new()) { Kind::Any } else { Kind::Leaf(shape) };
                self.progress = true;
            }
            Kind::Leaf(known) if *known == shape => {}
            Kind::Any => {}
            _ => self.unsteady(id),
        }
        self.last = Some(Shown::Sample { slot: id, of: samples });
        Some(shown.unwrap_or(self.slots[id].sample).min(samples.saturating_sub(1)))
    }

    /// The type asks for one thing in one pass and for another in the next.
    fn unsteady(&mut self, id: Id) {
        self.progress |= !matches!(self.slots[id].kind, Kind::Any);
        self.slots[id].kind = Kind::Any;
    }

    /// Something with parts was asked for: the slot that stands for it from now on, or none if
    /// it cannot be looked at.
    pub(super) fn enter(&mut self, id: Id, ask: Query, reader: TypeReader) -> Option<Id> {
        if !self.visit() {
            return None;
        }
        let long = matches!(ask, Query::Tuple(len) | Query::Struct { len, .. } if len > ELEMENTS);
        if long || self.depth >= DEPTH || reader.value.size > SIZE {
            self.slots[id].stuck = true;
            self.last = Some(Shown::Noted);
            return None;
        }
        if matches!(self.slots[id].kind, Kind::Unknown) {
            self.progress = true;
            self.slots[id].reader = reader;
            self.slots[id].kind = match self.same(id, ask, reader) {
                Some(enclosing) => Kind::Link(enclosing),
                None => self.kind(id, ask),
            };
        }
        let id = if let Kind::Link(enclosing) = self.slots[id].kind { enclosing } else { id };
        if !self.fits(id, ask) {
            self.unsteady(id);
            self.last = Some(Shown::Noted);
            return None;
        }
        self.slots[id].busy += 1;
        self.depth += 1;
        Some(id)
    }

    /// The nearest slot around this one that is the same type.
    fn same(&self, id: Id, ask: Query, reader: TypeReader) -> Option<Id> {
        let mut around = std::iter::successors(self.slots[id].of, |outer| self.slots[*outer].of);
        around.find(|outer| reader != CONTENT && self.slots[*outer].reader == reader && self.fits(*outer, ask))
    }

    fn kind(&mut self, id: Id, ask: Query) -> Kind {
        match ask {
            Query::Option => Kind::Option(self.slot(Some(id))),
            Query::Seq => Kind::Seq(self.slot(Some(id))),
            Query::Map => Kind::Map(self.slot(Some(id)), self.slot(Some(id))),
            Query::Tuple(len) => Kind::Tuple(self.slots(id, len)),
            Query::Struct { name, names, len, newtype } => {
                Kind::Struct { name, names, fields: self.slots(id, len), newtype }
            }
            Query::Enum { name, names } => Kind::Enum {
                name,
                variants: names
                    .iter()
                    .map(|name| Choice { name, state: State::Untried, content: self.slot(Some(id)), busy: 0 })
                    .collect(),
            },
        }
    }

    /// Whether what was asked for is what was asked for before.
    fn fits(&self, id: Id, ask: Query) -> bool {
        match (&self.slots[id].kind, ask) {
            (Kind::Option(_), Query::Option) | (Kind::Seq(_), Query::Seq) | (Kind::Map(..), Query::Map) => true,
            // Shorter where not all were read, see `leave`.
            (Kind::Tuple(known), Query::Tuple(len)) => known.len() <= len,
            (Kind::Struct { name, fields, .. }, Query::Struct { name: asked, len, .. }) => {
                *name == asked && fields.len() <= len
            }
            (Kind::Enum { name, variants }, Query::Enum { name: asked, names }) => {
                *name == asked && variants.len() == names.len()
            }
            _ => false,
        }
    }

    /// The end of what `enter` began. `read` says how many parts the type wanted, if it was content.
    pub(super) fn leave(&mut self, id: Id, read: Option<usize>) {
        self.slots[id].busy = self.slots[id].busy.saturating_sub(1);
        self.depth = self.depth.saturating_sub(1);
        // With `#[serde(alias)]` a type announces more fields than it reads, and what it does not
        // read takes no bytes. Which names are whose cannot be told then.
        if let (Some(read), Kind::Tuple(parts) | Kind::Struct { fields: parts, .. }) = (read, &mut self.slots[id].kind)
            && read < parts.len()
        {
            parts.truncate(read);
            self.progress = true;
        }
    }

    /// The parts of what is open there, with what was told of their types.
    pub(super) fn part(&mut self, id: Id, index: usize, of: TypeInfo) -> Option<Id> {
        let part = match &self.slots[id].kind {
            Kind::Option(inner) | Kind::Seq(inner) => Some(*inner),
            Kind::Map(key, value) => Some(if index == 0 { *key } else { *value }),
            Kind::Tuple(parts) | Kind::Struct { fields: parts, .. } => parts.get(index).copied(),
            _ => None,
        }?;
        self.tell(part, of).then_some(part)
    }

    /// How many elements to show of what may have any number: one, unless it must end here.
    pub(super) fn fill(&self, id: Id) -> bool {
        if self.goal.empties(id) {
            return false;
        }
        let stuck = match self.slots[id].kind {
            Kind::Map(key, value) => self.stuck(key) || self.stuck(value),
            Kind::Option(inner) | Kind::Seq(inner) => self.stuck(inner),
            _ => true,
        };
        self.slots[id].busy <= 1 && (!stuck || self.goal.leads_through(id))
    }

    /// The variant to show: one that has something to find out, as long as there is such a one.
    pub(super) fn choose(&mut self, id: Id) -> Option<(usize, Id)> {
        let Kind::Enum { variants, .. } = &self.slots[id].kind else { return None };
        let pick = |wanted: &dyn Fn(&Choice) -> bool| variants.iter().position(wanted);
        let possible = |choice: &Choice| choice.state == State::Tried && !self.stuck(choice.content);
        let wanted = if self.slots[id].busy <= 1 { self.goal.variant(id, variants) } else { None };
        let index = wanted
            .or_else(|| pick(&|choice| choice.state == State::Untried && choice.busy == 0))
            .or_else(|| pick(&|choice| choice.busy == 0 && possible(choice) && self.unfinished(choice.content)))
            .or_else(|| pick(&|choice| choice.busy == 0 && possible(choice)))
            // All that remain are open already, and end by themselves: their lists are empty inside.
            .or_else(|| pick(&possible))
            .or_else(|| pick(&|choice| choice.state == State::Untried));
        let Some(index) = index else {
            self.last = Some(Shown::Noted);
            return None;
        };
        let Kind::Enum { variants, .. } = &mut self.slots[id].kind else { return None };
        let choice = &mut variants[index];
        choice.busy += 1;
        if choice.state == State::Untried {
            choice.state = State::Tried;
            self.progress = true;
        }
        let content = choice.content;
        self.last = Some(Shown::Variant { slot: id, index });
        Some((index, content))
    }

    /// The type does not know a variant of this index.
    pub(super) fn missing(&mut self, id: Id, index: usize) {
        if let Kind::Enum { variants, .. } = &mut self.slots[id].kind
            && variants[index].state != State::Missing
        {
            variants[index].state = State::Missing;
            self.progress = true;
        }
        self.last = Some(Shown::Noted);
    }

    /// The end of a variant.
    pub(super) fn chosen(&mut self, id: Id, index: usize) {
        if let Kind::Enum { variants, .. } = &mut self.slots[id].kind {
            variants[index].busy = variants[index].busy.saturating_sub(1);
        }
    }

    /// Whether no value of this can be made.
    fn stuck(&self, id: Id) -> bool {
        let slot = &self.slots[id];
        slot.stuck
            || match &slot.kind {
                Kind::Tuple(parts) | Kind::Struct { fields: parts, .. } => parts.iter().any(|part| self.stuck(*part)),
                Kind::Enum { variants, .. } => variants.iter().all(|variant| match variant.state {
                    State::Untried => false,
                    State::Tried => self.stuck(variant.content),
                    State::Missing | State::Refused => true,
                }),
                _ => false,
            }
    }

    /// Whether there is something to find out that a pass can reach.
    fn unfinished(&self, id: Id) -> bool {
        let in_order = |parts: &[Id]| {
            let reachable = parts.iter().position(|part| self.stuck(*part)).map_or(parts.len(), |stuck| stuck + 1);
            parts[..reachable].iter().any(|part| self.unfinished(*part))
        };
        match &self.slots[id].kind {
            Kind::Unknown => !self.slots[id].stuck,
            Kind::Leaf(_) | Kind::Any | Kind::Link(_) => false,
            Kind::Option(inner) | Kind::Seq(inner) => !self.stuck(*inner) && self.unfinished(*inner),
            Kind::Map(key, value) => in_order(&[*key, *value]),
            Kind::Tuple(parts) | Kind::Struct { fields: parts, .. } => in_order(parts),
            Kind::Enum { variants, .. } => variants.iter().any(|variant| match variant.state {
                State::Untried => true,
                State::Tried => !self.stuck(variant.content) && self.unfinished(variant.content),
                State::Missing | State::Refused => false,
            }),
        }
    }

    /// Whether another pass could find out something.
    pub(super) fn is_unfinished(&self) -> bool {
        self.unfinished(0)
    }
}
