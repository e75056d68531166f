#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    #[bus(timeout = "2x")]
    async fn a(&self) -> Result<u64, String>;
    #[bus(timeout = "0s")]
    async fn b(&self) -> Result<u64, String>;
    #[bus(timeout = "1.5s")]
    async fn c(&self) -> Result<u64, String>;
    #[bus(timeout = "soon")]
    async fn d(&self) -> Result<u64, String>;
    #[bus(timeout = "300")]
    async fn e(&self) -> Result<u64, String>;
    #[bus(timeout = 2)]
    async fn f(&self) -> Result<u64, String>;
    #[bus(timeout = Duration::from_secs(2))]
    async fn g(&self) -> Result<u64, String>;
    #[bus(timeout("2s"))]
    async fn h(&self) -> Result<u64, String>;
    #[bus(timeout = "9999h")]
    async fn i(&self) -> Result<u64, String>;
    #[bus(timeout)]
    async fn j(&self) -> Result<u64, String>;
}

fn main() {}
