//! Takes money, and writes a letter about it.

#[allow(dead_code)]
mod contracts;

use std::sync::atomic::{AtomicU64, Ordering};

use bus::Bus;
use bus_examples::Error;

use self::contracts::{MailClient, Money, Payments, PaymentsServer};

struct Till {
    mail: MailClient,
    last: AtomicU64,
}

impl Payments for Till {
    async fn pay(&self, customer: u64, amount: Money) -> Result<u64, String> {
        if amount.cents > 100_000 {
            return Err("that is too much at once".to_owned());
        }
        // Money without its letter is money.
        let _ = self.mail.send(customer, format!("{} cents were paid.", amount.cents)).await;
        Ok(self.last.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    bus::manifest! { serves contracts::Payments; calls contracts::Mail { send } }
    let bus = Bus::from_env().await?;
    let till = Till { mail: bus.client().await?, last: AtomicU64::new(1_000) };
    bus.serve(PaymentsServer::new(till)).run_until(bus::shutdown_signal()).await?;
    Ok(())
}
