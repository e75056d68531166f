#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn now(&self) -> Result<u64, String>;
}

struct Wall;

impl Clock for Wall {
    fn now(&self) -> Result<u64, String> {
        Ok(7)
    }
}

fn main() {}
