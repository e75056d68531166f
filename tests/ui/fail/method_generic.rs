#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn now<T>(&self, zone: T) -> Result<u64, String>;
    async fn named<'a>(&self, name: &'a str) -> Result<u64, String>;
}

fn main() {}
