//! Which ways of writing a type have been read back already.
//!
//! Whether a type reads what it writes is a property of its source: of each struct, of each
//! variant, of each way that a type written by hand chooses. So the first message that goes a
//! certain way is read back before it is sent, and those that go the same way after it are not.

use std::any::TypeId;
use std::cell::RefCell;
use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hash, Hasher};

use crate::codec::kind::Codec;

/// How many ways a thread remembers. More than a program has; then it begins anew.
const MOST: usize = 1 << 16;

type Ways = HashSet<u64, BuildHasherDefault<Mix>>;

thread_local! {
    static KNOWN: RefCell<Ways> = RefCell::default();
}

/// The ways that one value is written.
#[derive(Debug, Default)]
pub(in crate::codec) struct Seen {
    /// Of the type that is read and of the codec; none where nobody asks.
    root: Option<u64>,
    known: Ways,
    fresh: Ways,
    last: u64,
    doubted: bool,
}

impl Seen {
    /// Begins to watch how a value is written that is read as this type.
    pub(in crate::codec) fn of(read: TypeId, codec: Codec) -> Self {
        // What has no parts and no source of ours has one way.
        if [TypeId::of::<String>(), TypeId::of::<bool>(), TypeId::of::<u64>(), TypeId::of::<()>()].contains(&read) {
            return Self::nothing();
        }
        let mut root = Mix::default();
        (read, codec).hash(&mut root);
        let known = KNOWN.with(|known| known.try_borrow_mut().map(|mut known| std::mem::take(&mut *known)));
        let mut seen = Self::default();
        seen.root = Some(root.finish());
        seen.known = known.unwrap_or_default();
        seen.way(Mix::default());
        seen
    }

    /// Watches nothing.
    pub(in crate::codec) fn nothing() -> Self {
        Self::default()
    }

    /// Whether the value went a way that was not read back yet.
    pub(in crate::codec) fn unsure(&self) -> bool {
        self.doubted || !self.fresh.is_empty()
    }

    /// The value was read back, and was the same.
    pub(in crate::codec) fn confirm(&mut self) {
        if self.known.len() + self.fresh.len() > MOST {
            self.known.clear();
        }
        self.known.extend(self.fresh.drain());
    }

    /// This value is to be read back whatever came before it.
    pub(super) fn doubt(&mut self) {
        self.doubted = true;
    }

    /// A variant of a type.
    pub(super) fn variant(&mut self, of: &'static str, within: &'static str, index: u32, name: &'static str) {
        if self.root.is_some() {
            self.way(Mix::of(of).with(within).with(name).and(u64::from(index)));
        }
    }

    /// A type that is written as something without parts.
    pub(super) fn leaf(&mut self, of: &'static str, within: &'static str, kind: &'static str) {
        if self.root.is_some() {
            self.way(Mix::of(of).with(within).with(kind));
        }
    }

    /// A text, which is the name of a variant where it stands in a tagged enum.
    pub(super) fn text(&mut self, of: &'static str, within: &'static str, text: &str) {
        if self.root.is_some() {
            let mut way = Mix::of(of).with(within);
            if matches!(of, "str" | "&str") && !within.is_empty() {
                way.write(text.as_bytes());
            }
            self.way(way.and(1));
        }
    }

    /// A value of several parts, with what its parts are called.
    pub(super) fn whole(&mut self, of: &'static str, within: &'static str, kind: u8, names: u64) {
        if self.root.is_some() {
            self.way(Mix::of(of).with(within).and(kind.into()).and(names));
        }
    }

    /// A field that is left out.
    pub(super) fn left_out(&mut self, of: &'static str, name: &'static str) {
        if self.root.is_some() {
            self.way(Mix::of(of).with(name).and(2));
        }
    }

    fn way(&mut self, way: Mix) {
        let Some(root) = self.root else { return };
        let way = way.and(root).0;
        if way == self.last {
            return;
        }
        self.last = way;
        if !self.known.contains(&way) {
            self.fresh.insert(way);
        }
    }
}

impl Drop for Seen {
    fn drop(&mut self) {
        if self.root.is_some() {
            let known = std::mem::take(&mut self.known);
            // An error means that the thread ends, or that a value writes a message while it is written.
            let _ = KNOWN.try_with(|kept| kept.try_borrow_mut().map(|mut kept| *kept = known));
        }
    }
}

/// A number for what a field is called.
pub(super) fn name(name: &'static str) -> u64 {
    Mix::of(name).finish()
}

/// Mixes numbers. Names of types and fields are told apart by where they stand.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mix(u64);

impl Mix {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;

    fn of(name: &'static str) -> Self {
        Self(0).with(name)
    }

    fn with(self, name: &'static str) -> Self {
        self.and(name.as_ptr().addr() as u64).and(name.len() as u64)
    }

    pub(super) fn and(self, number: u64) -> Self {
        let mixed = (self.0.rotate_left(23) ^ number).wrapping_mul(Self::ODD);
        Self(mixed ^ (mixed >> 29))
    }
}

impl Hasher for Mix {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            *self = self.and(u64::from_le_bytes(word));
        }
        *self = self.and(bytes.len() as u64);
    }

    fn write_u64(&mut self, number: u64) {
        *self = self.and(number);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
