//! The shop's front: `shop-facade CUSTOMER ARTICLE PIECES` places an order and asks how far it is.

#[allow(dead_code)]
mod contracts;

use bus::Bus;
use bus_examples::Error;

use self::contracts::{Basket, Line, OrdersClient, StockClient};

#[tokio::main]
async fn main() -> Result<(), Error> {
    bus::manifest! { calls contracts::Orders { place, state }, contracts::Stock { level } }
    let bus = Bus::from_env().await?;
    let (orders, stock): (OrdersClient, StockClient) = (bus.client().await?, bus.client().await?);

    let mut words = std::env::args().skip(1);
    let customer = words.next().and_then(|word| word.parse().ok()).unwrap_or(7);
    let article = words.next().unwrap_or_else(|| "tea".to_owned());
    let pieces = words.next().and_then(|word| word.parse().ok()).unwrap_or(1);
    println!("{} pieces of {article} are there", stock.level(article.clone()).await?);
    let basket = Basket { lines: vec![Line { article, pieces }], note: None };
    match orders.place(customer, basket).await {
        Ok(receipt) => {
            let state = orders.state(receipt.order).await?;
            println!("order {} costs {} cents and is {state:?}", receipt.order, receipt.total.cents);
        }
        Err(error) => println!("no order: {error}"),
    }
    Ok(())
}
