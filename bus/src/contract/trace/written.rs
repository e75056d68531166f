//! Values that together write all that a type writes, and what is not known of that.

use std::cell::RefCell;
use std::collections::HashSet;

use super::super::table::{Content, FieldShape, Graph, Others, TypeNumber, TypeShape};
use super::state::{Goal, TraceState};

/// How often something else is shown until a value is taken.
const ATTEMPTS: usize = 400;
/// The same for one variant.
const ATTEMPTS_OF_VARIANT: usize = 64;

/// What a type reads and what it writes, in a format that people read or in one that they do not.
/// Node 0 of each graph is the type itself.
#[derive(Debug)]
pub(crate) struct Traced {
    pub(crate) written: Graph,
    pub(crate) read: Graph,
}

/// Has values written: one, every variant, whatever may be empty, and other numbers and texts, for
/// a type may write what it holds in more ways than one.
pub(super) fn find(book: &RefCell<TraceState>, pass: &dyn Fn() -> bool) {
    book.borrow_mut().count_anew();
    let write = |goal: &Goal, attempts: usize| {
        for _ in 0..attempts {
            if !book.borrow_mut().pursue(goal) || pass() {
                break;
            }
            if attempts > 1 {
                book.borrow_mut().refused();
            }
        }
    };
    write(&Goal::Value, ATTEMPTS);
    let enums = book.borrow().enums();
    for (slot, _, known) in enums {
        for index in known {
            write(&Goal::Variant { slot, index }, ATTEMPTS_OF_VARIANT);
        }
    }
    let maybe_empty = book.borrow().maybe_empty();
    for slot in maybe_empty {
        write(&Goal::Empty(slot), 1);
    }
    write(&Goal::Blank, 1);
    write(&Goal::Different, 1);
}

/// Where a type reads whatever comes, or reads one thing and writes another, its samples need not
/// show all that it writes: that is said.
pub(super) fn reconcile(traced: &mut Traced) {
    let mut walk = Walk { written: &mut traced.written, read: &traced.read, seen: HashSet::new() };
    walk.pair(0, 0);
}

struct Walk<'a> {
    written: &'a mut Graph,
    read: &'a Graph,
    seen: HashSet<(TypeNumber, TypeNumber)>,
}

impl Walk<'_> {
    fn at(graph: &Graph, number: TypeNumber) -> TypeShape {
        let opaque = || TypeShape::Opaque { name: "_".to_owned() };
        usize::try_from(number).ok().and_then(|index| graph.nodes.get(index).cloned()).unwrap_or_else(opaque)
    }

    fn set(&mut self, number: TypeNumber, shape: TypeShape) {
        if let Some(node) = usize::try_from(number).ok().and_then(|index| self.written.nodes.get_mut(index)) {
            *node = shape;
        }
    }

    fn pair(&mut self, written: TypeNumber, read: TypeNumber) {
        if !self.seen.insert((written, read)) {
            return;
        }
        let (writes, reads) = (Self::at(self.written, written), Self::at(self.read, read));
        match (writes, reads) {
            (TypeShape::Opaque { name }, TypeShape::Opaque { name: better }) if name == "_" => {
                self.set(written, TypeShape::Opaque { name: better });
            }
            (TypeShape::Opaque { .. }, _) => {}
            (_, TypeShape::Opaque { name }) => self.set(written, TypeShape::Opaque { name }),
            (TypeShape::Option(w), TypeShape::Option(r))
            | (TypeShape::List(w), TypeShape::List(r))
            | (TypeShape::Newtype { of: w, .. }, TypeShape::Newtype { of: r, .. }) => self.pair(w, r),
            (TypeShape::Map(wk, wv), TypeShape::Map(rk, rv)) => {
                self.pair(wk, rk);
                self.pair(wv, rv);
            }
            (TypeShape::Tuple(w), TypeShape::Tuple(r)) if w.len() == r.len() => self.pairs(&w, &r),
            (TypeShape::TupleStruct { fields: w, .. }, TypeShape::TupleStruct { fields: r, .. }) => self.pairs(&w, &r),
            (TypeShape::Struct { fields: w, .. }, TypeShape::Struct { fields: r, .. }) => self.fields(&w, &r),
            (
                TypeShape::Enum { name, variants, others },
                TypeShape::Enum { variants: reads, others: Others::Denied | Others::Ignored, .. },
            ) => {
                let mut all = others == Others::Denied;
                for read in &reads {
                    let known = variants
                        .iter()
                        .find(|variant| variant.name == read.name || read.aliases.contains(&variant.name));
                    all &= known.is_some();
                    match known.map(|known| (&known.content, &read.content)) {
                        Some((Content::Newtype(w), Content::Newtype(r))) => self.pair(*w, *r),
                        Some((Content::Tuple(w), Content::Tuple(r))) => self.pairs(w, r),
                        Some((Content::Struct { fields: w, .. }, Content::Struct { fields: r, .. })) => {
                            self.fields(w, r);
                        }
                        _ => {}
                    }
                }
                if !all {
                    self.set(written, TypeShape::Enum { name, variants, others: Others::Unknown });
                }
            }
            (writes, reads)
                if std::mem::discriminant(&writes) == std::mem::discriminant(&reads) && writes.parts().is_empty() => {}
            _ => self.apart(written, read),
        }
    }

    fn pairs(&mut self, written: &[TypeNumber], read: &[TypeNumber]) {
        for (written, read) in written.iter().zip(read) {
            self.pair(*written, *read);
        }
    }

    fn fields(&mut self, written: &[FieldShape], read: &[FieldShape]) {
        for field in written {
            let same = |read: &&FieldShape| read.name == field.name || read.aliases.contains(&field.name);
            match read.iter().find(same) {
                Some(read) => self.pair(field.of, read.of),
                None => self.doubt(field.of),
            }
        }
    }

    /// From here on the type writes something else than it reads.
    fn apart(&mut self, written: TypeNumber, read: TypeNumber) {
        if self.opaque_inside(read) {
            let name = Self::at(self.written, written).name().unwrap_or("_").to_owned();
            self.set(written, TypeShape::Opaque { name });
        } else {
            self.doubt(written);
        }
    }

    fn opaque_inside(&self, read: TypeNumber) -> bool {
        let (mut open, mut seen) = (vec![read], HashSet::new());
        while let Some(number) = open.pop() {
            if !seen.insert(number) {
                continue;
            }
            let shape = Self::at(self.read, number);
            if matches!(shape, TypeShape::Opaque { .. }) {
                return true;
            }
            open.extend(shape.parts());
        }
        false
    }

    /// The enums there may have more variants than were seen.
    fn doubt(&mut self, written: TypeNumber) {
        let (mut open, mut seen) = (vec![written], HashSet::new());
        while let Some(number) = open.pop() {
            if !seen.insert(number) {
                continue;
            }
            let shape = Self::at(self.written, number);
            open.extend(shape.parts());
            if let TypeShape::Enum { name, variants, .. } = shape {
                self.set(number, TypeShape::Enum { name, variants, others: Others::Unknown });
            }
        }
    }
}
