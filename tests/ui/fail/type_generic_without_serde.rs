pub struct Zone;

#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn now(&self) -> Result<Vec<Option<Zone>>, String>;
}

fn main() {}
