#[derive(serde::Serialize, serde::Deserialize)]
pub enum Error {
    Refused(&'static str),
}

#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn now(&self) -> Result<u64, Error>;
    async fn later(&self) -> Result<u64, Error>;
}

fn main() {}
