#[bus::request(topic = "clock req", reply = "clock.resp", timeuot = "2s")]
pub trait Clock {
    type Time;
    fn now(&self) -> Result<u64, String>;
    async fn zone(&mut self, names: Vec<&str>) -> Option<u8>;
    #[bus(blocking, inline, idempotant)]
    async fn sound(&self, user: User) -> Result<u64, String>;
}

pub struct User;

struct Wall;

impl Clock for Wall {
    type Time = u64;
    fn now(&self) -> Result<u64, String> {
        Ok(7)
    }
    async fn zone(&mut self, _: Vec<&str>) -> Option<u8> {
        None
    }
    async fn sound(&self, _: User) -> Result<u64, String> {
        Ok(7)
    }
}

pub async fn ask(clock: &ClockClient) {
    let _ = clock.sound(User).await;
}

fn main() {}
