#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn now(&self, zone: std::sync::Arc<String>) -> std::rc::Rc<u64>;
}

fn main() {}
