#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn at(&self, zone: u8, zone: u8) -> Result<u64, String>;
}

fn main() {}
