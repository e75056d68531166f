#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn name(&self, name: str) -> Result<(), String>;
    async fn list(&self, list: [u8]) -> Result<(), String>;
}

fn main() {}
