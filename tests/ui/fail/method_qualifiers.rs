#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async unsafe fn now(&self) -> Result<u64, String>;
    const async fn fixed(&self) -> Result<u64, String>;
    async extern "C" fn foreign(&self) -> Result<u64, String>;
    async fn bound(&self) -> Result<u64, String>
    where
        Self: Clone;
}

fn main() {}
