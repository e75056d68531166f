#![allow(clippy::unwrap_used, clippy::panic, dead_code)]

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::super::LONGEST_TEXT;
use super::super::terms::MOST_ARGUMENTS;
use super::super::{Argument, Type, build, find_shapes};
use super::*;

fn r#type<T: Serialize + DeserializeOwned>() -> Type {
    build::r#type("T", find_shapes::<T>)
}

/// A contract of one method that takes one type and answers another.
fn contract<A, T>(name: &'static str) -> &'static Contract
where
    A: Serialize + DeserializeOwned,
    T: Serialize + DeserializeOwned,
{
    let arguments: &[Argument] = vec![build::argument(name, r#type::<A>())].leak();
    taking(build::method("place", arguments, r#type::<T>(), r#type::<()>()))
}

fn taking(method: Method) -> &'static Contract {
    let methods: &[&Method] = vec![&*Box::leak(Box::new(method))].leak();
    Box::leak(Box::new(build::contract("Orders", "o.req", "o.resp").version_(Some("2.0.0")).methods_(methods)))
}

/// What a server says to a caller of another build: asked first, then told.
fn decided(caller: &'static Contract, server: &'static Contract, codec: Codec) -> Decision {
    let (theirs, ours) = (caller.methods()[0], server.methods()[0]);
    let judge = Judge::default();
    let known = theirs.terms(codec);
    let decide = |terms| {
        let claim = Claim { number: Some(known.number), terms, released: None };
        judge.decide(server, ours, codec, Some("shop/1.0.0"), claim)
    };
    match decide(None) {
        Decision::Ask => {
            let told = decide(Some(known.text().unwrap()));
            // From now on it is known.
            assert_eq!(decide(None), told);
            told
        }
        at_once => at_once,
    }
}

fn refused(decision: Decision) -> String {
    match decision {
        Decision::Refuse(reason) => reason,
        other => panic!("{other:?}"),
    }
}

macro_rules! types {
    ($($item:item)*) => {$(
        #[derive(Serialize, Deserialize)]
        $item
    )*};
}

types! {
    struct Order { city: String, customer: String, lines: Vec<Line> }
    struct Line { price: u64 }
    #[serde(rename = "Order")]
    struct Swapped { customer: String, city: String, lines: Vec<Line> }
    #[serde(rename = "Other")]
    struct SameButName { city: String, customer: String, lines: Vec<Line> }
    struct Priced { city: String, customer: String, lines: Vec<LineText> }
    struct LineText { price: String }
    struct Limits { #[serde(default)] limit: Option<u32> }
    struct Maxed { #[serde(default)] max: Option<u32> }
    struct Aliased { #[serde(default, alias = "limit")] max: Option<u32> }
    struct More { #[serde(default)] limit: Option<u32>, #[serde(default)] from: Option<u32> }
    struct Skips { #[serde(skip_serializing_if = "Option::is_none")] limit: Option<u32> }
    struct OneWay { #[serde(rename(serialize = "one", deserialize = "other"))] number: u8 }
    struct OneWayIn { list: Vec<OneWay> }
    #[serde(untagged)]
    enum Untagged { Number(u32), Text(String) }
}

#[test]
fn the_same_types_go_at_once() {
    for codec in [Codec::Bincode, Codec::Json, Codec::MsgPack] {
        for other in [contract::<Order, u64>("order"), contract::<SameButName, u64>("order")] {
            let known = contract::<Order, u64>("order").methods()[0].terms(codec);
            assert_eq!(other.methods()[0].terms(codec).number, known.number);
            assert_eq!(decided(contract::<Order, u64>("order"), other, codec), Decision::Go);
        }
    }
}

#[test]
fn two_fields_that_change_places_are_refused_under_bincode_and_nothing_elsewhere() {
    let (old, new) = (contract::<Order, u64>("order"), contract::<Swapped, u64>("order"));
    let reason = refused(decided(old, new, Codec::Bincode));
    for part in
        ["`place.order.customer`", "changed places", "caller (shop/1.0.0)", "server (Orders 2.0.0)", "Order { city"]
    {
        assert!(reason.contains(part), "{part}: {reason}");
    }
    assert_eq!(decided(old, new, Codec::Json), Decision::Go);
    assert_eq!(decided(old, new, Codec::MsgPack), Decision::Go);
    // In an answer it is found before anything runs, too.
    let reason = refused(decided(contract::<u8, Order>("a"), contract::<u8, Swapped>("a"), Codec::Bincode));
    assert!(reason.contains("`place, answer.city`") || reason.contains("`place, answer.customer`"), "{reason}");
}

#[test]
fn a_field_with_a_default_may_be_added_and_not_renamed() {
    let base = contract::<Limits, u64>("query");
    for codec in [Codec::Json, Codec::MsgPack] {
        assert_eq!(decided(base, contract::<More, u64>("query"), codec), Decision::Go);
        assert_eq!(decided(contract::<More, u64>("query"), base, codec), Decision::Go);
        assert_eq!(decided(base, contract::<Aliased, u64>("query"), codec), Decision::Go);
        let reason = refused(decided(base, contract::<Maxed, u64>("query"), codec));
        assert!(reason.contains("renamed? add `#[serde(alias = \"limit\")]`"), "{reason}");
    }
    refused(decided(base, contract::<More, u64>("query"), Codec::Bincode));
}

#[test]
fn what_some_values_only_cannot_be_goes_to_the_decoder() {
    let (old, new) = (contract::<Order, u64>("order"), contract::<Priced, u64>("order"));
    assert_eq!(decided(old, new, Codec::Json), Decision::Go);
    refused(decided(contract::<u64, u64>("n"), contract::<String, u64>("n"), Codec::Json));
}

#[test]
fn arguments_go_by_position() {
    let method = |names: [&'static str; 2]| {
        let arguments: &[Argument] =
            vec![build::argument(names[0], r#type::<u8>()), build::argument(names[1], r#type::<u8>())].leak();
        taking(build::method("m", arguments, r#type::<()>(), r#type::<()>()))
    };
    for codec in [Codec::Bincode, Codec::Json, Codec::MsgPack] {
        let reason = refused(decided(method(["from", "to"]), method(["to", "from"]), codec));
        assert!(reason.contains("(from, to) are sent and (to, from) are taken"), "{reason}");
        refused(decided(method(["from", "to"]), contract::<u8, ()>("from"), codec));
        assert_eq!(decided(method(["from", "to"]), method(["from", "target"]), codec), Decision::Go);
    }
}

#[test]
fn a_peer_that_sends_only_the_released_numbers_is_checked_by_those() {
    let (old, new) = (contract::<Order, u64>("order"), contract::<Swapped, u64>("order"));
    let theirs = old.methods()[0].fingerprint();
    let ours = new.methods()[0].fingerprint();
    assert_eq!(theirs.wire, ours.wire);
    let decide = |codec, released| {
        let claim = Claim { released: Some(released), ..Claim::default() };
        Judge::default().decide(new, new.methods()[0], codec, None, claim)
    };
    assert_eq!(decide(Codec::Bincode, (ours.wire, Some(ours.api))), Decision::Go);
    assert_eq!(decide(Codec::Bincode, (ours.wire, None)), Decision::Go);
    assert!(refused(decide(Codec::Bincode, (theirs.wire, Some(theirs.api)))).contains("other names"));
    assert!(refused(decide(Codec::Bincode, (7, None))).contains("other bytes"));
    // Codecs that carry names are not held to bincode's bytes.
    assert_eq!(decide(Codec::Json, (7, Some(7))), Decision::Go);
    assert_eq!(Judge::default().decide(new, new.methods()[0], Codec::Bincode, None, Claim::default()), Decision::Go);
}

#[test]
fn what_a_peer_says_must_be_what_its_number_says() {
    let (old, new) = (contract::<Order, u64>("order"), contract::<Swapped, u64>("order"));
    let text = old.methods()[0].terms(Codec::Json).text().unwrap();
    for (number, text) in [(7, text), (7, "{"), (7, "[]")] {
        let claim = Claim { number: Some(number), terms: Some(text), released: None };
        let decision = Judge::default().decide(new, new.methods()[0], Codec::Json, None, claim);
        assert!(refused(decision).contains("is not what its number says"));
    }
}

#[test]
fn how_many_builds_are_remembered_is_bounded() {
    let server = contract::<u8, u8>("a");
    let judge = Judge::default();
    let known = judge.known.lock().unwrap().capacity();
    assert!(known <= REMEMBERED);
    {
        let mut known = judge.known.lock().unwrap();
        for number in 0..REMEMBERED as u64 {
            known.insert(("Orders", "place", Codec::Json, number), None);
        }
    }
    let other = contract::<u16, u8>("a");
    let terms = other.methods()[0].terms(Codec::Json);
    let claim = Claim { number: Some(terms.number), terms: terms.text(), released: None };
    assert_eq!(judge.decide(server, server.methods()[0], Codec::Json, None, claim), Decision::Go);
    assert_eq!(judge.known.lock().unwrap().len(), 1);
}

#[test]
fn a_codec_must_carry_every_type() {
    for (contract, part) in [
        (contract::<Skips, u64>("query"), "argument `query` does not read what it writes"),
        (contract::<u64, Untagged>("n"), "the answer, ?Untagged, is of a type that bincode cannot carry"),
        (contract::<serde_json::Value, u64>("any"), "argument `any`, ?Value"),
    ] {
        let unfit = contract.fits(Codec::Bincode).unwrap_err().to_string();
        assert!(unfit.contains(part) && unfit.contains("codec = \"json\""), "{unfit}");
        assert_eq!(contract.fits(Codec::Json), Ok(()));
        assert_eq!(contract.fits(Codec::MsgPack), Ok(()));
    }
    assert_eq!(contract::<Order, Vec<Order>>("order").fits(Codec::Bincode), Ok(()));
    // No value of it can be read, whatever carries it; of a list of it the empty one can.
    for codec in [Codec::Bincode, Codec::Json, Codec::MsgPack] {
        let unfit = contract::<u64, OneWay>("n").fits(codec).unwrap_err().to_string();
        assert!(unfit.contains("the answer does not read what it writes"), "{unfit}");
        assert_eq!(contract::<u64, OneWayIn>("n").fits(codec).is_ok(), codec != Codec::Bincode);
    }
}

#[test]
fn an_opaque_text_stands_for_what_nobody_knows() {
    let opaque = |text: Option<&'static str>| {
        let arguments: &[Argument] = vec![build::argument("any", r#type::<Untagged>())].leak();
        let method = build::method("m", arguments, r#type::<()>(), r#type::<()>());
        taking(match text {
            Some(text) => method.opaque_(text),
            None => method,
        })
    };
    assert_eq!(opaque(Some("v1")).fits(Codec::Bincode), Ok(()));
    opaque(None).fits(Codec::Bincode).unwrap_err();
    assert_eq!(decided(opaque(Some("v1")), opaque(Some("v1")), Codec::Bincode), Decision::Go);
    let reason = refused(decided(opaque(Some("v1")), opaque(Some("v2")), Codec::Bincode));
    assert!(reason.contains("says `opaque` \"v1\" at the caller"), "{reason}");
    refused(decided(opaque(None), opaque(Some("v2")), Codec::Bincode));
}

#[test]
fn a_mismatch_in_the_error_alone_is_found_before_anything_runs() {
    let failing = |error: Type| {
        let arguments: &[Argument] = vec![build::argument("order", r#type::<u8>())].leak();
        taking(build::method("place", arguments, r#type::<u8>(), error))
    };
    let reason = refused(decided(failing(r#type::<Order>()), failing(r#type::<Swapped>()), Codec::Bincode));
    assert!(reason.contains("`place, error."), "{reason}");
    let reason = refused(decided(failing(r#type::<Limits>()), failing(r#type::<Maxed>()), Codec::Json));
    assert!(reason.contains("`place, error.limit`"), "{reason}");
}

/// The client and the server are refused before; a peer of another make need not be.
#[test]
fn what_nobody_knows_is_refused_under_bincode_and_left_to_decoders_that_see() {
    let (text, any) = (contract::<String, u64>("any"), contract::<Untagged, u64>("any"));
    for (caller, server) in [(text, any), (any, text)] {
        let reason = refused(decided(caller, server, Codec::Bincode));
        assert!(reason.contains("nothing is known of the type"), "{reason}");
        for codec in [Codec::Json, Codec::MsgPack] {
            assert_eq!(decided(caller, server, codec), Decision::Go);
        }
    }
}

/// A contract whose only method has so many arguments, with names of so many bytes.
fn wide(arguments: usize, bytes: usize) -> &'static Contract {
    let name = |number: usize| -> &'static str { format!("{number:0bytes$}").leak() };
    let arguments: &[Argument] =
        (0..arguments).map(|number| build::argument(name(number), r#type::<u8>())).collect::<Vec<_>>().leak();
    taking(build::method("m", arguments, r#type::<()>(), r#type::<()>()))
}

#[test]
fn what_a_peer_tells_is_bounded() {
    let told = |arguments, bytes| {
        let known = wide(arguments, bytes).methods()[0].terms(Codec::Json);
        let text = serde_json::to_string(&known.terms).unwrap();
        Terms::from_peer(known.number, &text).is_some()
    };
    assert!(told(MOST_ARGUMENTS, 100));
    assert!(!told(MOST_ARGUMENTS + 1, 100));
    assert!(told(40, 3_000));
    assert!(!told(40, 4_000));
}

/// A server that asked could not be told; so it is not made to ask.
#[test]
fn terms_that_are_too_long_to_be_told_are_not_claimed() {
    let known = |bytes| wide(40, bytes).methods()[0].terms(Codec::Json);
    assert!(known(3_000).text().is_some_and(|text| text.len() > LONGEST_TEXT));
    assert!(known(3_000).number_text().is_some());
    assert_eq!((known(4_000).text(), known(4_000).number_text()), (None, None));
}
