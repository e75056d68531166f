#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    type Time;
    const ZONE: u8;
    clocks!();
    async fn now(&self) -> Result<u64, String>;
}

#[macro_export]
macro_rules! clocks {
    () => {};
}

fn main() {}
