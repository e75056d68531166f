//! A program with a manifest, started by the tests of manifests.

#![allow(missing_docs, clippy::print_stdout)]

use bus::Bus;

mod shop {
    /// Orders of a shop.
    #[bus::request(topic = "orders.req", reply = "orders.resp", partitions = 7, codec = "json")]
    pub(crate) trait Orders {
        /// Places an order.
        async fn place(&self, article: String) -> Result<u64, String>;
    }

    #[bus::request(topic = "payments.req", reply = "payments.resp")]
    pub(crate) trait Payments {
        #[bus(name = "pay_v2")]
        async fn pay(&self, cents: u64) -> Result<(), String>;
        async fn give_back(&self, cents: u64) -> Result<(), String>;
    }
}

#[tokio::main]
async fn main() {
    let way = std::env::args().nth(1).unwrap_or_default();
    match way.as_str() {
        "nothing" => {}
        "wrong" => bus::manifest! { calls shop::Payments { pay } },
        _ => bus::manifest! { serves shop::Orders; calls shop::Payments { pay_v2 } },
    }
    let bus = match way.as_str() {
        "embedded" => Bus::embedded().await,
        "env" => Bus::from_env().await,
        _ => Bus::builder("shop").brokers("127.0.0.1:1").version("1.2.3").connect().await,
    };
    println!("after connect: {}", bus.map_or_else(|error| error.to_string(), |_| "connected".to_owned()));
}
