#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    #[bus(opaque)]
    async fn a(&self) -> Result<u64, String>;
    #[bus(opaque = "")]
    async fn b(&self) -> Result<u64, String>;
    #[bus(opaque = " ")]
    async fn c(&self) -> Result<u64, String>;
    #[bus(opaque = 1)]
    async fn d(&self) -> Result<u64, String>;
    #[bus(opaque = "v1", opaque = "v2")]
    async fn e(&self) -> Result<u64, String>;
    async fn f(&self, #[bus(opaque = "v1")] zone: u64) -> Result<u64, String>;
    #[bus(opaqe = "v1")]
    async fn g(&self) -> Result<u64, String>;
}

fn main() {}
