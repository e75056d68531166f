pub type Result<T> = std::result::Result<T, String>;

#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn now(&self) -> Result<u64>;
}

fn main() {}
