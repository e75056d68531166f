//! What findings are made with.

use super::super::document::{Finding, Side};
use super::super::rules::Rule;

/// A finding that is filled in by its rule.
pub(super) fn finding(rule: Rule, about: &[&str], sentence: String, next_step: &str) -> Finding {
    Finding {
        id: std::iter::once(rule.name()).chain(about.iter().copied()).collect::<Vec<_>>().join("/"),
        rule,
        level: rule.default_level(),
        contracts: Vec::new(),
        methods: Vec::new(),
        services: Vec::new(),
        sentence,
        sides: Vec::new(),
        next_step: next_step.to_owned(),
    }
}

pub(super) fn side(who: &str, says: impl Into<String>, evidence: &[String]) -> Side {
    Side { who: who.to_owned(), says: says.into(), evidence: evidence.to_vec() }
}

/// Names in a row: `a`, `b`.
pub(super) fn quoted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
