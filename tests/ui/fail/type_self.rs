#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn now(&self) -> Result<Self, String>;
    async fn same(&self, other: &Self) -> Result<bool, String>;
}

fn main() {}
