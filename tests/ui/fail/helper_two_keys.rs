#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn pay(&self, #[bus(key)] from: u64, #[bus(key)] to: u64) -> Result<u64, String>;
}

fn main() {}
