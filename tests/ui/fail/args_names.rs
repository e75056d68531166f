#[bus::request(topic = "clock.req", reply = "clock.resp", client = "Caller", server = Clock)]
pub trait Clock {
    async fn now(&self) -> Result<u64, String>;
}

fn main() {}
