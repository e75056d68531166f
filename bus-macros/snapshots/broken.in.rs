#[bus::request(topic = "clock req", reply = "clock.resp")]
pub trait Clock {
    type Time;
    fn now(&self) -> Result<u64, String>;
    async fn alias(&self) -> Result<u64>;
    #[bus(idempotant)]
    async fn sound(&self, user: &User) -> Result<u64, String>;
}
