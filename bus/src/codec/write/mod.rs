//! The walk through serde's data model on the way out, one for all codecs.
//!
//! What the other side's walk would not take, or would take for something else, is refused here,
//! before anything is sent. One walk for all codecs means that each type is compiled for one writer.

mod digest;
mod formats;
mod output;
mod parts;
mod seen;
mod value;
mod walk;

pub(super) use self::digest::{Digest, Fields};
pub(super) use self::formats::msgpack::list as list_head;
pub(super) use self::output::Output;
pub(super) use self::seen::Seen;
pub(super) use self::value::{Borrowed, Owned, Value, digest};
