//! What is said of values that do not fit.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::{Codec, DECODED, DecodeError, Decoder, Encoder, read, write};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    id: u64,
    side: Side,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Side {
    Buy,
    Sell,
}

/// Quotes what it refuses, as many types do.
#[derive(Debug, Serialize, Deserialize)]
#[serde(try_from = "String")]
struct Code(String);

impl TryFrom<String> for Code {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.len() == 2 { Ok(Self(text)) } else { Err(format!("invalid value, expected a code, got {text}")) }
    }
}

fn reason<T: std::fmt::Debug>(outcome: Result<T, DecodeError>) -> String {
    let text = outcome.unwrap_err().to_string();
    let (codec, reason) = text.strip_prefix("cannot be decoded as ").unwrap().split_once(": ").unwrap();
    assert!(codec == "json" || codec == "bincode");
    assert!(!text.contains("secret"), "{text}");
    reason.into()
}

#[test]
fn json_says_kind_and_place() {
    let order = |body: &str| reason(read::<Order>(Codec::Json, body.as_bytes()));
    assert_eq!(order(r#"{"id":"secret"}"#), "invalid type, expected u64 at line 1 column 14");
    assert_eq!(order(r#"{"secret":1}"#), "unknown field at line 1 column 9");
    assert_eq!(order(r#"{"id":1,"side":"secret"}"#), "unknown variant at line 1 column 23");
    assert_eq!(order(r#"{"id":1}"#), "missing field `side` at line 1 column 7");
    assert_eq!(order(r#"{"id":1,"id":2}"#), "duplicate field `id` at line 1 column 12");
    assert_eq!(order(r#""secret""#), "invalid type, expected struct Order at line 1 column 8");
    assert_eq!(order("secret"), "expected value at line 1 column 1");
    assert_eq!(order(r#"{"id":"#), "EOF while parsing a value at line 1 column 6");
    assert_eq!(order(r#"{"id":1,"side":"Buy"} secret"#), "trailing characters at line 1 column 23");
    assert_eq!(reason(read::<Code>(Codec::Json, br#""secret""#)), "invalid value at line 1 column 8");
}

#[test]
fn bincode_says_kind_and_place() {
    assert_eq!(reason(read::<String>(Codec::Bincode, b"\x07secret")), "the body ends too early at byte 1");
    assert_eq!(reason(read::<Order>(Codec::Bincode, b"\x01\x09")), "unknown variant at byte 2");
    assert_eq!(reason(read::<Order>(Codec::Bincode, b"\x01")), "the body ends too early at byte 1");
    assert_eq!(reason(read::<bool>(Codec::Bincode, b"\x02")), "invalid value, expected a boolean at byte 1");
    assert_eq!(reason(read::<Option<u8>>(Codec::Bincode, b"\x02")), "invalid value, expected option at byte 1");
    assert_eq!(reason(read::<String>(Codec::Bincode, b"\x01\xff")), "a text is not UTF-8 at byte 2");
    assert_eq!(
        reason(read::<u16>(Codec::Bincode, b"\xfc\x01\x02\x03\x04")),
        "a number is too large, expected u16 at byte 0"
    );
    assert_eq!(reason(read::<Code>(Codec::Bincode, b"\x06secret")), "invalid value at byte 7");
    assert_eq!(reason(read::<NonZeroU32>(Codec::Bincode, b"\0")), "invalid value, expected a nonzero u32 at byte 1");
    assert_eq!(reason(read::<u8>(Codec::Bincode, b"\x01secret")), "6 bytes are left over");
    assert!(reason(read::<serde_json::Value>(Codec::Bincode, b"\0")).contains("`untagged`"));
}

#[test]
fn an_array_has_exactly_its_values() {
    let two = |body: &'static str| -> Result<(u64, Code), DecodeError> {
        let mut decoder = Decoder::new(Codec::Json, 2, body.as_bytes(), DECODED)?;
        let values = (decoder.value()?, decoder.value()?);
        decoder.finish()?;
        Ok(values)
    };
    assert!(two(r#" [ 7 , "ab" ] "#).is_ok());
    assert!(reason(two("[7]")).starts_with("the array has 1 instead of 2 entries"));
    assert!(reason(two(r#"[7,"ab","secret"]"#)).starts_with("the array has more than 2 entries"));
    assert_eq!(reason(two(r#"[7,"ab"] secret"#)), "trailing characters at line 1 column 10");
    assert!(reason(two(r#""secret""#)).starts_with("invalid type, expected an array"));
    assert_eq!(reason(two(r#"[7,"secret"]"#)), "value 2: invalid value at line 1 column 11");
    assert!(reason(two(r#"["secret","ab"]"#)).starts_with("value 1: invalid type, expected u64"));
    assert_eq!(reason(two("")), "EOF while parsing a value at line 1 column 0");

    let mut decoder = Decoder::new(Codec::Json, 2, b"[1,2]", DECODED).unwrap();
    assert_eq!(decoder.value::<u8>().unwrap(), 1);
    assert_eq!(reason(decoder.finish()), "a value is left over");
    let mut decoder = Decoder::new(Codec::Json, 1, b"1", DECODED).unwrap();
    assert_eq!(decoder.value::<u8>().unwrap(), 1);
    assert_eq!(reason(decoder.value::<u8>()), "a value is missing");
    for body in ["secret", "[]", "[null]", "0"] {
        let refused = Decoder::new(Codec::Json, 0, body.as_bytes(), DECODED).unwrap().finish();
        assert!(reason(refused).starts_with("there is a value where none is expected"));
    }
    assert_eq!(reason(Decoder::new(Codec::Bincode, 0, b"secret", DECODED).unwrap().finish()), "6 bytes are left over");
}

/// A raw value keeps its place among checked ones.
#[test]
fn raw_json_goes_through() {
    let raw: Box<serde_json::value::RawValue> = read(Codec::Json, br#"{"a":[1]}"#).unwrap();
    assert_eq!(write(Codec::Json, &raw), br#"{"a":[1]}"#);
}

/// Quotes itself when it cannot be written.
struct Secret;

impl Serialize for Secret {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("secret"))
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        <()>::deserialize(from).map(|()| Self)
    }
}

#[derive(Serialize, Deserialize)]
struct Flat {
    #[serde(flatten)]
    rest: BTreeMap<String, u8>,
}

#[test]
fn what_cannot_be_encoded_says_why() {
    let refused = |codec, value: &dyn Fn(&mut Encoder) -> Result<(), super::super::EncodeError>| {
        value(&mut Encoder::new(codec, 1)).unwrap_err().to_string()
    };
    let keys = BTreeMap::from([((1, 2), 3)]);
    assert_eq!(
        refused(Codec::Json, &|encoder| encoder.value(&keys)),
        "cannot be encoded as json: key must be a string"
    );
    let flat = Flat { rest: BTreeMap::new() };
    assert_eq!(
        refused(Codec::Bincode, &|encoder| encoder.value(&flat)),
        "cannot be encoded as bincode: a list or map does not know its length, as with serde's `flatten`, which \
         bincode has no word for; use `codec = \"json\"`"
    );
    for codec in super::ALL {
        let text = refused(codec, &|encoder| encoder.value(&Secret));
        assert!(text.ends_with("a value is refused by its type"), "{text}");
    }
}
