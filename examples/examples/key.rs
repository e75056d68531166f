//! What does `#[bus(key)]` do?
//!
//! Calls without a key go to the request partitions in turns, so that every service gets its share.
//! Calls with a key all go to the partition that the key's text chooses, as Kafka's own Java client
//! would choose it: whoever has that partition gets all of them, in the order they were sent.

use std::collections::BTreeSet;
use std::time::Duration;

use bus::Bus;
use bus_examples::Error;
use bus_examples::look::Onlooker;

/// Books of accounts.
#[bus::request(topic = "ledger.req", reply = "ledger.resp", codec = "json")]
pub trait Ledger {
    /// Books an amount; the requests of one account go to one partition.
    async fn book(&self, #[bus(key)] account: &str, amount: u32) -> Result<(), String>;
    /// Does nothing, on whichever partition has its turn.
    async fn ping(&self) -> Result<(), String>;
}

struct Book;

impl Ledger for Book {
    async fn book(&self, _account: &str, _amount: u32) -> Result<(), String> {
        Ok(())
    }
    async fn ping(&self) -> Result<(), String> {
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    bus::manifest! { serves Ledger; calls Ledger }
    let bus = Bus::embedded().await?;
    let serving = bus.serve(LedgerServer::new(Book)).start().await?;
    let ledger: LedgerClient = bus.client().await?;
    let onlooker = Onlooker::new(bus.brokers(), &["ledger.req"])?;

    let mut partitions = Vec::new();
    for account in ["acme", "globex", "acme"] {
        for amount in 1..=10 {
            ledger.book(account, amount).await?;
        }
        let found = ten_partitions(&onlooker);
        println!("ten bookings of {account}: partition {found:?}");
        assert_eq!(found.len(), 1);
        partitions.push(found);
    }
    assert_eq!(partitions[0], partitions[2], "a key has one partition");

    for _ in 0..10 {
        ledger.ping().await?;
        // A partition's turn lasts 2 ms.
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
    let found = ten_partitions(&onlooker);
    println!("ten calls without a key: partitions {found:?}");
    assert_eq!(found.len(), 5, "in turns");
    serving.stop().await?;
    Ok(())
}

fn ten_partitions(onlooker: &Onlooker) -> BTreeSet<i32> {
    let records = (0..10).filter_map(|_| onlooker.next(Duration::from_secs(5)));
    records.map(|record| record.partition).collect()
}
