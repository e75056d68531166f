#[bus::request(topic = ".", reply = "..")]
pub trait Clock {
    async fn now(&self) -> Result<u64, String>;
}

fn main() {}
