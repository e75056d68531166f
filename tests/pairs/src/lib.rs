//! Pairs of types, made up and compiled with real derives: the verdict on each, held against what
//! becomes of thousands of values, as a model judges it that knows nothing of shapes.
//!
//! `scripts/contract-pairs` tries many pairs and values; `cargo test` a few.

#![allow(clippy::pedantic, clippy::style)] // Most of it is generated.
#![cfg(test)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, dead_code)]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    clippy::float_cmp
)]

mod make;
#[path = "../../../bus/src/contract/verdict/tests/model.rs"]
mod model;
mod rules;

use std::collections::BTreeMap;

use bus::Codec;
use bus::contract::{Outcome, Shapes, Verdict, verdict};
use serde::Serialize;
use serde::de::DeserializeOwned;

use self::make::{Make, Random};
use self::model::{Meanings, Tree, is_meant, tree};
use self::rules::Rules;

const CODECS: [Codec; 3] = [Codec::Bincode, Codec::Json, Codec::MsgPack];

/// What became of the values of one type that were read as another.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    right: u64,
    failed: u64,
    wrong: u64,
    unwritten: u64,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.right += other.right;
        self.failed += other.failed;
        self.wrong += other.wrong;
        self.unwritten += other.unwritten;
    }
}

/// Values that were written.
type Written = Vec<(Tree, Option<Vec<u8>>)>;

/// A type before and after a change.
pub(crate) struct Pair {
    number: u64,
    what: &'static str,
    old: Side,
    new: Side,
}

struct Side {
    shapes: fn(Codec) -> Shapes,
    write: fn(Codec, &mut Random, u32, Meanings) -> Written,
    read: fn(Codec, &[u8], Meanings) -> Option<Tree>,
    meanings: Meanings,
}

impl Side {
    fn of<T: Serialize + DeserializeOwned + Make + 'static>(meanings: Meanings) -> Self {
        Self {
            shapes: Shapes::of::<T>,
            write: |codec, random, values, meanings| {
                (0..values)
                    .map(|_| {
                        let value = T::make(random);
                        (tree(&value, meanings), bus::__private::write_one(codec, &value))
                    })
                    .collect()
            },
            read: |codec, body, meanings| Some(tree(&bus::__private::read_one::<T>(codec, body)?, meanings)),
            meanings,
        }
    }
}

impl Pair {
    pub(crate) fn of<Old, New>(number: u64, what: &'static str, old: Meanings, new: Meanings) -> Self
    where
        Old: Serialize + DeserializeOwned + Make + 'static,
        New: Serialize + DeserializeOwned + Make + 'static,
    {
        Self { number, what, old: Side::of::<Old>(old), new: Side::of::<New>(new) }
    }
}

include!(concat!(env!("OUT_DIR"), "/pairs.rs"));

/// Writes values of one side and reads them as the other.
fn tried(writer: &Side, reader: &Side, codec: Codec, random: &mut Random, values: u32) -> (Tally, Option<String>) {
    let (mut tally, mut example) = (Tally::default(), None);
    for (value, body) in (writer.write)(codec, random, values, writer.meanings) {
        let Some(body) = body else {
            tally.unwritten += 1;
            continue;
        };
        match (reader.read)(codec, &body, reader.meanings) {
            None => tally.failed += 1,
            Some(read) if is_meant(&value, &read) => tally.right += 1,
            Some(read) => {
                tally.wrong += 1;
                example.get_or_insert_with(|| format!("{value:?} arrives as {read:?}"));
            }
        }
    }
    (tally, example)
}

fn setting(name: &str, default: u32) -> u32 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

/// A verdict held against what became of values; none where it is right.
fn disproved(verdict: &Verdict, codec: Codec, tally: Tally) -> Option<&'static str> {
    match verdict.outcome {
        Outcome::Same | Outcome::Safe if tally.failed + tally.wrong > 0 => Some("not every value arrives"),
        Outcome::ByValue if tally.wrong > 0 => Some("values arrive as others"),
        Outcome::ErrorInDecoding if tally.right + tally.wrong > 0 => Some("values are read"),
        // Codecs that carry names let the decoder judge.
        Outcome::Unknown if codec != Codec::Bincode && tally.wrong > 0 => Some("values arrive as others"),
        _ => None,
    }
}

#[test]
fn no_pair_that_is_let_pass_has_a_wrong_value() {
    // Half of them each way, and all of them with every codec.
    let values = setting("BUS_PAIRS_VALUES", 400) / 2;
    let (mut table, mut rules) = (BTreeMap::new(), Rules::read());
    let mut values_of: BTreeMap<Outcome, Tally> = BTreeMap::new();
    let (mut disproofs, mut wrong_and_refused, mut count) = (Vec::new(), 0_u64, 0_u64);
    let all = pairs();
    for pair in &all {
        let mut random = Random::new(pair.number);
        let mut shows = true;
        for codec in CODECS {
            let (old, new) = ((pair.old.shapes)(codec), (pair.new.shapes)(codec));
            let ways = [
                ("old to new", &pair.old, &pair.new, verdict(old.written(), new.read(), codec)),
                ("new to old", &pair.new, &pair.old, verdict(new.written(), old.read(), codec)),
            ];
            for (way, writer, reader, verdict) in ways {
                let (tally, example) = tried(writer, reader, codec, &mut random, values);
                count += u64::from(values);
                *table.entry((codec.name(), verdict.outcome)).or_insert(0_u32) += 1;
                rules.note(codec, &verdict);
                values_of.entry(verdict.outcome).or_default().add(tally);
                if verdict.outcome == Outcome::Refused {
                    wrong_and_refused += tally.wrong;
                }
                if let Some(why) = disproved(&verdict, codec, tally) {
                    let text = format!(
                        "pair {} ({}), {codec}, {way}: {verdict}: {why}: {tally:?} {}",
                        pair.number,
                        pair.what,
                        example.unwrap_or_default()
                    );
                    if shows {
                        println!("{text}\n  old {}\n  new {}", old.read(), new.read());
                        shows = false;
                    }
                    disproofs.push(text);
                }
            }
        }
    }
    println!(
        "{} pairs, {values} values each way and codec, {count} in all; {wrong_and_refused} wrong values were refused",
        all.len()
    );
    for ((codec, outcome), count) in &table {
        println!("  {codec:8} {outcome:24} {count}");
    }
    for (outcome, tally) in &values_of {
        println!("  {outcome:24} {tally:?}");
    }
    rules.say();
    assert!(disproofs.is_empty(), "{} of {} are disproved: {}", disproofs.len(), all.len() * 6, disproofs[0]);
    rules.hold(all.len());
    // Enough of each kind to say something.
    let of = |named: bool, outcomes: &[Outcome]| -> usize {
        table
            .iter()
            .filter(|((codec, outcome), _)| (*codec != "bincode") == named && outcomes.contains(outcome))
            .map(|(_, count)| *count as usize)
            .sum()
    };
    // A share of many pairs; of a few, one at least.
    let floor = |wanted: usize, found: usize, what: &str| {
        let wanted = if all.len() < 100 { 1 } else { all.len() * wanted / 100 };
        assert!(found >= wanted, "{what}: {found} of {}", all.len());
    };
    floor(100, of(true, &[Outcome::Same, Outcome::Safe]), "let pass by name");
    floor(40, of(true, &[Outcome::ByValue]), "by value");
    floor(15, of(true, &[Outcome::Refused]), "refused by name");
    floor(20, of(true, &[Outcome::ErrorInDecoding]), "errors by name");
    floor(10, of(false, &[Outcome::Same, Outcome::Safe]), "let pass by place");
    floor(80, of(false, &[Outcome::Refused]), "refused by place");
    let unknown = of(true, &[Outcome::Unknown]) + of(false, &[Outcome::Unknown]);
    assert!(unknown * 10 <= all.len() * 6, "unknown: {unknown}");
    assert!(wrong_and_refused > 0, "nothing that was refused would have been wrong");
}
