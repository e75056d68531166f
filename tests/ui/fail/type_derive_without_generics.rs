#[derive(serde::Serialize, serde::Deserialize)]
pub struct Pair<T>(T, T);

pub struct Zone;

#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn now(&self, zone: Pair<Zone>) -> Result<u64, String>;
}

fn main() {}
