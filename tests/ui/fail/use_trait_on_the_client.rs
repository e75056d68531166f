#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn now(&self) -> Result<u64, String>;
}

pub fn serve(clock: ClockClient) {
    let _ = bus::loopback(ClockServer::new(clock));
}

fn main() {}
