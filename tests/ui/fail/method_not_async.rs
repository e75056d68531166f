#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    fn now(&self) -> Result<u64, String>;
}

fn main() {}
