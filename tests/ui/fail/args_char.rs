#[bus::request(topic = 'c', reply = b"clock.resp")]
pub trait Clock {
    async fn now(&self) -> Result<u64, String>;
}

fn main() {}
