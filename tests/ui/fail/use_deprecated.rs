#![deny(deprecated)]

#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    #[deprecated(note = "ask the sun")]
    async fn now(&self) -> Result<u64, String>;
    async fn zone(&self) -> Result<u8, String>;
}

pub async fn ask(clock: &ClockClient) {
    let _ = clock.now().await;
}

fn main() {}
