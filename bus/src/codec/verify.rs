//! Whether a type reads what it writes.
//!
//! serde has attributes that change one direction alone, and ways of writing that only some formats
//! can be read back from. What comes of them over the wire is an error at the other side or, worse,
//! another value; so a value is read back here first.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Codec;
use super::read::Input;
use super::write::{Digest, Output, Seen, digest};

/// Reads a value that was written back, and compares the two.
pub(super) fn read_back<W, R>(codec: Codec, value: &W, body: &[u8]) -> Result<(), String>
where
    W: Serialize + ?Sized,
    R: Serialize + DeserializeOwned,
{
    let written = digested(codec, value)?;
    let read: R = read(codec, body)?;
    let once = digested(codec, &read)?;
    if once == written {
        return Ok(());
    }
    // A type may tidy up what it reads; then it leaves alone what is tidy. Where names are written,
    // nothing can have been taken for something else.
    let mut body = Vec::new();
    let mut seen = Seen::nothing();
    read.serialize(&mut Output::new::<R>(codec, &mut body, &mut seen)).map_err(|fault| fault.to_string())?;
    let twice = digested(codec, &self::read::<R>(codec, &body)?)?;
    if twice == once && (codec != Codec::Bincode || once.names == written.names) {
        return Ok(());
    }
    Err(format!("its type reads another value than it writes{}", advice(codec)))
}

fn read<R: DeserializeOwned>(codec: Codec, body: &[u8]) -> Result<R, String> {
    let mut input = Input::new(codec, 1, body, usize::MAX);
    let read = input.value();
    read.and_then(|read| input.finish().map(|()| read))
        .map_err(|cause| format!("its type does not read what it writes: {cause}{}", advice(codec)))
}

fn digested<T: Serialize + ?Sized>(codec: Codec, value: &T) -> Result<Digest, String> {
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
