#[bus::request(topic = "clock.req", reply = "clock.resp", reply = "clock.answers")]
pub trait Clock {
    async fn now(&self) -> Result<u64, String>;
}

fn main() {}
