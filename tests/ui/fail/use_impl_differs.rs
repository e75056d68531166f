#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn now(&self) -> Result<u64, String>;
    async fn zone(&self) -> Result<u8, String>;
}

struct Wall;

impl Clock for Wall {
    async fn now(&self, zone: u8) -> Result<u64, String> {
        Ok(7)
    }
}

fn main() {}
