#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn now(&self) -> Result<u64, String>;
}

struct Wall;

fn main() {
    let _ = bus::loopback(ClockServer::new(Wall));
}
