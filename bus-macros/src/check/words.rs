//! Which words there are, and where each has its place.

/// The words of `#[bus::request(..)]`.
pub(super) const ON_TRAITS: &[&str] = &[
    "topic",
    "reply",
    "partitions",
    "reply_partitions",
    "replication",
    "codec",
    "timeout",
    "client",
    "server",
    "crate",
];

/// The words of `#[bus(..)]` on a method.
pub(super) const ON_METHODS: &[&str] =
    &["timeout", "name", "idempotent", "oneway", "cancel", "blocking", "inline", "opaque", "skip"];

/// The words of `#[bus(..)]` on an argument.
pub(super) const ON_ARGUMENTS: &[&str] = &["key"];

/// The place where a word would be right.
pub(super) fn place_of(word: &str) -> Option<&'static str> {
    if ON_ARGUMENTS.contains(&word) {
        Some("an argument: write `#[bus(key)]` in front of its name")
    } else if ON_METHODS.contains(&word) {
        Some("a method: write `#[bus(..)]` above it")
    } else if ON_TRAITS.contains(&word) {
        Some("the trait: write it into `#[bus::request(..)]`")
    } else {
        None
    }
}

/// `a`, `b` or `c`.
pub(super) fn list(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [only] => format!("`{only}`"),
        [most @ .., last] => {
            format!("{} or `{last}`", most.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "))
        }
    }
}
