//! What a mocking attribute above ours leaves us with.

macro_rules! mocked {
    ($name:ident) => {
        pub struct MockClock;
        #[bus::request(topic = "clock.req", reply = "clock.resp")]
        impl $name for MockClock {
            async fn now(&self) -> u64 {
                1
            }
        }
    };
}

pub trait Clock {
    #[allow(async_fn_in_trait)]
    async fn now(&self) -> u64;
}

mocked!(Clock);

fn main() {}
