#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {}

fn main() {}
