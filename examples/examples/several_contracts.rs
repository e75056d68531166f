//! Can one process serve several contracts, and call several others?
//!
//! Yes, on one bus: `.and(..)` for each further contract, a client for each that is called. They
//! share one connection, one producer and one reader of replies. Here an order is priced by another
//! service, and what is left of the caller's time bounds that call.

use std::time::Duration;

use bus::Bus;
use bus_examples::Error;

/// Orders of a shop.
#[bus::request(topic = "orders.req", reply = "orders.resp")]
pub trait Orders {
    /// Takes an order, and says what it costs.
    async fn order(&self, article: &str, pieces: u32) -> Result<u32, String>;
}

/// On the same topics as `Orders`: methods are told apart by name, so no two may share one.
#[bus::request(topic = "orders.req", reply = "orders.resp")]
pub trait Returns {
    /// Takes an article back, if it can be sold again.
    async fn give_back(&self, article: &str) -> Result<bool, String>;
}

/// What articles cost.
#[bus::request(topic = "prices.req", reply = "prices.resp")]
pub trait Prices {
    /// The price of one piece.
    async fn price(&self, article: &str) -> Result<u32, String>;
}

struct Shop {
    prices: PricesClient,
}

impl Orders for Shop {
    async fn order(&self, article: &str, pieces: u32) -> Result<u32, String> {
        let price = self.prices.price(article).await.map_err(|error| error.to_string())?;
        Ok(price * pieces)
    }
}

struct Counter;

impl Returns for Counter {
    async fn give_back(&self, article: &str) -> Result<bool, String> {
        Ok(article != "bread")
    }
}

struct PriceList;

impl Prices for PriceList {
    async fn price(&self, article: &str) -> Result<u32, String> {
        match article {
            "bread" => Ok(4),
            "ladder" => std::future::pending().await,
            other => Err(format!("{other} has no price")),
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    bus::manifest! { serves Orders, Returns, Prices; calls Orders, Returns, Prices }
    let bus = Bus::embedded().await?;
    let shop = Shop { prices: bus.client().await? };
    let serving = bus
        .serve(OrdersServer::new(shop))
        .and(ReturnsServer::new(Counter))
        .and(PricesServer::new(PriceList))
        .start()
        .await?;
    let (orders, returns): (OrdersClient, ReturnsClient) = (bus.client().await?, bus.client().await?);

    println!("3 breads cost {}", orders.order("bread", 3).await?);
    assert_eq!(orders.order("bread", 3).await, Ok(12));
    assert_eq!(returns.give_back("bread").await, Ok(false));
    let refused = orders.order("unicorn", 1).await;
    assert_eq!(refused, Err(bus::CallError::Service("unicorn has no price".to_owned())));
    // The price never comes, and neither call waits for longer than the first was given.
    assert!(orders.order("ladder", 1).timeout(Duration::from_millis(300)).await.is_err());
    println!("one process served 3 contracts on 2 topics");
    serving.stop().await?;
    Ok(())
}
