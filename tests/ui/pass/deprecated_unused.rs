//! What is deprecated is silent until somebody calls it.

#![deny(warnings)]

#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    #[deprecated(note = "ask the sun")]
    async fn now(&self) -> Result<u64, String>;
}

#[deprecated]
#[bus::request(topic = "old.req", reply = "old.resp")]
pub trait Old {
    async fn now(&self) -> Result<u64, String>;
}

fn main() {}
