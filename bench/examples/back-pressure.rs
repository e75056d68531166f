//! What it costs when a server has no room for more: calls a second with a short queue before the
//! handlers, beside one that is never full. On the Kafka that `BUS_BROKERS` names.

#![allow(clippy::print_stdout)]

use std::error::Error;
use std::time::{Duration, Instant};

use bus::Bus;

#[bus::request(topic = "bench.pressure.req", reply = "bench.pressure.resp")]
trait Pressure {
    #[bus(timeout = "60s")]
    async fn wait(&self, milliseconds: u64) -> Result<(), String>;
}

struct Sleeps;

impl Pressure for Sleeps {
    async fn wait(&self, milliseconds: u64) -> Result<(), String> {
        if milliseconds > 0 {
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        }
        Ok(())
    }
}

/// Never full.
const LONG: usize = 1 << 20;

/// How often each is measured; the middle one counts.
const TURNS: usize = 5;

/// Calls made at once, and how many are answered in a second.
async fn calls_a_second(bus: &Bus, calls: u64, room: (usize, usize), milliseconds: u64) -> Result<f64, Box<dyn Error>> {
    let (concurrency, queue) = room;
    let serving = bus.serve(PressureServer::new(Sleeps)).concurrency(concurrency).queue(queue).start().await?;
    let client: PressureClient = bus.client().max_in_flight(LONG).await?;
    client.wait(0).await?;
    let started = Instant::now();
    let all: Vec<_> = (0..calls).map(|_| client.wait(milliseconds).into_future()).collect();
    for call in all {
        call.await?;
    }
    let took = started.elapsed();
    serving.stop().await?;
    #[allow(clippy::cast_precision_loss, reason = "a few thousand")]
    Ok(calls as f64 / took.as_secs_f64())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let bus = Bus::builder("bench").brokers(std::env::var("BUS_BROKERS")?).connect().await?;
    println!("| calls at once | handlers at once | each takes | queue | calls a second | never full | |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for (calls, concurrency, milliseconds, queue) in
        [(400, 1, 1, 4), (4_000, 16, 1, 16), (8_000, 256, 0, 1_024), (8_000, 256, 5, 1_024)]
    {
        let (mut short, mut long) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            short.push(calls_a_second(&bus, calls, (concurrency, queue), milliseconds).await?);
            long.push(calls_a_second(&bus, calls, (concurrency, LONG), milliseconds).await?);
        }
        short.sort_by(f64::total_cmp);
        long.sort_by(f64::total_cmp);
        let (short, long) = (short[TURNS / 2], long[TURNS / 2]);
        println!(
            "| {calls} | {concurrency} | {milliseconds} ms | {queue} | {short:.0} | {long:.0} | {:.2} × |",
            short / long
        );
    }
    Ok(())
}
