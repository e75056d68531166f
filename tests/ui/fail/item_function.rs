#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub async fn now() -> Result<u64, String> {
    Ok(7)
}

fn main() {}
