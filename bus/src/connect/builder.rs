//! A bus before it is connected.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::bus::Bus;
use crate::error::{ConfigError, ConnectError};
use crate::kafka::{EmbeddedBroker, Settings, refused_instance};
use crate::manifest;
use crate::transport::{Handle, Options, Shared, blocking, check_prefix};

/// How long a bus waits for its first broker.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Describes a bus before it is connected.
///
/// ```no_run
/// # use std::time::Duration;
/// # async fn example() -> Result<(), bus::ConnectError> {
/// let bus = bus::Bus::builder("facade")
///     .brokers("kafka-1:9092,kafka-2:9092")
///     .set("security.protocol", "SASL_SSL")
///     .timeout(Duration::from_secs(2))
///     .connect()
///     .await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use = "a builder does nothing until `connect`"]
pub struct BusBuilder {
    service: String,
    version: Option<String>,
    brokers: String,
    settings: BTreeMap<String, String>,
    connect_timeout: Duration,
    options: Options,
}

impl BusBuilder {
    pub(super) fn new(service: String) -> Self {
        Self {
            service,
            version: None,
            brokers: String::new(),
            settings: BTreeMap::new(),
            connect_timeout: CONNECT_TIMEOUT,
            options: Options::default(),
        }
    }

    /// The name of the service, in place of the one that the builder started with.
    pub fn service(mut self, service: impl Into<String>) -> Self {
        self.service = service.into();
        self
    }

    /// The brokers, as `host:port`, several separated by commas.
    pub fn brokers(mut self, brokers: impl Into<String>) -> Self {
        self.brokers = brokers.into();
        self
    }

    /// The service's version; it stands behind its name in the `bus-caller` header.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// How long to wait for the first broker. The default is 10 s.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long calls wait whose method, client and call say nothing. The default is 5 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = Some(timeout);
        self
    }

    /// The reply partition of all clients, for deployments that number their instances. Without
    /// it, one is chosen at random.
    pub fn reply_partition(mut self, partition: u32) -> Self {
        self.options.reply_partition = Some(partition);
        self
    }

    /// What one message may take in memory when it is decoded, in bytes, for all clients and servers
    /// that say nothing else. The default is 16 MiB.
    ///
    /// A body may be many times smaller than what it becomes: an absent value is one byte in it, and
    /// in memory as large as one that is there. What takes more is refused before it is allocated.
    pub fn max_decoded_bytes(mut self, bytes: usize) -> Self {
        self.options.max_decoded_bytes = Some(bytes);
        self
    }

    /// A name for this instance that stays over restarts: a server that crashed and is back within
    /// the session timeout (6 s) gets its partitions back at once and without a rebalance.
    ///
    /// Kafka takes letters, digits, `.`, `_` and `-`. For each request topic the server is a member
    /// of its own, with the `group.instance.id` `<instance>-<topic>` (what exceeds 249 characters is
    /// cut and ends in a hash). No other process may have the same name: the one that joins last
    /// takes the place of the other, which ends. Without a name, one is drawn for each server.
    pub fn instance_id(mut self, instance: impl Into<String>) -> Self {
        self.options.instance = Some(instance.into());
        self
    }

    /// What stands before the names of all topics: `staging.` makes `clock.req` of a contract
    /// `staging.clock.req`, with its replies, its dead letters and its consumer group. Topics that
    /// [`ClientBuilder::topics`](crate::ClientBuilder::topics) and
    /// [`Serve::topics`](crate::Serve::topics) name have no prefix.
    pub fn topic_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.options.topic_prefix = prefix.into();
        self
    }

    /// Any librdkafka setting, for TLS, SASL and tuning. Those that the promises rest on are
    /// refused with a reason.
    pub fn set(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.settings.insert(name.into(), value.into());
        self
    }

    /// Connects. Returns when a broker has answered.
    ///
    /// With `BUS_DESCRIBE=json` in the environment it prints the program's [`manifest!`](crate::manifest!)
    /// instead and ends the process.
    ///
    /// # Errors
    /// [`ConnectError::Config`] for a setting that cannot be used, at once;
    /// [`ConnectError::Unreachable`], with librdkafka's last complaint, after the connect timeout.
    pub async fn connect(self) -> Result<Bus, ConnectError> {
        let caller = self.caller()?;
        manifest::describe_if_asked(Some(&self.service), self.version.as_deref())?;
        check_prefix(&self.options.topic_prefix)?;
        if let Some(instance) = &self.options.instance
            && let Some(reason) = refused_instance(instance)
        {
            return Err(ConfigError::Value {
                what: "the instance id".to_owned(),
                value: format!("{instance:?}"),
                reason: reason.to_owned(),
            }
            .into());
        }
        let settings = Settings { brokers: self.brokers, client_id: self.service, user: self.settings, embedded: None };
        let (timeout, options) = (self.connect_timeout, self.options);
        // A bus already there: one that nobody waits for any more closes as it is dropped.
        blocking("connect", move || {
            let shared = Shared::connect(settings, timeout, caller, options)?;
            Ok(Bus::new(Arc::new(Handle::new(shared))))
        })
        .await
    }

    fn caller(&self) -> Result<String, ConfigError> {
        let refused = |reason: &str| ConfigError::Service { name: self.service.clone(), reason: reason.to_owned() };
        if self.service.is_empty() {
            return Err(refused("it is empty; give the service the name that operators know it by"));
        }
        if self.service.contains(|letter: char| letter == '/' || letter.is_control()) {
            return Err(refused(
                "`/` stands between name and version, and control characters cannot be logged; leave both out",
            ));
        }
        Ok(match &self.version {
            Some(version) => format!("{}/{version}", self.service),
            None => self.service.clone(),
        })
    }
}

impl Bus {
    /// Starts to describe a bus for a service of this name. The name stands in the `bus-caller`
    /// header of its requests and in Kafka's `client.id`.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), bus::ConnectError> {
    /// let bus = bus::Bus::builder("facade").brokers("localhost:9092").connect().await?;
    /// # Ok(()) }
    /// ```
    pub fn builder(service: impl Into<String>) -> BusBuilder {
        BusBuilder::new(service.into())
    }

    /// A bus on a broker inside this process, for development and tests. Another bus of this
    /// process joins with `Bus::builder("..").brokers(bus.brokers())`.
    pub async fn embedded() -> Result<Self, ConnectError> {
        manifest::describe_if_asked(None, None)?;
        let broker = EmbeddedBroker::start()?;
        // The connection finds the broker by its address and keeps it.
        Self::builder("embedded").brokers(broker.brokers()).connect().await
    }
}

impl fmt::Debug for BusBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the settings' values: passwords are among them.
        f.debug_struct("BusBuilder")
            .field("service", &self.service)
            .field("brokers", &self.brokers)
            .field("settings", &self.settings.keys())
            .finish_non_exhaustive()
    }
}
