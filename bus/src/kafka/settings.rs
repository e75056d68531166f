//! librdkafka's settings, one list per kind of client, each with its reason.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::config::FromClientConfigAndContext;
use rdkafka::error::KafkaError;

use super::{EmbeddedBroker, known_settings};
use crate::error::{ConfigError, ConnectError};

/// Where the brokers are, and what the user set for librdkafka.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    pub(crate) brokers: String,
    pub(crate) client_id: String,
    pub(crate) user: BTreeMap<String, String>,
    /// Set where the broker is librdkafka's own mock, which needs other waiting times.
    pub(crate) embedded: Option<Embedded>,
}

impl fmt::Debug for Settings {
    /// Names without values: passwords are among those.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("brokers", &self.brokers)
            .field("client_id", &self.client_id)
            .field("user", &self.user.keys())
            .field("embedded", &self.embedded)
            .finish()
    }
}

/// What is known of an embedded broker.
#[derive(Clone, Debug)]
pub(crate) enum Embedded {
    /// It lives in this process, so topics can be made on it.
    Here(Arc<EmbeddedBroker>),
    /// It lives in another process.
    Elsewhere,
}

/// A crashed server is replaced after this; the shortest that brokers allow by default.
const SESSION_MS: u64 = 6_000;

/// The same on the embedded broker, which lets a further member wait for it.
const EMBEDDED_SESSION_MS: u64 = 2_000;

/// How often a member says that it is alive, and hears that its group changes.
const HEARTBEAT_MS: u64 = 500;

/// Settings that our promises rest on, and what to say to who sets them.
const RESERVED: &[(&str, &str)] = &[
    ("bootstrap.servers", "name the brokers with `.brokers(..)` or BUS_BROKERS"),
    ("metadata.broker.list", "name the brokers with `.brokers(..)` or BUS_BROKERS"),
    ("group.id", "name the consumer group with `.group(..)` on `serve`"),
    ("group.instance.id", "name the instance with `.instance_id(..)` or BUS_INSTANCE_ID"),
    ("group.protocol", "only the classic protocol lets a client bound how long a crash is felt"),
    ("enable.auto.commit", "an offset is committed when its answer is acknowledged, never on a timer"),
    ("enable.auto.offset.store", "an offset is committed when its answer is acknowledged, never before"),
    ("auto.offset.reset", "`earliest`: anything else loses requests and replies"),
    ("isolation.level", "`read_uncommitted`: one hung transaction would stall every reader"),
    ("enable.partition.eof", "nobody reads the event"),
    ("delivery.report.only.error", "acknowledgements are what offsets wait for"),
    ("allow.auto.create.topics", "topics are made on purpose, not by a typo"),
    ("statistics.interval.ms", "nobody reads the documents, and they pile up"),
    ("fetch.min.bytes", "anything above 1 makes every call wait for the next"),
    ("message.timeout.ms", "calls have timeouts: see `timeout`"),
    ("delivery.timeout.ms", "calls have timeouts: see `timeout`"),
    ("acks", "`all`: an offset is committed because the broker has the answer"),
    ("request.required.acks", "`all`: an offset is committed because the broker has the answer"),
    ("transactional.id", "records are not written in transactions"),
    ("partition.assignment.strategy", "members of one group must agree on it"),
    ("test.mock.num.brokers", "use `Bus::embedded()`"),
];

impl Settings {
    /// Refuses what cannot be changed.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if self.brokers.split(',').all(|broker| broker.trim().is_empty()) {
            return Err(ConfigError::NoBrokers);
        }
        if let Some(broker) = self.brokers.split(',').find(|broker| broker.contains("://")) {
            return Err(ConfigError::Value {
                what: "a broker".to_owned(),
                value: format!("{broker:?}"),
                reason: "`host:port` is expected; leave out the scheme".to_owned(),
            });
        }
        let milliseconds =
            |name: &str, default: u64| self.user.get(name).map_or(Some(default), |value| value.parse().ok());
        if let (Some(session), Some(heartbeat)) =
            (milliseconds("session.timeout.ms", SESSION_MS), milliseconds("heartbeat.interval.ms", HEARTBEAT_MS))
            && session <= heartbeat
        {
            return Err(ConfigError::Value {
                what: "`session.timeout.ms`".to_owned(),
                value: session.to_string(),
                reason: format!(
                    "a member is alive by its heartbeats, which come every {heartbeat} ms; choose several of them"
                ),
            });
        }
        for name in self.user.keys() {
            if let Some((_, reason)) = RESERVED.iter().find(|(reserved, _)| reserved == name) {
                return Err(ConfigError::Reserved { name: name.clone(), reason: (*reason).to_owned() });
            }
        }
        Ok(())
    }

    /// What every client has.
    fn common(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &self.brokers)
            .set("client.id", &self.client_id)
            // A broker that is frozen, not dead, is noticed after 3 s instead of 60.
            .set("socket.timeout.ms", "3000")
            .set("socket.connection.setup.timeout.ms", "2000")
            // Back within a third of a second after the broker is, instead of 2.5 s.
            .set("reconnect.backoff.ms", "10")
            .set("reconnect.backoff.max.ms", "500")
            // Partitions that are added are known, and read, by the time that clients use them.
            .set("topic.metadata.refresh.interval.ms", "5000")
            // New leaders and new topics are looked up in steps of 50 ms.
            .set("topic.metadata.refresh.fast.interval.ms", "50")
            .set("topic.metadata.propagation.max.ms", "2000")
            .set("enable.metrics.push", "false")
            // A topic that an operator deletes stays away until somebody makes it on purpose.
            .set("allow.auto.create.topics", "false")
            .set_log_level(rdkafka::config::RDKafkaLogLevel::Info);
        config
    }

    fn reading(&self) -> ClientConfig {
        let mut config = self.common();
        config
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            // After trouble too much is harmless, too little loses messages.
            .set("auto.offset.reset", "earliest")
            .set("isolation.level", "read_uncommitted")
            // Bounds how long a partition that is added waits for the poll under way; data that
            // arrives ends a poll at once. The embedded broker does not cut an empty fetch short.
            .set("fetch.wait.max.ms", if self.embedded.is_some() { "2" } else { "100" })
            .set("fetch.min.bytes", "1")
            // Bounds memory; less than this makes the local queue count as full.
            .set("queued.min.messages", "1000")
            .set("fetch.queue.backoff.ms", "10")
            .set("fetch.error.backoff.ms", "10");
        config
    }

    /// Looks topics up.
    pub(super) fn lookup(&self) -> ClientConfig {
        let mut config = self.reading();
        config.set("group.id", "bus-lookup");
        self.with_users(config)
    }

    /// Reads assigned partitions. librdkafka wants a group's name and never joins the group.
    pub(super) fn reader(&self) -> ClientConfig {
        let mut config = self.reading();
        config.set("group.id", "bus-reader");
        self.with_users(config)
    }

    /// How long a member may be silent before its group forgets it.
    pub(super) fn session(&self) -> Duration {
        let drawn = if self.embedded.is_some() { EMBEDDED_SESSION_MS } else { SESSION_MS };
        let said = self.user.get("session.timeout.ms").and_then(|millis| millis.parse().ok());
        Duration::from_millis(said.unwrap_or(drawn))
    }

    /// Reads as a member of a consumer group.
    pub(super) fn group(&self, group: &str, instance: Option<&str>) -> ClientConfig {
        let mut config = self.reading();
        config
            .set("group.id", group)
            .set("partition.assignment.strategy", "range")
            // Per partition: what is fetched waits in librdkafka while there is no room for it.
            .set("queued.max.messages.kbytes", "8192")
            // Own threads poll and never run handlers, so the interval guards against nothing but
            // a stopped process; librdkafka wants it no shorter than the session.
            .set("max.poll.interval.ms", "300000");
        if self.embedded.is_some() {
            // The embedded broker lets a further member wait for the session timeout less 1 s.
            config.set("session.timeout.ms", EMBEDDED_SESSION_MS.to_string()).set("heartbeat.interval.ms", "200");
        } else {
            config
                .set("session.timeout.ms", SESSION_MS.to_string())
                .set("heartbeat.interval.ms", HEARTBEAT_MS.to_string());
        }
        if let Some(instance) = instance {
            config.set("group.instance.id", instance);
        }
        self.with_users(config)
    }

    /// Writes requests, replies and dead letters.
    pub(super) fn producer(&self) -> ClientConfig {
        let mut config = self.common();
        config
            // Ack-clocked batches: while one request is under way, the next fills by itself.
            .set("linger.ms", "0")
            .set("max.in.flight.requests.per.connection", "1")
            // acks=1 loses acknowledged messages with their leader, and is no faster.
            .set("acks", "all")
            .set("message.timeout.ms", "10000")
            .set("retry.backoff.ms", "20")
            .set("retry.backoff.max.ms", "200")
            .set("queue.buffering.max.messages", "100000");
        self.with_users(config)
    }

    pub(super) fn admin(&self) -> ClientConfig {
        let config = self.common();
        self.with_users(config)
    }

    /// Makes the topics that it asks for, on a broker that has no other way.
    pub(super) fn maker(&self) -> ClientConfig {
        let mut config = self.admin();
        config.set("allow.auto.create.topics", "true");
        config
    }

    /// The user's own settings have the last word over what is not reserved.
    fn with_users(&self, mut config: ClientConfig) -> ClientConfig {
        for (name, value) in &self.user {
            config.set(name, value);
        }
        config
    }
}

/// Makes a client, and turns what librdkafka says of the settings into a typed error.
pub(super) fn create<C, T: FromClientConfigAndContext<C>>(config: &ClientConfig, context: C) -> Result<T, ConnectError>
where
    C: rdkafka::ClientContext,
{
    config.create_with_context(context).map_err(|error| match error {
        KafkaError::ClientConfig(_, mut reason, name, value) => {
            if let Some(features) = missing_feature(&reason) {
                reason = format!("{reason}; build kafka-bus with the cargo feature {features}");
            }
            let secret = ["password", "secret", "key.pem", "jaas", "oauthbearer.config"];
            // What a name stands for that nobody knows may be a secret, too.
            let unknown = reason.contains("No such configuration property");
            if unknown && let Some(nearest) = known_settings::nearest(&name) {
                reason = format!("{reason}; did you mean `{nearest}`?");
            }
            let hidden = unknown || secret.iter().any(|word| name.contains(word));
            ConfigError::Setting { name, value: if hidden { "***".to_owned() } else { value }, reason }.into()
        }
        KafkaError::ClientCreation(reason) => ConnectError::Config(ConfigError::Setting {
            name: "librdkafka".to_owned(),
            value: "the settings together".to_owned(),
            reason,
        }),
        other => ConnectError::Kafka { doing: "make a Kafka client".to_owned(), reason: other.to_string() },
    })
}

/// The cargo features that bring what librdkafka was built without.
fn missing_feature(reason: &str) -> Option<&'static str> {
    let missing = reason.split(" not available at build time").next().filter(|before| before.len() < reason.len())?;
    [("OpenSSL", "`ssl` or `ssl-vendored`"), ("libzstd", "`zstd`"), ("libsasl", "`gssapi`")]
        .into_iter()
        .find_map(|(library, features)| missing.contains(library).then_some(features))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_of_a_setting_is_shown() {
        let user = BTreeMap::from([("sasl.password".to_owned(), "hunter2".to_owned())]);
        let shown = format!("{:?}", Settings { brokers: "kafka:9092".to_owned(), user, ..Settings::default() });
        assert!(shown.contains("sasl.password") && !shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn a_misspelt_setting_is_named_with_its_nearest_and_without_its_value() {
        for name in ["sasl.pasword", "quite.unknown"] {
            let mut config = ClientConfig::new();
            config.set(name, "hunter2");
            let context = rdkafka::producer::DefaultProducerContext;
            let made: Result<rdkafka::producer::BaseProducer, _> = create(&config, context);
            let error = made.err().map(|error| format!("{error} {error:?}"));
            let shown = error.unwrap_or_default();
            assert!(shown.contains(name) && !shown.contains("hunter2"), "{shown}");
            assert_eq!(shown.contains("did you mean `sasl.password`?"), name == "sasl.pasword", "{shown}");
        }
    }
}
