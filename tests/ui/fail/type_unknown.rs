#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn now(&self, zone: Zone) -> Result<Time, String>;
}

fn main() {}
