use std::sync::Arc;

#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn now(&self) -> u64;
}

impl<C: Clock> Clock for Arc<C> {
    async fn now(&self) -> u64 {
        (**self).now().await
    }
}

fn main() {}
