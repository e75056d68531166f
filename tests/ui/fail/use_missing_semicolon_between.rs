#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn now(&self) -> Result<u64, String>
    async fn later(&self) -> Result<u64, String>;
}

fn main() {}
