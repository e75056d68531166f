//! A server that some requests end, or that somebody kills. Its first argument names the brokers;
//! with a second it serves what can be held.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use bus_tests::crashing::{Crashing, CrashingServer, Holding, HoldingServer};

#[derive(Default)]
struct Fragile {
    held: Mutex<BTreeSet<String>>,
}

impl Crashing for Fragile {
    async fn run(&self, crash: bool) -> Result<u32, String> {
        if crash {
            std::process::abort();
        }
        Ok(std::process::id())
    }
}

impl Holding for Fragile {
    async fn who(&self) -> Result<u32, String> {
        Ok(std::process::id())
    }

    async fn hold(&self, case: String, milliseconds: u64) -> Result<u32, String> {
        self.held.lock().unwrap().insert(case);
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        Ok(std::process::id())
    }

    async fn holds(&self, case: String) -> Result<bool, String> {
        Ok(self.held.lock().unwrap().contains(&case))
    }
}

#[tokio::main]
async fn main() {
    let brokers = std::env::args().nth(1).expect("the brokers, as host:port");
    let bus = bus::Bus::builder("crashing-server").brokers(brokers).connect().await.unwrap();
    let serve = match std::env::args().nth(2) {
        None => bus.serve(CrashingServer::new(Fragile::default())),
        Some(_) => bus.serve(HoldingServer::new(Fragile::default())),
    };
    serve.run_until(bus::shutdown_signal()).await.unwrap();
}
