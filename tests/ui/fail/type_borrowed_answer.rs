#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn name(&self) -> Result<&str, String>;
    async fn zone(&self) -> Result<u8, &'static str>;
}

fn main() {}
