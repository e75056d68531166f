#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, dead_code)]
// The model is also compiled elsewhere, where more of it is used; numbers are converted on purpose.
#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::float_cmp, clippy::option_option)]

#[macro_use]
mod table;
mod attributes;
mod kinds;
pub(crate) mod model;
mod page;
mod rows;
mod rules;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Outcome, Verdict, verdict};
use crate::codec::{Codec, Decoder, Encoder};
use crate::contract::Shapes;

const CODECS: [Codec; 3] = [Codec::Bincode, Codec::Json, Codec::MsgPack];

fn write<T: Serialize + DeserializeOwned + 'static>(codec: Codec, value: &T) -> Option<Vec<u8>> {
    let mut encoder = Encoder::new(codec, 1);
    encoder.value(value).ok()?;
    Some(encoder.finish().0)
}

fn read<T: DeserializeOwned>(codec: Codec, body: &[u8]) -> Option<T> {
    let mut decoder = Decoder::new(codec, 1, body, usize::MAX).ok()?;
    let value = decoder.value().ok()?;
    decoder.finish().ok()?;
    Some(value)
}

/// What becomes of values of one type that are read as another.
fn of<W, R>(codec: Codec) -> Verdict
where
    W: Serialize + DeserializeOwned,
    R: Serialize + DeserializeOwned,
{
    verdict(Shapes::of::<W>(codec).written(), Shapes::of::<R>(codec).read(), codec)
}
