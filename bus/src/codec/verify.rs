//! Whether a type reads what it writes.
//!
//! serde has attributes that change one direction alone, and ways of writing that only some formats
//! can be read back from. What comes of them over the wire is an error at the other side or, worse,
//! another value; so a value is read back here first.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::fault::Fault;
use super::kind::Codec;
use super::read::Input;
use super::write::{Digest, Fields, Output, Owned, Seen, Value, digest};

/// How the type that is read takes a value.
pub(super) type Read = fn(&mut Input<'_>) -> Result<Box<dyn Value>, Fault>;

/// Takes a value of a type.
pub(super) fn read_as<R: Serialize + DeserializeOwned + 'static>(
    input: &mut Input<'_>,
) -> Result<Box<dyn Value>, Fault> {
    R::deserialize(input).map(|read| Box::new(Owned(read)) as _)
}

/// Reads a value that was written back, and compares the two; says whether all values that go the
/// same way are as good.
pub(super) fn read_back(codec: Codec, value: &dyn Value, by: Read, body: &[u8]) -> Result<bool, String> {
    let (written, wrote) = digested(codec, value)?;
    let (read, reads) = self::read(codec, by, body)?;
    let (once, _) = digested(codec, &*read)?;
    if once == written {
        return Ok(codec != Codec::Bincode || in_order(&wrote, &reads));
    }
    // A type may tidy up what it reads; then it leaves alone what is tidy. Variants and options are
    // never tidied away: one of them has been taken for another.
    let mut body = Vec::new();
    let mut seen = Seen::nothing();
    read.write(&mut Output::new(codec, &mut body, &mut seen, read.type_name())).map_err(|fault| fault.to_string())?;
    let (again, _) = self::read(codec, by, &body)?;
    let (twice, _) = digested(codec, &*again)?;
    if twice == once && (once.names, once.wide) == (written.names, written.wide) {
        // Of what is tidy already nothing was learnt.
        return Ok(codec != Codec::Bincode);
    }
    Err(format!("its type reads another value than it writes{}", advice(codec)))
}

/// Whether the names that were written stand where they are read: then two fields that held the same
/// by chance are not taken for one another in the next value.
fn in_order(wrote: &Fields, reads: &[&[&str]]) -> bool {
    let pair = |(wrote, reads): (&Vec<&str>, &&[&str])| {
        let mut left = reads.iter();
        wrote.iter().all(|name| left.any(|read| read == name) || !reads.contains(name))
    };
    wrote.len() == reads.len() && wrote.iter().zip(reads).all(pair)
}

type WasRead = (Box<dyn Value>, Vec<&'static [&'static str]>);

fn read(codec: Codec, by: Read, body: &[u8]) -> Result<WasRead, String> {
    let mut input = Input::new(codec, 1, body, usize::MAX);
    input.note_fields();
    let read = input.begin(0).and_then(|()| by(&mut input).map_err(|fault| input.complaint(&fault)));
    let fields = input.noted_fields();
    read.and_then(|read| input.finish().map(|()| (read, fields)))
        .map_err(|cause| format!("its type does not read what it writes: {cause}{}", advice(codec)))
}

fn digested(codec: Codec, value: &dyn Value) -> Result<(Digest, Fields), String> {
    digest(codec, value).map_err(|fault| fault.to_string())
}

fn advice(codec: Codec) -> &'static str {
    match codec {
        Codec::Bincode => {
            "; serde attributes such as `skip`, `skip_serializing`, `tag` and `untagged` need names on the wire: use \
             `codec = \"json\"` or `\"msgpack\"`"
        }
        Codec::Json | Codec::MsgPack => "",
    }
}
