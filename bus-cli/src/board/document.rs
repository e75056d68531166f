//! `board.json`: what every output is made of. Its schema is `board.schema.json` beside the crate.

use std::collections::BTreeMap;

use bus::contract::{ContractDescription, Direction, Outcome};
use serde::{Deserialize, Serialize};

use super::rules::{Level, Rule};

/// The version of the form that boards have.
pub const FORMAT: u32 = 1;

/// Who talks to whom, over which topics, with which types, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Board {
    /// The version of the form that this is in: 1.
    pub format: u32,
    /// The services, by name.
    pub services: Vec<Service>,
    /// The contracts, by name.
    pub contracts: Vec<BoardContract>,
    /// The topics that the contracts want, by name.
    pub topics: Vec<Topic>,
    /// Who serves and who calls what.
    pub roles: Vec<Role>,
    /// Who calls which method of whom, and what becomes of the values.
    pub edges: Vec<Edge>,
    /// How many edges are not on the board because there are too many.
    pub edges_left_out: u64,
    /// What a change of a method's types would do to its callers.
    pub what_if: Vec<WhatIf>,
    /// How many changes were not looked at because there are too many.
    pub what_if_left_out: u64,
    /// What is wrong, the worst first.
    pub findings: Vec<Finding>,
}

/// A service in one of its versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Service {
    /// Its name, and its version where it has one: `facade/1.2.0`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its version; empty where nobody said.
    pub version: String,
    /// The inputs that say so.
    pub evidence: Vec<String>,
}

/// A contract and all its versions on the board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct BoardContract {
    /// Its name; with its topic in parentheses where two contracts have one name.
    pub id: String,
    /// The trait's name.
    pub name: String,
    /// The versions, in the order in which they were met: manifests, then locks.
    pub versions: Vec<ContractVersion>,
}

/// One version of a contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ContractVersion {
    /// Its number on this board, from 1.
    pub number: u32,
    /// The numbers that locks give it.
    pub locked: Vec<u32>,
    /// Whether a lock says that it runs nowhere any more, and no manifest has it.
    pub retired: bool,
    /// The inputs that have it.
    pub evidence: Vec<String>,
    /// The contract.
    pub contract: ContractDescription,
}

/// A topic as the contracts want it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Topic {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub purpose: Purpose,
    /// How many partitions it is made with where it is missing.
    pub partitions: u32,
    /// How many it must have; `None` where the contract does not say.
    pub at_least: Option<u32>,
    /// Copies of each record; `None` leaves it to the broker.
    pub replication: Option<u16>,
    /// The settings that it is made with.
    pub settings: BTreeMap<String, String>,
    /// The contracts that use it.
    pub contracts: Vec<String>,
}

/// What a topic is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Purpose {
    /// Requests.
    Requests,
    /// Replies.
    Replies,
    /// Requests that nobody can read or run.
    DeadLetters,
}

/// What a service has to do with a contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Role {
    /// The service's id.
    pub service: String,
    /// Which side it is.
    pub does: Does,
    /// The contract's id.
    pub contract: String,
    /// The number of the version that it was built with.
    pub version: u32,
    /// The methods that it calls; `None` where it may call any, and for a server.
    pub methods: Option<Vec<String>>,
    /// The inputs that say so.
    pub evidence: Vec<String>,
}

/// One side of a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Does {
    /// It serves.
    Serves,
    /// It calls.
    Calls,
}

/// A caller of a method and a server of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Edge {
    /// The caller's id.
    pub caller: String,
    /// The server's id; `None` where nobody serves the contract.
    pub server: Option<String>,
    /// The contract's id.
    pub contract: String,
    /// The method.
    pub method: String,
    /// How it is known.
    pub evidence: Evidence,
    /// What becomes of the values; `None` where there is no server.
    pub verdict: Option<EdgeVerdict>,
}

/// How an edge is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Evidence {
    /// The caller's manifest names the method.
    Declared,
    /// The caller's manifest names the contract: it may call the method.
    Possible,
}

/// What becomes of the values between a caller and a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct EdgeVerdict {
    /// The worst of both ways.
    pub outcome: Outcome,
    /// What becomes of requests.
    pub request: Outcome,
    /// What becomes of answers and errors.
    pub reply: Outcome,
    /// Where and why, the worst first; empty where all is the same.
    pub differences: Vec<Difference>,
}

/// One difference between what one side writes and the other reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Difference {
    /// Which way: requests of the caller, or answers of the server.
    pub way: Way,
    /// What it is about: `argument order`, `answer`, `error`; empty for the method as a whole.
    pub part: String,
    /// Where in it: `lines[].price`; empty for the whole.
    pub path: String,
    /// What it makes of values.
    pub outcome: Outcome,
    /// What differs, what it leads to, and what helps.
    pub sentence: String,
}

/// Which way values go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Way {
    /// From the caller to the server.
    Request,
    /// From the server to the caller.
    Reply,
}

impl Way {
    /// The way of values between the caller as the new side and the server as the old one; `None` for
    /// the two directions that no such pair has.
    pub(crate) fn of(direction: Direction) -> Option<Self> {
        match direction {
            Direction::NewCallers => Some(Self::Request),
            Direction::OldServers => Some(Self::Reply),
            _ => None,
        }
    }
}

/// A change that a server could make, and whom it would break.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct WhatIf {
    /// The contract's id.
    pub contract: String,
    /// The number of the version that would be changed.
    pub version: u32,
    /// The method.
    pub method: String,
    /// The part of it: `answer`, `argument order`.
    pub part: String,
    /// The change: "field `price` of `Order` removed".
    pub change: String,
    /// What it does to callers, by the version of the contract that they were built with.
    pub callers: Vec<WhatIfCallers>,
}

/// What a change does to the callers of one version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct WhatIfCallers {
    /// The number of the version that they were built with.
    pub version: u32,
    /// What becomes of the values.
    pub outcome: Outcome,
    /// Why; empty where all is well.
    pub sentence: String,
}

/// Something that is wrong, or may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Finding {
    /// The same as long as the same is wrong: the rule and what it is about.
    pub id: String,
    /// The rule.
    pub rule: Rule,
    /// How bad it is.
    pub level: Level,
    /// The contracts that it is about.
    pub contracts: Vec<String>,
    /// The methods that it is about.
    pub methods: Vec<String>,
    /// The services that it is about.
    pub services: Vec<String>,
    /// What is wrong.
    pub sentence: String,
    /// What each side says, and where.
    pub sides: Vec<Side>,
    /// What to do.
    pub next_step: String,
}

/// What one side of a finding says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Side {
    /// Who: a service or a contract.
    pub who: String,
    /// What it says.
    pub says: String,
    /// The inputs that say so.
    pub evidence: Vec<String>,
}

impl Board {
    /// The contract of this id.
    pub fn contract(&self, id: &str) -> Option<&BoardContract> {
        self.contracts.iter().find(|contract| contract.id == id)
    }

    /// The findings of a level and above, in order.
    pub fn findings_from(&self, level: Level) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.level >= level)
    }

    /// Who serves a contract, or calls it.
    pub fn roles_of<'a>(&'a self, contract: &str, does: Does) -> impl Iterator<Item = &'a Role> {
        self.roles.iter().filter(move |role| role.contract == contract && role.does == does)
    }
}

impl BoardContract {
    /// The version of this number.
    pub fn version(&self, number: u32) -> Option<&ContractVersion> {
        self.versions.iter().find(|version| version.number == number)
    }

    /// The version that stands for the contract where one is enough: the first that a manifest has, or
    /// the newest of the locks.
    pub fn current(&self) -> Option<&ContractVersion> {
        let declared = self.versions.iter().find(|version| version.locked.len() < version.evidence.len());
        declared.or_else(|| self.versions.iter().max_by_key(|version| version.locked.iter().max().copied()))
    }
}
