#![allow(clippy::unwrap_used, dead_code)]

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::super::shapes::Shapes;
use crate::codec::Codec;

fn read<T: Serialize + serde::de::DeserializeOwned>() -> String {
    Shapes::of::<T>(Codec::Bincode).read().text()
}

fn written<T: Serialize + serde::de::DeserializeOwned>() -> String {
    Shapes::of::<T>(Codec::Bincode).written().text()
}

/// What is written is what is read.
fn same<T: Serialize + serde::de::DeserializeOwned>(text: &str) {
    assert_eq!((written::<T>().as_str(), read::<T>().as_str()), (text, text));
}

macro_rules! types {
    ($($item:item)*) => {$(
        #[derive(Serialize, Deserialize)]
        $item
    )*};
}

types! {
    struct Order { id: u64, side: Side, lines: Vec<Line>, note: Option<String> }
    enum Side { Buy, At { limit: f64 }, Of(Line), Pair(u8, u8) }
    struct Line(u8, String);
    struct Id(u64);
    struct Nothing;
    struct Node { value: u8, next: Option<Box<Node>>, after: String }
    enum Expr { Add(Box<Expr>, Box<Expr>), Lit(f64), Call { with: Vec<Expr> } }
    struct Bottomless(Box<Bottomless>);
}

#[test]
fn what_is_written_is_recorded_and_what_is_read_is_traced() {
    assert_eq!(written::<u64>(), "u64\n");
    same::<Vec<Id>>("#0 list #1\n#1 struct \"Id\" is u64\n");
    same::<(u8, u8, u8, u8)>("#0 array 4 of u8\n");
    same::<(u8, String, Nothing)>("#0 tuple (u8, string, #1)\n#1 struct \"Nothing\"\n");
    same::<BTreeMap<String, Option<bool>>>("#0 map string to #1\n#1 option bool\n");
    assert_eq!(
        written::<Order>(),
        "#0 struct \"Order\" { \"id\": u64, \"side\": #1, \"lines\": #2, \"note\": #3 }\n\
         #1 enum \"Side\" { 0=\"Buy\", 1=\"At\" { \"limit\": f64 }, 2=\"Of\" is #4, 3=\"Pair\" (u8, u8) }\n\
         #2 list #4\n#3 option string\n#4 struct \"Line\" (u8, string)\n"
    );
    assert_eq!(read::<Order>(), written::<Order>().replace("\"note\":", "\"note\"?:"));
}

#[test]
fn recursion_is_a_number() {
    assert_eq!(
        read::<Node>(),
        "#0 struct \"Node\" { \"value\": u8, \"next\"?: #1, \"after\": string }\n#1 option #0\n"
    );
    assert_eq!(written::<Node>(), read::<Node>().replace('?', ""));
    same::<Expr>(
        "#0 enum \"Expr\" { 0=\"Add\" (#0, #0), 1=\"Lit\" is f64, 2=\"Call\" { \"with\": #1 } }\n#1 list #0\n",
    );
    // No value of it exists.
    assert_eq!(read::<Bottomless>(), "#0 opaque \"Bottomless\"\n");
}

types! {
    struct Aliased {
        #[serde(alias = "a_old", alias = "z_old")]
        id: u8,
        name: String,
        #[serde(rename = "in", alias = "inside")]
        inner: u16,
    }
    struct Defaults {
        must: u8,
        maybe: Option<u8>,
        #[serde(default)]
        or_zero: u8,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        list: Vec<u8>,
        #[serde(skip)]
        gone: u8,
        #[serde(skip_serializing)]
        #[serde(default)]
        only_read: u8,
        #[serde(rename(serialize = "out", deserialize = "in"))]
        two: u8,
    }
    #[serde(deny_unknown_fields)]
    struct Strict { a: u8 }
    #[serde(default)]
    struct AllDefault { a: u8, b: Vec<Aliased> }
    enum Variants {
        #[serde(alias = "First", alias = "Aaa")]
        One,
        Two { #[serde(default, alias = "y")] x: u8 },
        #[serde(alias = "Drei")]
        Three(u8),
    }
    enum Open { A(u8), B, #[serde(other)] Rest }
    enum OpenInItself { Add(u8, Vec<OpenInItself>), #[serde(alias = "N")] Neg, #[serde(other)] Rest }
    enum OpenAliased { #[serde(alias = "AA")] A(u8), B, #[serde(other)] Rest }
    enum Skipped { Buy, #[serde(skip)] Short, Sell }
}

impl Default for AllDefault {
    fn default() -> Self {
        Self { a: 7, b: Vec::new() }
    }
}

#[test]
fn attributes_of_fields() {
    assert_eq!(
        read::<Aliased>(),
        "#0 struct \"Aliased\" { \"id\"|\"a_old\"|\"z_old\": u8, \"name\": string, \"in\"|\"inside\": u16 }\n"
    );
    assert_eq!(written::<Aliased>(), "#0 struct \"Aliased\" { \"id\": u8, \"name\": string, \"in\": u16 }\n");
    assert_eq!(
        read::<Defaults>(),
        "#0 struct \"Defaults\" { \"must\": u8, \"maybe\"?: #1, \"or_zero\"?: u8, \"list\": #2, \"only_read\"?: u8, \
         \"in\": u8 }\n#1 option u8\n#2 list u8\n"
    );
    assert_eq!(
        written::<Defaults>(),
        "#0 struct \"Defaults\" { \"must\": u8, \"maybe\": #1, \"or_zero\": u8, \"list\"?: #2, \"out\": u8 }\n\
         #1 option u8\n#2 list u8\n"
    );
    assert_eq!(read::<Strict>(), "#0 struct \"Strict\" { \"a\": u8 ! }\n");
    assert_eq!(
        read::<AllDefault>(),
        "#0 struct \"AllDefault\" { \"a\"?: u8, \"b\"?: #1 }\n#1 list #2\n\
         #2 struct \"Aliased\" { \"id\"|\"a_old\"|\"z_old\": u8, \"name\": string, \"in\"|\"inside\": u16 }\n"
    );
}

#[test]
fn attributes_of_variants() {
    assert_eq!(
        read::<Variants>(),
        "#0 enum \"Variants\" { 0=\"One\"|\"Aaa\"|\"First\", 1=\"Two\" { \"x\"?|\"y\": u8 }, 2=\"Three\"|\"Drei\" is u8 }\n"
    );
    assert_eq!(
        written::<Variants>(),
        "#0 enum \"Variants\" { 0=\"One\", 1=\"Two\" { \"x\": u8 }, 2=\"Three\" is u8 }\n"
    );
    assert_eq!(read::<Open>(), "#0 enum \"Open\" { 0=\"A\" is u8, 1=\"B\", 2=\"Rest\" .. }\n");
    assert_eq!(read::<OpenAliased>(), "#0 enum \"OpenAliased\" { 0=\"A\"|\"AA\" is u8, 1=\"B\", 2=\"Rest\" .. }\n");
    assert_eq!(
        read::<Vec<OpenInItself>>(),
        "#0 list #1\n#1 enum \"OpenInItself\" { 0=\"Add\" (u8, #0), 1=\"Neg\"|\"N\", 2=\"Rest\" .. }\n"
    );
    assert_eq!(
        written::<OpenInItself>(),
        "#0 enum \"OpenInItself\" { 0=\"Add\" (u8, #1), 1=\"Neg\", 2=\"Rest\" }\n#1 list #0\n"
    );
    // What is written is the position in the source, what is read the position among those that are read.
    assert_eq!(written::<Skipped>(), "#0 enum \"Skipped\" { 0=\"Buy\", 2=\"Sell\" }\n");
    assert_eq!(read::<Skipped>(), "#0 enum \"Skipped\" { 0=\"Buy\", 1=\"Sell\" }\n");
}

types! {
    #[serde(into = "String", try_from = "String")]
    #[derive(Clone)]
    enum Word { Yes, No }
    #[serde(tag = "kind")]
    enum Tagged { A { x: u8 }, B }
    #[serde(untagged)]
    enum Untagged { Number(u8), Text(String) }
    struct Flat { id: u8, #[serde(flatten)] rest: HashMap<String, u8> }
    struct Around { before: u8, any: Untagged, after: Vec<String> }
    struct Other { #[serde(with = "as_text")] number: u64 }
    struct Times { at: std::net::IpAddr, every: std::time::Duration }
}

impl From<Word> for String {
    fn from(word: Word) -> Self {
        if matches!(word, Word::Yes) { "yes" } else { "no" }.to_owned()
    }
}

impl TryFrom<String> for Word {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "" | "1" => Ok(Self::Yes),
            "a" => Ok(Self::No),
            _ => Err("neither".into()),
        }
    }
}

/// Writes a text and reads a number.
mod as_text {
    use serde::{Deserialize, Deserializer, Serializer};

    #[allow(clippy::trivially_copy_pass_by_ref)]
    pub(super) fn serialize<S: Serializer>(number: &u64, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&number.to_string())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
        u64::deserialize(from)
    }
}

#[test]
fn what_is_written_may_be_something_else() {
    same::<Word>("string\n");
    assert_eq!(written::<Other>(), "#0 struct \"Other\" { \"number\": string }\n");
    assert_eq!(read::<Other>(), "#0 struct \"Other\" { \"number\": u64 }\n");
}

#[test]
fn what_cannot_be_found_out_shows_on_both_sides() {
    same::<Tagged>("#0 opaque \"Tagged\"\n");
    same::<Untagged>("#0 opaque \"Untagged\"\n");
    same::<serde_json::Value>("#0 opaque \"Value\"\n");
    same::<Around>(
        "#0 struct \"Around\" { \"before\": u8, \"any\": #1, \"after\": #2 }\n#1 opaque \"Untagged\"\n#2 list string\n",
    );
    assert!(written::<Flat>().contains("opaque"), "{}", written::<Flat>());
}

#[test]
fn a_format_that_people_read_has_shapes_of_its_own() {
    let json = Shapes::of::<Times>(Codec::Json);
    let text = "#0 struct \"Times\" { \"at\": string, \"every\": #1 }\n\
                #1 struct \"Duration\" { \"secs\": u64, \"nanos\": u32 ! }\n";
    assert_eq!(json.written().text(), text.replace(" !", ""));
    assert_eq!(json.read().text(), text);
    assert!(read::<Times>().contains("enum \"IpAddr\""), "{}", read::<Times>());
}
