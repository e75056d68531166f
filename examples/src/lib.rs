//! What the examples share: the contract between the facade and the portfolio service, and a plain
//! Kafka consumer that shows what the calls look like on the topics.

use std::fmt;

use serde::{Deserialize, Serialize};

mod error;
mod log;
pub mod look;

pub use self::error::Error;
pub use self::log::log_to_stderr;

/// What users hold, and the money on their accounts.
#[bus::request(topic = "portfolio.req", reply = "portfolio.resp")]
pub trait Portfolio {
    /// Products that a user holds.
    #[bus(idempotent, blocking)]
    async fn products(&self, user: UserId) -> Result<Vec<Product>, PortfolioError>;

    /// Pays an amount out of an account; one account's requests go to one partition.
    #[bus(timeout = "2s", blocking)]
    async fn transfer(&self, #[bus(key)] account: AccountId, amount: Money) -> Result<Receipt, PortfolioError>;
}

/// A user's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct UserId(pub u32);

/// An account's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AccountId(pub u32);

/// An amount, in cents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Money(pub u32);

/// Something that a user holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// What it is called.
    pub name: String,
    /// How many of it.
    pub pieces: u32,
}

/// What is handed out for a transfer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Counts the transfers of the account.
    pub number: u32,
    /// What is left on it.
    pub balance: Money,
}

/// What the service itself says no to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PortfolioError {
    /// Nobody has this number.
    NoSuchUser(UserId),
    /// No account has this number.
    NoSuchAccount(AccountId),
    /// There is not enough on the account.
    NotEnough {
        /// What there is.
        balance: Money,
    },
    /// The service cannot read or write its data now.
    Unavailable,
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

// Also the text that chooses a transfer's partition: it is the account's `#[bus(key)]`.
impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

impl fmt::Display for PortfolioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchUser(user) => write!(f, "there is no user {user}"),
            Self::NoSuchAccount(account) => write!(f, "there is no account {account}"),
            Self::NotEnough { balance } => write!(f, "there is only {balance} on the account"),
            Self::Unavailable => f.write_str("the portfolio service cannot reach its data"),
        }
    }
}

impl std::error::Error for PortfolioError {}
