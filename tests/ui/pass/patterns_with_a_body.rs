//! What the compiler takes in a method with a body, the attribute takes too.

#![deny(warnings)]

#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn at(&self, (hour, _): (u8, u8), _: u8, mut zone: u8, [first, ..]: [u8; 2]) -> Result<u8, String> {
        zone += hour;
        Ok(zone + first)
    }

    async fn attributed(&self, zone: u8) -> Result<u8, String> {
        #![allow(unused_variables)]
        Ok(7)
    }

    async fn never(&self) -> Result<u8, String> {
        unimplemented!()
    }
}

fn main() {}
