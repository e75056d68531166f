pub trait Failing {
    type Failure;
}

#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock: Failing {
    type Zone;
    async fn now(&self, zone: Self::Zone) -> Result<u64, String>;
    async fn set(&self, zones: Vec<Self::Zone>) -> Result<u64, Self::Failure>;
    async fn same(&self) -> Result<Self, String>;
}

fn main() {}
