pub struct Zone;
pub struct Time;
pub struct Hand;

#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn now(&self, zone: Zone) -> Result<Zone, String>;
    async fn set(&self, times: &[Time]) -> Result<Time, String>;
    async fn check(&self, hand: &Hand) -> Result<(), Hand>;
}

fn main() {}
