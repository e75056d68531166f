//! What the integration tests share: a broker, a contract, a plain Kafka client.
//!
//! The tests run on the embedded broker, or, with `BUS_BROKERS` set, on the Kafka it names.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::missing_panics_doc, missing_docs)]

pub mod bombs;
pub mod crashing;
pub mod impostor;
pub mod plain;
pub mod refusing;
pub mod switched;

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bus::{Bus, BusBuilder};

/// The broker that the tests run on.
#[derive(Clone, Debug)]
pub enum Broker {
    Embedded(std::sync::Arc<bus::kafka::EmbeddedBroker>),
    Kafka(String),
}

/// A call that is under way: polled once, as nothing is sent before. To be awaited later.
pub fn begun<T, E>(call: bus::Call<T, E>) -> bus::CallFuture<T, E> {
    let mut call = call.into_future();
    assert!(poll_once(&mut call).is_pending(), "nothing can answer that quickly");
    call
}

/// What a future says that is polled once, by nobody who could be woken.
pub fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

impl Broker {
    /// The one broker of this run.
    pub fn shared() -> Self {
        static BROKER: OnceLock<Broker> = OnceLock::new();
        BROKER
            .get_or_init(|| match std::env::var("BUS_BROKERS") {
                Ok(brokers) => Self::Kafka(brokers),
                Err(_) => Self::embedded(),
            })
            .clone()
    }

    /// A broker inside this process, for tests that switch it off.
    pub fn embedded() -> Self {
        Self::Embedded(bus::kafka::EmbeddedBroker::start().unwrap())
    }

    pub fn address(&self) -> String {
        match self {
            Self::Embedded(broker) => broker.brokers().to_owned(),
            Self::Kafka(brokers) => brokers.clone(),
        }
    }

    /// Whether the broker has an admin API, timestamps and rights.
    pub fn is_real(&self) -> bool {
        matches!(self, Self::Kafka(_))
    }

    pub fn builder(&self, service: &str) -> BusBuilder {
        Bus::builder(service).brokers(self.address())
    }

    pub async fn bus(&self, service: &str) -> Bus {
        self.builder(service).connect().await.unwrap()
    }

    /// Makes a topic that differs from what a contract would make. One that is there stays. The
    /// embedded broker knows no settings of topics.
    pub async fn make_topic(&self, topic: &str, partitions: u32, settings: &[(&str, &str)]) {
        match self {
            Self::Embedded(broker) => broker.create_topic(topic, partitions).unwrap(),
            Self::Kafka(brokers) => plain::make_topic(brokers, topic, partitions, settings).await,
        }
    }
}

/// A text that no other test and no other run has.
pub fn unique(what: &str) -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    format!("{what}-{now:x}-{:x}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed))
}

/// Waits for what nothing announces: counters, mostly. Panics after twenty seconds.
pub async fn eventually(what: &str, holds: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < until, "not within twenty seconds: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Ends a test that hangs, with a name for what hung.
pub async fn within<T>(seconds: u64, what: &str, work: impl Future<Output = T>) -> T {
    match tokio::time::timeout(Duration::from_secs(seconds), work).await {
        Ok(done) => done,
        Err(tokio::time::error::Elapsed { .. }) => panic!("not within {seconds} s: {what}"),
    }
}

/// A contract of its own for each test, so that tests do not meet on a topic.
#[macro_export]
macro_rules! contract {
    ($name:ident, $topic:literal, $reply:literal $(, $option:ident = $value:literal)*) => {
        /// What most tests need of a service.
        #[bus::request(topic = $topic, reply = $reply $(, $option = $value)*)]
        pub trait $name {
            /// The same text again.
            async fn echo(&self, text: &str) -> Result<String, String>;
            /// The sum.
            async fn add(&self, one: u64, other: u64) -> Result<u64, String>;
            /// Always the service's own error.
            async fn fail(&self, why: &str) -> Result<(), String>;
            /// Panics.
            async fn panic(&self) -> Result<(), String>;
            /// Answers after so many milliseconds.
            #[bus(timeout = "30s")]
            async fn wait(&self, milliseconds: u64) -> Result<u64, String>;
        }
    };
}

/// Implements a contract in the way that its names say.
#[macro_export]
macro_rules! serve_contract {
    ($name:ident for $service:ty) => {
        impl $name for $service {
            async fn echo(&self, text: &str) -> Result<String, String> {
                self.ran();
                Ok(text.to_owned())
            }
            async fn add(&self, one: u64, other: u64) -> Result<u64, String> {
                self.ran();
                Ok(one + other)
            }
            async fn fail(&self, why: &str) -> Result<(), String> {
                self.ran();
                Err(why.to_owned())
            }
            async fn panic(&self) -> Result<(), String> {
                self.ran();
                panic!("as asked");
            }
            async fn wait(&self, milliseconds: u64) -> Result<u64, String> {
                self.ran();
                tokio::time::sleep(std::time::Duration::from_millis(milliseconds)).await;
                Ok(milliseconds)
            }
        }
    };
}

/// A service that counts how often it ran.
#[derive(Clone, Debug, Default)]
pub struct Counting {
    pub runs: std::sync::Arc<std::sync::atomic::AtomicU64>,
}

impl Counting {
    pub fn ran(&self) {
        self.runs.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    }

    pub fn count(&self) -> u64 {
        self.runs.load(std::sync::atomic::Ordering::SeqCst)
    }
}
