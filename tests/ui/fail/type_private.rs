#![deny(private_interfaces)]

#[derive(serde::Serialize, serde::Deserialize)]
struct Zone;

#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn now(&self, zone: &Zone) -> Result<Zone, String>;
}

fn main() {}
