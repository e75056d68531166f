#![allow(clippy::unwrap_used, dead_code)]

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::super::{Argument, Found, build};
use super::*;

/// The fingerprint of `async fn name(&self, argument: A, ..) -> Result<T, E>`.
fn of(name: &'static str, arguments: &[(&'static str, Type)], answer: Type, error: Type) -> Fingerprint {
    let arguments: Vec<Argument> = arguments.iter().map(|(name, of)| build::argument(name, *of)).collect();
    build::method(name, arguments.leak(), answer, error).fingerprint()
}

/// A type whose name in the source is not looked at.
fn r#type<T: DeserializeOwned>() -> Type {
    build::r#type("T", |_| Found::Released(Shape::of::<T>()))
}

/// The fingerprint of a method that takes and gives nothing but one argument.
fn taking<T: DeserializeOwned>() -> Fingerprint {
    of("m", &[("a", r#type::<T>())], r#type::<()>(), r#type::<()>())
}

fn bytes<T: Serialize>(value: &T) -> Vec<u8> {
    bincode::serde::encode_to_vec(value, bincode::config::standard()).unwrap()
}

/// Two types that share all bytes, as one value of each shows.
fn same<A, B>(a: &A, b: &B)
where
    A: Serialize + DeserializeOwned + Debug,
    B: Serialize + DeserializeOwned + Debug,
{
    assert_eq!(bytes(a), bytes(b), "{a:?} {b:?}");
    let (one, other) = (taking::<A>(), taking::<B>());
    assert_eq!(one.wire, other.wire, "{} {}", Shape::of::<A>(), Shape::of::<B>());
    assert_eq!((one.level, other.level), (Level::Shape, Level::Shape), "{} {}", Shape::of::<A>(), Shape::of::<B>());
}

/// Two types of which one cannot stand for the other.
fn different<A: DeserializeOwned, B: DeserializeOwned>() {
    let (one, other) = (taking::<A>(), taking::<B>());
    assert_ne!(one.wire, other.wire, "{} {}", Shape::of::<A>(), Shape::of::<B>());
    assert_ne!(one.api, other.api);
    assert_eq!((one.level, other.level), (Level::Shape, Level::Shape), "{} {}", Shape::of::<A>(), Shape::of::<B>());
}

macro_rules! types {
    ($($item:item)*) => {$(
        #[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        $item
    )*};
}

types! {
    struct Product { id: u64, name: String }
    struct Article { key: u64, title: String }
    struct Attributed { #[serde(rename = "id")] key: u64, #[serde(default)] name: String }
    struct Tuple(u64, String);
    struct Id(u64);
    struct Nested { product: Product, more: u8 }
    struct NestedMore { product: ProductMore, more: u8 }
    struct ProductMore { id: u64, name: String, price: u8 }
    struct ProductMaybe { id: u64, name: String, price: Option<u8> }
    struct Swapped { name: String, id: u64 }
    struct Ab { a: u8, b: u8 }
    struct Ba { b: u8, a: u8 }
    struct Signed { id: i64, name: String }
    enum Abc { #[default] A, B(u8), C { x: u8 } }
    enum Renamed { #[default] Alpha, Beta(u8), Gamma { y: u8 } }
    enum Numbered { #[default] A, B(u8), C { x: u8 } }
    enum Abcd { #[default] A, B(u8), C { x: u8 }, D }
    enum Axbc { #[default] A, X, B(u8), C { x: u8 } }
    enum Ac { #[default] A, C { x: u8 } }
    enum Discriminants { #[default] A = 5, B = 3 }
    enum Plain { #[default] A, B }
    struct Node { value: u8, next: Option<Box<Node>> }
    struct Link { it: u8, rest: Option<Box<Link>> }
    struct Wrapping { value: u8, next: Option<Box<Wrapped>> }
    struct Wrapped(Wrapping);
    struct Longer { value: u16, next: Option<Box<Longer>> }
    struct Branching { value: u8, next: Vec<Branching> }
    struct Outer { inner: Inner, rest: Vec<Outer> }
    struct Inner { deep: Vec<Inner>, up: u8 }
    struct OtherOuter { inner: OtherInner, rest: Vec<OtherOuter> }
    struct OtherInner { deep: Vec<OtherOuter>, up: u8 }
}

fn product() -> Product {
    Product { id: 7, name: "p".into() }
}

#[test]
fn names_are_not_on_the_wire() {
    same(&product(), &Article { key: 7, title: "p".into() });
    same(&product(), &Attributed { key: 7, name: "p".into() });
    same(&Abc::C { x: 1 }, &Renamed::Gamma { y: 1 });
    assert_ne!(taking::<Product>().api, taking::<Article>().api);
    assert_ne!(taking::<Abc>().api, taking::<Renamed>().api);
    // Two fields of one type swapped are two renamed fields, to the bytes: only `api` can tell.
    assert_eq!(taking::<Ab>().wire, taking::<Ba>().wire);
    assert_ne!(taking::<Ab>().api, taking::<Ba>().api);
}

#[test]
fn bounds_of_structs_are_not_on_the_wire() {
    same(&product(), &Tuple(7, "p".into()));
    same(&product(), &(7u64, String::from("p")));
    same(&Nested { product: product(), more: 1 }, &(7u64, "p".to_owned(), 1u8));
    same(&Id(7), &7u64);
    same(&vec![Id(7)], &vec![7u64]);
    same(&Box::new(product()), &product());
    same(&((1u8, ()), [2u8, 3]), &[1u8, 2, 3]);
}

#[test]
fn what_collects_is_not_on_the_wire() {
    same(&vec![7u8], &HashSet::from([7u8]));
    same(&vec![7u8], &BTreeSet::from([7u8]));
    same(&HashMap::from([(7u8, true)]), &BTreeMap::from([(7u8, true)]));
    same(&HashMap::from([(7u8, true)]), &vec![(7u8, true)]);
    same(&[7u8, 8], &(7u8, 8u8));
    same(&std::ffi::CString::new("a").unwrap(), &b"a".to_vec());
}

#[test]
fn widths_of_the_machine_and_discriminants_are_not_on_the_wire() {
    same(&7usize, &7u64);
    same(&-7isize, &-7i64);
    same(&Discriminants::B, &Plain::B);
}

#[test]
fn what_changes_bytes_changes_the_fingerprint() {
    // A variant more at the end, in the middle, one less.
    different::<Abc, Abcd>();
    different::<Abc, Axbc>();
    different::<Abc, Ac>();
    // A field more, in the whole and in a part; two swapped.
    different::<Product, ProductMore>();
    different::<Product, ProductMaybe>();
    different::<Nested, NestedMore>();
    different::<Product, Swapped>();
    // A type changed.
    different::<Product, Signed>();
    different::<u64, i64>();
    different::<u32, u64>();
    different::<u8, u64>();
    different::<u8, i8>();
    different::<u32, char>();
    different::<u8, bool>();
    different::<f32, f64>();
    different::<u8, Option<u8>>();
    different::<String, Vec<u8>>();
    different::<Vec<u8>, Option<u8>>();
    different::<[u8; 2], [u8; 3]>();
    different::<Vec<(u8, u8)>, (Vec<u8>, u8)>();
    different::<Vec<Vec<u8>>, Vec<u8>>();
    different::<Result<u8, u16>, Result<u16, u8>>();
}

#[test]
fn recursion_is_followed() {
    let node = Node { value: 1, next: Some(Box::new(Node { value: 2, next: None })) };
    same(&node, &Link { it: 1, rest: Some(Box::new(Link { it: 2, rest: None })) });
    let wrapping = Wrapping { value: 1, next: Some(Box::new(Wrapped(Wrapping { value: 2, next: None }))) };
    same(&node, &wrapping);
    same(&node, &Wrapped(wrapping.clone()));
    different::<Node, Longer>();
    different::<Node, Branching>();
    // The same but for which of the enclosing types is meant.
    different::<Outer, OtherOuter>();
}

#[test]
fn where_a_type_stands_matters() {
    let (text, number) = (r#type::<String>(), r#type::<u64>());
    let base = of("m", &[("a", text), ("b", number)], text, number);
    assert_ne!(base.wire, of("m", &[("b", number), ("a", text)], text, number).wire);
    assert_ne!(base.wire, of("m", &[("a", text)], text, number).wire);
    assert_ne!(base.wire, of("m", &[("a", text), ("b", number)], number, text).wire);
    assert_ne!(base.wire, of("m", &[("a", text), ("b", number)], text, text).wire);
    // Names of methods and arguments are for people.
    for renamed in
        [of("n", &[("a", text), ("b", number)], text, number), of("m", &[("a", text), ("c", number)], text, number)]
    {
        assert_eq!(base.wire, renamed.wire);
        assert_ne!(base.api, renamed.api);
    }
}

#[test]
fn an_opaque_type_goes_by_its_name_and_says_so() {
    let value = |name| build::r#type(name, |_| Found::Released(Shape::of::<Vec<serde_json::Value>>()));
    let unit = r#type::<()>();
    let base = of("m", &[], value("Vec < Value >"), unit);
    assert_eq!(base.level, Level::Names);
    assert_eq!(base, of("m", &[], value("Vec<Value>"), unit));
    assert_ne!(base.wire, of("m", &[], value("Vec<Other>"), unit).wire);
    assert_ne!(base.wire, of("m", &[], r#type::<Vec<()>>(), unit).wire);
}

/// Frozen: another value here makes every deployed process look changed.
#[test]
fn the_numbers_never_change() {
    let types = [
        ("plain", r#type::<(bool, char, String, f32, f64, i8, i16, i32, i64, i128)>()),
        ("unsigned", r#type::<(u8, u16, u32, u64, u128, (), std::ffi::CString)>()),
        ("whole", r#type::<Nested>()),
        ("choice", r#type::<Result<Abc, HashMap<String, Vec<Option<Id>>>>>()),
        ("recursive", r#type::<Outer>()),
    ];
    let fingerprint = of("everything", &types, r#type::<Vec<Product>>(), r#type::<String>());
    assert_eq!(fingerprint.to_string(), "ea8082d2951a3fd9");
    assert_eq!(format!("{:016x}", fingerprint.api), "4a5549d02ca48448");
    assert_eq!(taking::<()>().to_string(), "6bfa847684181722");
    assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
    assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
    assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
}

#[test]
fn the_texts_behind_the_numbers() {
    let canon = |shape: &Shape| {
        let (mut on_wire, mut all) = (String::new(), String::new());
        wire(shape, &mut Vec::new(), &mut on_wire);
        api(shape, &mut all);
        (on_wire, all)
    };
    for (shape, on_wire, all) in [
        (Shape::of::<Product>(), "u8s", "{7:Product{2:idu84:names}}"),
        (Shape::of::<Abc>(), "|(,u1,u1,)", "|3:Abc1:A1:B(u1)1:C{1:xu1}}"),
        (Shape::of::<Node>(), "@(u1?(^0;))", "{4:Node{5:valueu14:next?^1;4:Node)}}"),
        (Shape::of::<BTreeMap<String, [u8; 2]>>(), "*(su1u1)", "%s(u1u1))"),
        (
            Shape::of::<Outer>(),
            "@(@(*(^0;)u1)*(^0;))",
            "{5:Outer{5:inner{5:Inner{4:deep*^1;5:Inner)2:upu1}}4:rest*^1;5:Outer)}}",
        ),
        (
            Shape::of::<OtherOuter>(),
            "@(*(^0;)u1*(^0;))",
            "{10:OtherOuter{5:inner{10:OtherInner{4:deep*^2;10:OtherOuter)2:upu1}}4:rest*^1;10:OtherOuter)}}",
        ),
    ] {
        assert_eq!(canon(&shape), (on_wire.into(), all.into()));
    }
}
