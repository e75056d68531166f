#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn sum(&self, times: impl Iterator<Item = u64>) -> Result<u64, String>;
    async fn list(&self) -> Result<impl Iterator<Item = u64>, String>;
}

fn main() {}
