//! What changed between two versions of a contract, and what that does to what is under way.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::description::{ContractDescription, MethodDescription, TypeDescription};
use super::verdict::{Finding, Outcome, verdict};

/// Which values a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Direction {
    /// Requests of old callers, which new servers read.
    OldCallers,
    /// Requests of new callers, which old servers read.
    NewCallers,
    /// Answers and errors of old servers, which new callers read.
    OldServers,
    /// Answers and errors of new servers, which old callers read.
    NewServers,
}

impl Direction {
    /// Whether an order of deployment never lets such values come about.
    fn avoided_by(self, order: Order) -> bool {
        match order {
            // New callers come when no server is old.
            Order::ServersFirst => matches!(self, Self::NewCallers | Self::OldServers),
            Order::CallersFirst => matches!(self, Self::OldCallers | Self::NewServers),
            Order::Any | Order::None => false,
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OldCallers => "old callers to new servers",
            Self::NewCallers => "new callers to old servers",
            Self::OldServers => "old servers to new callers",
            Self::NewServers => "new servers to old callers",
        })
    }
}

/// In which order two sides may be deployed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Either.
    Any,
    /// All servers before the first caller.
    ServersFirst,
    /// All callers before the first server.
    CallersFirst,
    /// No order works.
    None,
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Any => "any order works",
            Self::ServersFirst => "it works with all servers deployed before the first caller",
            Self::CallersFirst => "it works with all callers deployed before the first server",
            Self::None => "no order of deployment works",
        })
    }
}

/// One change, and whom it concerns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Change {
    /// The method on the wire; empty for the contract as a whole.
    pub method: String,
    /// What it is about: `argument order`, `answer`, `error`.
    pub part: String,
    /// Which values.
    pub direction: Direction,
    /// What becomes of them, where and why.
    pub finding: Finding,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dot = if self.method.is_empty() || self.part.is_empty() { "" } else { ", " };
        write!(f, "{}{dot}{}: {}: {}", self.method, self.part, self.direction, self.finding)
    }
}

/// Everything that changed from one version of a contract to the next, the worst of each part.
///
/// What is the same is not in it; what is safe is. Documentation, versions, partitions and timeouts
/// do not concern what is under way.
pub fn changes(old: &ContractDescription, new: &ContractDescription) -> Vec<Change> {
    let mut changes = Changes { old, new, found: Vec::new() };
    changes.contract();
    for method in &old.methods {
        match new.method(&method.name) {
            Some(now) => changes.method(method, now),
            None => changes.add(
                &method.name,
                "",
                Direction::OldCallers,
                Outcome::Refused,
                "the method is gone: keep it until nobody calls it any more",
            ),
        }
    }
    for method in new.methods.iter().filter(|method| old.method(&method.name).is_none()) {
        changes.add(
            &method.name,
            "",
            Direction::NewCallers,
            Outcome::ErrorInDecoding,
            "the method is new: old servers do not know it",
        );
    }
    changes.found
}

/// The order of deployment in which nothing of these changes is felt.
pub fn order(changes: &[Change]) -> Order {
    let felt: Vec<_> = changes.iter().filter(|change| !change.finding.outcome.is_harmless()).collect();
    let works = |order: &Order| felt.iter().all(|change| change.direction.avoided_by(*order));
    if felt.is_empty() {
        return Order::Any;
    }
    [Order::ServersFirst, Order::CallersFirst].into_iter().find(works).unwrap_or(Order::None)
}

struct Changes<'a> {
    old: &'a ContractDescription,
    new: &'a ContractDescription,
    found: Vec<Change>,
}

impl Changes<'_> {
    fn add(&mut self, method: &str, part: &str, direction: Direction, outcome: Outcome, sentence: impl Into<String>) {
        self.found.push(Change {
            method: method.to_owned(),
            part: part.to_owned(),
            direction,
            finding: Finding { outcome, path: String::new(), sentence: sentence.into() },
        });
    }

    fn contract(&mut self) {
        let (old, new) = (self.old, self.new);
        let texts = [
            ("topic", old.topic.as_str(), new.topic.as_str()),
            ("reply topic", old.reply.as_str(), new.reply.as_str()),
            ("codec", old.codec.name(), new.codec.name()),
        ];
        for (what, was, is) in texts.into_iter().filter(|(_, was, is)| was != is) {
            for direction in [Direction::OldCallers, Direction::NewCallers] {
                let sentence = format!("it was `{was}` and is `{is}`: that is another contract; give it another name");
                self.add("", what, direction, Outcome::Refused, sentence);
            }
        }
    }

    fn method(&mut self, old: &MethodDescription, new: &MethodDescription) {
        if old.opaque != new.opaque {
            for direction in [Direction::OldCallers, Direction::NewCallers] {
                self.add(&old.name, "opaque", direction, Outcome::Refused, "its text must be the same on both sides");
            }
        }
        let names = |method: &MethodDescription| {
            method.arguments.iter().map(|argument| argument.name.clone()).collect::<Vec<_>>().join(", ")
        };
        let moved = old
            .arguments
            .iter()
            .zip(&new.arguments)
            .any(|(one, two)| one.name != two.name && new.arguments.iter().any(|other| other.name == one.name));
        if moved || old.arguments.len() != new.arguments.len() {
            for direction in [Direction::OldCallers, Direction::NewCallers] {
                let sentence = format!(
                    "arguments were ({}) and are ({}), and they go by position: add a method instead, or take one struct",
                    names(old),
                    names(new)
                );
                self.add(&old.name, "arguments", direction, Outcome::Refused, sentence);
            }
        } else {
            for (one, two) in old.arguments.iter().zip(&new.arguments) {
                let part = format!("argument `{}`", two.name);
                self.types(&old.name, &part, &one.r#type, &two.r#type, [Direction::OldCallers, Direction::NewCallers]);
            }
        }
        // Old servers write what new callers read, and the reverse.
        let back = [Direction::OldServers, Direction::NewServers];
        self.types(&old.name, "answer", &old.answer, &new.answer, back);
        self.types(&old.name, "error", &old.error, &new.error, back);
    }

    fn types(
        &mut self,
        method: &str,
        part: &str,
        one: &TypeDescription,
        two: &TypeDescription,
        directions: [Direction; 2],
    ) {
        let (old, new) = (self.old, self.new);
        let codec = new.codec;
        let verdicts = [
            verdict(old.written(one, codec), new.read(two, codec), codec),
            verdict(new.written(two, codec), old.read(one, codec), codec),
        ];
        // What nobody knows is not new where the text of `opaque`, or the type's own name, is the same.
        let same = one.name == two.name
            && old.written(one, codec).text() == new.written(two, codec).text()
            && old.read(one, codec).text() == new.read(two, codec).text();
        for (direction, verdict) in directions.into_iter().zip(verdicts) {
            let finding = match verdict.findings.into_iter().next() {
                Some(finding) if !same => finding,
                _ => continue,
            };
            self.found.push(Change { method: method.to_owned(), part: part.to_owned(), direction, finding });
        }
    }
}
