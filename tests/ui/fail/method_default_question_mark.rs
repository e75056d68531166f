#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn now(&self) -> Result<u64, String> {
        let time: u64 = "7".parse()?;
        if time == 0 {
            return 7;
        }
        Ok(time)
    }
}

fn main() {}
