#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn now(&self) -> Result<u64, Box<dyn std::error::Error>>;
    async fn show(&self, what: &dyn std::fmt::Display) -> Result<u64, String>;
}

fn main() {}
