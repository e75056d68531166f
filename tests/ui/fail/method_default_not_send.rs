#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn now(&self) -> Result<u64, String> {
        let held = std::rc::Rc::new(7);
        std::future::ready(()).await;
        Ok(*held)
    }
}

fn main() {}
