//! What is written, read by types that differ in their attributes: with values that are really written
//! and read.

use serde::{Deserialize, Serialize};

use super::model::{Tree, is_meant, tree};
use super::{CODECS, Codec, DeserializeOwned, Outcome, Shapes, Verdict, read, verdict, write};

/// Names mean what they say, but for `B` and `b` that were renamed.
fn meanings(of: &str, name: &str) -> u32 {
    let name = match (of, name) {
        ("Renamed", "c") => "b",
        ("RenamedVariant", "C") => "B",
        (_, name) => name,
    };
    if name == "Rest" { super::model::OTHER } else { name.bytes().fold(7, |sum, byte| sum * 31 + u32::from(byte)) }
}

macro_rules! types {
    ($($item:item)*) => {$(
        #[derive(Clone, Debug, Serialize, Deserialize)]
        $item
    )*};
}

// What is written.
types! {
    struct Alike { a: u32, b: u32 }
    struct Without { a: u32 }
    struct Renamed { a: u32, c: u32 }
    struct More { a: u32, b: u32, c: u32 }
    struct LeftOut { a: u32, #[serde(skip_serializing_if = "Option::is_none")] b: Option<u32> }
    struct Swapped { b: u32, a: u32 }
    struct Wider { a: u32, b: u64 }
    struct Maybe { a: u32, b: Option<u32> }
    enum AlikeVariants { A, B(u32) }
    enum OneMore { A, B(u32), C }
    enum RenamedVariant { A, C(u32) }
    enum OneLess { A }
    enum SwappedVariants { B(u32), A }
}

// What reads it.
types! {
    struct Plain { a: u32, b: u32 }
    struct Optional { a: u32, b: Option<u32> }
    struct Defaulted { a: u32, #[serde(default)] b: u32 }
    struct Aliased { a: u32, #[serde(alias = "c")] b: u32 }
    struct AliasedDefault { a: u32, #[serde(default, alias = "c")] b: u32 }
    #[serde(deny_unknown_fields)]
    struct Denying { a: u32, b: u32 }
    #[serde(deny_unknown_fields)]
    struct DenyingDefault { a: u32, #[serde(default)] b: u32 }
    enum PlainVariants { A, B(u32) }
    enum AliasedVariants { A, #[serde(alias = "C")] B(u32) }
    enum OtherVariants { A, B(u32), #[serde(other)] Rest }
    enum AliasedOther { A, #[serde(alias = "C")] B(u32), #[serde(other)] Rest }
}

const LEFT_OUT: &str = "`b` is left out at times";

struct Writer {
    what: &'static str,
    shapes: fn(Codec) -> Shapes,
    written: Vec<(Tree, Vec<Option<Vec<u8>>>)>,
}

struct Reader {
    what: &'static str,
    shapes: fn(Codec) -> Shapes,
    read: fn(Codec, &[u8]) -> Option<Tree>,
}

fn writer<T: Serialize + DeserializeOwned + 'static>(what: &'static str, samples: &[T]) -> Writer {
    let bodies = |sample: &T| CODECS.iter().map(|codec| write(*codec, sample)).collect();
    let written = samples.iter().map(|sample| (tree(sample, meanings), bodies(sample))).collect();
    Writer { what, shapes: Shapes::of::<T>, written }
}

fn reader<T: Serialize + DeserializeOwned + 'static>(what: &'static str) -> Reader {
    Reader { what, shapes: Shapes::of::<T>, read: |codec, body| Some(tree(&read::<T>(codec, body)?, meanings)) }
}

/// What is written and by what attributes it is read.
pub(super) struct Attributes {
    pub(super) of: &'static str,
    writers: Vec<Writer>,
    readers: Vec<Reader>,
}

pub(super) fn attributes() -> [Attributes; 2] {
    let fields = Attributes {
        of: "`{ a, b }` is read with, on `b`",
        writers: vec![
            writer("`{ a, b }`", &[Alike { a: 1, b: 2 }]),
            writer("`b` is not written", &[Without { a: 1 }]),
            writer("`b` is called `c`", &[Renamed { a: 1, c: 2 }]),
            writer("a `c` more", &[More { a: 1, b: 2, c: 3 }]),
            writer(LEFT_OUT, &[LeftOut { a: 1, b: Some(2) }, LeftOut { a: 1, b: None }]),
            writer("`b` before `a`", &[Swapped { b: 2, a: 1 }]),
            writer("`b` is wider", &[Wider { a: 1, b: 2 }, Wider { a: 1, b: 1 << 40 }]),
            writer("`b` is an `Option`", &[Maybe { a: 1, b: Some(2) }, Maybe { a: 1, b: None }]),
        ],
        readers: vec![
            reader::<Plain>("nothing"),
            reader::<Optional>("`Option`"),
            reader::<Defaulted>("`default`"),
            reader::<Aliased>("`alias = \"c\"`"),
            reader::<AliasedDefault>("`default`, `alias`"),
            reader::<Denying>("`deny_unknown_fields`"),
            reader::<DenyingDefault>("`deny_unknown_fields`, `default`"),
        ],
    };
    let variants = Attributes {
        of: "`A`, `B` are read with",
        writers: vec![
            writer("`A`, `B`", &[AlikeVariants::A, AlikeVariants::B(1)]),
            writer("a `C` more", &[OneMore::A, OneMore::B(1), OneMore::C]),
            writer("`B` is called `C`", &[RenamedVariant::A, RenamedVariant::C(1)]),
            writer("`B` is not written", &[OneLess::A]),
            writer("`B` before `A`", &[SwappedVariants::A, SwappedVariants::B(1)]),
        ],
        readers: vec![
            reader::<PlainVariants>("nothing"),
            reader::<AliasedVariants>("`alias = \"C\"` on `B`"),
            reader::<OtherVariants>("`other` on a third"),
            reader::<AliasedOther>("`alias`, `other`"),
        ],
    };
    [fields, variants]
}

impl Attributes {
    pub(super) fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.readers.iter().map(|reader| reader.what)
    }

    /// What is written, and the verdicts on it, a reader after another.
    pub(super) fn rows(&self, codec: Codec) -> impl Iterator<Item = (&'static str, Vec<Verdict>)> {
        self.writers
            .iter()
            .map(move |writer| (writer.what, self.readers.iter().map(|reader| judged(writer, reader, codec)).collect()))
    }
}

fn judged(writer: &Writer, reader: &Reader, codec: Codec) -> Verdict {
    verdict((writer.shapes)(codec).written(), (reader.shapes)(codec).read(), codec)
}

#[test]
fn what_the_readers_attributes_make_of_it_is_what_really_happens() {
    for attributes in attributes() {
        for (index, codec) in CODECS.into_iter().enumerate() {
            let pairs = attributes.writers.iter().flat_map(|one| attributes.readers.iter().map(move |two| (one, two)));
            for (writer, reader) in pairs {
                let verdict = judged(writer, reader, codec);
                let (mut failed, mut wrong) = (0, 0);
                for (value, bodies) in &writer.written {
                    let got = bodies[index].as_ref().and_then(|body| (reader.read)(codec, body));
                    failed += usize::from(got.is_none());
                    let right = got.as_ref().is_some_and(|got| is_meant(value, got));
                    wrong += usize::from(got.is_some() && !right);
                    let (what, by) = (writer.what, reader.what);
                    let what = format!("{codec}: {what} with {by}: {verdict}: {value:?} arrives as {got:?}");
                    match verdict.outcome {
                        Outcome::Same | Outcome::Safe => assert!(right, "{what}"),
                        Outcome::ByValue => assert!(right || got.is_none(), "{what}"),
                        Outcome::ErrorInDecoding => assert!(got.is_none(), "{what}"),
                        Outcome::Unknown => panic!("{what}: all of it is known"),
                        Outcome::Refused => {}
                    }
                }
                let what = format!("{codec}: {} with {}: {verdict}", writer.what, reader.what);
                // A shape does not tell which values are left out.
                let left_out = writer.what == LEFT_OUT;
                assert!(verdict.outcome != Outcome::ByValue || failed > 0 || left_out, "{what}: no value fails");
                // Codecs that carry names are refused only where a value would be another.
                let named = codec != Codec::Bincode;
                let lost = wrong > 0 || failed > 0;
                assert!(!named || verdict.outcome != Outcome::Refused || lost, "{what}: every value arrives");
            }
        }
    }
}
