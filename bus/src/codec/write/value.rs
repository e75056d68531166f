//! Values whose type is out of sight, written and digested.

use std::any::type_name;

use serde::ser::Serialize;

use super::digest::{Digest, Fields};
use super::output::Output;
use super::seen::Seen;
use crate::codec::fault::Fault;
use crate::codec::kind::Codec;

/// A value whose type is out of sight: what is done with it is compiled once for all types, and for
/// each of them only how it is written.
pub(in crate::codec) trait Value {
    /// Writes the value.
    fn write(&self, out: &mut Output<'_>) -> Result<(), Fault>;
    /// What its type is called.
    fn type_name(&self) -> &'static str;
}

/// A value that stands elsewhere.
pub(in crate::codec) struct Borrowed<'a, T: ?Sized>(pub(in crate::codec) &'a T);

impl<T: Serialize + ?Sized> Value for Borrowed<'_, T> {
    fn write(&self, out: &mut Output<'_>) -> Result<(), Fault> {
        self.0.serialize(out)
    }

    fn type_name(&self) -> &'static str {
        type_name::<T>()
    }
}

/// A value that was read.
pub(in crate::codec) struct Owned<T>(pub(in crate::codec) T);

impl<T: Serialize> Value for Owned<T> {
    fn write(&self, out: &mut Output<'_>) -> Result<(), Fault> {
        self.0.serialize(out)
    }

    fn type_name(&self) -> &'static str {
        type_name::<T>()
    }
}

/// Makes the digest of a value.
pub(in crate::codec) fn digest(codec: Codec, value: &dyn Value) -> Result<(Digest, Fields), Fault> {
    let (mut body, mut seen) = (Vec::new(), Seen::nothing());
    let mut out = Output::new(codec, &mut body, &mut seen, value.type_name());
    out.digest = Some(Digest::default());
    value.write(&mut out)?;
    Ok((out.digest.unwrap_or_default(), std::mem::take(&mut out.fields)))
}
