//! Seven changes of a type that bincode decodes into something else.
//!
//! They are why a request carries the fingerprint of its method: some leave bytes over, which
//! `finish` refuses, and the others nobody can see in the bytes. The fingerprint's `wire` differs
//! in all of them but one, two fields of one type swapped, of which its `api` knows.

use serde::{Deserialize, Serialize};

use super::super::read::Input;
use super::{Codec, DECODED, read, write};

/// Decodes as if nobody looked at what is left: the value and the bytes left over.
fn careless<T: serde::de::DeserializeOwned>(body: &[u8]) -> (T, bool) {
    let mut input = Input::new(Codec::Bincode, 1, body, DECODED);
    let value = input.value().unwrap();
    (value, input.finish().is_ok())
}

macro_rules! types {
    ($($item:item)*) => {$(
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        $item
    )*};
}

types! {
    struct Inner { s: String }
    struct InnerMore { s: String, n: u8 }
    struct Outer { inner: Inner, z: u8 }
    struct OuterMore { inner: InnerMore, z: u8 }
    struct Ab { a: u8, b: u8 }
    struct Ba { b: u8, a: u8 }
    struct Text { a: String, b: i64 }
    struct TextSwapped { b: i64, a: String }
    enum Abc { A, B(u8), C { x: u8 } }
    enum Axbc { A, X, B(u8), C { x: u8 } }
    enum Ac { A, C { x: u8 } }
}

#[test]
fn a_field_more_in_a_nested_struct() {
    let body = write(Codec::Bincode, &OuterMore { inner: InnerMore { s: "s".into(), n: 9 }, z: 3 });
    assert_eq!(careless(&body), (Outer { inner: Inner { s: "s".into() }, z: 9 }, false));
}

#[test]
fn two_fields_of_one_type_swapped() {
    let body = write(Codec::Bincode, &Ab { a: 1, b: 2 });
    assert_eq!(careless(&body), (Ba { b: 1, a: 2 }, true));
}

#[test]
fn two_fields_of_different_types_swapped() {
    let body = write(Codec::Bincode, &TextSwapped { b: 1, a: "hi".into() });
    assert_eq!(careless(&body), (Text { a: "\u{2}h".into(), b: -53 }, true));
}

#[test]
fn a_variant_inserted() {
    let body = write(Codec::Bincode, &Abc::B(4));
    assert_eq!(careless(&body), (Axbc::X, false));
    let body = write(Codec::Bincode, &Abc::C { x: 4 });
    assert_eq!(careless(&body), (Axbc::B(4), true));
}

#[test]
fn a_variant_removed() {
    let body = write(Codec::Bincode, &Abc::B(4));
    assert_eq!(careless(&body), (Ac::C { x: 4 }, true));
}

#[test]
fn a_sign_changed() {
    assert_eq!(careless(&write(Codec::Bincode, &7u64)), (-4i64, true));
    assert_eq!(careless(&write(Codec::Bincode, &-1i64)), (1u64, true));
}

#[test]
fn another_configuration() {
    let body = bincode::serde::encode_to_vec(("", 5u32), bincode::config::legacy()).unwrap();
    assert_eq!(careless(&body), ((String::new(), 0u32), false));
}

#[test]
fn what_leaves_bytes_over_is_refused() {
    let body = write(Codec::Bincode, &OuterMore { inner: InnerMore { s: "s".into(), n: 9 }, z: 3 });
    let error = read::<Outer>(Codec::Bincode, &body).unwrap_err();
    assert_eq!(error.to_string(), "cannot be decoded as bincode: 1 byte is left over");
}
