pub struct Time;
pub struct Broken;
pub type Reply = Result<Time, Broken>;

#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn now(&self) -> Time;
    async fn set(&self) -> Reply;
}

fn main() {}
