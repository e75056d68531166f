//! There is no crate called `bus` here: whatever the attribute writes has to go by `crate = path`.

extern crate kafka_bus as messages;

/// What a clock answers with.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct Time(pub u64);

/// A clock, by the name of the dependency.
#[kafka_bus::request(topic = "clock.req", reply = "clock.resp", crate = kafka_bus)]
pub trait Clock {
    /// The time.
    #[bus(timeout = "2s")]
    async fn now(&self, #[bus(key)] zone: &str, offsets: &[u64]) -> Result<Time, String> {
        Ok(Time(offsets.iter().sum::<u64>() + zone.len() as u64))
    }
}

/// A watch, by the name that an import gives it.
#[messages::request(topic = "watch.req", reply = "watch.resp", crate = messages)]
pub trait Watch {
    /// The time.
    async fn now(&self) -> Result<Time, String>;
}
