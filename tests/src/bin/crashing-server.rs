//! A server that some requests end. Its first argument names the brokers.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use bus_tests::crashing::{Crashing, CrashingServer};

struct Fragile;

impl Crashing for Fragile {
    async fn run(&self, crash: bool) -> Result<u32, String> {
        if crash {
            std::process::abort();
        }
        Ok(std::process::id())
    }
}

#[tokio::main]
async fn main() {
    let brokers = std::env::args().nth(1).expect("the brokers, as host:port");
    let bus = bus::Bus::builder("crashing-server").brokers(brokers).connect().await.unwrap();
    bus.serve(CrashingServer::new(Fragile)).run_until(bus::shutdown_signal()).await.unwrap();
}
