//! Typed request/reply over Kafka: a trait, implemented on one side and awaited on the other.
//!
//! ```
//! # use std::time::Duration;
//! use bus::Bus;
//!
//! /// Greets people.
//! #[bus::request(topic = "greeter.req", reply = "greeter.resp")]
//! pub trait Greeter {
//!     /// A greeting, or why there is none.
//!     async fn greet(&self, name: &str) -> Result<String, String>;
//! }
//!
//! struct Polite;
//!
//! impl Greeter for Polite {
//!     async fn greet(&self, name: &str) -> Result<String, String> {
//!         if name.is_empty() { Err("nobody there".to_owned()) } else { Ok(format!("Good day, {name}")) }
//!     }
//! }
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let bus = Bus::embedded().await?; // or Bus::builder("greeter").brokers("localhost:9092").connect()
//!
//! // The service. In production: `.run_until(bus::shutdown_signal()).await?`.
//! let serving = bus.serve(GreeterServer::new(Polite)).start().await?;
//!
//! // The facade.
//! let greeter: GreeterClient = bus.client().await?;
//! let greeting = greeter.greet("Ada").timeout(Duration::from_secs(3)).await?;
//! assert_eq!(greeting, "Good day, Ada");
//!
//! // The service's own error and what happens on the way are told apart.
//! match greeter.greet("").await {
//!     Err(bus::CallError::Service(why)) => assert_eq!(why, "nobody there"),
//!     Err(other) => println!("retry: {}", other.failure().is_some_and(bus::Failure::is_retryable)),
//!     Ok(greeting) => println!("{greeting}"),
//! }
//!
//! serving.stop().await?;
//! bus.close().await;
//! # Ok(())
//! # }
//! ```
//!
//! # Where things are
//!
//! * [`request`]: the attribute, with every option.
//! * [`Bus`]: connects; [`Bus::client`] and [`Bus::serve`] are the two sides.
//! * [`Call`]: a call before it is awaited; [`CallError`] and [`Failure`]: why there is no answer.
//! * [`Context`]: what a handler may know of its request.
//! * [`Channel`], [`loopback()`]: what a client talks through, in tests too.
//! * [`contract`]: what the attribute wrote down of a trait.
//! * [`manifest!`]: what a program serves and calls, for tools.
//! * [`kafka`]: the embedded broker.
//!
//! # Where it runs
//!
//! On a tokio runtime of either kind whose time driver is enabled, as `#[tokio::main]` and
//! `enable_all` do. Logging is [`tracing`]'s, librdkafka's own lines included, under the target
//! `bus::kafka`; the same complaint is logged once and then once a minute.
//!
//! # Cargo features
//!
//! `ssl`, `ssl-vendored`, `gssapi`, `zstd`, `libz-static` and `cmake-build` are those of rdkafka; none is on.

// The attribute's expansion says `::bus`, in this crate's own tests too.
#[allow(unused_extern_crates)]
extern crate self as bus;

pub mod client;
mod codec;
mod connect;
mod context;
pub mod contract;
mod counters;
mod error;
mod hash;
mod health;
pub mod kafka;
pub mod manifest;
mod message;
mod outcome;
mod partition_key;
mod protocol;
mod repeats;
#[cfg(test)]
mod request_tests;
pub mod server;
mod sync;
mod timeouts;
mod transport;
mod wire;
mod wire_type;

#[doc = include_str!("request.md")]
pub use bus_macros::request;

#[doc(inline)]
pub use self::client::{Call, CallFuture, Channel, ChannelFuture, Client, ClientBuilder};
pub use self::codec::{Codec, DecodeError, EncodeError};
pub use self::connect::{Bus, BusBuilder};
pub use self::context::Context;
#[doc(inline)]
pub use self::contract::Contract;
pub use self::counters::Counters;
pub use self::error::{ConfigError, ConnectError, ServeError, TopicError};
pub use self::health::{Aged, Health, ReplyHealth, TopicHealth};
pub use self::manifest::Manifest;
pub use self::message::{CallError, Failure, Fault, HeaderError, Headers, Rejected, Reply, Request, Status};
pub use self::outcome::Infallible;
pub use self::partition_key::PartitionKey;
#[doc(inline)]
pub use self::server::{Dispatch, Serve, Served, Serving, loopback, shutdown_signal};

/// What the expansion of `#[bus::request]` calls. Not for anybody else: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use std::string::String;
    pub use std::sync::Arc;
    pub use std::vec::Vec;

    pub use crate::codec::{Decoder, Encoder, read_one, write_one};
    pub use crate::contract::build::{NO_METHOD, argument, contract, method, r#type};
    pub use crate::contract::lock::check_lock;
    pub use crate::contract::{Argument, Exchange, Method, Run, Type};
    pub use crate::manifest::{Declared, declare};
    pub use crate::outcome::{Answer, ErrorOf, Outcome, Plain, Returned};
    pub use crate::wire_type::{
        ArrayWire, ForeignError, HasMethods, Lend, Loan, NamedError, NeverWire, SharedWire, Wire, encode_str,
        owned_name,
    };
    pub use bus_macros::manifest;
}

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
