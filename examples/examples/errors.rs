//! What can go wrong with a call, and what should I do about it?
//!
//! Two things: the service says no (`CallError::Service`, an error of your own), or no answer
//! came (`CallError::Bus`, with a `Failure` that says what is known). Of a failure ask
//! `may_have_run` before you repeat something, and `is_retryable` whether repeating can help.

use std::fmt;
use std::time::Duration;

use bus::{Bus, CallError, Failure};
use bus_examples::Error;
use serde::{Deserialize, Serialize};

/// A shop that can be sold out.
#[bus::request(topic = "shop.req", reply = "shop.resp")]
pub trait Shop {
    /// Buys one, and says how many are left.
    async fn buy(&self, article: String) -> Result<u32, ShopError>;
}

/// What the shop says no to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ShopError {
    /// There is none left.
    SoldOut {
        /// When there will be.
        back_in_days: u32,
    },
}

impl fmt::Display for ShopError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::SoldOut { back_in_days } = self;
        write!(f, "sold out, back in {back_in_days} days")
    }
}

impl std::error::Error for ShopError {}

struct Shelf;

impl Shop for Shelf {
    async fn buy(&self, article: String) -> Result<u32, ShopError> {
        match article.as_str() {
            "bread" => Ok(1),
            "honey" => Err(ShopError::SoldOut { back_in_days: 3 }),
            "ladder" => std::future::pending().await,
            other => unreachable!("nobody sells {other}"),
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    bus::manifest! { serves Shop; calls Shop }
    // One handler below panics on purpose; what Rust prints of it would only be in the way.
    std::panic::set_hook(Box::new(|_| ()));
    let bus = Bus::embedded().await?;
    let serving = bus.serve(ShopServer::new(Shelf)).start().await?;
    let shop: ShopClient = bus.client().await?;

    for article in ["bread", "honey", "ladder", "unicorn"] {
        // Nobody waits long for a ladder; the others have the 5 s of every call.
        let patience = Duration::from_millis(if article == "ladder" { 500 } else { 5_000 });
        let outcome = shop.buy(article.to_owned()).timeout(patience).await;
        match &outcome {
            Ok(number) => println!("{article}: receipt {number}"),
            // The service's own error, as the handler returned it.
            Err(CallError::Service(no)) => println!("{article}: {no}"),
            // One type for all methods of all contracts.
            Err(CallError::Bus(failure)) if failure.is_retryable() => println!("{article}: ask again, {failure}"),
            Err(CallError::Bus(failure)) if failure.may_have_run() => println!("{article}: look first, {failure}"),
            Err(error) => println!("{article}: {error}"),
        }
        assert!(match article {
            "bread" => outcome == Ok(1),
            "honey" => outcome == Err(CallError::Service(ShopError::SoldOut { back_in_days: 3 })),
            // The server dropped the handler at the deadline, but nobody can know how far it came.
            "ladder" => matches!(outcome, Err(CallError::Bus(Failure::TimedOut { .. }))),
            // A handler that panics harms nobody but its own call.
            _ => matches!(outcome, Err(CallError::Bus(Failure::Panicked { .. }))),
        });
    }
    serving.stop().await?;
    Ok(())
}
