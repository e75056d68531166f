//! What the five programs of the shop agree on.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a customer wants.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Basket {
    /// The articles.
    pub lines: Vec<Line>,
    /// A word for whoever packs it.
    #[serde(default)]
    pub note: Option<String>,
}

/// Pieces of one article.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Line {
    /// The article.
    pub article: String,
    /// How many.
    pub pieces: u32,
}

/// An amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// In cents.
    pub cents: u64,
}

/// An order that was taken.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Receipt {
    /// Its number.
    pub order: u64,
    /// What it costs.
    pub total: Money,
}

/// How far an order is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum OrderState {
    /// It is paid.
    Paid,
    /// It is on its way.
    Sent,
}

/// Why an order was not taken.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum OrderError {
    /// An article is sold out.
    SoldOut {
        /// Which.
        article: String,
    },
    /// The money did not come.
    NotPaid,
    /// There is no such order.
    NoSuchOrder,
    /// Another service could not be asked.
    Unavailable,
}

impl fmt::Display for OrderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SoldOut { article } => write!(f, "{article} is sold out"),
            Self::NotPaid => f.write_str("it was not paid"),
            Self::NoSuchOrder => f.write_str("there is no such order"),
            Self::Unavailable => f.write_str("try again later"),
        }
    }
}

/// Orders of the shop.
#[bus::request(topic = "shop.orders.req", reply = "shop.orders.resp", codec = "json", reply_partitions = 7)]
pub trait Orders {
    /// Takes an order; one customer's orders go to one partition.
    #[bus(timeout = "3s")]
    async fn place(&self, #[bus(key)] customer: u64, basket: Basket) -> Result<Receipt, OrderError>;
    /// How far an order is.
    #[bus(idempotent)]
    async fn state(&self, order: u64) -> Result<OrderState, OrderError>;
}

/// What is on the shelves.
#[bus::request(topic = "shop.stock.req", reply = "shop.stock.resp", codec = "msgpack")]
pub trait Stock {
    /// Puts pieces of an article aside; says how many are left.
    async fn reserve(&self, #[bus(key)] article: String, pieces: u32) -> Result<u32, String>;
    /// Puts them back.
    async fn release(&self, #[bus(key)] article: String, pieces: u32) -> Result<u32, String>;
    /// What is there of an article.
    #[bus(idempotent)]
    async fn level(&self, article: String) -> Result<u32, String>;
}

/// What articles cost.
#[bus::request(topic = "shop.prices.req", reply = "shop.prices.resp", codec = "json")]
pub trait Prices {
    /// The price of a basket.
    #[bus(idempotent)]
    async fn total(&self, basket: Basket) -> Result<Money, String>;
}

/// Money of customers.
#[bus::request(topic = "shop.payments.req", reply = "shop.payments.resp")]
pub trait Payments {
    /// Takes money; one customer's payments go to one partition.
    async fn pay(&self, #[bus(key)] customer: u64, amount: Money) -> Result<u64, String>;
}

/// Letters to customers.
#[bus::request(topic = "shop.mail.req", reply = "shop.mail.resp", codec = "json")]
pub trait Mail {
    /// Sends a letter.
    async fn send(&self, customer: u64, text: String) -> Result<(), String>;
}
