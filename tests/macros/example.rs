//! The front page's example.

use std::time::Duration;

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct UserId(u64);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Product {
    name: String,
    price: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum PortfolioError {
    NoSuchUser(UserId),
}

/// Portfolio queries.
#[bus::request(topic = "portfolio.req", reply = "portfolio.resp")]
trait Portfolio {
    /// Products that a user holds.
    async fn products(&self, user: UserId) -> Result<Vec<Product>, PortfolioError>;

    /// Moves money; one account's requests run one after another.
    #[bus(timeout = "2s")]
    async fn transfer(&self, #[bus(key)] account: String, amount: u64) -> Result<u64, PortfolioError>;

    /// Looks for products.
    async fn find(&self, name: &str, prices: &[u64], like: &Product) -> Result<Vec<Product>, PortfolioError>;

    /// A version with a default.
    async fn version(&self) -> Result<u32, PortfolioError> {
        Ok(1)
    }
}

struct Portfolios;

impl Portfolio for Portfolios {
    async fn products(&self, user: UserId) -> Result<Vec<Product>, PortfolioError> {
        tokio::task::yield_now().await;
        if user == UserId(1) {
            Ok(vec![Product { name: "bond".into(), price: 7 }])
        } else {
            Err(PortfolioError::NoSuchUser(user))
        }
    }

    async fn transfer(&self, account: String, amount: u64) -> Result<u64, PortfolioError> {
        Ok(amount + account.len() as u64)
    }

    async fn find(&self, name: &str, prices: &[u64], like: &Product) -> Result<Vec<Product>, PortfolioError> {
        Ok(prices.iter().map(|price| Product { name: format!("{name} {}", like.name), price: *price }).collect())
    }
}

#[tokio::test]
async fn calls_over_the_loopback() {
    let portfolio = PortfolioClient::from(bus::loopback(PortfolioServer::new(Portfolios)));
    let bond = Product { name: "bond".into(), price: 7 };
    assert_eq!(portfolio.products(UserId(1)).await, Ok(vec![bond.clone()]));
    assert_eq!(
        portfolio.products(UserId(2)).await,
        Err(bus::CallError::Service(PortfolioError::NoSuchUser(UserId(2))))
    );
    assert_eq!(portfolio.transfer("abc".into(), 4).timeout(Duration::from_secs(1)).await, Ok(7));
    let found = portfolio.find("long", &[1, 2], &bond).await.unwrap();
    assert_eq!(found[1], Product { name: "long bond".into(), price: 2 });
    assert_eq!(portfolio.version().await, Ok(1));
}

#[test]
fn the_contract_says_what_the_trait_says() {
    let contract = <PortfolioClient as bus::Client>::contract();
    assert_eq!((contract.name(), contract.topic(), contract.reply()), ("Portfolio", "portfolio.req", "portfolio.resp"));
    assert_eq!(contract.docs(), "Portfolio queries.");
    assert_eq!(contract.version(), env!("CARGO_PKG_VERSION"));
    let names: Vec<&str> = contract.methods().iter().map(|method| method.name()).collect();
    assert_eq!(names, ["products", "transfer", "find", "version"]);
    let transfer = contract.methods()[1];
    assert_eq!(transfer.timeout(), Some(Duration::from_secs(2)));
    assert!(transfer.arguments()[0].is_key());
    let types: Vec<&str> = contract.methods()[2].arguments().iter().map(|argument| argument.r#type().name()).collect();
    assert_eq!(types, ["String", "Vec<u64>", "Product"]);
    assert_eq!(contract.methods()[0].answer().name(), "Vec<Product>");
}

#[tokio::test]
async fn the_key_travels_with_the_request() {
    let portfolio = PortfolioClient::from(bus::Channel::from_fn(|request| async move {
        assert_eq!(request.partition_key(), Some("abc"));
        Ok(bus::Reply::busy(None))
    }));
    assert!(portfolio.transfer("abc".into(), 4).await.is_err());
}
