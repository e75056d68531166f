//! The board: who talks to whom, and what is wrong with it.

mod build;
mod document;
mod findings;
mod pair;
mod rules;
mod topics;
mod what_if;

pub use self::build::{MOST_EDGES, build};
pub use self::document::{
    Board, BoardContract, ContractVersion, Difference, Does, Edge, EdgeVerdict, Evidence, FORMAT, Finding, Purpose,
    Role, Service, Side, Topic, Way, WhatIf, WhatIfCallers,
};
pub use self::rules::{Level, Levels, Rule, RuleLevel};
pub use self::what_if::{MOST_CHANGES, MOST_WHAT_IF};

/// The JSON Schema of [`Board`].
pub const SCHEMA: &str = include_str!("../../board.schema.json");
