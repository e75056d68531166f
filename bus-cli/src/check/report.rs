//! What a check found, as text, JSON or annotations.

use std::fmt::Write as _;

use bus::contract::{Change, Order, Outcome};
use serde::Serialize;

use crate::board::{Finding, Level, Rule};
use crate::words::plain;

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// All of it in one word.
    pub verdict: Verdict,
    /// Contracts that changed in a way that is felt.
    pub changes: Vec<Changed>,
    /// What is wrong between callers and servers.
    pub findings: Vec<Finding>,
}

/// A check in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verdict {
    /// Nothing is felt.
    Safe,
    /// Nobody knows.
    Unknown,
    /// Something breaks.
    Breaks,
}

impl Verdict {
    /// The exit code of the command: 0, 2 or 1.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Safe => 0,
            Self::Breaks => 1,
            Self::Unknown => 2,
        }
    }
}

/// A contract that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Changed {
    /// Its name.
    pub contract: String,
    /// The file that has it.
    pub file: String,
    /// What it was compared with.
    pub against: String,
    /// In which order the two may be deployed.
    pub order: Order,
    /// What changed.
    pub changes: Vec<Change>,
    /// Who calls it, as far as manifests say.
    pub callers: Vec<String>,
}

impl Report {
    /// Weighs what was found.
    pub fn new(changes: Vec<Changed>, findings: Vec<Finding>) -> Self {
        let outcomes = changes.iter().flat_map(|changed| &changed.changes).map(|change| change.finding.outcome);
        let of_changes = outcomes.map(|outcome| match outcome {
            Outcome::Same | Outcome::Safe => Verdict::Safe,
            Outcome::Unknown => Verdict::Unknown,
            Outcome::ByValue | Outcome::ErrorInDecoding | Outcome::Refused => Verdict::Breaks,
        });
        let of_findings = findings.iter().map(|finding| match (finding.level, finding.rule) {
            (_, Rule::ContractUnknown) => Verdict::Unknown,
            (Level::Error, _) => Verdict::Breaks,
            _ => Verdict::Safe,
        });
        Self { verdict: of_changes.chain(of_findings).max().unwrap_or(Verdict::Safe), changes, findings }
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for changed in &self.changes {
            let _ = writeln!(text, "{}  {}: {}", changed.word(), plain(&changed.contract), changed.order);
            let _ = writeln!(text, "    {} against {}", plain(&changed.file), plain(&changed.against));
            if !changed.callers.is_empty() {
                let _ = writeln!(text, "    called by {}", plain(&changed.callers.join(", ")));
            }
            for change in &changed.changes {
                let _ = writeln!(text, "    {}", plain(&change.to_string()));
            }
        }
        for finding in &self.findings {
            let _ = writeln!(text, "{}  {}", finding.level, plain(&finding.sentence));
            for side in &finding.sides {
                let _ = writeln!(text, "    {} {}", plain(&side.who), plain(&side.says));
                let _ = writeln!(text, "        says {}", plain(&side.evidence.join(", ")));
            }
            let _ = writeln!(text, "    next: {}", finding.next_step);
            let _ = writeln!(text, "    id: {}", plain(&finding.id));
        }
        let _ = writeln!(
            text,
            "{}",
            match self.verdict {
                Verdict::Safe => "safe",
                Verdict::Unknown => "unknown: nobody knows what becomes of some values",
                Verdict::Breaks => "breaks",
            }
        );
        text
    }

    /// As the workflow commands that GitHub shows beside the lines of a change.
    pub fn github(&self) -> String {
        let mut text = String::new();
        for changed in &self.changes {
            for change in &changed.changes {
                let level = if change.finding.outcome == Outcome::Unknown { "warning" } else { "error" };
                let title = format!("{} {}", changed.contract, change.method);
                let message = format!("{change} ({}; {})", changed.order, changed.against);
                annotate(&mut text, level, Some(&changed.file), title.trim(), &message);
            }
        }
        for finding in &self.findings {
            let level = if finding.level == Level::Error { "error" } else { "warning" };
            let sides: Vec<String> = finding.sides.iter().map(|side| format!("{} {}", side.who, side.says)).collect();
            let message = format!("{}\n{}\n{}", finding.sentence, sides.join("\n"), finding.next_step);
            let file = finding.sides.iter().flat_map(|side| &side.evidence).next();
            let file = file.map(|file| file.split(", version ").next().unwrap_or(file));
            annotate(&mut text, level, file, finding.rule.name(), &message);
        }
        text
    }
}

impl Changed {
    fn word(&self) -> &'static str {
        let worst = self.changes.iter().all(|change| change.finding.outcome == Outcome::Unknown);
        if worst { "unknown" } else { "BREAKS" }
    }
}

fn annotate(to: &mut String, level: &str, file: Option<&str>, title: &str, message: &str) {
    let file = file.map(|file| format!("file={},", property(file))).unwrap_or_default();
    let _ = writeln!(to, "::{level} {file}title={}::{}", property(title), data(message));
}

/// A text as the data of a workflow command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A text as a property of a workflow command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
