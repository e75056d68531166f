//! What holds for all values and for all bytes.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use super::{ALL, Codec, DECODED, Decoder, read, write};

/// Something of everything in serde's data model that both codecs keep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Varied {
    small: (u8, i8, u16, i16),
    large: (u32, i32, u64, i64),
    huge: (u128, i128),
    float: f64,
    yes: bool,
    letter: char,
    text: String,
    bytes: Vec<u8>,
    unit: (),
    maybe: Option<Box<Varied>>,
    map: BTreeMap<String, Option<u64>>,
    choices: Vec<Choice>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Choice {
    Unit,
    One(Wrapped),
    Two(i64, String),
    Named { at: u32, list: Vec<Choice> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Wrapped(u64);

fn choice() -> impl Strategy<Value = Choice> {
    let leaf = prop_oneof![
        Just(Choice::Unit),
        any::<u64>().prop_map(|number| Choice::One(Wrapped(number))),
        (any::<i64>(), ".{0,8}").prop_map(|(number, text)| Choice::Two(number, text)),
    ];
    leaf.prop_recursive(4, 16, 4, |inner| {
        (any::<u32>(), vec(inner, 0..4)).prop_map(|(at, list)| Choice::Named { at, list })
    })
}

fn varied() -> impl Strategy<Value = Varied> {
    let leaf = (
        (any::<(u8, i8, u16, i16)>(), any::<(u32, i32, u64, i64)>(), any::<(u128, i128)>()),
        (-1e9..1e9, any::<bool>(), any::<char>(), ".{0,12}", vec(any::<u8>(), 0..12)),
        btree_map(".{0,4}", any::<Option<u64>>(), 0..4),
        vec(choice(), 0..4),
    )
        .prop_map(|((small, large, huge), (float, yes, letter, text, bytes), map, choices)| Varied {
            small,
            large,
            huge,
            // Whole, so that the text form of a float is not what is tested.
            float: f64::trunc(float),
            yes,
            letter,
            text,
            bytes,
            unit: (),
            maybe: None,
            map,
            choices,
        });
    leaf.prop_recursive(3, 4, 1, |inner| {
        (inner.clone(), inner).prop_map(|(mut outer, inner)| {
            outer.maybe = Some(Box::new(inner));
            outer
        })
    })
}

/// Bytes as they come, and with many of the markers that mean something.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![any::<u8>(), 0u8..4, 250u8..=255, Just(b'['), Just(b'{'), Just(b'"'), Just(b':')];
    vec(byte, 0..200)
}

/// Our reading of a JSON text is `serde_json`'s.
fn agrees<T: serde::de::DeserializeOwned + std::fmt::Debug>(body: &[u8]) -> Result<(), TestCaseError> {
    let (ours, theirs) = (read::<T>(Codec::Json, body).ok(), serde_json::from_slice::<T>(body).ok());
    prop_assert_eq!(format!("{:?}", ours), format!("{:?}", theirs), "{:?}", String::from_utf8_lossy(body));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn what_is_written_is_read(value in varied()) {
        for codec in ALL {
            prop_assert_eq!(&read::<Varied>(codec, &write(codec, &value)).unwrap(), &value);
        }
    }

    /// Our walk through serde's data model reads exactly what bincode's own does.
    #[test]
    fn bincode_itself_agrees(value in varied(), bytes in bytes(), flip in any::<(usize, u8)>()) {
        let mut body = write(Codec::Bincode, &value);
        prop_assert_eq!(&body, &bincode::serde::encode_to_vec(&value, bincode::config::standard()).unwrap());
        let at = flip.0 % body.len();
        body[at] = flip.1;
        // A limit, because bincode alone would allocate what a flipped length claims.
        let limited = bincode::config::standard().with_limit::<100_000>();
        for body in [body, bytes] {
            let theirs = bincode::serde::decode_from_slice::<Varied, _>(&body, limited).ok();
            let theirs = theirs.filter(|(_, used)| *used == body.len()).map(|(value, _)| value);
            // Through the text, since a flipped float may be no number.
            prop_assert_eq!(format!("{:?}", read::<Varied>(Codec::Bincode, &body).ok()), format!("{:?}", theirs));
        }
    }

    /// `serde_json` writes and reads the same.
    #[test]
    fn serde_json_itself_agrees(value in varied(), bytes in bytes(), flip in any::<(usize, u8)>()) {
        let mut body = write(Codec::Json, &value);
        prop_assert_eq!(&body, &serde_json::to_vec(&value).unwrap());
        // Numbers beyond 64 bits are no part of this one: they become floats there, and errors here.
        let mut choices = write(Codec::Json, &value.choices);
        for body in [&mut body, &mut choices] {
            let at = flip.0 % body.len();
            body[at] = flip.1;
        }
        agrees::<serde_json::Value>(&choices)?;
        for body in [body, bytes] {
            agrees::<Varied>(&body)?;
            agrees::<BTreeMap<u8, Option<f64>>>(&body)?;
        }
    }

    /// So does `rmp-serde`, with names.
    #[test]
    fn rmp_serde_itself_agrees(value in varied(), bytes in bytes(), flip in any::<(usize, u8)>()) {
        let mut theirs = Vec::new();
        let mut to = rmp_serde::Serializer::new(&mut theirs).with_struct_map().with_human_readable();
        value.serialize(&mut to).unwrap();
        let mut body = write(Codec::MsgPack, &value);
        prop_assert_eq!(&body, &theirs);
        let read = |body: &[u8]| {
            let mut from = rmp_serde::Deserializer::new(body).with_human_readable();
            Varied::deserialize(&mut from).ok().filter(|_| from.get_ref().is_empty())
        };
        prop_assert_eq!(read(&body), Some(value));
        let at = flip.0 % body.len();
        body[at] = flip.1;
        for body in [body, bytes] {
            // What we take, they take for the same; they take some more, such as a variant's number.
            let ours = super::read::<Varied>(Codec::MsgPack, &body);
            if let Ok(ours) = ours {
                prop_assert_eq!(format!("{ours:?}"), format!("{:?}", read(&body).unwrap()));
            }
        }
    }

    #[test]
    fn no_bytes_do_harm(bytes in bytes()) {
        for codec in ALL {
            let _ = read::<Varied>(codec, &bytes);
            let _ = read::<Choice>(codec, &bytes);
            let _ = read::<Vec<()>>(codec, &bytes);
            let _ = read::<Vec<Vec<BTreeMap<String, [u8; 4]>>>>(codec, &bytes);
            if let Ok(mut decoder) = Decoder::new(codec, 3, &bytes, DECODED) {
                let _ = (decoder.value::<String>(), decoder.value::<Choice>(), decoder.value::<f32>());
            }
        }
    }

    #[test]
    fn less_or_more_is_an_error(value in varied(), cut in any::<usize>(), more in vec(1u8.., 1..8)) {
        for codec in ALL {
            let body = write(codec, &value);
            prop_assert!(read::<Varied>(codec, &body[..cut % body.len()]).is_err());
            let mut longer = body.clone();
            longer.extend_from_slice(&more);
            // Blanks at the end of a JSON text are part of no value.
            let blank = codec == Codec::Json && more.iter().all(|byte| b" \n\r\t".contains(byte));
            prop_assert_eq!(read::<Varied>(codec, &longer).is_ok(), blank);
        }
    }
}
