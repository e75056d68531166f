#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn now() -> Result<u64, String>;
    async fn at(zone: u8) -> Result<u64, String>;
}

fn main() {}
