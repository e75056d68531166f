#[bus::request(topic = TOPIC, reply = concat!("clock", ".resp"))]
pub trait Clock {
    async fn now(&self) -> Result<u64, String>;
}

fn main() {}
