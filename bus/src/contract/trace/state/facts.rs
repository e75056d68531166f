//! What was found out about names.

use std::collections::HashMap;

use super::super::super::table::{Others, Presence};
use super::super::query::Id;

/// What was found out about names.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) structs: HashMap<Id, StructFacts>,
    pub(super) enums: HashMap<Id, EnumFacts>,
}

/// What is known of the names of a struct's fields.
#[derive(Debug)]
pub(in super::super) struct StructFacts {
    /// For each field its name and, behind it, its aliases; none where nobody can tell.
    pub(in super::super) names: Option<Vec<Vec<&'static str>>>,
    pub(in super::super) presence: Vec<Presence>,
    pub(in super::super) others: Others,
}

/// What is known of the names of an enum's variants.
#[derive(Debug)]
pub(in super::super) struct EnumFacts {
    /// For each variant the index that shows it, and its name with its aliases behind.
    pub(in super::super) variants: Vec<(usize, Option<Vec<&'static str>>)>,
    pub(in super::super) others: Others,
}
