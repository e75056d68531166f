pub type Outcome<T> = Result<T, String>;

#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn now(&self) -> Outcome<u64>;
}

fn main() {}
