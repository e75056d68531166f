#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn now(&self, (zone, summer): (u8, bool), _: u8) -> Result<u64, String>;
}

fn main() {}
