#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn named(&self, name: impl Into<String>);
    async fn read(&self, path: impl AsRef<str>);
    async fn all(&self, zones: impl IntoIterator<Item = u8>);
    async fn shown(&self, value: impl std::fmt::Display);
    async fn each(&self, visit: &dyn Fn(u64));
    async fn failing(&self) -> Result<u64, Box<dyn std::error::Error + Send + Sync>>;
}

fn main() {}
