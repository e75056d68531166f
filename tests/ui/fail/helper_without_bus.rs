#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    #[timeout("2s")]
    async fn a(&self, #[key] user: u64) -> Result<u64, String>;
}

fn main() {}
