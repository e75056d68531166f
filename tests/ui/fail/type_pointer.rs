#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn apply(&self, function: fn(u8) -> u8, pointer: *const u8) -> Result<(), String>;
}

fn main() {}
