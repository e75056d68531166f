//! Types that three contracts share.

#![allow(missing_docs)]

use serde::{Deserialize, Serialize};

/// A thing to sell.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Product {
    pub id: u64,
    #[cfg(not(feature = "next"))]
    #[serde(default)]
    pub name: Option<String>,
    /// Renamed, and nobody thought of an alias.
    #[cfg(feature = "next")]
    #[serde(default)]
    pub title: Option<String>,
}

/// An amount.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Money {
    pub cents: i64,
}
