//! Rules that a sentence explains, and bounds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{CODECS, Codec, Outcome, Shapes, of, verdict};
use crate::contract::{TypeShape, TypeTable};

macro_rules! types {
    ($($item:item)*) => {$(
        #[derive(Clone, Debug, Serialize, Deserialize)]
        $item
    )*};
}

types! {
    struct Order { id: u64, lines: Vec<Line> }
    struct Line { price: u64, note: Option<String> }
    struct Order2 { id: u64, lines: Vec<Line2> }
    struct Line2 { price: String, note: Option<String> }
    struct Node { value: u32, next: Option<Box<Node>> }
    struct Node2 { value: u64, next: Option<Box<Node2>> }
    struct Thin { inner: Option<Box<Thin>> }
    #[serde(transparent)]
    struct Thinner { inner: Option<Box<Thinner>> }
    struct Tree { #[serde(default)] inner: Vec<Tree>, name: String }
    struct TreeRenamed { #[serde(default)] children: Vec<TreeRenamed>, name: String }
    struct Skips { #[serde(skip_serializing_if = "Option::is_none")] limit: Option<u32>, from: Option<u32> }
    struct Doubled { #[serde(default)] limit: Option<Option<u32>> }
    struct Limit { #[serde(default)] limit: u32 }
    struct Name { #[serde(default)] name: String }
    struct LimitIn { limits: Vec<Limit> }
    struct NameIn { limits: Vec<Name> }
    enum Two { A, B }
    enum Three { A, B, C }
    enum Skipped { Buy, #[serde(skip)] Short, Sell }
}

#[test]
fn a_path_leads_to_what_differs() {
    for codec in [Codec::Json, Codec::MsgPack] {
        let verdict = of::<Order, Order2>(codec);
        assert_eq!(verdict.outcome, Outcome::ByValue);
        assert_eq!(verdict.worst().unwrap().path, "lines[].price");
        assert_eq!(
            verdict.to_string(),
            "by value: `lines[].price`: `u64` is written and `string` is read: they are written in different ways"
        );
    }
    let verdict = of::<Order, Order2>(Codec::Bincode);
    assert_eq!(
        verdict.to_string(),
        "refused before decoding: `lines[].price`: `u64` is written and `string` is read; bincode cannot tell them apart"
    );
}

#[test]
fn a_type_in_itself_is_compared_once() {
    assert_eq!(of::<Node, Node>(Codec::Json).outcome, Outcome::Same);
    let verdict = of::<Node, Node2>(Codec::Json);
    assert_eq!((verdict.outcome, verdict.findings.len()), (Outcome::Safe, 2), "{verdict:?}");
    assert_eq!(of::<Node, Node2>(Codec::Bincode).outcome, Outcome::Refused);
    // Each level of one is half a level of the other.
    for codec in CODECS {
        let _ = of::<Thin, Thinner>(codec);
        let _ = of::<Thinner, Thin>(codec);
        let _ = of::<u32, Thinner>(codec);
    }
}

#[test]
fn a_renaming_of_what_a_type_has_of_itself_is_seen() {
    for codec in [Codec::Json, Codec::MsgPack] {
        for verdict in [of::<Tree, TreeRenamed>(codec), of::<TreeRenamed, Tree>(codec)] {
            assert_eq!(verdict.outcome, Outcome::Refused, "{verdict}");
            assert!(verdict.to_string().contains("renamed? add `#[serde(alias = "), "{verdict}");
        }
    }
}

#[test]
fn a_value_of_which_nothing_is_read_is_refused() {
    for codec in [Codec::Json, Codec::MsgPack] {
        // No renaming, for a number is no text; and yet every value would arrive as the default.
        for (verdict, path) in [(of::<Limit, Name>(codec), ""), (of::<LimitIn, NameIn>(codec), "limits[]")] {
            assert_eq!(
                (verdict.outcome, verdict.worst().unwrap().path.as_str()),
                (Outcome::Refused, path),
                "{verdict}"
            );
            assert!(verdict.to_string().contains("nothing of what is written is read"), "{verdict}");
        }
    }
}

#[test]
fn bincode_takes_only_variants_that_are_alike() {
    for (verdict, part) in [
        (of::<Two, Three>(Codec::Bincode), "the writer does not have this variant"),
        (of::<Three, Two>(Codec::Bincode), "variant C is written as number 2 and not read"),
    ] {
        assert_eq!((verdict.outcome, verdict.worst().unwrap().path.as_str()), (Outcome::Refused, "::C"));
        assert!(verdict.to_string().contains(part), "{verdict}");
    }
}

#[test]
fn a_type_that_does_not_read_what_it_writes_is_seen() {
    let verdict = of::<Skips, Skips>(Codec::Bincode);
    assert_eq!((verdict.outcome, verdict.worst().unwrap().path.as_str()), (Outcome::Refused, "limit"));
    assert!(verdict.to_string().contains("skip_serializing_if"), "{verdict}");
    assert_eq!(of::<Skips, Skips>(Codec::Json).outcome, Outcome::Same);
    let verdict = of::<Skipped, Skipped>(Codec::Bincode);
    assert_eq!(verdict.outcome, Outcome::Refused);
    assert_eq!(of::<Skipped, Skipped>(Codec::Json).outcome, Outcome::Same);
    // `Some(None)` is what `None` is.
    assert_eq!(of::<Doubled, Doubled>(Codec::Json).outcome, Outcome::Refused);
    assert_eq!(of::<Doubled, Doubled>(Codec::Bincode).outcome, Outcome::Same);
}

#[test]
fn what_nobody_knows_is_never_green() {
    for codec in CODECS {
        assert_eq!(of::<serde_json::Value, serde_json::Value>(codec).outcome, Outcome::Unknown);
        assert_eq!(of::<BTreeMap<String, serde_json::Value>, BTreeMap<String, u8>>(codec).outcome, Outcome::Unknown);
    }
}

/// A table may come from a peer.
#[test]
fn tables_from_elsewhere_are_bounded() {
    // Two rings of lengths without a common divisor: a million pairs of types.
    let ring = |length: u32| {
        let ring: Vec<TypeShape> = (0..length).map(|index| TypeShape::List((index + 1) % length)).collect();
        TypeTable::try_from(ring).unwrap()
    };
    let (one, two) = (ring(1_021), ring(1_019));
    for codec in CODECS {
        let verdict = verdict(one.get(0).unwrap(), two.get(0).unwrap(), codec);
        assert_eq!(verdict.outcome, Outcome::Unknown);
    }
    // Ten thousand pairs that are no deeper than two.
    let grid = |part: fn(u32) -> u32| {
        let mut types = vec![TypeShape::Tuple((0..10_000).map(|index| 1 + part(index)).collect())];
        types.extend((0..100).map(|_| TypeShape::List(101)));
        types.push(TypeShape::U8);
        TypeTable::try_from(types).unwrap()
    };
    let (one, two) = (grid(|index| index / 100), grid(|index| index % 100));
    for codec in CODECS {
        let verdict = verdict(one.get(0).unwrap(), two.get(0).unwrap(), codec);
        assert_eq!(verdict.outcome, Outcome::Unknown);
        assert!(verdict.to_string().contains("too large to be compared"), "{verdict}");
    }
    // A type in many places is not written out in all of them.
    let mut twice: Vec<TypeShape> = (0..30).map(|index| TypeShape::Map(index + 1, index + 1)).collect();
    twice.push(TypeShape::U8);
    let twice = TypeTable::try_from(twice).unwrap();
    assert!(twice.get(0).unwrap().to_string().len() < 100_000);
    assert!(twice.get(31).is_none());
    assert!(TypeTable::try_from(vec![TypeShape::Option(1)]).is_err());
    assert!(TypeTable::try_from(vec![TypeShape::Newtype { name: "N".into(), of: 0 }]).is_err());
}

#[test]
fn a_shape_beyond_the_bounds_is_opaque() {
    let wide: Vec<TypeShape> = Vec::new();
    assert!(TypeTable::try_from(wide).is_ok());
    assert_eq!(Shapes::of::<[[u64; 32]; 32]>(Codec::Json).read().to_string(), "[[u64; 32]; 32]");
}
