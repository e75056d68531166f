#[bus::request(topic = "clock.req", reply = "clock.resp")]
mod clock {}

fn main() {}
