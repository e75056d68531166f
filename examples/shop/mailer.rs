//! Sends letters: here, to its own output.

#[allow(dead_code)]
mod contracts;

use bus::Bus;
use bus_examples::Error;

use self::contracts::{Mail, MailServer};

struct Letters;

impl Mail for Letters {
    async fn send(&self, customer: u64, text: String) -> Result<(), String> {
        println!("to customer {customer}: {text}");
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    bus::manifest! { serves contracts::Mail }
    let bus = Bus::from_env().await?;
    bus.serve(MailServer::new(Letters)).run_until(bus::shutdown_signal()).await?;
    Ok(())
}
