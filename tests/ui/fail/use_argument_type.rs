#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn at(&self, zone: u8) -> Result<u64, String>;
}

pub async fn ask(clock: &ClockClient) {
    let _ = clock.at("here").await;
    let _ = clock.at().await;
}

fn main() {}
