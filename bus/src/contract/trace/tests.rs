#![allow(clippy::unwrap_used, clippy::panic, dead_code)]

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::{NonZeroI8, NonZeroU32, NonZeroU128};
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use serde::de::{DeserializeOwned, Error, IgnoredAny};
use serde::{Deserialize, Deserializer};

use super::trace;

fn text<T: DeserializeOwned>() -> String {
    trace::<T>().to_string()
}

macro_rules! types {
    ($($item:item)*) => {$(
        #[derive(Deserialize)]
        $item
    )*};
}

#[test]
fn everything_plain() {
    assert_eq!(text::<()>(), "()");
    assert_eq!(text::<(bool, char, String, f32, f64)>(), "(bool, char, string, f32, f64)");
    assert_eq!(text::<(i8, i16, i32, i64, i128, isize)>(), "(i8, i16, i32, i64, i128, i64)");
    assert_eq!(text::<(u8, u16, u32, u64, u128, usize)>(), "(u8, u16, u32, u64, u128, u64)");
    assert_eq!(text::<Option<Vec<Box<u8>>>>(), "Option<Vec<u8>>");
    assert_eq!(text::<HashMap<String, Vec<Option<(u8, i64)>>>>(), "Map<string, Vec<Option<(u8, i64)>>>");
    assert_eq!(text::<(HashSet<u8>, BTreeSet<u8>, BTreeMap<u8, char>)>(), "(Vec<u8>, Vec<u8>, Map<u8, char>)");
    assert_eq!(text::<[u8; 32]>(), "[u8; 32]");
    assert_eq!(text::<[u8; 0]>(), "()");
    assert_eq!(text::<std::borrow::Cow<'static, str>>(), "string");
    assert_eq!(text::<Box<str>>(), "string");
}

#[test]
fn everything_of_std() {
    assert_eq!(text::<Duration>(), "Duration { secs: u64, nanos: u32 }");
    assert_eq!(text::<SystemTime>(), "SystemTime { secs_since_epoch: u64, nanos_since_epoch: u32 }");
    assert_eq!(text::<Ipv4Addr>(), "[u8; 4]");
    assert_eq!(text::<IpAddr>(), "enum IpAddr { V4([u8; 4]), V6([u8; 16]) }");
    assert_eq!(text::<SocketAddr>(), "enum SocketAddr { V4(([u8; 4], u16)), V6(([u8; 16], u16)) }");
    assert_eq!(text::<PathBuf>(), "string");
    assert_eq!(text::<(NonZeroU32, NonZeroI8, NonZeroU128)>(), "(u32, i8, u128)");
    assert_eq!(text::<Result<u8, String>>(), "enum Result { Ok(u8), Err(string) }");
    assert_eq!(text::<std::ffi::CString>(), "bytes");
    assert_eq!(text::<std::ops::Range<u8>>(), "Range { start: u8, end: u8 }");
    assert_eq!(text::<std::ops::Bound<u8>>(), "enum Bound { Unbounded, Included(u8), Excluded(u8) }");
    assert_eq!(text::<std::marker::PhantomData<u8>>(), "PhantomData");
    assert_eq!(text::<std::sync::Mutex<u8>>(), "u8");
    assert_eq!(text::<(std::num::Wrapping<u8>, std::cmp::Reverse<u8>)>(), "(u8, u8)");
}

types! {
    struct Order { id: u64, side: Side, lines: Vec<Line>, note: Option<String> }
    enum Side { Buy, Sell { limit: f64 }, Swap(Box<Side2>, u8), Of(Side2) }
    enum Side2 { One, Two(Inner) }
    struct Line(u8, String);
    struct Inner(i16);
    struct Nothing;
    struct Braces {}
    struct Page<T> { items: Vec<T>, next: Option<T> }
}

mod other {
    use serde::Deserialize;

    #[derive(Deserialize)]
    pub(super) struct Inner {
        text: String,
    }
}

#[derive(Deserialize)]
struct Unit;

#[test]
fn every_variant_and_field_is_seen() {
    assert_eq!(
        text::<Order>(),
        "Order { id: u64, side: enum Side { Buy, Sell { limit: f64 }, \
         Swap(enum Side2 { One, Two(Inner(i16)) }, u8), Of(enum Side2 { One, Two(Inner(i16)) }) }, \
         lines: Vec<Line(u8, string)>, note: Option<string> }"
    );
    assert_eq!(text::<(Unit, Braces)>(), "(Unit, Braces {})");
    // The same enum in two places, and behind what may be empty.
    let side = "enum Side2 { One, Two(Inner(i16)) }";
    assert_eq!(
        text::<(Side2, Option<Vec<Side2>>, HashMap<u8, Side2>)>(),
        format!("({side}, Option<Vec<{side}>>, Map<u8, {side}>)")
    );
}

#[test]
fn names_alone_do_not_make_types_the_same() {
    assert_eq!(text::<(Inner, other::Inner)>(), "(Inner(i16), Inner { text: string })");
    assert_eq!(
        text::<(Page<u8>, Page<String>)>(),
        "(Page { items: Vec<u8>, next: Option<u8> }, Page { items: Vec<string>, next: Option<string> })"
    );
    // A generic type in itself is no recursion.
    let inner = "Page { items: Vec<u8>, next: Option<u8> }";
    assert_eq!(text::<Page<Page<u8>>>(), format!("Page {{ items: Vec<{inner}>, next: Option<{inner}> }}"));
}

types! {
    struct Node { value: u8, next: Option<Box<Node>>, after: String }
    struct Tree(Vec<Tree>);
    #[serde(transparent)]
    struct Thin { inner: Option<Box<Thin>> }
    enum Expr { Add(Box<Expr>, Box<Expr>), Neg(Box<Expr>), Call { name: String, with: Vec<Expr> }, Lit(f64) }
    enum Endless { Only(Vec<Endless>) }
    struct Ping { pong: Option<Box<Pong>>, id: u8 }
    struct Pong { ping: Vec<Ping>, pong: BTreeMap<u8, Pong> }
    struct Bottomless(Box<Bottomless>);
}

#[test]
fn a_type_in_itself_is_a_reference() {
    assert_eq!(text::<Node>(), "Node { value: u8, next: Option<^Node>, after: string }");
    assert_eq!(text::<Tree>(), "Tree(Vec<^Tree>)");
    assert_eq!(text::<Thin>(), "Option<^Thin>");
    assert_eq!(
        text::<Expr>(),
        "enum Expr { Add(^Expr, ^Expr), Neg(^Expr), Call { name: string, with: Vec<^Expr> }, Lit(f64) }"
    );
    assert_eq!(text::<Endless>(), "enum Endless { Only(Vec<^Endless>) }");
    assert_eq!(text::<Ping>(), "Ping { pong: Option<Pong { ping: Vec<^Ping>, pong: Map<u8, ^Pong> }>, id: u8 }");
    assert_eq!(text::<Option<Vec<Node>>>(), "Option<Vec<Node { value: u8, next: Option<^Node>, after: string }>>");
    // No value of it exists, so there is none to show; it ends all the same.
    assert_eq!(text::<Bottomless>(), "Bottomless(^Bottomless)");
    assert_eq!(text::<(Bottomless, u8)>(), "(Bottomless(^Bottomless), ?_)");
}

types! {
    struct Renamed { #[serde(rename = "it")] id: u8, #[serde(default)] more: u16, #[serde(skip)] gone: u32 }
    #[serde(rename = "Colour", rename_all = "kebab-case")]
    enum Color { DarkRed, LightBlue }
    #[serde(tag = "kind")]
    enum Tagged { A { x: u8 }, B }
    #[serde(untagged)]
    enum Untagged { Number(u8), Text(String) }
    struct Flat { id: u8, #[serde(flatten)] rest: HashMap<String, u8> }
    struct Aliased { #[serde(alias = "old", alias = "older")] id: u8, name: String }
    enum AliasedVariants { #[serde(alias = "X")] A, B(u8) }
    enum Skipped { A, #[serde(skip)] B, C(u8) }
    struct Around { before: u8, any: Untagged, after: String }
    enum Never {}
}

#[test]
fn attributes_of_serde() {
    assert_eq!(text::<Renamed>(), "Renamed { it: u8, more: u16 }");
    assert_eq!(text::<Color>(), "enum Colour { dark-red, light-blue }");
    assert_eq!(text::<Tagged>(), "?Tagged");
    assert_eq!(text::<Untagged>(), "?Untagged");
    assert!(!trace::<Flat>().is_complete(), "{}", text::<Flat>());
    assert_eq!(text::<Skipped>(), "enum Skipped { A, C(u8) }");
    assert_eq!(text::<Never>(), "enum Never { }");
    // Which name belongs to which field is not told, how many there are is.
    assert_eq!(text::<Aliased>(), "Aliased { 0: u8, 1: string }");
    assert_eq!(text::<AliasedVariants>(), "enum AliasedVariants { 0, 1(u8) }");
}

#[test]
fn what_cannot_be_traced_shows() {
    assert_eq!(text::<serde_json::Value>(), "?Value");
    assert_eq!(text::<IgnoredAny>(), "?IgnoredAny");
    assert_eq!(text::<Vec<serde_json::Value>>(), "Vec<?Value>");
    assert_eq!(text::<Option<Untagged>>(), "Option<?Untagged>");
    // What follows it is found by the values that it takes.
    assert_eq!(text::<Around>(), "Around { before: u8, any: ?Untagged, after: string }");
    assert_eq!(text::<(serde_json::Value, u8)>(), "(?Value, u8)");
}

/// Takes texts that a test allows.
macro_rules! checked {
    ($($name:ident $from:literal |$value:ident: $of:ty| $check:expr;)*) => {$(
        #[derive(Deserialize)]
        #[serde(try_from = $from)]
        struct $name($of);

        impl TryFrom<$of> for $name {
            type Error = String;

            fn try_from($value: $of) -> Result<Self, String> {
                if $check { Ok(Self($value)) } else { Err("no".into()) }
            }
        }
    )*};
}

checked! {
    Email "String" |text: String| text.contains('@');
    Currency "String" |text: String| text.len() == 3;
    Digits "String" |text: String| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    Nobody "String" |text: String| text.len() == 12_345;
    Month "u8" |number: u8| (1..=12).contains(&number);
    Even "u64" |number: u64| number > 0 && number.is_multiple_of(2);
    Bounds "(u8, u8)" |bounds: (u8, u8)| bounds.0 < bounds.1;
    Filled "Vec<Email>" |list: Vec<Email>| !list.is_empty();
}

#[derive(Deserialize)]
struct Person {
    email: Email,
    pays: Currency,
    born: Month,
    number: Digits,
    even: Even,
    bounds: Bounds,
    filled: Filled,
    last: bool,
}

#[test]
fn types_that_check_are_shown_what_they_take() {
    assert_eq!(
        text::<Person>(),
        "Person { email: string, pays: string, born: u8, number: string, even: u64, bounds: (u8, u8), \
         filled: Vec<string>, last: bool }"
    );
}

#[derive(Deserialize)]
enum Mixed {
    First(Nobody, u8),
    Second { maybe: Option<Nobody>, list: Vec<(Nobody, u8)>, then: Side2 },
    Third,
}

#[test]
fn what_nothing_fits_hides_only_what_follows_it() {
    assert_eq!(text::<Nobody>(), "string");
    assert_eq!(text::<(u8, Nobody)>(), "(u8, string)");
    assert_eq!(text::<(u8, Nobody, u8)>(), "(u8, string, ?_)");
    assert_eq!(
        text::<(Mixed, u8)>(),
        "(enum Mixed { First(string, ?_), Second { maybe: Option<string>, list: Vec<(string, ?_)>, \
         then: enum Side2 { One, Two(Inner(i16)) } }, Third }, u8)"
    );
}

/// Panics at everything.
struct Panics;

impl<'de> Deserialize<'de> for Panics {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        panic!("{text}")
    }
}

/// Asks for something else each time.
struct Fickle;

thread_local!(static TURN: Cell<usize> = const { Cell::new(0) });

impl<'de> Deserialize<'de> for Fickle {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match TURN.replace(TURN.get() + 1) % 4 {
            0 => drop(u8::deserialize(from)?),
            1 => drop(<(u8, u8)>::deserialize(from)?),
            2 => drop(String::deserialize(from)?),
            _ => drop(Side::deserialize(from)?),
        }
        Err(D::Error::custom("no"))
    }
}

#[test]
fn nothing_a_type_does_gets_out() {
    std::thread::spawn(|| {
        assert_eq!(text::<Panics>(), "string");
        assert_eq!(text::<(Panics, u8)>(), "(string, ?_)");
        assert_eq!(text::<Vec<(Fickle, u8)>>(), "Vec<(?Fickle, ?_)>");
    })
    .join()
    .unwrap();
}

types! {
    struct D0(Box<D1>, Box<D1>, Box<D1>, Box<D1>);
    struct D1(Box<D2>, Box<D2>, Box<D2>, Box<D2>);
    struct D2(Box<D3>, Box<D3>, Box<D3>, Box<D3>);
    struct D3(Box<D4>, Box<D4>, Box<D4>, Box<D4>);
    struct D4(Box<D5>, Box<D5>, Box<D5>, Box<D5>);
    struct D5(Box<D6>, Box<D6>, Box<D6>, Box<D6>);
    struct Wide([Large; 8]);
    struct Large([[u64; 32]; 32]);
    struct D6 { a: Option<Side>, b: Option<Side>, c: Option<Side>, d: Option<Side> }
}

#[test]
fn a_huge_type_ends_in_time_and_on_a_small_stack() {
    std::thread::Builder::new()
        .stack_size(2 * 1024 * 1024)
        .spawn(|| {
            let start = Instant::now();
            assert!(!trace::<D0>().is_complete());
            assert!(trace::<D4>().is_complete());
            // Larger than a stack has room for, if it is a value: as the whole, boxed, and as a part.
            assert_eq!(text::<Wide>(), "?Wide");
            assert_eq!(text::<Vec<Wide>>(), "Vec<?Wide>");
            assert_eq!(text::<Option<Box<Wide>>>(), "Option<?Box<Wide>>");
            assert!(trace::<Large>().is_complete());
            trace::<Bottomless>();
            assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
        })
        .unwrap()
        .join()
        .unwrap();
}

types! {
    struct Wrapping { value: u8, next: Option<Box<Wrapped>> }
    struct Wrapped(Wrapping);
}

#[test]
fn a_newtype_around_itself() {
    assert_eq!(text::<Wrapping>(), "Wrapping { value: u8, next: Option<Wrapped(^Wrapping)> }");
    assert_eq!(text::<Wrapped>(), "Wrapped(Wrapping { value: u8, next: Option<^Wrapped> })");
}
