#[bus::request(topic = "clock.req", reply = "clock.resp")]
#[bus::request(topic = "watch.req", reply = "watch.resp")]
pub trait Clock {
    async fn now(&self) -> Result<u64, String>;
}

fn main() {}
