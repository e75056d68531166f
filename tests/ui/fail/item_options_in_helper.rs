#[bus::request(topic = "clock.req", reply = "clock.resp")]
#[bus(timeout = "2s")]
pub trait Clock {
    async fn now(&self) -> Result<u64, String>;
}

fn main() {}
