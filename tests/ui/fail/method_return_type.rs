#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn now(&self) -> u64;
    async fn zone(&self) -> Result<u8>;
    async fn read(&self) -> std::io::Result<u8>;
    async fn maybe(&self) -> Option<u8>;
}

fn main() {}
