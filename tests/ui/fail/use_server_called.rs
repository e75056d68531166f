#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn now(&self) -> Result<u64, String>;
}

struct Wall;

impl Clock for Wall {
    async fn now(&self) -> Result<u64, String> {
        Ok(7)
    }
}

pub async fn ask() {
    let _ = ClockServer::new(Wall).now().await;
}

fn main() {}
