//! Typed request/reply over Kafka.

// The attribute's expansion says `::bus`, in this crate's own tests too.
#[allow(unused_extern_crates)]
extern crate self as bus;

mod channel;
pub mod client;
mod codec;
mod context;
pub mod contract;
mod message;
mod partition_key;
#[cfg(test)]
mod request_tests;
pub mod server;
mod wire_type;

#[doc = include_str!("request.md")]
pub use bus_macros::request;

pub use self::channel::{Channel, ChannelFuture};
pub use self::client::{Call, CallFuture, Client};
pub use self::codec::{Codec, DecodeError, EncodeError};
pub use self::contract::Contract;
pub use self::message::{CallError, Failure, Fault, HeaderError, Headers, Reply, Request, Status};
pub use self::partition_key::PartitionKey;
pub use self::server::{Dispatch, loopback};

/// What the expansion of `#[bus::request]` calls. Not for anybody else: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use std::string::String;
    pub use std::sync::Arc;
    pub use std::vec::Vec;

    pub use crate::codec::{Decoder, Encoder};
    pub use crate::contract::build::{argument, contract, method, r#type};
    pub use crate::contract::{Argument, Method, Type};
    pub use crate::wire_type::{HasMethods, Lend, SpelledOut, Wire, encode_str};
}
