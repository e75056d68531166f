//! Knows what is on the shelves and what it costs: two contracts in one program.

#[allow(dead_code)]
mod contracts;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bus::Bus;
use bus_examples::Error;

use self::contracts::{Basket, Money, Prices, PricesServer, Stock, StockServer};

struct Shelves(Mutex<HashMap<String, u32>>);

impl Shelves {
    fn change(&self, article: &str, change: impl Fn(u32) -> Option<u32>) -> Result<u32, String> {
        let mut shelves = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pieces = shelves.get_mut(article).ok_or_else(|| format!("there is no {article} here"))?;
        *pieces = change(*pieces).ok_or_else(|| format!("there are only {pieces} pieces of {article}"))?;
        Ok(*pieces)
    }
}

impl Stock for Shelves {
    async fn reserve(&self, article: String, pieces: u32) -> Result<u32, String> {
        self.change(&article, |there| there.checked_sub(pieces))
    }

    async fn release(&self, article: String, pieces: u32) -> Result<u32, String> {
        self.change(&article, |there| there.checked_add(pieces))
    }

    async fn level(&self, article: String) -> Result<u32, String> {
        self.change(&article, Some)
    }
}

/// Every piece costs the same here.
struct List;

impl Prices for List {
    async fn total(&self, basket: Basket) -> Result<Money, String> {
        Ok(Money { cents: basket.lines.iter().map(|line| u64::from(line.pieces) * 250).sum() })
    }
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    bus::manifest! { serves contracts::Stock, contracts::Prices }
    let bus = Bus::from_env().await?;
    let shelves = Shelves(Mutex::new([("tea".to_owned(), 40), ("coffee".to_owned(), 3)].into()));
    bus.serve(StockServer::new(shelves)).and(PricesServer::new(List)).run_until(bus::shutdown_signal()).await?;
    Ok(())
}
