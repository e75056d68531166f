#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    #[bus]
    async fn a(&self) -> Result<u64, String>;
    #[bus()]
    async fn b(&self) -> Result<u64, String>;
    #[bus = "oneway"]
    async fn c(&self) -> Result<u64, String>;
}

fn main() {}
