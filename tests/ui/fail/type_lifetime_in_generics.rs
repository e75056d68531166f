#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn named<'a>(&self, name: &'a str, other: &'b str) -> Result<u64, String>;
}

fn main() {}
