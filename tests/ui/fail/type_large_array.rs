#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn hash(&self, bytes: [u8; 64]) -> Result<(), String>;
}

fn main() {}
