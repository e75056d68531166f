//! A body that is being written, and how each codec writes what has no parts.

use std::any::type_name;

use serde::ser::Serialize;

use super::digest::Digest;
use super::formats::{json, msgpack, number};
use super::seen::Seen;
use crate::codec::bounds::{DEPTH, enough_stack, too_deep};
use crate::codec::fault::Fault;
use crate::codec::kind::Codec;

/// A body that is being written.
pub(in crate::codec) struct Output<'b> {
    pub(super) codec: Codec,
    /// Where a body is written; a digest is made instead where there is none.
    pub(super) body: &'b mut Vec<u8>,
    pub(super) digest: Option<Digest>,
    /// The names of each struct's fields, in the order in which a digest meets them.
    pub(super) fields: Vec<Vec<&'static str>>,
    pub(super) depth: usize,
    /// What comes next is the key of a JSON object, a text whatever its type.
    pub(super) key: bool,
    /// What comes next is a text of raw JSON.
    pub(super) raw: bool,
    /// The type that is being written, and the one that it stands in.
    pub(super) of: &'static str,
    pub(super) within: &'static str,
    pub(super) seen: &'b mut Seen,
}

impl<'b> Output<'b> {
    /// The rest of a body, for a value of the type that `of` names.
    pub(in crate::codec) fn new(codec: Codec, body: &'b mut Vec<u8>, seen: &'b mut Seen, of: &'static str) -> Self {
        Self {
            codec,
            body,
            digest: None,
            fields: Vec::new(),
            depth: DEPTH,
            key: false,
            raw: false,
            of,
            within: "",
            seen,
        }
    }

    pub(super) fn enter(&mut self) -> Result<(), Fault> {
        self.depth = self.depth.checked_sub(1).ok_or_else(too_deep)?;
        enough_stack(0)
    }

    pub(super) fn leave(&mut self) {
        self.depth += 1;
    }

    /// Writes a value that stands in the one that is being written.
    pub(super) fn inner<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        let (of, within) = (self.of, self.within);
        (self.within, self.of) = (of, type_name::<T>());
        let done = value.serialize(&mut *self);
        (self.of, self.within) = (of, within);
        done
    }

    /// Whether a digest is made; then the leaf is counted in.
    pub(super) fn digested(&mut self, kind: u8, leaf: &[u8]) -> bool {
        match &mut self.digest {
            Some(digest) => {
                digest.leaf(kind, leaf);
                true
            }
            None => false,
        }
    }

    /// In a JSON key, what is written stands in quotes; elsewhere it is as it is.
    pub(super) fn quoted(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        if std::mem::take(&mut self.key) {
            self.body.push(b'"');
            write(self.body);
            self.body.push(b'"');
        } else {
            write(self.body);
        }
    }

    /// Refuses what cannot be a key in JSON.
    pub(super) fn no_key(&self) -> Result<(), Fault> {
        if self.key { Err(Fault::said("key must be a string")) } else { Ok(()) }
    }

    pub(super) fn nil(&mut self, kind: u8) -> Result<(), Fault> {
        self.no_key()?;
        if self.digested(kind, &[]) {
            return Ok(());
        }
        match self.codec {
            Codec::Bincode => {}
            Codec::Json => self.body.extend_from_slice(b"null"),
            Codec::MsgPack => self.body.push(0xc0),
        }
        Ok(())
    }

    pub(super) fn text(&mut self, text: &str) -> Result<(), Fault> {
        if self.digested(b's', text.as_bytes()) {
            return Ok(());
        }
        self.key = false;
        match self.codec {
            Codec::Bincode => {
                number::u64(self.body, text.len() as u64);
                self.body.extend_from_slice(text.as_bytes());
                Ok(())
            }
            Codec::Json => json::text(self.body, text),
            Codec::MsgPack => msgpack::text(self.body, text),
        }
    }

    /// The mark of a variant, in front of what it holds.
    pub(super) fn variant(&mut self, index: u32, name: &'static str, content: bool) -> Result<(), Fault> {
        self.seen.variant(self.of, self.within, index, name);
        if let Some(digest) = &mut self.digest {
            digest.name(b'v', name);
            return Ok(());
        }
        if content {
            self.no_key()?;
        }
        match self.codec {
            Codec::Bincode => number::u32(self.body, index),
            Codec::Json => {
                if content {
                    self.body.push(b'{');
                }
                self.key = false;
                json::text(self.body, name)?;
                if content {
                    self.body.push(b':');
                }
            }
            Codec::MsgPack => {
                if content {
                    self.body.push(0x81);
                }
                msgpack::text(self.body, name)?;
            }
        }
        Ok(())
    }
}
