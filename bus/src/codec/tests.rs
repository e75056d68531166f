#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod attributes;
mod bombs;
mod draw;
mod properties;
mod silent_changes;
mod stacks;
mod texts;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Codec, DECODED, DecodeError, Decoder, EncodeError, Encoder};

const ALL: [Codec; 3] = [Codec::Bincode, Codec::Json, Codec::MsgPack];

fn write<T: Serialize + DeserializeOwned + 'static>(codec: Codec, value: &T) -> Vec<u8> {
    try_write(codec, value).unwrap()
}

fn try_write<T: Serialize + DeserializeOwned + 'static>(codec: Codec, value: &T) -> Result<Vec<u8>, EncodeError> {
    let mut encoder = Encoder::new(codec, 1);
    encoder.value(value)?;
    Ok(encoder.finish().0)
}

fn read<T: DeserializeOwned>(codec: Codec, body: &[u8]) -> Result<T, DecodeError> {
    let mut decoder = Decoder::new(codec, 1, body, DECODED)?;
    let value = decoder.value()?;
    decoder.finish()?;
    Ok(value)
}

#[test]
fn values_stand_one_after_another_or_in_an_array() {
    for (codec, none, one, two) in [
        (Codec::Bincode, &b""[..], &b"\x07"[..], &b"\x07\x02hi"[..]),
        (Codec::Json, &b"null"[..], &b"7"[..], &br#"[7,"hi"]"#[..]),
        (Codec::MsgPack, &b"\xc0"[..], &b"\x07"[..], &b"\x92\x07\xa2hi"[..]),
    ] {
        assert_eq!(Encoder::new(codec, 0).finish().0, none);
        assert_eq!(write(codec, &7u64), one);
        let mut encoder = Encoder::new(codec, 2);
        encoder.value(&7u64).unwrap();
        encoder.text("hi").unwrap();
        assert_eq!(encoder.finish().0, two);

        Decoder::new(codec, 0, none, DECODED).unwrap().finish().unwrap();
        Decoder::new(codec, 0, b"", DECODED).unwrap().finish().unwrap();
        assert_eq!(read::<u64>(codec, one).unwrap(), 7);
        let mut decoder = Decoder::new(codec, 2, two, DECODED).unwrap();
        assert_eq!(decoder.value::<u64>().unwrap(), 7);
        assert_eq!(decoder.value::<String>().unwrap(), "hi");
        decoder.finish().unwrap();
    }
}

#[test]
fn the_partition_key_goes_beside_the_body() {
    let mut encoder = Encoder::new(Codec::Json, 0);
    encoder.partition_key("k".into());
    assert_eq!(encoder.finish(), (b"null".to_vec(), Some("k".to_owned())));
}

#[test]
fn nothing_printed_of_a_message_is_its_payload() {
    let mut encoder = Encoder::new(Codec::Json, 1);
    encoder.text("secret").unwrap();
    assert!(!format!("{encoder:?}").contains("secret"));
    let (body, _) = encoder.finish();
    assert!(!format!("{:?}", Decoder::new(Codec::Json, 1, &body, DECODED).unwrap()).contains("secret"));
}
