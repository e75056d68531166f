#[bus::request(
    topic = "clock.req",
    reply = "clock.resp",
    partitions = 0,
    reply_partitions = "5",
    replication = 40000
)]
pub trait Clock {
    async fn now(&self) -> Result<u64, String>;
}

fn main() {}
