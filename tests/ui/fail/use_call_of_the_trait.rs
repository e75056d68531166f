#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn now(&self) -> Result<u64, String>;
}

pub async fn ask(clock: &ClockClient) {
    let _ = Clock::now(clock).await;
}

fn main() {}
