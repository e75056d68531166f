//! A number for a value, by the names of its parts: two values that have the same are the same.

use std::hash::Hasher as _;

use super::seen::Mix;

/// A number for a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::codec) struct Digest {
    full: u64,
    /// Of the names alone, without what stands under them.
    pub(in crate::codec) names: u64,
    /// Of the numbers of 128 bits alone, in any order: serde's own trees have no word for them, so
    /// nothing but serde's formats can have taken them for something else.
    pub(in crate::codec) wide: u64,
}

/// The names of each struct's fields, in the order in which they are met.
pub(in crate::codec) type Fields = Vec<Vec<&'static str>>;

impl Digest {
    /// Counts something without parts in.
    pub(super) fn leaf(&mut self, kind: u8, leaf: &[u8]) {
        let mut mix = Mix::default().and(self.full).and(kind.into());
        mix.write(leaf);
        self.full = mix.finish();
    }

    /// Counts a number of 128 bits in.
    pub(super) fn wide(&mut self, number: &[u8]) {
        self.leaf(b'w', number);
        let mut mix = Mix::default();
        mix.write(number);
        self.wide = self.wide.wrapping_add(mix.finish());
    }

    /// Counts a name in.
    pub(super) fn name(&mut self, kind: u8, name: &str) {
        self.leaf(kind, name.as_bytes());
        let mut mix = Mix::default().and(self.names).and(kind.into());
        mix.write(name.as_bytes());
        self.names = mix.finish();
    }

    /// Begins something with parts, whose order may not count.
    pub(super) fn begin(&mut self, any_order: bool) -> Sum {
        self.name(b'(', "");
        Sum { any_order, before: *self, total: Self::default() }
    }
}

/// The digests of elements whose order does not count.
#[derive(Debug, Default)]
pub(super) struct Sum {
    any_order: bool,
    before: Digest,
    total: Digest,
}

impl Sum {
    /// An element begins.
    pub(super) fn pause(&self, digest: &mut Digest) {
        debug_assert!(self.any_order, "only where order does not count");
        *digest = Digest::default();
    }

    /// An element has ended.
    pub(super) fn add(&mut self, digest: &mut Digest) {
        self.total.full = self.total.full.wrapping_add(Mix::default().and(digest.full).finish());
        self.total.names = self.total.names.wrapping_add(Mix::default().and(digest.names).finish());
        self.total.wide = self.total.wide.wrapping_add(digest.wide);
        *digest = self.before;
    }

    /// All parts have ended.
    pub(super) fn end(&self, digest: &mut Digest) {
        if self.any_order {
            digest.full = Mix::default().and(self.before.full).and(self.total.full).finish();
            digest.names = Mix::default().and(self.before.names).and(self.total.names).finish();
            digest.wide = self.before.wide.wrapping_add(self.total.wide);
        } else {
            digest.name(b')', "");
        }
    }
}
