//! Two contracts under locks, one of them with a method that a feature adds.

#![allow(missing_docs)]

use bus_tests_locked_types::Product;

#[bus::request(topic = "stock.req", reply = "stock.resp", codec = "msgpack")]
pub trait Stock {
    async fn products(&self) -> Result<Vec<Product>, String>;

    #[cfg(feature = "recount")]
    async fn recount(&self, product: u64) -> Result<u64, String>;
}

pub mod inner {
    #[bus::request(topic = "shelves.req", reply = "shelves.resp")]
    pub trait Shelves {
        async fn count(&self) -> u64;
    }
}
