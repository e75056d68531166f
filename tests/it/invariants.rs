//! What the house keeps: read from the sources, because no compiler checks it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The files of a folder, with their paths below it.
fn sources(folder: &str) -> Vec<(String, String)> {
    let base = root().join(folder);
    let (mut found, mut folders) = (Vec::new(), vec![base.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&base).unwrap().to_str().unwrap().to_owned();
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(found.len() > 5, "{folder} is somewhere else");
    found
}

/// Lines that are code: without comments, and with their numbers.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(number, line)| (number + 1, line))
}

/// A file without its own tests, which may say what it must not.
fn without_tests<'a>(name: &str, text: &'a str) -> &'a str {
    if Path::new(name).components().any(|part| part.as_os_str().to_str().is_some_and(|part| part.contains("tests"))) {
        return "";
    }
    text.split("#[cfg(test)]\nmod ").next().unwrap_or(text).split("#[cfg(test)]\n#[allow").next().unwrap_or(text)
}

/// Whether a line has a word, not a part of a longer one.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let edge = |letter: Option<char>| letter.is_none_or(|letter| !letter.is_alphanumeric() && letter != '_');
        edge(line[..at].chars().next_back()) && edge(line[at + word.len()..].chars().next())
    })
}

fn offenders(folder: &str, exempt: impl Fn(&str) -> bool, offends: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for (name, text) in sources(folder).iter().filter(|(name, _)| !exempt(name)) {
        found.extend(
            code(without_tests(name, text))
                .filter(|(_, line)| offends(line))
                .map(|(number, line)| format!("{name}:{number}: {}", line.trim())),
        );
    }
    found
}

fn none(found: &[String], rule: &str) {
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

#[test]
fn nothing_outside_kafka_names_rdkafka() {
    none(
        &offenders("bus/src", |name| name.starts_with("kafka/"), |line| has_word(line, "rdkafka")),
        "rdkafka outside kafka/",
    );
    none(
        &offenders("bus-macros/src", |_| false, |line| has_word(line, "rdkafka") || has_word(line, "tokio")),
        "in the macros",
    );
}

/// Names that a file imports from rdkafka.
fn imported(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut rest = text;
    while let Some(at) = rest.find("use rdkafka") {
        let end = rest[at..].find(';').map_or(rest.len(), |end| at + end);
        let names_here = rest[at..end].split(|letter: char| !letter.is_alphanumeric() && letter != '_');
        names.extend(names_here.filter(|name| name.starts_with(char::is_uppercase)).map(ToOwned::to_owned));
        rest = &rest[end..];
    }
    names.insert("rdkafka".to_owned());
    names
}

#[test]
fn no_kafka_type_stands_in_a_public_signature() {
    let mut found = Vec::new();
    for (name, text) in sources("bus/src").iter().filter(|(name, _)| name.starts_with("kafka/")) {
        let foreign = imported(text);
        let mut lines = code(text).peekable();
        while let Some((number, line)) = lines.next() {
            // `pub` alone: `pub(crate)` and `pub(super)` are ours.
            if !line.trim_start().starts_with("pub ") {
                continue;
            }
            let mut signature = line.to_owned();
            while !signature.contains(['{', ';'])
                && let Some((_, more)) = lines.next()
            {
                signature.push_str(more);
            }
            // The fields of a `pub struct` are looked at on their own lines.
            if foreign.iter().any(|word| has_word(&signature, word)) {
                found.push(format!("{name}:{number}: {}", signature.trim()));
            }
        }
    }
    none(&found, "Kafka types in public signatures");
}

#[test]
fn nothing_outside_wire_names_a_header() {
    let names = |line: &str| {
        line.match_indices("\"bus-").any(|(at, _)| {
            // The prefix alone is what a user's header may not start with; threads have names, too.
            let rest = &line[at + 1..];
            let name = &rest[..rest.find('"').unwrap_or(rest.len())];
            name != "bus-" && HEADERS.contains(&name)
        })
    };
    none(&offenders("bus/src", |name| name.starts_with("wire/"), names), "headers outside wire/");
    let wire = sources("bus/src").into_iter().find(|(name, _)| name == "wire/names.rs").unwrap().1;
    let missing: Vec<String> =
        HEADERS[..18].iter().filter(|name| !wire.contains(&format!("\"{name}\""))).map(ToString::to_string).collect();
    none(&missing, "headers that wire/names.rs no longer names");
    // Whatever wire/names.rs names is in the list above, or the list is behind.
    let unlisted: Vec<String> = without_tests("wire/names.rs", &wire)
        .split('"')
        .filter(|text| text.starts_with("bus-") && text.len() > 4 && !HEADERS.contains(text))
        .map(ToOwned::to_owned)
        .collect();
    none(&unlisted, "headers that this list does not have");
}

/// The first eighteen are in use; the rest are reserved by the format.
const HEADERS: [&str; 24] = [
    "bus-method",
    "bus-timeout",
    "bus-codec",
    "bus-contract",
    "bus-shape",
    "bus-shapes",
    "bus-caller",
    "bus-oneway",
    "bus-status",
    "bus-fault",
    "bus-detail",
    "bus-retry-after",
    "bus-dead-",
    "bus-dead-reason",
    "bus-dead-topic",
    "bus-dead-partition",
    "bus-dead-offset",
    "bus-dead-left-out",
    "bus-attempt",
    "bus-cancel",
    "bus-accept",
    "bus-part",
    "bus-total",
    "bus-dead",
];

#[test]
fn unsafe_code_stands_in_kafka_alone() {
    let offends = |line: &str| has_word(line, "unsafe") || line.contains("allow(unsafe_code)");
    none(&offenders("bus/src", |name| name.starts_with("kafka/"), offends), "unsafe code outside kafka/");
    none(
        &offenders("bus-macros/src", |_| false, |line| line.contains("allow(unsafe_code)")),
        "unsafe code in the macros",
    );
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(manifest.contains("unsafe_code = \"deny\""), "unsafe code is denied");
}

#[test]
fn no_channel_is_unbounded() {
    let offends = |line: &str| line.contains("unbounded") || line.contains("mpsc::channel()");
    none(&offenders("bus/src", |_| false, offends), "unbounded channels");
}

#[test]
fn the_macros_depend_on_proc_macro2_quote_and_syn_alone() {
    let manifest = fs::read_to_string(root().join("bus-macros/Cargo.toml")).unwrap();
    let mut names = Vec::new();
    let mut within = false;
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            within = line == "[dependencies]";
            let elsewhere = line.contains("dependencies") && line != "[dependencies]" && line != "[dev-dependencies]";
            assert!(!elsewhere, "dependencies in {line}");
        } else if within && !line.is_empty() && !line.starts_with('#') {
            names.push(line.split(['.', ' ', '=']).next().unwrap().to_owned());
        }
    }
    names.sort_unstable();
    assert_eq!(names, ["proc-macro2", "quote", "syn"]);
}
