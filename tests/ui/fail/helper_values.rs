#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    #[bus(idempotent = true)]
    async fn a(&self) -> Result<u64, String>;
    #[bus(name = "")]
    async fn b(&self) -> Result<u64, String>;
    #[bus(name = other)]
    async fn c(&self) -> Result<u64, String>;
    #[bus(timeout = "1s", timeout = "2s")]
    async fn d(&self) -> Result<u64, String>;
    #[bus(timeout = "1s")]
    #[bus(timeout = "2s")]
    async fn e(&self) -> Result<u64, String>;
}

fn main() {}
