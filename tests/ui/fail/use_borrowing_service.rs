#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn now(&self) -> Result<u64, String>;
}

struct Wall<'a>(&'a str);

impl Clock for Wall<'_> {
    async fn now(&self) -> Result<u64, String> {
        Ok(7)
    }
}

fn main() {}
