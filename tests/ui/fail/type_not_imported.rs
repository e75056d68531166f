#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn zones(&self) -> Result<HashMap<String, u8>, String>;
}

fn main() {}
