//! What is looked for, and how bad it is.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a finding is found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Rule {
    /// Values between a caller and a server are refused or cannot be read.
    ContractBreaks,
    /// Some values between a caller and a server cannot be read.
    ContractByValue,
    /// Nobody knows what becomes of values between a caller and a server.
    ContractUnknown,
    /// A contract is called and nobody serves it.
    NotServed,
    /// A method is served and nobody calls it.
    NotCalled,
    /// Two contracts send requests to one topic.
    TopicShared,
    /// Two contracts get replies on one topic.
    ReplyShared,
    /// A reply topic has fewer partitions than there are services that read it.
    ReplyTooSmall,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Level {
    /// Not looked at.
    Off,
    /// To be looked at.
    Warn,
    /// To be mended.
    Error,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 8] = [
        Self::ContractBreaks,
        Self::ContractByValue,
        Self::ContractUnknown,
        Self::NotServed,
        Self::NotCalled,
        Self::TopicShared,
        Self::ReplyShared,
        Self::ReplyTooSmall,
    ];

    /// Its name: `not-served`.
    pub fn name(self) -> &'static str {
        match self {
            Self::ContractBreaks => "contract-breaks",
            Self::ContractByValue => "contract-by-value",
            Self::ContractUnknown => "contract-unknown",
            Self::NotServed => "not-served",
            Self::NotCalled => "not-called",
            Self::TopicShared => "topic-shared",
            Self::ReplyShared => "reply-shared",
            Self::ReplyTooSmall => "reply-too-small",
        }
    }

    /// Its level where nobody says another.
    pub fn default_level(self) -> Level {
        match self {
            // A value that cannot be read is a call that fails, whichever others arrive.
            Self::ContractBreaks | Self::ContractByValue | Self::NotServed | Self::TopicShared => Level::Error,
            _ => Level::Warn,
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Off => "off",
            Self::Warn => "warn",
            Self::Error => "error",
        })
    }
}

/// The levels of rules, where they are not the defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    set: BTreeMap<Rule, Level>,
}

impl Levels {
    /// Sets the level of a rule.
    #[must_use]
    pub fn with(mut self, rule: Rule, level: Level) -> Self {
        self.set.insert(rule, level);
        self
    }

    /// The level of a rule.
    pub fn of(&self, rule: Rule) -> Level {
        self.set.get(&rule).copied().unwrap_or_else(|| rule.default_level())
    }
}

/// A rule and its level: `not-called=off`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RuleLevel {
    /// The rule.
    pub rule: Rule,
    /// Its level.
    pub level: Level,
}

impl FromStr for RuleLevel {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (rule, level) = text.split_once('=').ok_or("RULE=LEVEL is expected, as in not-called=off")?;
        let rule = Rule::ALL.into_iter().find(|known| known.name() == rule).ok_or_else(|| {
            let names: Vec<&str> = Rule::ALL.iter().map(|rule| rule.name()).collect();
            format!("no rule is called {rule:?}; there are {}", names.join(", "))
        })?;
        let level = match level {
            "off" => Level::Off,
            "warn" => Level::Warn,
            "error" => Level::Error,
            _ => return Err(format!("{level:?} is no level; there are off, warn and error")),
        };
        Ok(Self { rule, level })
    }
}
