//! How long does a call wait, and who decides?
//!
//! The nearest one that says something: the call, then the method (`#[bus(timeout = "..")]`), then
//! the client or its bus, then the trait; else 5 s. The time left travels with the request, so a
//! handler knows it, is dropped when it has passed, and hands what remains to calls of its own.

use std::time::{Duration, Instant};

use bus::{Bus, Failure};
use bus_examples::Error;

/// A kitchen that is asked how long its guests wait.
#[bus::request(topic = "kitchen.req", reply = "kitchen.resp", timeout = "10s")]
pub trait Kitchen {
    /// How many milliseconds the caller still waits.
    async fn patience(&self) -> Result<u64, String>;
    /// The same, for a method with a timeout of its own.
    #[bus(timeout = "1s")]
    async fn patience_for_soup(&self) -> Result<u64, String>;
    /// Takes longer than anybody waits.
    async fn roast(&self) -> Result<(), String>;
}

struct Cook;

impl Kitchen for Cook {
    async fn patience(&self) -> Result<u64, String> {
        let context = bus::Context::current().ok_or("nobody called")?;
        u64::try_from(context.time_left().as_millis()).map_err(|error| error.to_string())
    }
    async fn patience_for_soup(&self) -> Result<u64, String> {
        self.patience().await
    }
    async fn roast(&self) -> Result<(), String> {
        // Dropped at the deadline, wherever it waits; a `blocking` handler asks `is_cancelled`.
        tokio::time::sleep(Duration::from_secs(60)).await;
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    bus::manifest! { serves Kitchen; calls Kitchen }
    let bus = Bus::embedded().await?;
    let serving = bus.serve(KitchenServer::new(Cook)).start().await?;
    let kitchen: KitchenClient = bus.client().await?;
    let hasty: KitchenClient = bus.client().timeout(Duration::from_secs(3)).await?;

    let seen = [
        ("the trait's 10 s", kitchen.patience().await?, 3_001..=10_000),
        ("the client's 3 s", hasty.patience().await?, 1_001..=3_000),
        ("the method's 1 s", hasty.patience_for_soup().await?, 501..=1_000),
        ("the call's 500 ms", hasty.patience_for_soup().timeout(Duration::from_millis(500)).await?, 1..=500),
    ];
    for (whose, left, range) in seen {
        println!("{whose}: the handler saw {left} ms left");
        // What the way to the handler took is gone; no other timeout would leave so much.
        assert!(range.contains(&left));
    }

    let started = Instant::now();
    let outcome = kitchen.roast().timeout(Duration::from_millis(300)).await;
    let waited = started.elapsed();
    println!("a call that takes too long ended after {} ms", waited.as_millis());
    assert!(matches!(outcome, Err(bus::CallError::Bus(Failure::TimedOut { .. }))));
    assert!((300..10_000).contains(&waited.as_millis()));
    serving.stop().await?;
    Ok(())
}
