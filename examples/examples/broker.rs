//! Keeps the embedded broker up, so that several processes can meet on it.
//!
//! `cargo run --example broker` prints the line to set for the others:
//! `BUS_BROKERS=127.0.0.1:40123 cargo run --example portfolio-service`.

use bus::Client as _;
use bus::kafka::EmbeddedBroker;
use bus_examples::{Error, PortfolioClient};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let broker = EmbeddedBroker::start()?;

    // Other processes can use the broker but not make topics on it: it has no admin API.
    let contract = PortfolioClient::contract();
    broker.create_topic(contract.topic(), contract.partitions().unwrap_or(5))?;
    broker.create_topic(contract.reply(), contract.reply_partitions().unwrap_or(5))?;
    broker.create_topic(&contract.dead_letter_topic(), 1)?;

    println!("BUS_BROKERS={}", broker.brokers());
    eprintln!("The broker is up, in memory, until Ctrl-C. Set the line above for the other examples.");
    bus::shutdown_signal().await;
    Ok(())
}
