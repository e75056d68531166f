#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn now(&self, #[cfg(unix)] zone: u8) -> Result<u64, String>;
}

fn main() {}
