#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn named(&self, name: &str) -> Result<u64, String>;
}

pub async fn ask(clock: &ClockClient) {
    let _ = clock.named(String::from("here")).await;
}

fn main() {}
