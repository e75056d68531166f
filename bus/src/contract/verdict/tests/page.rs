//! `docs/contracts.md`: what is said there of changes is what the tests hold against real decoding.

use std::fmt::Write;
use std::path::Path;

use super::attributes::attributes;
use super::kinds::{judged, kinds};
use super::rows::{Row, rows};
use super::{Codec, Outcome};

const BEGIN: &str = "<!-- What follows is made by the tests: BUS_UPDATE_DOCS=1 cargo test --lib contract -->\n";

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

/// Who has to be deployed first so that no value is lost meanwhile: of values that callers write, and
/// of values that servers write.
fn orders(forth: Outcome, back: Outcome) -> [&'static str; 2] {
    match (forth.is_harmless(), back.is_harmless()) {
        (true, true) => ["any", "any"],
        (true, false) => ["servers first", "callers first"],
        (false, true) => ["callers first", "servers first"],
        (false, false) => ["none", "none"],
    }
}

fn row(row: &Row, page: &mut String) {
    let [(_, bincode, bincode_back), (_, json, json_back), (_, packed, packed_back)] = &row.cells[..] else {
        panic!("three codecs")
    };
    let either = |json: Outcome, packed: Outcome| {
        if json == packed { word(json).to_owned() } else { format!("{} / {}", word(json), word(packed)) }
    };
    // Where there is no client there is nothing to be deployed.
    let (mut places, mut names) = (
        [word(bincode.outcome).to_owned(), word(bincode_back.outcome).to_owned()],
        [either(json.outcome, packed.outcome), either(json_back.outcome, packed_back.outcome)],
    );
    let mut by_place = orders(bincode.outcome, bincode_back.outcome);
    let mut by_name = orders(json.outcome.max(packed.outcome), json_back.outcome.max(packed_back.outcome));
    let refused = || ["no client".to_owned(), "no client".to_owned()];
    if row.unfit.contains(&Codec::Bincode) {
        (places, by_place) = (refused(), ["-", "-"]);
    }
    if row.unfit.contains(&Codec::Json) {
        (names, by_name) = (refused(), ["-", "-"]);
    }
    let cells = [places, names, by_place.map(str::to_owned), by_name.map(str::to_owned)].concat();
    let _ = writeln!(page, "| {} | {} |", row.change, cells.join(" | "));
}

fn letter(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Same => "=",
        Outcome::Safe => "s",
        Outcome::ByValue => "v",
        Outcome::Unknown => "?",
        Outcome::ErrorInDecoding => "e",
        Outcome::Refused => "**x**",
    }
}

/// What attributes of the reader make of what is written: bincode's letter, JSON's, MessagePack's.
fn readers(page: &mut String) {
    for attributes in &attributes() {
        let _ = write!(page, "\n| written \\ {} |", attributes.of);
        let columns: Vec<_> = attributes.columns().collect();
        for column in &columns {
            let _ = write!(page, " {column} |");
        }
        let _ = write!(page, "\n| --- |{}\n", " --- |".repeat(columns.len()));
        let [bincode, json, packed] = super::CODECS.map(|codec| attributes.rows(codec).collect::<Vec<_>>());
        for (row, (what, by_place)) in bincode.iter().enumerate() {
            let _ = write!(page, "| {what} |");
            for (column, place) in by_place.iter().enumerate() {
                let letters = [place, &json[row].1[column], &packed[row].1[column]].map(|found| letter(found.outcome));
                let _ = write!(page, " {} |", letters.join(" "));
            }
            page.push('\n');
        }
    }
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
            let _ = write!(page, " {} |", letter(judged(one, two, codec).outcome));
        }
        page.push('\n');
    }
}

fn made() -> String {
    let mut page = String::from(BEGIN);
    page.push_str(
        "\n## Changes of a type\n\n\
         | change | bincode: old to new | new to old | JSON and MessagePack: old to new | new to old | bincode: order \
         for arguments | for answers and errors | JSON and MessagePack: order for arguments | for answers and errors |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for row in &rows() {
        self::row(row, &mut page);
    }
    page.push_str(
        "\nWhere JSON and MessagePack differ, JSON stands first, and the worse of them gives the order. \"no client\": \
         the codec cannot carry one of the two types, and `bus.client()` and `serve` refuse it.\n\n\
         ## What the reader's attributes do\n\n\
         Three letters: bincode, JSON, MessagePack. `=` same, `s` safe, `v` by value, `?` unknown, `e` error in \
         decoding, **x** refused before decoding.\n",
    );
    readers(&mut page);
    page.push_str("\n## Every kind of type, read as every other\n");
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
