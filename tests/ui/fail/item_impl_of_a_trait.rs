#[bus::request(topic = "clock.req", reply = "clock.resp")]
impl Clock for Wall {
    async fn now(&self) -> Result<u64, String> {
        Ok(7)
    }
}

pub struct Wall;

pub trait Clock {
    fn now(&self) -> impl Future<Output = Result<u64, String>> + Send;
}

fn main() {}
