#[bus::request(topic = "clock.req", reply = "clock.resp")]
impl Clock {
    async fn now(&self) -> Result<u64, String> {
        Ok(7)
    }
}

pub struct Clock;

fn main() {}
