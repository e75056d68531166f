#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    #[bus(timout = "2s")]
    async fn now(&self) -> Result<u64, String>;
    #[bus(colour)]
    async fn zone(&self, #[bus(keys)] name: String) -> Result<u64, String>;
    #[bus(one_way)]
    async fn set(&self) -> Result<(), String>;
}

fn main() {}
