#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn read(&self, path: &std::path::Path) -> Result<(), String>;
}

fn main() {}
