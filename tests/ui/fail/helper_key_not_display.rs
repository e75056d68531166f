#[derive(serde::Serialize, serde::Deserialize)]
pub struct Account(u64);

#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn pay(&self, #[bus(key)] account: Account) -> Result<u64, String>;
}

fn main() {}
