//! Contracts and manifests that the tests plant.

#![allow(dead_code, unreachable_pub, clippy::panic)]

use bus::{Client, Contract};
use bus_cli::board::{Board, Levels, build};
use bus_cli::input::{Material, Source};
use serde_json::{Value, json};

pub mod one {
    use serde::{Deserialize, Serialize};

    /// An order.
    #[derive(Serialize, Deserialize)]
    pub struct Order {
        pub article: String,
        pub pieces: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub note: Option<String>,
    }

    #[derive(Serialize, Deserialize)]
    pub enum OrderError {
        SoldOut { back_in_days: u32 },
        Closed,
    }

    /// Orders of a shop.
    #[bus::request(topic = "orders.req", reply = "orders.resp", codec = "json", partitions = 7)]
    pub trait Orders {
        /// Places an order.
        #[bus(timeout = "2s")]
        async fn place(&self, #[bus(key)] account: u64, order: Order) -> Result<u64, OrderError>;
        /// Orders of an account.
        #[bus(idempotent)]
        async fn list(&self, account: u64) -> Result<Vec<Order>, String>;
    }

    #[bus::request(topic = "payments.req", reply = "payments.resp", reply_partitions = 2)]
    pub trait Payments {
        async fn pay(&self, cents: u64) -> Result<(), String>;
    }
}

/// The shop's next release: a field of an answer is renamed, and nobody thought of an alias.
pub mod next {
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    pub struct Order {
        pub article: String,
        pub count: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub note: Option<String>,
    }

    #[bus::request(topic = "orders.req", reply = "orders.resp", codec = "json", partitions = 7)]
    pub trait Orders {
        #[bus(timeout = "2s")]
        async fn place(
            &self,
            #[bus(key)] account: u64,
            order: super::one::Order,
        ) -> Result<u64, super::one::OrderError>;
        #[bus(idempotent)]
        async fn list(&self, account: u64) -> Result<Vec<Order>, String>;
    }
}

/// What nobody can look into.
pub mod foggy {
    #[bus::request(topic = "fog.req", reply = "fog.resp", codec = "json")]
    pub trait Fog {
        async fn look(&self, at: serde_json::Value) -> Result<u64, String>;
    }
}

/// Another contract on the orders' topic.
pub mod shared {
    #[bus::request(topic = "orders.req", reply = "orders.resp", codec = "json")]
    pub trait Returns {
        async fn give_back(&self, order: u64) -> Result<bool, String>;
    }

    #[bus::request(topic = "mail.req", reply = "payments.resp")]
    pub trait Mail {
        async fn send(&self, to: String) -> Result<(), String>;
    }
}

pub fn orders() -> &'static Contract {
    one::OrdersClient::contract()
}

pub fn next_orders() -> &'static Contract {
    next::OrdersClient::contract()
}

pub fn payments() -> &'static Contract {
    one::PaymentsClient::contract()
}

pub fn fog() -> &'static Contract {
    foggy::FogClient::contract()
}

pub fn returns() -> &'static Contract {
    shared::ReturnsClient::contract()
}

pub fn mail() -> &'static Contract {
    shared::MailClient::contract()
}

/// A manifest as a program prints it; a called contract may name methods.
pub fn manifest(service: &str, serves: &[&Contract], calls: &[(&Contract, Option<&[&str]>)]) -> Value {
    let calls: Vec<Value> = calls
        .iter()
        .map(|(contract, methods)| match methods {
            Some(methods) => json!({ "contract": contract.describe(), "methods": methods }),
            None => json!({ "contract": contract.describe() }),
        })
        .collect();
    let serves: Vec<_> = serves.iter().map(|contract| contract.describe()).collect();
    json!({ "format": 1, "service": service, "version": "1.0.0", "serves": serves, "calls": calls })
}

pub fn lock(contract: &Contract, retired: bool) -> Value {
    json!({ "versions": [{ "version": 1, "retired": retired, "contract": contract.describe() }] })
}

pub fn source(name: &str, document: &Value) -> Source {
    match Source::read(name, &serde_json::to_string_pretty(document).unwrap_or_default()) {
        Ok(source) => source,
        Err(error) => panic!("{error}"),
    }
}

/// A board of manifests, each under its service's name.
pub fn board(manifests: &[Value]) -> Board {
    board_at(manifests, &Levels::default())
}

pub fn board_at(manifests: &[Value], levels: &Levels) -> Board {
    let named = |(at, document): (usize, &Value)| {
        let name = document["service"].as_str().map_or_else(|| format!("lock{at}.json"), |name| format!("{name}.json"));
        source(&name, document)
    };
    build(&Material::of(manifests.iter().enumerate().map(named).collect()), levels)
}

/// The ids of all findings.
pub fn ids(board: &Board) -> Vec<String> {
    board.findings.iter().map(|finding| finding.id.clone()).collect()
}
