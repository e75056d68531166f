//! How do I test my code without a broker?
//!
//! A client is made from a channel. `bus::loopback` leads to a service in this process, through the
//! real codec and dispatch; `Channel::from_fn` leads to a function, so that a test can be busy, late
//! or silent. Write these as `#[tokio::test]`; here they are called from `main`.

use std::time::Duration;

use bus::{CallError, Channel, Failure, Reply};

/// What articles cost.
#[bus::request(topic = "prices.req", reply = "prices.resp")]
pub trait Prices {
    /// The price of one piece.
    async fn price(&self, article: &str) -> Result<u32, String>;
}

/// What is to be tested: it has a client and does not know where that leads.
async fn total(prices: &PricesClient, articles: &[&str]) -> Result<u32, CallError<String>> {
    let mut total = 0;
    for article in articles {
        total += match prices.price(article).await {
            // Certain not to have run, so once more cannot hurt.
            Err(CallError::Bus(failure)) if failure.is_retryable() => prices.price(article).await?,
            outcome => outcome?,
        };
    }
    Ok(total)
}

struct Fake;

impl Prices for Fake {
    async fn price(&self, article: &str) -> Result<u32, String> {
        if article == "unicorn" { Err("not for sale".to_owned()) } else { Ok(2) }
    }
}

async fn adds_up_and_hands_on_the_services_own_error() {
    let prices = PricesClient::from(bus::loopback(PricesServer::new(Fake)));
    assert_eq!(total(&prices, &["bread", "honey"]).await, Ok(4));
    assert_eq!(total(&prices, &["unicorn"]).await, Err(CallError::Service("not for sale".to_owned())));
}

async fn asks_a_busy_service_once_more() {
    let calls = std::sync::atomic::AtomicU32::new(0);
    let prices = PricesClient::from(Channel::from_fn(move |request| {
        let first = calls.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0;
        async move { Ok(if first { Reply::busy(None) } else { request.ok(&7_u32) }) }
    }));
    assert_eq!(total(&prices, &["bread"]).await, Ok(7));
}

async fn does_not_ask_again_when_the_answer_is_lost() {
    let prices = PricesClient::from(Channel::from_fn(|_| std::future::pending()));
    let outcome = prices.price("bread").timeout(Duration::from_millis(50)).await;
    assert!(matches!(outcome, Err(CallError::Bus(Failure::TimedOut { .. }))));
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    adds_up_and_hands_on_the_services_own_error().await;
    asks_a_busy_service_once_more().await;
    does_not_ask_again_when_the_answer_is_lost().await;
    println!("3 tests passed, without a broker");
}
