//! How much a body may ask of the one who decodes it.
//!
//! A length or a nesting costs the sender a byte and could cost the reader all its memory, an
//! hour of its time or, by way of the stack, its life: so each has a bound that is checked before
//! anything is allocated or entered.

use super::fault::Fault;

/// The most bytes that a body may have.
pub(super) const BODY: usize = 64 * 1024 * 1024;

/// What a message may take in memory when it is decoded, where nobody says anything else.
pub(crate) const DECODED: usize = 16 * 1024 * 1024;

/// How deep values may stand in one another, where a struct, a tuple, a list, a map, an enum, an
/// option that is there and a newtype are one level each.
///
/// It is `serde_json`'s figure.
pub(super) const DEPTH: usize = 128;

/// What must be left of the stack for another level.
const STACK: usize = 128 * 1024;

/// How many copies of a value an unoptimised build may keep on the stack while it makes one.
const COPIES: usize = 16;

/// What a bincode body may claim in elements beyond one for each of its bytes.
///
/// Only elements that take no bytes at all, such as those of a `Vec<()>`, have a use for it.
const EXTRA_ELEMENTS: usize = 4096;

/// What an allocation takes beside its contents.
const ALLOCATION: usize = 16;

/// What is left of a message's bounds.
#[derive(Debug)]
pub(super) struct Bounds {
    elements: usize,
    depth: usize,
    limit: usize,
    bytes: usize,
    /// The bytes that have been counted of the value that is decoded now, as part of what it
    /// stands in.
    counted: usize,
}

impl Bounds {
    /// The bounds of a body of so many bytes, which may take `limit` in memory.
    pub(super) fn new(body: usize, limit: usize) -> Self {
        Self { elements: body.saturating_add(EXTRA_ELEMENTS), depth: DEPTH, limit, bytes: limit, counted: 0 }
    }

    /// Takes a list's claimed length, before any element is read.
    pub(super) fn claim(&mut self, elements: u64) -> Result<usize, Fault> {
        let claimed = usize::try_from(elements).ok();
        let left = claimed.and_then(|claimed| self.elements.checked_sub(claimed));
        match (claimed, left) {
            (Some(claimed), Some(left)) => {
                self.elements = left;
                Ok(claimed)
            }
            _ => Err(Fault::said("a list claims more elements than its body can hold")),
        }
    }

    /// Takes an allocation of so many bytes, before it is made.
    pub(super) fn allocate(&mut self, bytes: usize) -> Result<(), Fault> {
        if bytes == 0 { Ok(()) } else { self.take(bytes.saturating_add(ALLOCATION)) }
    }

    /// A value of so many bytes begins that lies within something counted already: a field.
    pub(super) fn part(&mut self, bytes: usize) {
        self.counted = bytes;
    }

    /// A value of so many bytes begins that its list or map grows by.
    pub(super) fn element(&mut self, bytes: usize) -> Result<(), Fault> {
        self.counted = bytes;
        self.take(bytes)
    }

    /// Goes a level deeper, into a value of so many bytes.
    ///
    /// What is larger than the place it stands in lies behind a pointer.
    pub(super) fn enter(&mut self, bytes: usize) -> Result<(), Fault> {
        let Some(depth) = self.depth.checked_sub(1) else { return Err(too_deep()) };
        enough_stack(bytes)?;
        self.depth = depth;
        if bytes > self.counted {
            self.allocate(bytes)?;
        }
        self.counted = bytes;
        Ok(())
    }

    /// Comes back from a level.
    pub(super) fn leave(&mut self) {
        self.depth += 1;
    }

    /// How many levels are left.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    fn take(&mut self, bytes: usize) -> Result<(), Fault> {
        match self.bytes.checked_sub(bytes) {
            Some(left) => {
                self.bytes = left;
                Ok(())
            }
            None => Err(too_much(self.limit)),
        }
    }
}

/// Whether the stack has room for another level, whose value has so many bytes.
pub(super) fn enough_stack(bytes: usize) -> Result<(), Fault> {
    let needed = STACK.saturating_add(bytes.saturating_mul(COPIES));
    match stacker::remaining_stack() {
        Some(left) if left < needed => Err(no_stack()),
        // Where the end of the stack is not known, the depth alone is the bound.
        _ => Ok(()),
    }
}

#[cold]
fn no_stack() -> Fault {
    Fault::said("the values are nested deeper than this thread's stack has room for")
}

#[cold]
pub(super) fn too_deep() -> Fault {
    Fault::new(format!("values are nested more than {DEPTH} deep"))
}

#[cold]
fn too_much(limit: usize) -> Fault {
    Fault::new(format!("it takes more than {limit} bytes of memory, the most that `max_decoded_bytes` allows"))
}

/// The complaint about a body beyond [`BODY`].
#[cold]
pub(super) fn body_too_large(bytes: usize) -> String {
    format!("the body has {bytes} bytes, and {BODY} are the most")
}
