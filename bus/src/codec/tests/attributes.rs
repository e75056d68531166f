//! serde's attributes: what is sent arrives as serde itself would have it, or is not sent.
//!
//! The judge is serde's own round trip through a tree that keeps all names. Where that refuses and
//! a codec does not, what arrives has to be what was sent.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::draw::{Draw, Random};
use super::{ALL, Codec, read, try_write};

/// How many of a type's values a codec has to carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Carried {
    All,
    Some,
    None,
}

use Carried::{All, None as Nothing, Some as Part};

const VALUES: usize = 300;

/// Types with serde's derives and a way to draw them: fields one by one, variants by a number.
macro_rules! types {
    ($(#[$meta:meta])* struct $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* } $($rest:tt)*) => {
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        $(#[$meta])*
        struct $name { $($(#[$field_meta])* $field: $type,)* }

        impl Draw for $name {
            fn draw(random: &mut Random) -> Self {
                Self { $($field: Draw::draw(random),)* }
            }
        }

        types! { $($rest)* }
    };
    ($(#[$meta:meta])* enum $name:ident { $($variants:tt)* } [$($draw:expr,)*] $($rest:tt)*) => {
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        $(#[$meta])*
        enum $name { $($variants)* }

        impl Draw for $name {
            fn draw(random: &mut Random) -> Self {
                #[allow(unused_imports)]
                use $name::*;
                let draws: &[fn(&mut Random) -> $name] = &[$($draw,)*];
                draws[usize::try_from(random.below(draws.len() as u64)).unwrap()](random)
            }
        }

        types! { $($rest)* }
    };
    () => {};
}

/// A tuple struct, drawn part by part.
macro_rules! tuples {
    ($($(#[$meta:meta])* struct $name:ident($($(#[$part_meta:meta])* $part:ident: $type:ty),*);)*) => {$(
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        $(#[$meta])*
        struct $name($($(#[$part_meta])* $type),*);

        impl Draw for $name {
            fn draw(random: &mut Random) -> Self {
                $(let $part: $type = Draw::draw(random);)*
                Self($($part),*)
            }
        }
    )*};
}

types! {
    enum Side { Buy, #[serde(skip)] Short, Sell, }
    [|_| Buy, |_| Short, |_| Sell,]

    enum SideOther { Buy, #[serde(skip)] Short, Sell, #[serde(other)] Unknown, }
    [|_| Buy, |_| Short, |_| Sell, |_| Unknown,]

    enum NotRead { A, #[serde(skip_deserializing)] B, C, D(u8), }
    [|_| A, |_| B, |_| C, |random| D(Draw::draw(random)),]

    enum NotWritten { A, #[serde(skip_serializing)] B, C, }
    [|_| A, |_| B, |_| C,]

    enum Renamed { #[serde(rename = "first", alias = "erste")] A, #[serde(rename = "second")] B { #[serde(rename = "n")] number: u8 }, }
    [|_| A, |random| B { number: Draw::draw(random) },]

    #[serde(tag = "type")]
    enum Tagged { Unit, Named { x: u8, y: Option<u32> }, Held(Plain), #[serde(skip_deserializing)] Lost { x: u8, y: Option<u32> }, }
    [|_| Unit, |random| Named { x: Draw::draw(random), y: Draw::draw(random) }, |random| Held(Draw::draw(random)),
     |random| Lost { x: Draw::draw(random), y: Draw::draw(random) },]

    #[serde(tag = "type")]
    enum TaggedTwice { A { x: u8 }, B(HoldsType), }
    [|random| A { x: Draw::draw(random) }, |random| B(Draw::draw(random)),]

    #[serde(tag = "t", content = "c")]
    enum Adjacent { Unit, One(u32), Two(u8, String), Named { x: u8 }, }
    [|_| Unit, |random| One(Draw::draw(random)), |random| Two(Draw::draw(random), Draw::draw(random)), |random| Named { x: Draw::draw(random) },]

    #[serde(untagged)]
    enum Untagged { Number(u64), Text(String), Pair(u8, u8), Named { x: i8 }, Nothing, }
    [|random| Number(Draw::draw(random)), |random| Text(Draw::draw(random)), |random| Pair(Draw::draw(random), Draw::draw(random)),
     |random| Named { x: Draw::draw(random) }, |_| Nothing,]

    #[serde(untagged)]
    enum Ambiguous { Byte(u8), Word(u16), Maybe(Option<u8>), Wide(u128), }
    [|random| Byte(Draw::draw(random)), |random| Word(Draw::draw(random)), |random| Maybe(Draw::draw(random)), |random| Wide(Draw::draw(random)),]

    enum LastUntagged { A, B { x: u8 }, #[serde(untagged)] Any(String), }
    [|_| A, |random| B { x: Draw::draw(random) }, |random| Any(Draw::draw(random)),]

    enum SparseVariant { A { #[serde(skip_serializing_if = "Option::is_none")] x: Option<u8>, y: Option<u8> }, B(#[serde(skip)] u8, u8), }
    [|random| A { x: Draw::draw(random), y: Draw::draw(random) }, |random| B(Draw::draw(random), Draw::draw(random)),]

    #[derive(Eq, PartialOrd, Ord)]
    enum Key { One, Two, }
    [|_| One, |_| Two,]

    struct Plain { id: u64, name: String, side: Option<bool>, }

    struct HoldsType { r#type: u8, x: u8, }

    struct Sparse { #[serde(skip_serializing_if = "Option::is_none")] limit: Option<u32>, from: Option<u16>, all: bool, }

    struct SparseDefault { #[serde(default, skip_serializing_if = "Vec::is_empty")] list: Vec<u8>, #[serde(default)] other: Vec<u8>, }

    struct SparseRequired { #[serde(skip_serializing_if = "Vec::is_empty")] list: Vec<u8>, all: bool, }

    struct WriteOnlySome { a: u8, #[serde(skip_serializing, default)] b: u8, }

    struct WriteOnlySomeFirst { #[serde(skip_serializing, default)] a: u8, b: u8, }

    struct ReadOnlySome { a: u8, #[serde(skip_deserializing)] b: u8, c: u8, }

    struct Skipped { a: u8, #[serde(skip)] b: u8, c: u8, }

    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct RenamedFields { long_name: u8, #[serde(rename = "x", alias = "y")] other_name: u8, }

    struct RenamedOneWay { #[serde(rename(serialize = "one", deserialize = "other"))] number: u8, }

    struct Flattened { own: u8, #[serde(flatten)] inner: Plain, #[serde(flatten)] more: Option<HoldsType>, }

    struct FlattenedMap { id: u8, #[serde(flatten)] rest: BTreeMap<ShortText, u64>, }

    struct FlattenedWide { id: u8, #[serde(flatten)] inner: HoldsWide, }

    struct HoldsWide { wide: u128, signed: Option<i128>, }

    struct FlattenedKeys { id: u8, #[serde(flatten)] rest: BTreeMap<u64, u8>, direct: BTreeMap<u64, u8>, }

    struct Floats { short: f32, long: f64, maybe: Option<f64>, }

    struct Wides { wide: u128, signed: i128, maybe: Option<u128>, }

    struct Nested { one: Option<Option<u8>>, }

    struct NestedUnit { one: Option<()>, list: Vec<Option<()>>, }

    struct NestedNewtype { one: Option<Thin>, two: Option<Box<Option<Thin>>>, }

    struct WithMillis { #[serde(with = "millis")] at: std::time::Duration, }

    struct WithOneWay { #[serde(serialize_with = "as_text")] number: u8, other: u8, }

    #[serde(default)]
    struct Defaulted { a: u8, b: Option<String>, }

    struct Late { all: bool, list: Vec<Untagged>, sides: Vec<SideOther>, map: BTreeMap<u8, Adjacent>, }

    #[serde(from = "PointBack", into = "Point")]
    struct Swapped { x: u8, y: u8, }

    struct Point { x: u8, y: u8, }

    struct PointBack { y: u8, x: u8, }

    #[serde(from = "String", into = "String")]
    struct Tidy { text: String, }

    struct Keys { tuples: BTreeMap<(u8, bool), u8>, }

    struct OptionalKeys { options: BTreeMap<Option<u8>, u8>, }

    struct PlainKeys { numbers: BTreeMap<u64, u8>, signed: BTreeMap<i128, u8>, yes: BTreeMap<bool, u8>, letters: BTreeMap<char, u8>, enums: BTreeMap<Key, u8>, thin: BTreeMap<ThinKey, u8>, }

    struct Blob { bytes: Bytes, more: Vec<Bytes>, maybe: Option<Bytes>, }

    struct Foreign { #[serde(with = "RemoteDef")] remote: Remote, }

    struct Std { duration: std::time::Duration, range: std::ops::Range<u8>, address: std::net::IpAddr, path: std::path::PathBuf, array: [Option<u8>; 3], text: Cow<'static, str>, result: Result<u8, String>, }

    struct Sets { set: HashSet<u16>, map: HashMap<String, HashSet<u8>>, }

    struct Values { value: serde_json::Value, }

    struct OptionalValue { value: Option<serde_json::Value>, }
}

tuples! {
    struct Thin(inner: Option<u8>);
    #[serde(transparent)]
    struct Clear(inner: Plain);
    struct Parts(a: u8, #[serde(skip)] b: u8, c: Option<u8>);
    struct Units(a: Unit, list: Vec<Unit>);
    struct OptionalUnits(a: Option<Unit>);
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Unit;

impl Draw for Unit {
    fn draw(_: &mut Random) -> Self {
        Self
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct ThinKey(u16);

impl Draw for ThinKey {
    fn draw(random: &mut Random) -> Self {
        Self(Draw::draw(random))
    }
}

/// A text that is the name of a field now and then.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct ShortText(String);

impl Draw for ShortText {
    fn draw(random: &mut Random) -> Self {
        Self(if random.below(4) == 0 { "id".to_owned() } else { String::draw(random) })
    }
}

#[derive(Clone, Debug, PartialEq)]
struct Bytes(Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Bytes;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("byte array")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Bytes, A::Error> {
                let mut bytes = Vec::new();
                while let Some(byte) = list.next_element()? {
                    bytes.push(byte);
                }
                Ok(Bytes(bytes))
            }
        }
        from.deserialize_byte_buf(Visitor)
    }
}

impl Draw for Bytes {
    fn draw(random: &mut Random) -> Self {
        Self(Draw::draw(random))
    }
}

#[derive(Clone, Debug, PartialEq)]
struct Remote {
    a: u8,
    b: Option<String>,
}

impl Draw for Remote {
    fn draw(random: &mut Random) -> Self {
        Self { a: Draw::draw(random), b: Draw::draw(random) }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Remote")]
struct RemoteDef {
    a: u8,
    b: Option<String>,
}

mod millis {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(at: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u128(at.as_millis())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u128::deserialize(from).map(|millis| Duration::from_millis(u64::try_from(millis).unwrap_or(0)))
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)] // As serde calls it.
fn as_text<S: serde::Serializer>(number: &u8, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&number.to_string())
}

impl Default for Defaulted {
    fn default() -> Self {
        Self { a: 7, b: Some("b".into()) }
    }
}

impl From<PointBack> for Swapped {
    fn from(point: PointBack) -> Self {
        Self { x: point.x, y: point.y }
    }
}

impl From<Swapped> for Point {
    fn from(point: Swapped) -> Self {
        Self { x: point.x, y: point.y }
    }
}

impl From<String> for Tidy {
    fn from(text: String) -> Self {
        Self { text: text.replace('ß', "ss") }
    }
}

impl From<Tidy> for String {
    fn from(tidy: Tidy) -> Self {
        tidy.text
    }
}

/// serde's own way through a tree that keeps every name.
fn through_a_tree<T: Serialize + DeserializeOwned>(codec: Codec, value: &T) -> Option<T> {
    let (mut to, readable) = (serde_content::Serializer::new(), codec != Codec::Bincode);
    if readable {
        to = to.human_readable();
    }
    let tree = to.serialize(value).ok()?;
    let mut from = serde_content::Deserializer::new(tree);
    if readable {
        from = from.human_readable();
    }
    from.deserialize().ok()
}

fn carried<T>(codec: Codec, expected: Carried)
where
    T: Draw + Clone + Debug + Serialize + DeserializeOwned + 'static,
{
    let name = std::any::type_name::<T>();
    let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ name.len() as u64);
    let mut arrived = 0;
    for _ in 0..VALUES {
        let value = T::draw(&mut random);
        let Ok(body) = try_write(codec, &value) else { continue };
        let read: T = read(codec, &body).unwrap_or_else(|error| panic!("{name} {codec} {value:?}: {error}"));
        // Through the text, since what is no number is not equal to itself.
        let (read, sent) = (format!("{read:?}"), format!("{value:?}"));
        let same = match through_a_tree(codec, &value) {
            Some(judged) => read == format!("{judged:?}"),
            None => read == sent,
        };
        // The order of a set or map is any.
        let judged = || through_a_tree(codec, &value).map(|judged| format!("{judged:?}"));
        assert!(same || name.contains("Sets"), "{name} {codec}: {sent} arrived as {read}, and not as {:?}", judged());
        arrived += 1;
    }
    let found = match arrived {
        0 => Nothing,
        VALUES => All,
        _ => Part,
    };
    assert_eq!(found, expected, "{name} in {codec}: {arrived} of {VALUES}");
}

/// A type alone, and within others, so that it is met late.
fn row<T>(expected: [Carried; 3])
where
    T: Draw + Clone + Debug + Serialize + DeserializeOwned + 'static,
{
    for (codec, expected) in ALL.into_iter().zip(expected) {
        carried::<T>(codec, expected);
        let within = if expected == All { All } else { Part };
        carried::<Vec<T>>(codec, within);
        carried::<(u8, BTreeMap<String, Vec<T>>)>(codec, within);
    }
}

#[test]
fn variants_that_one_side_leaves_out() {
    row::<Side>([Part, Part, Part]);
    row::<SideOther>([Part, Part, Part]);
    row::<NotRead>([Part, Part, Part]);
    row::<NotWritten>([Part, Part, Part]);
    row::<Renamed>([All, All, All]);
}

#[test]
fn variants_without_numbers() {
    row::<Tagged>([Nothing, Part, Part]);
    row::<TaggedTwice>([Nothing, Part, Part]);
    row::<Untagged>([Nothing, All, All]);
    row::<Ambiguous>([Nothing, Part, Part]);
    row::<LastUntagged>([Nothing, All, All]);
    row::<Late>([Part, Part, Part]);
}

#[test]
fn a_tag_beside_its_content() {
    for codec in ALL.into_iter().skip(1) {
        carried::<Adjacent>(codec, All);
        carried::<Vec<Adjacent>>(codec, All);
    }
    carried::<Adjacent>(Codec::Bincode, Nothing);
}

#[test]
fn fields_that_are_left_out() {
    row::<Sparse>([Part, All, All]);
    row::<SparseDefault>([Part, All, All]);
    row::<SparseRequired>([Part, Part, Part]);
    row::<SparseVariant>([Part, All, All]);
    row::<WriteOnlySome>([Nothing, All, All]);
    row::<WriteOnlySomeFirst>([Nothing, All, All]);
    row::<ReadOnlySome>([Nothing, All, All]);
    row::<Skipped>([All, All, All]);
    row::<Parts>([All, All, All]);
    row::<Defaulted>([All, All, All]);
}

#[test]
fn what_is_left_out_is_named() {
    let refused = try_write(Codec::Bincode, &Sparse { limit: None, from: Some(256), all: false }).unwrap_err();
    let text = refused.to_string();
    for part in ["field `limit`", "`skip_serializing_if`", "bincode", "codec = \"json\""] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn names() {
    row::<RenamedFields>([All, All, All]);
    row::<RenamedOneWay>([All, Nothing, Nothing]);
    row::<Flattened>([Nothing, All, All]);
    row::<FlattenedMap>([Nothing, Part, Part]);
    row::<FlattenedWide>([Nothing, Nothing, Nothing]);
    row::<FlattenedKeys>([Nothing, Part, All]);
}

#[test]
fn types_in_other_clothes() {
    row::<Clear>([All, All, All]);
    row::<Foreign>([All, All, All]);
    row::<WithMillis>([All, All, All]);
    row::<WithOneWay>([Nothing, Nothing, Nothing]);
    row::<Swapped>([Part, All, All]);
    row::<Tidy>([All, All, All]);
    row::<Std>([All, All, All]);
    row::<Sets>([All, All, All]);
    row::<Blob>([All, All, All]);
    row::<Units>([All, All, All]);
}

#[test]
fn numbers() {
    row::<Floats>([All, Part, All]);
    row::<Wides>([All, All, All]);
    row::<u128>([All, All, All]);
    row::<f32>([All, Part, All]);
}

#[test]
fn what_json_has_one_word_for() {
    row::<Nested>([All, Part, Part]);
    row::<NestedUnit>([All, Part, Part]);
    row::<NestedNewtype>([All, Part, Part]);
    row::<OptionalUnits>([All, Part, All]);
    row::<Values>([Nothing, All, All]);
    row::<OptionalValue>([Part, Part, Part]);
}

#[test]
fn keys() {
    row::<Keys>([All, Part, All]);
    row::<OptionalKeys>([All, Part, All]);
    row::<PlainKeys>([All, All, All]);
}
