#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    #[bus(skip, timeout = "2s")]
    fn reset(&mut self);
    async fn now(&self) -> u64;
}

#[bus::request(topic = "wall.req", reply = "wall.resp")]
pub trait Wall {
    #[bus(skip)]
    async fn now(&self) -> u64;
}

fn main() {}
