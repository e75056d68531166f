//! A user's crate that denies everything and uses every feature: what the attribute writes must
//! pass. `cargo clippy -p bus-tests-lints` asks clippy's lints too.

#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unnameable_types,
    single_use_lifetimes,
    unused,
    unused_lifetimes,
    unused_qualifications,
    unused_results,
    let_underscore_drop,
    non_ascii_idents,
    redundant_lifetimes,
    rust_2018_idioms,
    rust_2021_compatibility,
    rust_2024_compatibility,
    future_incompatible,
    nonstandard_style,
    non_local_definitions,
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
    clippy::cargo,
    clippy::missing_docs_in_private_items
)]
#![forbid(unsafe_code)]
// Of the workspace and its licences, not of the code.
#![allow(clippy::cargo_common_metadata, clippy::multiple_crate_versions)]

use std::fmt::{self, Debug, Display, Formatter};

use serde::{Deserialize, Serialize};

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserId(pub u64);

impl Display for UserId {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// What fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Error {
    /// Nobody knows.
    Unknown,
}

/// A service with everything.
///
/// And a second paragraph.
#[bus::request(
    topic = "all.req",
    reply = "all.resp",
    partitions = 5,
    reply_partitions = 5,
    replication = 3,
    codec = "json",
    timeout = "3s",
    client = EveryCaller,
    server = EveryHost,
    crate = ::bus
)]
pub trait Every: Debug {
    /// A plain method.
    ///
    /// # Errors
    /// Sometimes.
    async fn plain(&self, user: UserId) -> Result<Vec<UserId>, Error>;

    /// Borrowed arguments and a key.
    ///
    /// # Errors
    /// Sometimes.
    #[bus(timeout = "300ms", name = "lent", idempotent)]
    async fn borrowed(&self, #[bus(key)] user: &UserId, text: &str, list: &[u64]) -> Result<(), Error>;

    /// Options.
    ///
    /// # Errors
    /// Sometimes.
    #[bus(oneway, blocking)]
    async fn oneway(&self, user: UserId) -> Result<(), Error>;

    /// More options.
    ///
    /// # Errors
    /// Sometimes.
    #[bus(cancel, inline)]
    async fn cancel(&self) -> Result<u64, Error>;

    /// A default body.
    ///
    /// # Errors
    /// Sometimes.
    async fn defaulted(&self, mut times: u64, (first, _): (u64, u64)) -> Result<u64, Error> {
        times += first;
        let now = self.cancel().await?;
        Ok(now + times)
    }

    /// Diverges.
    ///
    /// # Errors
    /// Never.
    async fn diverges(&self) -> Result<u64, Error> {
        std::process::exit(0)
    }

    /// Old.
    ///
    /// # Errors
    /// Sometimes.
    #[deprecated(note = "use `plain`")]
    async fn old(&self, _: u64) -> Result<(), Error>;

    /// Only here.
    ///
    /// # Errors
    /// Sometimes.
    #[cfg(unix)]
    async fn here(&self) -> Result<(), Error>;

    /// Not here.
    ///
    /// # Errors
    /// Sometimes.
    #[cfg(not(unix))]
    async fn there(&self) -> Result<(), Error>;

    /// A raw name.
    ///
    /// # Errors
    /// Sometimes.
    async fn r#type(&self, r#fn: bool) -> Result<bool, Error>;

    /// Named like a conversion.
    ///
    /// # Errors
    /// Sometimes.
    #[allow(clippy::wrong_self_convention)] // As clippy would say of any trait.
    async fn into_list(&self, list: Vec<u8>) -> Result<Vec<u8>, Error>;

    /// Named like a function of every type.
    ///
    /// # Errors
    /// Sometimes.
    async fn clone(&self) -> Result<(), Error>;

    /// Named like a constructor.
    ///
    /// # Errors
    /// Sometimes.
    #[allow(clippy::wrong_self_convention)]
    async fn new(&self) -> Result<(), Error>;

    /// More arguments than clippy likes.
    ///
    /// # Errors
    /// Sometimes.
    #[allow(clippy::too_many_arguments, clippy::many_single_char_names)]
    async fn many(&self, a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8) -> Result<(), Error>;
}

/// An old service.
#[deprecated]
#[bus::request(topic = "old.req", reply = "old.resp")]
pub trait Old {
    /// The only method.
    ///
    /// # Errors
    /// Sometimes.
    async fn now(&self) -> Result<u64, Error>;
}

/// A service that nobody uses.
#[bus::request(topic = "unused.req", reply = "unused.resp")]
#[allow(dead_code)]
trait Unused {
    /// The only method.
    async fn now(&self) -> Result<u64, Error>;
}

#[allow(clippy::redundant_pub_crate)] // It contradicts `unreachable_pub`.
mod hidden {
    //! Things that are not for everybody.

    use super::Error;

    /// A service of the crate.
    #[bus::request(topic = "hidden.req", reply = "hidden.resp")]
    pub(crate) trait Hidden {
        /// The only method.
        async fn now(&self) -> Result<u64, Error>;
    }
}

/// Implements one of them.
#[derive(Clone, Copy, Debug)]
pub struct Fixed;

impl hidden::Hidden for Fixed {
    async fn now(&self) -> Result<u64, Error> {
        Ok(7)
    }
}

/// Uses what was made.
///
/// # Errors
/// As the service.
pub async fn ask() -> Result<u64, bus::CallError<Error>> {
    hidden::HiddenClient::from(bus::loopback(hidden::HiddenServer::new(Fixed))).now().await
}

/// A service in a function.
#[must_use]
pub fn local() -> &'static bus::Contract {
    /// Local.
    #[bus::request(topic = "local.req", reply = "local.resp")]
    #[allow(dead_code)]
    trait Local {
        /// The only method.
        async fn now(&self) -> Result<u64, Error>;
    }
    <LocalClient as bus::Client>::contract()
}
