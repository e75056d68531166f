//! A contract whose types take much more in memory than on the wire.

use serde::{Deserialize, Serialize};

/// Large in memory; one byte or a few where it is absent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Large {
    pub numbers: [u64; 32],
    pub more: [u64; 32],
}

/// Itself in itself, with some kilobytes a level.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Deep {
    pub levels: Option<Box<Deep>>,
    pub bulk: [[Option<u128>; 16]; 16],
}

/// A list in a list in a list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tree(pub Vec<Tree>);

/// Takes and gives them.
#[bus::request(topic = "bombs.req", reply = "bombs.resp", partitions = 1, reply_partitions = 1)]
pub trait Bombs {
    /// How many there are.
    #[bus(timeout = "60s")]
    async fn count(&self, list: Vec<Option<Large>>) -> Result<u64, String>;
    /// Deeper in itself than a stack is long.
    #[bus(timeout = "60s")]
    async fn deep(&self, deep: Deep) -> Result<(), String>;
    /// The same on the thread that reads.
    #[bus(timeout = "60s", inline)]
    async fn deep_inline(&self, deep: Deep) -> Result<(), String>;
    /// The same on a thread that may block.
    #[bus(timeout = "60s", blocking)]
    async fn deep_blocking(&self, deep: Deep) -> Result<(), String>;
    /// A tree.
    #[bus(timeout = "60s")]
    async fn tree(&self, tree: Tree) -> Result<u64, String>;
}

/// What nobody of ours serves, so that a test answers as it likes.
#[bus::request(topic = "bombs.foreign.req", reply = "bombs.foreign.resp", partitions = 1, reply_partitions = 1)]
pub trait Foreign {
    /// An answer that is asked for.
    #[bus(timeout = "60s")]
    async fn list(&self) -> Result<Vec<Option<Large>>, Tree>;
    /// An answer that is asked for.
    #[bus(timeout = "60s")]
    async fn deep(&self) -> Result<Deep, String>;
}
