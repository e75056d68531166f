//! The house: which file imports which, read from the sources, because no compiler checks it.
//!
//! No import runs back between rooms (the modules at a crate's root) and none in a circle, between
//! files either. The floors that follow from the imports are drawn into ARCHITECTURE.md.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod bounds;
mod front_page;
mod graph;
mod imports;
mod readme;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use self::graph::{circles, floors};
use self::imports::{Import, imports};

/// The crates that are looked at, and the files that they start from.
const CRATES: [(&str, &str); 6] = [
    ("bus", "bus/src/lib.rs"),
    ("bus-macros", "bus-macros/src/lib.rs"),
    ("bench", "bench/src/main.rs"),
    ("examples", "examples/src/lib.rs"),
    ("bus-cli", "bus-cli/src/lib.rs"),
    ("bus-cli/bus", "bus-cli/src/bin/bus/main.rs"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The modules of one crate and their imports. Its front page imports everything and is imported by
/// nobody.
struct House {
    modules: Vec<String>,
    imports: Vec<Import>,
}

fn house(start: &str) -> House {
    let (modules, imports) = imports(&root().join(start));
    assert!(!modules.is_empty(), "{start} has no modules: it is read wrongly");
    House { modules, imports }
}

/// The graph of what `place` says of the two ends of each import.
fn graph_of(house: &House, place: impl Fn(&str) -> String) -> BTreeMap<String, BTreeSet<String>> {
    let mut graph: BTreeMap<String, BTreeSet<String>> =
        house.modules.iter().map(|module| (place(module), BTreeSet::new())).collect();
    for import in &house.imports {
        let (from, to) = (place(&import.from), place(&import.to));
        if from != to {
            graph.entry(from).or_default().insert(to);
        }
    }
    graph
}

/// The lines that keep a circle closed.
fn broken(house: &House, place: impl Fn(&str) -> String + Copy) -> String {
    let mut text = String::new();
    for circle in circles(&graph_of(house, place)) {
        let _ =
            writeln!(text, "a circle of {}: {}", circle.len(), circle.iter().cloned().collect::<Vec<_>>().join(", "));
        for import in &house.imports {
            let (from, to) = (place(&import.from), place(&import.to));
            if from != to && circle.contains(&from) && circle.contains(&to) {
                let _ = writeln!(text, "  {}:{}: {from} imports {to}", import.file, import.line);
            }
        }
    }
    text
}

fn room(module: &str) -> String {
    module.split("::").next().unwrap_or_default().to_owned()
}

#[test]
fn no_import_runs_back_between_rooms() {
    let text: String = CRATES.iter().map(|(_, start)| broken(&house(start), room)).collect();
    assert!(text.is_empty(), "{text}");
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let text: String = CRATES.iter().map(|(_, start)| broken(&house(start), str::to_owned)).collect();
    assert!(text.is_empty(), "{text}");
}

/// What a room may import of the others, where that is a promise and not only an order.
#[test]
fn the_protocol_stands_alone_and_kafka_knows_nothing_above_errors() {
    let house = house("bus/src/lib.rs");
    let allowed: [(&str, &[&str]); 2] =
        [("protocol", &[]), ("kafka", &["error", "hash", "repeats", "sync", "timeouts"])];
    for (name, below) in allowed {
        assert!(house.modules.iter().any(|module| room(module) == name), "there is no room `{name}`");
        for import in house.imports.iter().filter(|import| room(&import.from) == name) {
            let to = room(&import.to);
            assert!(
                to == name || below.contains(&to.as_str()),
                "{}:{}: `{name}` imports `{}`",
                import.file,
                import.line,
                import.to
            );
        }
    }
}

/// Every room of the library on the floor that its imports put it on, the front first.
fn drawn() -> String {
    let mut text = String::from("```\n");
    for floor in floors(&graph_of(&house("bus/src/lib.rs"), room)) {
        let _ = writeln!(text, "{}", floor.join("  "));
    }
    text.push_str("```\n");
    text
}

/// `BUS_DRAW_HOUSE=1 cargo test -p bus-tests --test house` draws them anew.
#[test]
fn the_floors_in_architecture_are_those_of_the_imports() {
    const START: &str = "<!-- floors: drawn by a test from the imports -->\n";
    const END: &str = "<!-- end of floors -->";
    let path = root().join("ARCHITECTURE.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(START).expect("ARCHITECTURE.md has the mark where floors begin");
    let (shown, after) = rest.split_once(END).expect("ARCHITECTURE.md has the mark where floors end");
    let drawn = drawn();
    if std::env::var_os("BUS_DRAW_HOUSE").is_some() {
        fs::write(&path, format!("{before}{START}{drawn}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(shown, drawn, "draw them anew: BUS_DRAW_HOUSE=1 cargo test -p bus-tests --test house");
}
