#[derive(serde::Serialize, serde::Deserialize)]
pub struct Zone;

#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn now(&self, zone: Option<&Zone>) -> Result<u64, String>;
}

fn main() {}
