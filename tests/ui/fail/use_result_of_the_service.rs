#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn now(&self) -> Result<u64, String>;
}

pub async fn ask(clock: &ClockClient) -> Result<u64, String> {
    clock.now().await
}

fn main() {}
