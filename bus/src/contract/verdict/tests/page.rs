//! `docs/contracts.md`: what is said there of changes is what the tests hold against real decoding.

use std::fmt::Write;
use std::path::Path;

use super::kinds::{judged, kinds};
use super::rows::{Row, rows};
use super::{Codec, Outcome};

const BEGIN: &str = "<!-- What follows is made by the tests: BUS_UPDATE_DOCS=1 cargo test -p kafka-bus contract -->\n";

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Same => "same",
        Outcome::Safe => "safe",
        Outcome::ByValue => "by value",
        Outcome::Unknown => "unknown",
        Outcome::ErrorInDecoding => "error",
        Outcome::Refused => "**refused**",
    }
}

/// Who has to be deployed first so that no value is lost meanwhile.
fn order(forth: Outcome, back: Outcome, forth_only: &'static str, back_only: &'static str) -> &'static str {
    match (forth.is_harmless(), back.is_harmless()) {
        (true, true) => "any",
        (true, false) => forth_only,
        (false, true) => back_only,
        (false, false) => "none",
    }
}

fn row(row: &Row, page: &mut String) {
    let [(_, bincode, bincode_back), (_, json, json_back), (_, packed, packed_back)] = &row.cells[..] else {
        panic!("three codecs")
    };
    let named = |json: Outcome, packed: Outcome| {
        if json == packed { word(json).to_owned() } else { format!("{} / {}", word(json), word(packed)) }
    };
    let worst = |one: Outcome, two: Outcome| one.max(two);
    let (forth, back) = (worst(json.outcome, packed.outcome), worst(json_back.outcome, packed_back.outcome));
    let _ = writeln!(
        page,
        "| {} | {} | {} | {} | {} | {} | {} |",
        row.change,
        word(bincode.outcome),
        word(bincode_back.outcome),
        named(json.outcome, packed.outcome),
        named(json_back.outcome, packed_back.outcome),
        // Arguments are written by callers, answers and errors by servers.
        order(forth, back, "servers first", "callers first"),
        order(forth, back, "callers first", "servers first"),
    );
}

fn matrix(codec: Codec, page: &mut String) {
    let kinds = kinds();
    let _ = write!(page, "\n| {codec}: written \\ read |");
    for kind in &kinds {
        let _ = write!(page, " {} |", kind.name);
    }
    let _ = write!(page, "\n| --- |{}\n", " --- |".repeat(kinds.len()));
    for one in &kinds {
        let _ = write!(page, "| {} |", one.name);
        for two in &kinds {
            let _ = write!(
                page,
                " {} |",
                match judged(one, two, codec).outcome {
                    Outcome::Same => "=",
                    Outcome::Safe => "s",
                    Outcome::ByValue => "v",
                    Outcome::Unknown => "?",
                    Outcome::ErrorInDecoding => "e",
                    Outcome::Refused => "**x**",
                }
            );
        }
        page.push('\n');
    }
}

fn made() -> String {
    let mut page = String::from(BEGIN);
    page.push_str(
        "\n## Changes of a type\n\n\
         | change | bincode, old to new | bincode, new to old | JSON and MessagePack, old to new | new to old | \
         order for arguments | order for answers and errors |\n\
         | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for row in &rows() {
        self::row(row, &mut page);
    }
    page.push_str(
        "\nWhere JSON and MessagePack differ, JSON stands first. The order is that of JSON and MessagePack: under bincode \
         both sides change at once, or a new method takes the new type.\n\n\
         ## Every kind of type, read as every other\n\n\
         `=` same, `s` safe, `v` by value, `?` unknown, `e` error in decoding, **x** refused before decoding.\n",
    );
    matrix(Codec::Json, &mut page);
    matrix(Codec::MsgPack, &mut page);
    page.push_str("\nUnder bincode a kind is read as itself, as a newtype of itself, and as nothing else.\n");
    page
}

#[test]
fn the_page_says_what_the_tests_hold() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/contracts.md");
    let page = std::fs::read_to_string(&path).expect("docs/contracts.md is there");
    let (text, written) = page.split_once(BEGIN).expect("the page has the mark");
    let made = made();
    if std::env::var_os("BUS_UPDATE_DOCS").is_some() {
        std::fs::write(&path, format!("{text}{made}")).expect("the page can be written");
        return;
    }
    let written = format!("{BEGIN}{written}");
    let differs = made.lines().zip(written.lines()).find(|(made, written)| made != written);
    assert!(made == written, "docs/contracts.md is out of date: BUS_UPDATE_DOCS=1 makes it anew; {differs:?}");
}
