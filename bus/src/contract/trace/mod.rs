//! Finding a type's shape by letting it read made-up values.
//!
//! serde asks a format for what it wants, so a format that only listens learns what a type looks
//! like. One value shows one variant of each enum, hence passes; a type that checks its values is
//! shown others until it takes one. What is asked for is known even when no value is taken: only
//! what would come after it stays unknown.

mod book;
mod names;
mod probe;
mod samples;

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::de::DeserializeOwned;

use self::book::{Book, Told};
use self::probe::Probe;
use super::shape::Shape;

/// The shape of a type.
pub(super) fn trace<T: DeserializeOwned>() -> Shape {
    let book = RefCell::new(Book::new(Told::of::<T>()));
    while book.borrow_mut().begin() {
        // A type may panic at a value that nobody would send. Nothing of ours is borrowed while it
        // runs, and `begin` puts right what a pass leaves open.
        let taken = catch_unwind(AssertUnwindSafe(|| T::deserialize(Probe::new(&book)).map(drop).is_ok()));
        if !book.borrow().is_unfinished() {
            break;
        }
        if !taken.unwrap_or(false) {
            book.borrow_mut().refused();
        }
    }
    book.into_inner().shape()
}

#[cfg(test)]
mod tests;
