//! Values of several parts: lists, tuples, maps, structs and what variants hold.

use std::any::type_name;
use std::ops::Range;

use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};

use super::digest::Sum;
use super::formats::{json, msgpack, number};
use super::output::Output;
use super::seen;
use crate::codec::fault::Fault;
use crate::codec::kind::Codec;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    List,
    Tuple,
    TupleVariant,
    Map,
    Struct,
    StructVariant,
    /// A text of raw JSON, dressed up as a struct.
    Raw,
}

impl Kind {
    fn named(self) -> bool {
        matches!(self, Self::Map | Self::Struct | Self::StructVariant)
    }

    /// The elements of a set and the entries of a map come in any order.
    fn in_any_order(self) -> bool {
        matches!(self, Self::List | Self::Map)
    }

    fn of_variant(self) -> bool {
        matches!(self, Self::TupleVariant | Self::StructVariant)
    }
}

/// A value of several parts that is being written.
pub(in crate::codec) struct Parts<'o, 'b> {
    out: &'o mut Output<'b>,
    kind: Kind,
    claimed: Option<usize>,
    written: usize,
    /// Where the parts begin in the body.
    start: usize,
    /// Where the keys of a map stand in the body.
    keys: Vec<Range<usize>>,
    /// Of what the parts are called, in any order.
    names: u64,
    sum: Option<Box<Sum>>,
    /// Where the names of the fields are noted, in a digest.
    noted: usize,
    /// Whether the entry that is being written has a key that the source does not hold.
    loose: bool,
}

impl<'o, 'b> Parts<'o, 'b> {
    pub(super) fn begin(out: &'o mut Output<'b>, kind: Kind, claimed: Option<usize>) -> Result<Self, Fault> {
        out.no_key()?;
        out.enter()?;
        let mut sum = None;
        let noted = out.fields.len();
        if let Some(digest) = &mut out.digest {
            sum = Some(Box::new(digest.begin(kind.in_any_order())));
            if matches!(kind, Kind::Struct | Kind::StructVariant) {
                out.fields.push(Vec::new());
            }
        } else {
            match out.codec {
                Codec::Bincode => {
                    if matches!(kind, Kind::List | Kind::Map) {
                        let Some(length) = claimed else {
                            return Err(Fault::said(
                                "a list or map does not know its length, as with serde's `flatten`, which bincode has \
                                 no word for; use `codec = \"json\"`",
                            ));
                        };
                        number::u64(out.body, length as u64);
                    }
                }
                Codec::Json if kind == Kind::Raw => {}
                Codec::Json => out.body.push(if kind.named() { b'{' } else { b'[' }),
                Codec::MsgPack => match claimed {
                    Some(length) if kind.named() => msgpack::map(out.body, length)?,
                    Some(length) => msgpack::list(out.body, length)?,
                    // Written when it is known.
                    None => {}
                },
            }
        }
        let start = out.body.len();
        Ok(Self { out, kind, claimed, written: 0, start, keys: Vec::new(), names: 0, sum, noted, loose: false })
    }

    /// Writes an element, or a part without a name.
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        self.separate();
        self.digested(|out| out.inner(value))
    }

    /// Writes a field with its name.
    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Fault> {
        if self.kind == Kind::Raw {
            self.out.raw = true;
            self.written += 1;
            return self.out.inner(value);
        }
        self.separate();
        self.names = self.names.wrapping_add(seen::name(name));
        if let Some(digest) = &mut self.out.digest {
            digest.name(b'k', name);
            if let Some(fields) = self.out.fields.get_mut(self.noted) {
                fields.push(name);
            }
            return self.out.inner(value);
        }
        match self.out.codec {
            Codec::Bincode => {}
            Codec::Json => {
                json::text(self.out.body, name)?;
                self.out.body.push(b':');
            }
            Codec::MsgPack => msgpack::text(self.out.body, name)?,
        }
        self.out.inner(value)
    }

    fn key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Fault> {
        self.separate();
        self.loose = !matches!(type_name::<T>(), "str" | "&str");
        if let (Some(digest), Some(sum)) = (&mut self.out.digest, &self.sum) {
            sum.pause(digest);
            return self.out.inner(key);
        }
        let start = self.out.body.len();
        if self.out.codec == Codec::Json {
            self.out.key = true;
            if !matches!(type_name::<T>(), "alloc::string::String" | "str" | "&str") {
                // What reads any value, such as serde's `flatten`, reads a text here.
                self.out.seen.doubt();
            }
        }
        self.out.inner(key)?;
        if self.out.codec != Codec::Bincode {
            self.keys.push(start..self.out.body.len());
        }
        if self.out.codec == Codec::Json {
            self.out.body.push(b':');
        }
        Ok(())
    }

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        let of = self.out.of;
        if self.loose {
            // Beside fields, as with serde's `flatten`, an entry is another thing than a field.
            self.out.of = "an entry";
        }
        let written = self.out.inner(value);
        self.out.of = of;
        written?;
        if let (Some(digest), Some(sum)) = (&mut self.out.digest, &mut self.sum) {
            sum.add(digest);
        }
        Ok(())
    }

    /// In a digest, the order of a list's elements does not count: that of a set is any.
    fn digested(&mut self, write: impl FnOnce(&mut Output<'b>) -> Result<(), Fault>) -> Result<(), Fault> {
        if self.kind != Kind::List {
            return write(self.out);
        }
        if let (Some(digest), Some(sum)) = (&mut self.out.digest, &self.sum) {
            sum.pause(digest);
        }
        write(self.out)?;
        if let (Some(digest), Some(sum)) = (&mut self.out.digest, &mut self.sum) {
            sum.add(digest);
        }
        Ok(())
    }

    fn separate(&mut self) {
        if self.out.codec == Codec::Json && self.written > 0 && self.out.digest.is_none() {
            self.out.body.push(b',');
        }
        self.written += 1;
    }

    /// A field is left out, for this value alone.
    fn left_out(&mut self, name: &'static str) -> Result<(), Fault> {
        self.names = self.names.wrapping_add(seen::name(name));
        self.out.seen.left_out(self.out.of, name);
        if self.out.codec == Codec::Bincode {
            return Err(Fault::new(format!(
                "field `{name}` is left out by serde's `skip_serializing_if`, and bincode cannot say so; take the \
                 attribute away or use `codec = \"json\"`"
            )));
        }
        Ok(())
    }

    fn finish(mut self) -> Result<(), Fault> {
        if self.claimed.is_some_and(|claimed| claimed != self.written) {
            return Err(Fault::said("a value has more or fewer parts than its type said"));
        }
        self.out.seen.whole(self.out.of, self.out.within, self.kind as u8, self.names);
        if let (Some(digest), Some(sum)) = (&mut self.out.digest, &self.sum) {
            sum.end(digest);
        } else {
            self.unique()?;
            match self.out.codec {
                Codec::Bincode => {}
                Codec::Json if self.kind == Kind::Raw => {}
                Codec::Json => {
                    self.out.body.push(if self.kind.named() { b'}' } else { b']' });
                    if self.kind.of_variant() {
                        self.out.body.push(b'}');
                    }
                }
                Codec::MsgPack => {
                    if self.claimed.is_none() {
                        let mut head = Vec::new();
                        if self.kind.named() {
                            msgpack::map(&mut head, self.written)?;
                        } else {
                            msgpack::list(&mut head, self.written)?;
                        }
                        self.out.body.splice(self.start..self.start, head);
                    }
                }
            }
        }
        self.out.leave();
        if self.kind.of_variant() {
            self.out.leave();
        }
        Ok(())
    }

    /// Refuses two entries under one key: which of them arrived would be chance.
    fn unique(&mut self) -> Result<(), Fault> {
        let body = &*self.out.body;
        let key = |range: &Range<usize>| body.get(range.clone()).unwrap_or_default();
        if self.keys.is_sorted_by(|one, next| key(one) < key(next)) {
            return Ok(());
        }
        self.keys.sort_unstable_by(|one, other| key(one).cmp(key(other)));
        if self.keys.windows(2).any(|pair| key(&pair[0]) == key(&pair[1])) {
            return Err(Fault::said("a map has two entries under one key"));
        }
        Ok(())
    }
}

impl SerializeSeq for Parts<'_, '_> {
    type Ok = ();
    type Error = Fault;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        self.element(value)
    }

    fn end(self) -> Result<(), Fault> {
        self.finish()
    }
}

impl SerializeTuple for Parts<'_, '_> {
    type Ok = ();
    type Error = Fault;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        self.element(value)
    }

    fn end(self) -> Result<(), Fault> {
        self.finish()
    }
}

impl SerializeTupleStruct for Parts<'_, '_> {
    type Ok = ();
    type Error = Fault;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        self.element(value)
    }

    fn end(self) -> Result<(), Fault> {
        self.finish()
    }
}

impl SerializeTupleVariant for Parts<'_, '_> {
    type Ok = ();
    type Error = Fault;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        self.element(value)
    }

    fn end(self) -> Result<(), Fault> {
        self.finish()
    }
}

impl SerializeMap for Parts<'_, '_> {
    type Ok = ();
    type Error = Fault;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Fault> {
        self.key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        self.value(value)
    }

    fn end(self) -> Result<(), Fault> {
        self.finish()
    }
}

impl SerializeStruct for Parts<'_, '_> {
    type Ok = ();
    type Error = Fault;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Fault> {
        self.field(name, value)
    }

    fn skip_field(&mut self, name: &'static str) -> Result<(), Fault> {
        self.left_out(name)
    }

    fn end(self) -> Result<(), Fault> {
        self.finish()
    }
}

impl SerializeStructVariant for Parts<'_, '_> {
    type Ok = ();
    type Error = Fault;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Fault> {
        self.field(name, value)
    }

    fn skip_field(&mut self, name: &'static str) -> Result<(), Fault> {
        self.left_out(name)
    }

    fn end(self) -> Result<(), Fault> {
        self.finish()
    }
}
