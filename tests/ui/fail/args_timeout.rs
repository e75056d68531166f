#[bus::request(topic = "clock.req", reply = "clock.resp", timeout = 5)]
pub trait Clock {
    async fn now(&self) -> Result<u64, String>;
}

fn main() {}
