//! Why a bus could not be built, connected or served.

use std::time::Duration;

/// A setting that cannot be used. Found before anything is connected.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let refused = bus::Bus::builder("facade").connect().await.unwrap_err();
/// assert!(matches!(refused, bus::ConnectError::Config(bus::ConfigError::NoBrokers)));
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// No broker is named.
    #[error("no brokers are named: call `.brokers(\"host:9092\")`, set BUS_BROKERS, or use `Bus::embedded()`")]
    NoBrokers,
    /// The name of the service cannot stand in a header.
    #[error("service name {name:?} cannot be used: {reason}")]
    Service {
        /// The name.
        name: String,
        /// Why not.
        reason: String,
    },
    /// librdkafka does not know a setting, or not with this value.
    #[error("setting `{name}` = {value:?} cannot be used: {reason}")]
    Setting {
        /// librdkafka's name of the setting.
        name: String,
        /// The value; `***` where it is a secret.
        value: String,
        /// librdkafka's reason.
        reason: String,
    },
    /// A setting that the bus's promises rest on.
    #[error("setting `{name}` is the bus's own: {reason}")]
    Reserved {
        /// librdkafka's name of the setting.
        name: String,
        /// What it would break, or what to use instead.
        reason: String,
    },
    /// An environment variable starts with `BUS_` and is none of ours.
    #[error("unknown variable {name}{}", .nearest.as_deref().map_or_else(|| "; any librdkafka setting is BUS_KAFKA_<NAME>".to_owned(), |nearest| format!("; did you mean {nearest}?")))]
    UnknownVariable {
        /// The variable.
        name: String,
        /// The known name that is nearest, if one is near.
        nearest: Option<String>,
    },
    /// An environment variable has a value that is not of its form.
    #[error("{name}={value:?} cannot be used: {reason}")]
    Variable {
        /// The variable.
        name: String,
        /// Its value.
        value: String,
        /// The form that is expected, with an example.
        reason: String,
    },
    /// A number of the builder's that cannot work.
    #[error("{what} cannot be {value}: {reason}")]
    Value {
        /// What it is a value of.
        what: String,
        /// The value.
        value: String,
        /// Why not.
        reason: String,
    },
}

/// Why a bus, or a client on it, could not be connected.
///
/// ```no_run
/// # async fn example() {
/// match bus::Bus::from_env().await {
///     Err(bus::ConnectError::Unreachable { brokers, .. }) => eprintln!("is Kafka running at {brokers}?"),
///     Err(other) => eprintln!("{other}"),
///     Ok(bus) => println!("connected to {}", bus.brokers()),
/// }
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// A setting cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// No broker answered in time.
    #[error("no broker of {brokers} answered within {waited:?}{}; is Kafka running there, and do `security.protocol` and the listener agree?", .cause.as_deref().map_or_else(String::new, |cause| format!(" ({cause})")))]
    Unreachable {
        /// The brokers that were tried.
        brokers: String,
        /// How long.
        waited: Duration,
        /// librdkafka's last complaint.
        cause: Option<String>,
    },
    /// A topic is not as the contract needs it.
    #[error(transparent)]
    Topic(#[from] TopicError),
    /// Kafka refused something that belongs to no topic.
    #[error("cannot {doing}: {reason}")]
    Kafka {
        /// What was tried.
        doing: String,
        /// librdkafka's reason.
        reason: String,
    },
    /// The right to read as a consumer group is missing.
    #[error("consumer group `{group}`: no right to Read; grant it: {command}")]
    GroupNotAllowed {
        /// The group.
        group: String,
        /// What to type.
        command: String,
    },
    /// A method's types cannot be carried by the contract's codec.
    #[error("method `{method}` of contract `{contract}` cannot be carried by {codec}: {reason}")]
    Unfit {
        /// The contract.
        contract: String,
        /// The method.
        method: String,
        /// The codec's name.
        codec: &'static str,
        /// Which type, why, and what to do.
        reason: String,
    },
    /// The bus has been closed.
    #[error("the bus is closed")]
    Closed,
}

/// A topic that is not as a contract needs it, with the command that mends it.
///
/// ```
/// /// The command that an operator is to type, if there is one.
/// fn command(error: &bus::TopicError) -> Option<&str> {
///     match error {
///         bus::TopicError::NotAllowed { command, .. } | bus::TopicError::Missing { command, .. } => Some(command),
///         _ => None,
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TopicError {
    /// Kafka refuses the name.
    #[error("topic {topic:?} has a name that Kafka refuses: {reason}")]
    Name {
        /// The topic.
        topic: String,
        /// Kafka's rule.
        reason: String,
    },
    /// The topic has fewer partitions than asked for.
    #[error("topic `{topic}` has {found} partitions and {wanted} are wanted; add them: {command}")]
    TooFewPartitions {
        /// The topic.
        topic: String,
        /// How many it has.
        found: u32,
        /// How many are wanted.
        wanted: u32,
        /// What to type.
        command: String,
    },
    /// The reply partition that was asked for does not exist.
    #[error("reply partition {asked} of topic `{topic}` does not exist: it has partitions 0 to {}; choose one of these with `.reply_partition(..)` or BUS_REPLY_PARTITION, or let the bus choose", .partitions.saturating_sub(1))]
    NoSuchPartition {
        /// The topic.
        topic: String,
        /// The partition that was asked for.
        asked: u32,
        /// How many partitions there are.
        partitions: u32,
    },
    /// The topic is compacted, so that Kafka would keep one message per reply partition.
    #[error(
        "topic `{topic}` has cleanup.policy={found}, and `delete` is wanted, or Kafka removes messages that share a key; change it: {command}"
    )]
    Compacted {
        /// The topic.
        topic: String,
        /// The policy it has.
        found: String,
        /// What to type.
        command: String,
    },
    /// A right is missing.
    #[error("topic `{topic}`: no right to {operation}, or to see it; grant it: {command}")]
    NotAllowed {
        /// The topic.
        topic: String,
        /// The right.
        operation: String,
        /// What to type.
        command: String,
    },
    /// More copies are wanted than there are brokers.
    #[error(
        "topic `{topic}` cannot have {wanted} copies: {reason}; use `replication` of at most the number of brokers"
    )]
    Replication {
        /// The topic.
        topic: String,
        /// How many copies are wanted.
        wanted: u16,
        /// Kafka's reason.
        reason: String,
    },
    /// The topic is not there and could not be made.
    #[error("topic `{topic}` is missing and could not be made: {reason}; make it: {command}")]
    Missing {
        /// The topic.
        topic: String,
        /// Kafka's reason.
        reason: String,
        /// What to type.
        command: String,
    },
    /// The topic could not be looked up.
    #[error("topic `{topic}` could not be looked up: {reason}")]
    LookUp {
        /// The topic.
        topic: String,
        /// Kafka's reason.
        reason: String,
    },
}

/// Why serving ended, or could not start.
///
/// ```no_run
/// # #[bus::request(topic = "clock.req", reply = "clock.resp")]
/// # trait Clock { async fn now(&self) -> Result<u64, String>; }
/// # struct Fixed;
/// # impl Clock for Fixed { async fn now(&self) -> Result<u64, String> { Ok(7) } }
/// # async fn example(bus: bus::Bus) {
/// let serve = bus.serve(ClockServer::new(Fixed));
/// if let Err(bus::ServeError::Consumer { topic, reason }) = serve.run_until(bus::shutdown_signal()).await {
///     eprintln!("{topic} is served no more: {reason}");
/// }
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The bus or a topic is not as it must be.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// Two contracts on one request topic have a method of one name.
    #[error(
        "method `{method}` of topic `{topic}` stands in `{first}` and in `{second}`: requests are told apart by name, so give one of them another with `#[bus(name = \"..\")]`"
    )]
    AmbiguousMethod {
        /// The topic.
        topic: String,
        /// The name.
        method: String,
        /// A contract that has it.
        first: String,
        /// Another contract that has it.
        second: String,
    },
    /// One contract is served twice.
    #[error(
        "contract `{contract}` is served twice; remove one of them, and for more throughput raise `.concurrency(..)` or start another process"
    )]
    ServedTwice {
        /// The contract.
        contract: String,
    },
    /// Two contracts share a request topic and not the reply topic.
    #[error(
        "contracts `{first}` and `{second}` share the request topic `{topic}` and have different reply topics; give both the same `reply`"
    )]
    ReplyTopics {
        /// The request topic.
        topic: String,
        /// One contract.
        first: String,
        /// The other.
        second: String,
    },
    /// Kafka ended the consumer for good.
    #[error("the consumer of topic `{topic}` ended: {reason}")]
    Consumer {
        /// The request topic.
        topic: String,
        /// librdkafka's reason.
        reason: String,
    },
}

impl From<ConfigError> for ServeError {
    fn from(error: ConfigError) -> Self {
        Self::Connect(error.into())
    }
}
