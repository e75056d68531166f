//! A contract under a lock, of types that do not change.

#![allow(missing_docs)]

use bus_tests_locked_types::Money;

#[bus::request(topic = "payments.req", reply = "payments.resp")]
pub trait Payments {
    async fn pay(&self, #[bus(key)] account: u64, amount: Money) -> Result<(), String>;
}
