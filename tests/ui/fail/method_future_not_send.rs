use std::pin::Pin;

pub type LocalBoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    fn now(&self) -> Pin<Box<dyn Future<Output = u64> + '_>>;
    fn local(&self) -> LocalBoxFuture<'_, Result<u64, String>>;
}

fn main() {}
