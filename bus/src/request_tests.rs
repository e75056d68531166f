//! `#[bus::request]` inside the crate that its expansion calls `::bus`.

use crate::{Client, loopback};

#[crate::request(topic = "clock.req", reply = "clock.resp")]
trait Clock {
    async fn at(&self, zone: &str) -> Result<u64, String> {
        zone.parse().map_err(|_| format!("no zone {zone}"))
    }
}

struct Wall;

impl Clock for Wall {}

#[tokio::test]
async fn the_attribute_works_at_home() {
    let clock = ClockClient::from(loopback(ClockServer::new(Wall)));
    assert_eq!(clock.at("7").await, Ok(7));
    assert_eq!(clock.at("x").await, Err(crate::CallError::Service("no zone x".into())));
    assert_eq!(ClockClient::contract().name(), "Clock");
}
