#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn now(&self) -> Result<u64, String>;
}

pub fn ask(clock: &ClockClient) -> u64 {
    clock.now()
}

fn main() {}
