//! Finding a type's shape by letting it read made-up values, and write them again.
//!
//! serde asks a format for what it wants, so a format that only listens learns what a type looks
//! like. One value shows one variant of each enum, hence passes; a type that checks its values is
//! shown others until it takes one. What is asked for is known even when no value is taken: only
//! what would come after it stays unknown.
//!
//! Once it is known what a type asks for, it is shown what else could come: fields left out, given
//! twice, or of a name that it does not have (`names_of`). Each value that it took is written again
//! to a format that only listens (`writer`), for what a type writes need not be what it reads.

mod names;
mod names_of;
mod probe;
mod query;
mod record;
mod samples;
mod state;
mod writer;
mod written;

use std::any::type_name;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::Serialize;
use serde::de::DeserializeOwned;

use self::probe::Probe;
use self::query::TypeInfo;
use self::record::Record;
use self::state::TraceState;
use self::writer::Writer;
pub(crate) use self::written::Traced;
use super::shape::Shape;

/// The shape of a type.
pub(super) fn trace<T: DeserializeOwned>() -> Shape {
    shape(TypeInfo::of::<T>(), &|probe| T::deserialize(probe).map(drop).is_ok())
}

fn shape(of: TypeInfo, make: &dyn Fn(Probe<'_>) -> bool) -> Shape {
    let book = RefCell::new(TraceState::new(of, false));
    // One value that is made and thrown away.
    look(&book, &|| guarded(&mut || make(Probe::new(&book))));
    book.into_inner().shape()
}

impl Shape {
    /// Traces a type.
    ///
    /// It never panics and ends in bounded time, whatever the type does; what it cannot find out
    /// is [`Opaque`](Self::Opaque).
    pub fn of<T: DeserializeOwned>() -> Self {
        trace::<T>()
    }
}

/// Traces both sides of a type.
pub(super) fn trace_both<T: Serialize + DeserializeOwned>(readable: bool) -> Traced {
    both(TypeInfo::of::<T>(), type_name::<T>(), readable, &|probe, record| {
        let Ok(value) = T::deserialize(probe) else { return false };
        record.borrow_mut().begin();
        // What was written before it stopped is noted.
        let _ = value.serialize(Writer::new(record, readable));
        true
    })
}

/// The same, with the type out of sight: compiled once for all types.
fn both(
    of: TypeInfo,
    type_name: &'static str,
    readable: bool,
    make: &dyn Fn(Probe<'_>, &RefCell<Record>) -> bool,
) -> Traced {
    let book = RefCell::new(TraceState::new(of, readable));
    let record = RefCell::new(Record::new(type_name));
    let write = || guarded(&mut || make(Probe::new(&book), &record));
    look(&book, &write);
    // What the passes so far have written is in no order, and some of it of values that differ.
    *record.borrow_mut() = Record::new(type_name);
    names_of::find(&book, &record, &write);
    written::find(&book, &write);
    let mut traced = Traced { written: record.into_inner().graph(), read: book.into_inner().graph() };
    written::reconcile(&mut traced);
    traced
}

/// Makes a value; whether the type took what it was shown.
///
/// A type may panic at a value that nobody would send. Nothing of ours is borrowed while it runs,
/// and `begin` puts right what a pass leaves open.
fn guarded(make: &mut dyn FnMut() -> bool) -> bool {
    catch_unwind(AssertUnwindSafe(make)).unwrap_or(false)
}

/// Finds out what a type asks for.
fn look(book: &RefCell<TraceState>, pass: &dyn Fn() -> bool) {
    while book.borrow_mut().begin() {
        let taken = pass();
        if !book.borrow().is_unfinished() {
            break;
        }
        if !taken {
            book.borrow_mut().refused();
        }
    }
}

#[cfg(test)]
mod both_tests;
#[cfg(test)]
mod tests;
