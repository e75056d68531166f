//! A contract under a lock.

#![allow(missing_docs)]

use bus_tests_locked_types::{Money, Product};

#[bus::request(topic = "orders.req", reply = "orders.resp", codec = "json")]
pub trait Orders {
    async fn place(&self, products: Vec<Product>) -> Result<Money, String>;
}
