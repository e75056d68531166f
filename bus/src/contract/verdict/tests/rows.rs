//! Every kind of change, with values that are really written and read: what the verdict says of
//! them, and what becomes of them.

use super::{CODECS, Codec, DeserializeOwned, Outcome, Serialize, Verdict, of, read, write};

/// One change of a type, judged in both directions under every codec.
pub(super) struct Row {
    pub(super) change: &'static str,
    /// For each codec what is written by the old type and read by the new one, and the reverse.
    pub(super) cells: Vec<(Codec, Verdict, Verdict)>,
}

/// A value as JSON, and what it is to become: none where it cannot be carried over.
type Sample = (&'static str, Option<&'static str>);

fn change<Old, New>(change: &'static str, forth: &[Sample], back: &[Sample]) -> Row
where
    Old: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug + 'static,
    New: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug + 'static,
{
    let cell = |codec: Codec| {
        let (old_to_new, new_to_old) = (of::<Old, New>(codec), of::<New, Old>(codec));
        hold::<Old, New>(&format!("{change}, {codec}, old to new"), &old_to_new, codec, forth);
        hold::<New, Old>(&format!("{change}, {codec}, new to old"), &new_to_old, codec, back);
        (codec, old_to_new, new_to_old)
    };
    Row { change, cells: CODECS.map(cell).into() }
}

/// Holds a verdict against what really becomes of values.
fn hold<W, R>(what: &str, verdict: &Verdict, codec: Codec, samples: &[Sample])
where
    W: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug + 'static,
    R: DeserializeOwned + PartialEq + std::fmt::Debug + 'static,
{
    assert!(!samples.is_empty(), "{what}: no samples");
    let (mut failed, mut wrong) = (0, 0);
    for (sample, wanted) in samples {
        let value: W = serde_json::from_str(sample).unwrap_or_else(|cause| panic!("{what}: {sample}: {cause}"));
        let wanted: Option<R> = wanted
            .map(|wanted| serde_json::from_str(wanted).unwrap_or_else(|cause| panic!("{what}: {wanted}: {cause}")));
        // What cannot be written does not arrive either.
        let got: Option<R> = write(codec, &value).and_then(|body| read(codec, &body));
        let right = got == wanted;
        failed += usize::from(got.is_none());
        wrong += usize::from(got.is_some() && !right);
        match verdict.outcome {
            Outcome::Same | Outcome::Safe => {
                assert!(right && wanted.is_some(), "{what}: {verdict}: {value:?} arrives as {got:?}");
            }
            Outcome::ByValue => assert!(right || got.is_none(), "{what}: {verdict}: {value:?} arrives as {got:?}"),
            Outcome::ErrorInDecoding => assert!(got.is_none(), "{what}: {verdict}: {value:?} arrives as {got:?}"),
            Outcome::Refused | Outcome::Unknown => {}
        }
    }
    if verdict.outcome == Outcome::ByValue {
        assert!(failed > 0, "{what}: {verdict}: no value fails");
    }
    // Codecs that carry names are refused only for a reason.
    if verdict.outcome == Outcome::Refused && codec != Codec::Bincode {
        assert!(wrong > 0 || failed > 0, "{what}: {verdict}: every value arrives");
    }
}

macro_rules! changes {
    ($rows:ident: $($change:literal { $($old:item)* } => { $($new:item)* } [$($forth:tt)*] [$($back:tt)*];)*) => {$(
        $rows.push({
            mod old {
                #[allow(unused_imports)]
                use std::collections::BTreeMap;
                $(#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)] $old)*
            }
            mod new {
                #[allow(unused_imports)]
                use std::collections::BTreeMap;
                $(#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)] $new)*
            }
            change::<old::T, new::T>($change, &[$($forth)*], &[$($back)*])
        });
    )*};
}

/// All rows, each held against real decoding.
#[allow(clippy::too_many_lines)] // A table.
pub(super) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    changes! { rows:
        "nothing but the type's name" { pub(super) struct T { a: u32 } } => { #[serde(rename = "U")] pub(super) struct T { a: u32 } }
            [(r#"{"a":1}"#, Some(r#"{"a":1}"#))] [(r#"{"a":1}"#, Some(r#"{"a":1}"#))];
        "a field added, without a default" { pub(super) struct T { a: u32 } } => { pub(super) struct T { a: u32, b: u32 } }
            [(r#"{"a":1}"#, None)] [(r#"{"a":1,"b":2}"#, Some(r#"{"a":1}"#))];
        "a field added, with `#[serde(default)]`" { pub(super) struct T { a: u32 } } => { pub(super) struct T { a: u32, #[serde(default)] b: u32 } }
            [(r#"{"a":1}"#, Some(r#"{"a":1}"#))] [(r#"{"a":1,"b":2}"#, Some(r#"{"a":1}"#))];
        "an `Option` field added" { pub(super) struct T { a: u32 } } => { pub(super) struct T { a: u32, b: Option<u32> } }
            [(r#"{"a":1}"#, Some(r#"{"a":1}"#))] [(r#"{"a":1,"b":2}"#, Some(r#"{"a":1}"#))];
        "an `Option` field added, left out where it is `None`" { pub(super) struct T { a: u32 } }
            => { pub(super) struct T { a: u32, #[serde(skip_serializing_if = "Option::is_none")] b: Option<u32> } }
            [(r#"{"a":1}"#, Some(r#"{"a":1}"#))] [(r#"{"a":1,"b":2}"#, Some(r#"{"a":1}"#)), (r#"{"a":1}"#, Some(r#"{"a":1}"#))];
        "a field with a default added, old type with `deny_unknown_fields`" { #[serde(deny_unknown_fields)] pub(super) struct T { a: u32 } }
            => { pub(super) struct T { a: u32, #[serde(default)] b: u32 } }
            [(r#"{"a":1}"#, Some(r#"{"a":1}"#))] [(r#"{"a":1,"b":2}"#, None)];
        "a field with a default added, in a list" { pub(super) struct T { l: Vec<I> } struct I { a: u32 } }
            => { pub(super) struct T { l: Vec<I> } struct I { a: u32, #[serde(default)] b: u32 } }
            [(r#"{"l":[{"a":1},{"a":2}]}"#, Some(r#"{"l":[{"a":1},{"a":2}]}"#))]
            [(r#"{"l":[{"a":1,"b":3}]}"#, Some(r#"{"l":[{"a":1}]}"#))];
        "a field added without a default, in a list" { pub(super) struct T { l: Vec<I> } struct I { a: u32 } }
            => { pub(super) struct T { l: Vec<I> } struct I { a: u32, b: u32 } }
            [(r#"{"l":[{"a":1}]}"#, None), (r#"{"l":[]}"#, Some(r#"{"l":[]}"#))]
            [(r#"{"l":[{"a":1,"b":3}]}"#, Some(r#"{"l":[{"a":1}]}"#))];
        "a field removed" { pub(super) struct T { a: u32, b: u32 } } => { pub(super) struct T { a: u32 } }
            [(r#"{"a":1,"b":2}"#, Some(r#"{"a":1}"#))] [(r#"{"a":1}"#, None)];
        "a field removed that had a default" { pub(super) struct T { a: u32, #[serde(default)] b: u32 } } => { pub(super) struct T { a: u32 } }
            [(r#"{"a":1,"b":2}"#, Some(r#"{"a":1}"#))] [(r#"{"a":1}"#, Some(r#"{"a":1}"#))];
        "a field renamed" { pub(super) struct T { a: u32, b: u32 } } => { pub(super) struct T { a: u32, c: u32 } }
            [(r#"{"a":1,"b":2}"#, None)] [(r#"{"a":1,"c":2}"#, None)];
        "a field renamed, with an alias in the new type" { pub(super) struct T { a: u32, b: u32 } }
            => { pub(super) struct T { a: u32, #[serde(alias = "b")] c: u32 } }
            [(r#"{"a":1,"b":2}"#, Some(r#"{"a":1,"c":2}"#))] [(r#"{"a":1,"c":2}"#, None)];
        "a field renamed, with an alias on both sides" { pub(super) struct T { a: u32, #[serde(alias = "c")] b: u32 } }
            => { pub(super) struct T { a: u32, #[serde(alias = "b")] c: u32 } }
            [(r#"{"a":1,"b":2}"#, Some(r#"{"a":1,"c":2}"#))] [(r#"{"a":1,"c":2}"#, Some(r#"{"a":1,"b":2}"#))];
        "a field with a default renamed" { pub(super) struct T { a: u32, #[serde(default)] limit: Option<u32> } }
            => { pub(super) struct T { a: u32, #[serde(default)] max: Option<u32> } }
            [(r#"{"a":1,"limit":2}"#, Some(r#"{"a":1,"max":2}"#))] [(r#"{"a":1,"max":2}"#, Some(r#"{"a":1,"limit":2}"#))];
        "a field with a default renamed, with an alias in the new type" { pub(super) struct T { #[serde(default)] limit: Option<u32> } }
            => { pub(super) struct T { #[serde(default, alias = "limit")] max: Option<u32> } }
            [(r#"{"limit":2}"#, Some(r#"{"max":2}"#))] [(r#"{"max":2}"#, Some(r#"{"limit":2}"#))];
        "two fields of one type change places" { pub(super) struct T { city: String, customer: String } }
            => { pub(super) struct T { customer: String, city: String } }
            [(r#"{"city":"x","customer":"y"}"#, Some(r#"{"city":"x","customer":"y"}"#))]
            [(r#"{"city":"x","customer":"y"}"#, Some(r#"{"city":"x","customer":"y"}"#))];
        "two fields of two types change places" { pub(super) struct T { a: u32, b: String } } => { pub(super) struct T { b: String, a: u32 } }
            [(r#"{"a":1,"b":"x"}"#, Some(r#"{"a":1,"b":"x"}"#))] [(r#"{"a":1,"b":"x"}"#, Some(r#"{"a":1,"b":"x"}"#))];
        "two fields of a tuple struct change places" { pub(super) struct T(u32, i64); } => { pub(super) struct T(i64, u32); }
            [("[1,-2]", None), ("[1,2]", Some("[1,2]"))] [("[-1,2]", None), ("[1,2]", Some("[1,2]"))];
        "a number made wider" { pub(super) struct T { a: u32 } } => { pub(super) struct T { a: u64 } }
            [(r#"{"a":7}"#, Some(r#"{"a":7}"#))] [(r#"{"a":7}"#, Some(r#"{"a":7}"#)), (r#"{"a":1099511627776}"#, None)];
        "a number loses its sign" { pub(super) struct T { a: i64 } } => { pub(super) struct T { a: u64 } }
            [(r#"{"a":7}"#, Some(r#"{"a":7}"#)), (r#"{"a":-7}"#, None)]
            [(r#"{"a":7}"#, Some(r#"{"a":7}"#)), (r#"{"a":18446744073709551615}"#, None)];
        "a number of 32 bits gets a point" { pub(super) struct T { a: u32 } } => { pub(super) struct T { a: f64 } }
            [(r#"{"a":4294967295}"#, Some(r#"{"a":4294967295.0}"#))] [(r#"{"a":1.5}"#, None), (r#"{"a":1.0}"#, None)];
        "a number of 64 bits gets a point" { pub(super) struct T { a: u64 } } => { pub(super) struct T { a: f64 } }
            [(r#"{"a":9007199254740993}"#, None)] [(r#"{"a":1.0}"#, None)];
        "a number with a point made narrower" { pub(super) struct T { a: f64 } } => { pub(super) struct T { a: f32 } }
            [(r#"{"a":0.1}"#, None)] [(r#"{"a":0.5}"#, Some(r#"{"a":0.5}"#)), (r#"{"a":3.25}"#, Some(r#"{"a":3.25}"#))];
        "a number becomes a text" { pub(super) struct T { a: u32 } } => { pub(super) struct T { a: String } }
            [(r#"{"a":1}"#, None)] [(r#"{"a":"1"}"#, None)];
        "a value becomes an `Option`" { pub(super) struct T { a: u32 } } => { pub(super) struct T { a: Option<u32> } }
            [(r#"{"a":1}"#, Some(r#"{"a":1}"#))] [(r#"{"a":1}"#, Some(r#"{"a":1}"#)), (r#"{"a":null}"#, None)];
        "a value becomes a list" { pub(super) struct T { a: u32 } } => { pub(super) struct T { a: Vec<u32> } }
            [(r#"{"a":1}"#, None)] [(r#"{"a":[1]}"#, None)];
        "a list becomes an array" { pub(super) struct T { a: Vec<u32> } } => { pub(super) struct T { a: [u32; 2] } }
            [(r#"{"a":[1,2]}"#, Some(r#"{"a":[1,2]}"#)), (r#"{"a":[1]}"#, None)]
            [(r#"{"a":[1,2]}"#, Some(r#"{"a":[1,2]}"#))];
        "a value wrapped in a newtype" { pub(super) struct T { a: u32 } } => { pub(super) struct T { a: N } struct N(u32); }
            [(r#"{"a":1}"#, Some(r#"{"a":1}"#))] [(r#"{"a":1}"#, Some(r#"{"a":1}"#))];
        "a struct becomes a map" { pub(super) struct T { a: u32, b: u32 } } => { #[serde(transparent)] pub(super) struct T { m: BTreeMap<String, u32> } }
            [(r#"{"a":1,"b":2}"#, Some(r#"{"a":1,"b":2}"#))] [(r#"{"a":1,"b":2}"#, Some(r#"{"a":1,"b":2}"#))];
        "a variant added at the end" { pub(super) enum T { A, B(u32) } } => { pub(super) enum T { A, B(u32), C } }
            [(r#""A""#, Some(r#""A""#)), (r#"{"B":1}"#, Some(r#"{"B":1}"#))]
            [(r#""A""#, Some(r#""A""#)), (r#""C""#, None)];
        "a variant added before `#[serde(other)]`" { pub(super) enum T { A, B(u32), #[serde(other)] Rest } }
            => { pub(super) enum T { A, B(u32), C, #[serde(other)] Rest } }
            [(r#""A""#, Some(r#""A""#)), (r#"{"B":1}"#, Some(r#"{"B":1}"#))]
            [(r#""A""#, Some(r#""A""#)), (r#""C""#, Some(r#""Rest""#))];
        "a variant added in the middle" { pub(super) enum T { A, B } } => { pub(super) enum T { A, C, B } }
            [(r#""A""#, Some(r#""A""#)), (r#""B""#, Some(r#""B""#))] [(r#""B""#, Some(r#""B""#)), (r#""C""#, None)];
        "a variant removed" { pub(super) enum T { A, B, C } } => { pub(super) enum T { A, C } }
            [(r#""A""#, Some(r#""A""#)), (r#""B""#, None)] [(r#""A""#, Some(r#""A""#)), (r#""C""#, Some(r#""C""#))];
        "two variants change places" { pub(super) enum T { Placed, Cancelled } } => { pub(super) enum T { Cancelled, Placed } }
            [(r#""Placed""#, Some(r#""Placed""#))] [(r#""Placed""#, Some(r#""Placed""#))];
        "a variant renamed" { pub(super) enum T { A, B } } => { pub(super) enum T { A, C } }
            [(r#""A""#, Some(r#""A""#)), (r#""B""#, None)] [(r#""A""#, Some(r#""A""#)), (r#""C""#, None)];
        "a variant renamed, with an alias on both sides" { pub(super) enum T { A, #[serde(alias = "C")] B } }
            => { pub(super) enum T { A, #[serde(alias = "B")] C } }
            [(r#""A""#, Some(r#""A""#)), (r#""B""#, Some(r#""C""#))] [(r#""A""#, Some(r#""A""#)), (r#""C""#, Some(r#""B""#))];
        "a variant gets a value" { pub(super) enum T { A, B } } => { pub(super) enum T { A, B(u32) } }
            [(r#""A""#, Some(r#""A""#)), (r#""B""#, None)] [(r#""A""#, Some(r#""A""#)), (r#"{"B":1}"#, None)];
        "a field with a default added in a variant" { pub(super) enum T { A { x: u32 }, B } } => { pub(super) enum T { A { x: u32, #[serde(default)] y: u32 }, B } }
            [(r#"{"A":{"x":1}}"#, Some(r#"{"A":{"x":1}}"#))] [(r#"{"A":{"x":1,"y":2}}"#, Some(r#"{"A":{"x":1}}"#))];
        "a variant skipped with `#[serde(skip)]`" { pub(super) enum T { Buy, Sell } } => { pub(super) enum T { Buy, #[serde(skip)] Short, Sell } }
            [(r#""Sell""#, Some(r#""Sell""#)), (r#""Buy""#, Some(r#""Buy""#))]
            [(r#""Sell""#, Some(r#""Sell""#)), (r#""Buy""#, Some(r#""Buy""#))];
        "a field written under another name than it is read" { pub(super) struct T { a: u32 } }
            => { pub(super) struct T { #[serde(rename(serialize = "b", deserialize = "a"))] a: u32 } }
            [(r#"{"a":1}"#, Some(r#"{"a":1}"#))] [(r#"{"a":1}"#, None)];
        "`#[serde(tag)]` added" { pub(super) enum T { A { x: u32 }, B } } => { #[serde(tag = "kind")] pub(super) enum T { A { x: u32 }, B } }
            [(r#"{"A":{"x":1}}"#, None)] [(r#"{"kind":"A","x":1}"#, None)];
    }
    rows
}

#[test]
fn every_row_is_what_really_happens() {
    assert!(rows().len() >= 40);
}
