#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    #[bus(key)]
    async fn a(&self, user: u64) -> Result<u64, String>;
    async fn b(&self, #[bus(timeout = "2s")] user: u64) -> Result<u64, String>;
    #[bus(topic = "other.req")]
    async fn c(&self) -> Result<u64, String>;
    async fn d(#[bus(key)] &self) -> Result<u64, String>;
}

fn main() {}
