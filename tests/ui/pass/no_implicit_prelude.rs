//! Nothing is in scope, not even `Option`.

#![no_implicit_prelude]

use ::std::string::String;
use ::std::vec::Vec;

#[derive(::serde::Serialize, ::serde::Deserialize)]
pub struct User(u64);

#[::bus::request(topic = "clock.req", reply = "clock.resp", timeout = "2s", codec = "json", partitions = 3)]
pub trait Clock {
    /// The time.
    #[bus(timeout = "300ms", idempotent, cancel, blocking)]
    async fn now(&self, #[bus(key)] name: &str, list: &[u64], user: &User) -> ::core::result::Result<Vec<u64>, String>;

    #[deprecated]
    async fn old(&self, (_first, _): (u8, u8)) -> ::core::result::Result<(), ()> {
        ::core::result::Result::Ok(())
    }
}

fn main() {}
