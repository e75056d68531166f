//! Every kind of type read as every other, with values that are really written and read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::model::{Tree, is_meant, tree};
use super::{CODECS, Codec, DeserializeOwned, Outcome, Shapes, Verdict, read, verdict, write};

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Point {
    x: u8,
    y: i32,
}
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Spread {
    #[serde(default)]
    z: Option<bool>,
}
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Choice {
    Neither,
    One(u8),
}
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Word {
    Neither,
    Both,
}
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Meters(u32);

/// Names mean what they say.
fn meanings(_: &str, name: &str) -> u32 {
    name.bytes().fold(7, |hash, byte| hash * 31 % 65_521 + u32::from(byte))
}

/// A kind of type, with all that is needed to write and to read it.
pub(super) struct Kind {
    pub(super) name: &'static str,
    shapes: fn(Codec) -> Shapes,
    written: Vec<(Tree, Vec<Option<Vec<u8>>>)>,
    read: fn(Codec, &[u8]) -> Option<Tree>,
}

fn kind<T: Serialize + DeserializeOwned + 'static>(name: &'static str, samples: &[T]) -> Kind {
    Kind {
        name,
        shapes: Shapes::of::<T>,
        written: samples
            .iter()
            .map(|sample| (tree(sample, meanings), CODECS.iter().map(|codec| write(*codec, sample)).collect()))
            .collect(),
        read: |codec, body| Some(tree(&read::<T>(codec, body)?, meanings)),
    }
}

pub(super) fn kinds() -> Vec<Kind> {
    vec![
        kind("bool", &[false, true]),
        kind("u8", &[0_u8, 7, 255]),
        kind("i8", &[0_i8, 7, -7]),
        kind("u32", &[0_u32, 1, 65, 70_000, u32::MAX]),
        kind("i32", &[0_i32, 65, -1, i32::MIN, i32::MAX]),
        kind("u64", &[0_u64, 65, 1 << 40, (1 << 53) + 1, u64::MAX]),
        kind("i64", &[0_i64, 65, -(1 << 53) - 1, i64::MAX]),
        kind("u128", &[0_u128, 65, 1 << 100]),
        kind("f32", &[0.0_f32, 0.1, 1.0, -2.5]),
        kind("f64", &[0.0_f64, 0.1, 1.0, 1e300]),
        kind("char", &['a', '1', 'ß']),
        kind("String", &[String::new(), "a".to_owned(), "1".to_owned(), "Neither".to_owned(), "long".to_owned()]),
        kind("()", &[()]),
        kind("Option<u8>", &[None, Some(7_u8)]),
        kind("Vec<u8>", &[vec![], vec![7_u8], vec![1, 2], vec![255; 3]]),
        kind("[u8; 2]", &[[1_u8, 2], [255, 0]]),
        kind("(u8, String)", &[(1_u8, "a".to_owned())]),
        kind("Map<String, u8>", &[BTreeMap::new(), BTreeMap::from([("x".to_owned(), 1_u8)])]),
        kind("Map<u32, u8>", &[BTreeMap::from([(1_u32, 1_u8)]), BTreeMap::new()]),
        kind("struct, fields needed", &[Point { x: 1, y: -1 }, Point { x: 255, y: 7 }]),
        kind("struct, all default", &[Spread { z: None }, Spread { z: Some(true) }]),
        kind("enum with values", &[Choice::Neither, Choice::One(7)]),
        kind("enum of words", &[Word::Neither, Word::Both]),
        kind("newtype of u32", &[Meters(1), Meters(u32::MAX)]),
    ]
}

/// What becomes of one kind that is read as another.
pub(super) fn judged(written: &Kind, read: &Kind, codec: Codec) -> Verdict {
    verdict((written.shapes)(codec).written(), (read.shapes)(codec).read(), codec)
}

#[test]
fn every_kind_read_as_every_other_is_what_really_happens() {
    let kinds = kinds();
    for (index, codec) in CODECS.into_iter().enumerate() {
        let mut counts = BTreeMap::new();
        for (one, two) in kinds.iter().flat_map(|one| kinds.iter().map(move |two| (one, two))) {
            let verdict = judged(one, two, codec);
            *counts.entry(verdict.outcome).or_insert(0) += 1;
            let mut failed = 0;
            for (value, bodies) in &one.written {
                let got = bodies[index].as_ref().and_then(|body| (two.read)(codec, body));
                failed += usize::from(got.is_none());
                let right = got.as_ref().is_some_and(|got| is_meant(value, got));
                let what = format!("{codec}: {} as {}: {verdict}: {value:?} arrives as {got:?}", one.name, two.name);
                match verdict.outcome {
                    Outcome::Same | Outcome::Safe => assert!(right, "{what}"),
                    Outcome::ByValue => assert!(right || got.is_none(), "{what}"),
                    Outcome::ErrorInDecoding => assert!(got.is_none(), "{what}"),
                    Outcome::Unknown | Outcome::Refused => {}
                }
            }
            if verdict.outcome == Outcome::ByValue {
                assert!(failed > 0, "{codec}: {} as {}: {verdict}: no value fails", one.name, two.name);
            }
        }
        let count = |outcome: Outcome| counts.get(&outcome).copied().unwrap_or(0);
        assert_eq!(count(Outcome::Same), 26, "{codec}: {counts:?}");
        if codec == Codec::Bincode {
            assert_eq!(
                count(Outcome::Safe) + count(Outcome::ByValue) + count(Outcome::ErrorInDecoding),
                0,
                "{counts:?}"
            );
        } else {
            assert!(count(Outcome::Safe) >= 24 && count(Outcome::ByValue) >= 40, "{counts:?}");
            assert!(count(Outcome::Unknown) <= 45, "{codec}: {counts:?}");
        }
    }
}
