#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub struct Clock;

fn main() {}
