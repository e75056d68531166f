#[bus::request = "clock.req"]
pub trait Clock {
    async fn now(&self) -> Result<u64, String>;
}

fn main() {}
