#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn now(&self) -> Result<std::time::Instant, std::io::Error>;
}

fn main() {}
