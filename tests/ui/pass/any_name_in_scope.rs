//! Constants and unit structs are patterns wherever a binding has their name: none of ours may.

#![allow(non_upper_case_globals, non_camel_case_types, dead_code)]

const error: u8 = 1;
const answer: u8 = 1;
const arguments: u8 = 1;
const channel: u8 = 1;
static cause: u8 = 1;
struct request;
struct decoder;
struct encoder;
struct service;
struct formatter;
struct outcome;
struct reply;
struct value;
struct argument0;
struct position;

#[bus::request(topic = "clock.req", reply = "clock.resp")]
trait Clock {
    async fn now(&self, zone: &str, _: u8) -> Result<u64, String>;
    async fn plain(&self) -> u32 {
        1
    }
    fn sync(&self, path: &std::path::Path) {
        let _ = path;
    }
}

struct Service;

impl Clock for Service {
    async fn now(&self, zone: &str, _: u8) -> Result<u64, String> {
        Err(zone.to_owned())
    }
}

fn main() {
    let _client = ClockClient::from(bus::loopback(ClockServer::new(std::sync::Arc::new(Service))));
}
