#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    fn now(&self) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, String>> + Send>>;
}

fn main() {}
