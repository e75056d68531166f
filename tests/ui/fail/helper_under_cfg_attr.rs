#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    #[cfg_attr(unix, bus(timeout = "2s"))]
    async fn now(&self) -> Result<u64, String>;
}

fn main() {}
