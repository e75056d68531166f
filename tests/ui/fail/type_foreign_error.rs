//! Errors of other crates, by their own name and behind an alias.

pub mod anyhow {
    pub struct Error;
    pub type Result<T> = std::result::Result<T, Error>;
}

#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn spelled(&self) -> Result<u64, anyhow::Error>;
    async fn input(&self) -> Result<u64, std::io::Error>;
}

#[bus::request(topic = "wall.req", reply = "wall.resp")]
pub trait Wall {
    async fn alias(&self) -> anyhow::Result<u64>;
}

pub mod imported {
    use super::anyhow::Result;

    #[bus::request(topic = "sun.req", reply = "sun.resp")]
    pub trait Sun {
        async fn now(&self) -> Result<u64>;
        async fn later(&self) -> Result<u64>;
    }
}

fn main() {}
