#[bus::request(topic = "clock.req", reply = "clock.resp", crate = "messages")]
pub trait Clock {
    async fn now(&self) -> Result<u64, String>;
}

fn main() {}
