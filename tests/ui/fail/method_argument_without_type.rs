#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn at(&self, zone) -> Result<u64, String>;
}

fn main() {}
