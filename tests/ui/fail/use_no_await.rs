#![deny(unused_must_use)]

#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    /// The time.
    async fn now(&self) -> Result<u64, String>;
}

pub async fn ask(clock: &ClockClient) {
    clock.now();
}

fn main() {}
