//! How much a body may ask of the one who decodes it.
//!
//! A length or a nesting costs the sender a byte and could cost the reader all its memory, an
//! hour of its time or, by way of the stack, its life: so each has a bound that is checked before
//! anything is allocated or entered.

/// The most bytes that a body may have.
pub(super) const BODY: usize = 64 * 1024 * 1024;

/// How deep values may stand in one another, where a struct, a tuple, a list, a map, an enum, an
/// option that is there and a newtype are one level each.
///
/// It is `serde_json`'s figure. Enums of half a kilobyte, so deep in one another, take less than
/// 200 KiB of stack in a debug build: a tenth of what a worker has.
pub(super) const DEPTH: usize = 128;

/// What a bincode body may claim in elements beyond one for each of its bytes.
///
/// Only elements that take no bytes at all, such as those of a `Vec<()>`, have a use for it.
const EXTRA_ELEMENTS: usize = 4096;

/// What is left of a body's bounds.
#[derive(Debug)]
pub(super) struct Budget {
    elements: usize,
    depth: usize,
}

impl Budget {
    /// The budget of a body of so many bytes.
    pub(super) fn new(bytes: usize) -> Self {
        Self { elements: bytes.saturating_add(EXTRA_ELEMENTS), depth: DEPTH }
    }

    /// Takes a list's claimed length, before any element is read; none if it is beyond the budget.
    pub(super) fn claim(&mut self, elements: u64) -> Option<usize> {
        let elements = usize::try_from(elements).ok()?;
        self.elements = self.elements.checked_sub(elements)?;
        Some(elements)
    }

    /// Goes a level deeper; false if that is one too many.
    pub(super) fn enter(&mut self) -> bool {
        match self.depth.checked_sub(1) {
            Some(left) => {
                self.depth = left;
                true
            }
            None => false,
        }
    }

    /// Comes back from a level.
    pub(super) fn leave(&mut self) {
        self.depth += 1;
    }
}

/// The complaint about a body beyond [`BODY`].
pub(super) fn body_too_large(bytes: usize) -> String {
    format!("the body has {bytes} bytes, and {BODY} are the most")
}
