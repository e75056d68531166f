pub mod streams {
    pub trait Stream {
        type Item;
    }
    pub type BoxStream<'a, T> = std::pin::Pin<Box<dyn Stream<Item = T> + Send + 'a>>;
}
use std::sync::mpsc;
use streams::{BoxStream, Stream};

#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn ticks(&self) -> impl Stream<Item = u64>;
    fn boxed(&self) -> BoxStream<'_, u64>;
    async fn received(&self) -> Result<mpsc::Receiver<u64>, String>;
    fn pinned(&self) -> std::pin::Pin<Box<dyn Stream<Item = u64> + Send>>;
}

fn main() {}
