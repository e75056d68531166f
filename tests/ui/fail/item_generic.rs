#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock<T> {
    async fn now(&self) -> Result<T, String>;
}

fn main() {}
