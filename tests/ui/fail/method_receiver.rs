#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn take(self) -> Result<u64, String>;
    async fn set(&mut self) -> Result<u64, String>;
    async fn shared(self: std::sync::Arc<Self>) -> Result<u64, String>;
}

fn main() {}
