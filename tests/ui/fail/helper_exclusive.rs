#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    #[bus(blocking, inline)]
    async fn a(&self) -> Result<u64, String>;
    #[bus(oneway, cancel)]
    async fn b(&self) -> Result<(), String>;
    #[bus(oneway)]
    async fn c(&self) -> Result<u64, String>;
}

fn main() {}
