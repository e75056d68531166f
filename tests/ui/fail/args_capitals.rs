#[bus::request(Topic = "clock.req", REPLY = "clock.resp")]
pub trait Clock {
    async fn now(&self) -> Result<u64, String>;
}

fn main() {}
