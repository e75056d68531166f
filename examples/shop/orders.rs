//! Takes orders: asks for the price, puts aside, takes the money, writes a letter.

#[allow(dead_code)]
mod contracts;

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use bus::Bus;
use bus_examples::Error;

use self::contracts::{
    Basket, MailClient, OrderError, OrderState, Orders, OrdersServer, PaymentsClient, PricesClient, Receipt,
    StockClient,
};

struct Desk {
    stock: StockClient,
    prices: PricesClient,
    payments: PaymentsClient,
    mail: MailClient,
    taken: Mutex<HashSet<u64>>,
}

impl Orders for Desk {
    async fn place(&self, customer: u64, basket: Basket) -> Result<Receipt, OrderError> {
        let total = self.prices.total(basket.clone()).await.map_err(|_| OrderError::Unavailable)?;
        for line in &basket.lines {
            let sold_out = |_| OrderError::SoldOut { article: line.article.clone() };
            self.stock.reserve(line.article.clone(), line.pieces).await.map_err(sold_out)?;
        }
        let Ok(order) = self.payments.pay(customer, total).await else {
            for line in basket.lines {
                // What cannot be put back now is found by the next count.
                let _ = self.stock.release(line.article, line.pieces).await;
            }
            return Err(OrderError::NotPaid);
        };
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).insert(order);
        // An order without its letter is an order.
        let _ = self.mail.send(customer, format!("Thank you for order {order}.")).await;
        Ok(Receipt { order, total })
    }

    async fn state(&self, order: u64) -> Result<OrderState, OrderError> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner).contains(&order);
        taken.then_some(OrderState::Paid).ok_or(OrderError::NoSuchOrder)
    }
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    bus::manifest! {
        serves contracts::Orders;
        calls contracts::Stock { reserve, release }, contracts::Prices { total }, contracts::Payments { pay },
            contracts::Mail { send };
    }
    let bus = Bus::from_env().await?;
    let desk = Desk {
        stock: bus.client().await?,
        prices: bus.client().await?,
        payments: bus.client().await?,
        mail: bus.client().await?,
        taken: Mutex::default(),
    };
    bus.serve(OrdersServer::new(desk)).run_until(bus::shutdown_signal()).await?;
    Ok(())
}
