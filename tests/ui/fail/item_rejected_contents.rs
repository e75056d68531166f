#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    type Time;
}

fn main() {}
