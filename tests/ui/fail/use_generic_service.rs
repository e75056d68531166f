#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn now(&self) -> Result<u64, String>;
}

struct Wall<T>(T);

impl<T> Clock for Wall<T> {
    async fn now(&self) -> Result<u64, String> {
        Ok(7)
    }
}

fn main() {}
