use std::rc::Rc;

#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn now(&self) -> Result<u64, String>;
}

struct Wall;

impl Clock for Wall {
    async fn now(&self) -> Result<u64, String> {
        let held = Rc::new(7);
        std::future::ready(()).await;
        Ok(*held)
    }
}

fn main() {}
