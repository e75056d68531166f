#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn read(&self, name: &std::ffi::OsStr) -> Result<(), String>;
}

fn main() {}
