#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn at(&self, zone: u8) -> Result<u64, String>;
}

struct Wall;

impl Clock for Wall {
    async fn at(&self, zone: u16) -> Result<u64, String> {
        Ok(7)
    }
}

fn main() {}
