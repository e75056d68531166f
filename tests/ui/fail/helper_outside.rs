pub trait Clock {
    #[bus(timeout = "2s")]
    async fn now(&self, #[bus(key)] zone: u8) -> Result<u64, String>;
}

fn main() {}
