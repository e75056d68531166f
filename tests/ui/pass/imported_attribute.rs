//! The attribute by another name, options in any order, trailing commas.

use bus::request as service;

#[service(timeout = "1s", reply = "clock.resp", topic = "clock.req",)]
pub trait Clock {
    #[bus(idempotent,)]
    #[bus(timeout = "2s")]
    async fn now(&self) -> Result<u64, String>;

    async fn at_length(self: &Self, zone: &'_ str,) -> Result<u64, String>;
}

fn main() {}
