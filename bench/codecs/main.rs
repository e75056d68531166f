//! What each codec costs: bytes of a message, and the time of a call through the real codec and
//! dispatch, without a broker.

#![allow(clippy::print_stdout)] // It is a command.
#![allow(clippy::cast_precision_loss)] // Figures for people.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

const USAGE: &str = "usage: cargo run --release -p bus-bench --bin codecs [MILLISECONDS OF A TURN]";

/// How many turns each figure is the best of.
const TURNS: usize = 7;

/// An order as a shop has them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Order {
    id: u64,
    customer: String,
    placed: Side,
    note: Option<String>,
    lines: Vec<Line>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Side {
    Buy,
    Sell { limit: i64 },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Line {
    product: String,
    amount: u32,
    price: i64,
    ratio: f64,
}

fn order(lines: usize) -> Order {
    let line = |number: usize| Line {
        product: format!("product-{number}"),
        amount: u32::try_from(number).unwrap_or(0) * 7,
        price: 199_900,
        ratio: 0.25 * (number as f64),
    };
    Order {
        id: 4_000_000_017,
        customer: "customer-1234".to_owned(),
        placed: if lines.is_multiple_of(2) { Side::Sell { limit: -5 } } else { Side::Buy },
        note: None,
        lines: (0..lines).map(line).collect(),
    }
}

/// The same contract in each codec: what is sent comes back, or nothing does.
macro_rules! contracts {
    ($($module:ident $codec:literal,)*) => {$(
        mod $module {
            use super::Order;

            #[bus::request(topic = "codecs.req", reply = "codecs.resp", codec = $codec)]
            pub(super) trait Orders {
                async fn back(&self, order: &Order) -> Result<Order, String>;
                async fn nothing(&self) -> Result<(), String>;
            }

            struct Back;

            impl Orders for Back {
                async fn back(&self, order: &Order) -> Result<Order, String> {
                    Ok(order.clone())
                }
                async fn nothing(&self) -> Result<(), String> {
                    Ok(())
                }
            }

            /// Bytes of the request, and nanoseconds of a call with and without the order.
            pub(super) async fn measure(order: &Order, turn: std::time::Duration) -> Result<[u64; 3], String> {
                let bytes = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
                let seen = std::sync::Arc::clone(&bytes);
                let reader = OrdersClient::from(bus::Channel::from_fn(move |request| {
                    seen.store(request.body().len() as u64, std::sync::atomic::Ordering::Relaxed);
                    async { Ok(bus::Reply::busy(None)) }
                }));
                let _ = reader.back(order).await;
                let client = OrdersClient::from(bus::loopback(OrdersServer::new(Back)));
                if client.back(order).await.map_err(|error| error.to_string())? != *order {
                    return Err("another order came back".to_owned());
                }
                let whole = super::best(turn, async || client.back(order).await.is_ok()).await;
                let empty = super::best(turn, async || client.nothing().await.is_ok()).await;
                Ok([bytes.load(std::sync::atomic::Ordering::Relaxed), whole, empty])
            }
        }
    )*};
}

contracts! {
    bincode "bincode",
    msgpack "msgpack",
    json "json",
}

/// The nanoseconds of one call in the best of some turns.
async fn best(turn: Duration, call: impl AsyncFn() -> bool) -> u64 {
    let mut best = u64::MAX;
    for _ in 0..TURNS {
        let (started, mut calls) = (Instant::now(), 0);
        while started.elapsed() < turn {
            for _ in 0..100 {
                if !call().await {
                    return 0;
                }
            }
            calls += 100;
        }
        best = best.min(u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX) / calls);
    }
    best
}

fn main() -> ExitCode {
    let turn = match std::env::args().nth(1).map(|text| text.parse()) {
        None => 100,
        Some(Ok(milliseconds)) => milliseconds,
        Some(Err(_)) => {
            println!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
        return ExitCode::FAILURE;
    };
    println!("| codec | lines | bytes | ns, an order there and back | ns, a call without one |");
    println!("| --- | --- | --- | --- | --- |");
    for lines in [1, 20] {
        let order = order(lines);
        let turn = Duration::from_millis(turn);
        let measured = runtime.block_on(async {
            Ok::<_, String>([
                ("bincode", bincode::measure(&order, turn).await?),
                ("msgpack", msgpack::measure(&order, turn).await?),
                ("json", json::measure(&order, turn).await?),
            ])
        });
        match measured {
            Ok(rows) => {
                for (codec, [bytes, whole, empty]) in rows {
                    println!("| {codec} | {lines} | {bytes} | {whole} | {empty} |");
                }
            }
            Err(failed) => {
                println!("{failed}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
