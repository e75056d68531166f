//! What cannot work, and what is said of it: a typed error in time, with the fix in its text.

use std::time::{Duration, Instant};

use bus::{Bus, ConfigError, ConnectError, ServeError, TopicError};
use bus_tests::{Broker, Counting};

async fn refused(builder: bus::BusBuilder) -> (ConnectError, String, Duration) {
    let started = Instant::now();
    let refused = builder.connect().await.unwrap_err();
    let text = refused.to_string();
    (refused, text, started.elapsed())
}

#[tokio::test]
async fn no_brokers() {
    for brokers in ["", " ", ",", " , ,"] {
        let (error, text, waited) = refused(Bus::builder("facade").brokers(brokers)).await;
        assert_eq!(error, ConnectError::Config(ConfigError::NoBrokers), "{brokers:?}");
        assert!(text.contains("BUS_BROKERS") && text.contains(".brokers("), "{text}");
        assert!(waited < Duration::from_secs(5), "at once, and not when a broker could have answered: {waited:?}");
    }
}

#[tokio::test]
async fn a_broker_that_cannot_be_reached() {
    // A port that was free a moment ago, and a name that is none.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let timeout = Duration::from_millis(800);
    for (brokers, cause) in
        [(format!("127.0.0.1:{port}"), "refused"), ("no-such-host.invalid:9092".to_owned(), "esolve")]
    {
        let (error, text, waited) = refused(Bus::builder("facade").brokers(&brokers).connect_timeout(timeout)).await;
        assert!(matches!(error, ConnectError::Unreachable { .. }), "{error:?}");
        assert!(text.contains(&brokers) && text.contains(cause), "{text}");
        assert!(waited < timeout + Duration::from_millis(700), "{waited:?}");
    }
}

#[tokio::test]
async fn something_that_is_no_broker() {
    // It takes connections and never says a word.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let brokers = silent.local_addr().unwrap().to_string();
    let timeout = Duration::from_millis(800);
    let (error, text, waited) = refused(Bus::builder("facade").brokers(&brokers).connect_timeout(timeout)).await;
    assert!(matches!(error, ConnectError::Unreachable { .. }), "{error:?}");
    assert!(text.contains(&brokers) && text.contains("listener"), "{text}");
    assert!(waited < timeout + Duration::from_millis(700), "{waited:?}");
}

#[tokio::test]
async fn a_setting_that_cannot_be_used() {
    let builder = || Broker::shared().builder("facade");
    for (name, value, said) in [
        ("socket.keepalive.enabled", "true", "socket.keepalive.enabled"),
        ("socket.timeout.ms", "soon", "soon"),
        ("socket.timeout.ms", "-7", "-7"),
        ("compression.type", "best", "best"),
    ] {
        let (error, text, waited) = refused(builder().set(name, value)).await;
        assert!(matches!(error, ConnectError::Config(ConfigError::Setting { .. })), "{error:?}");
        assert!(text.contains(name) && text.contains(said), "{text}");
        assert!(waited < Duration::from_secs(1), "{waited:?}");
    }
    // Secrets are never printed, however wrong they are.
    let secret = "hunter2";
    let builder =
        builder().set("ssl.key.password", secret).set("sasl.password", secret).set("security.protocol", "sasl_tls");
    assert!(!format!("{builder:?}").contains(secret));
    let (_, text, _) = refused(builder).await;
    assert!(!text.contains(secret), "{text}");
}

#[tokio::test]
async fn a_setting_that_the_promises_rest_on() {
    for (name, value, instead) in [
        ("bootstrap.servers", "localhost:9092", ".brokers(..)"),
        ("group.id", "mine", ".group(..)"),
        ("enable.auto.commit", "true", "acknowledged"),
        ("auto.offset.reset", "latest", "earliest"),
        ("test.mock.num.brokers", "1", "Bus::embedded()"),
    ] {
        let (error, text, _) = refused(Broker::shared().builder("facade").set(name, value)).await;
        assert!(matches!(error, ConnectError::Config(ConfigError::Reserved { .. })), "{error:?}");
        assert!(text.contains(name) && text.contains(instead), "{text}");
    }
}

#[tokio::test]
async fn a_service_name_that_cannot_stand_in_a_header() {
    for name in ["", "a/b", "a\nb"] {
        let (error, text, _) = refused(Broker::shared().builder(name)).await;
        assert!(matches!(error, ConnectError::Config(ConfigError::Service { .. })), "{error:?}");
        assert!(text.contains(&format!("{name:?}")), "{text}");
    }
}

/// Kafka's rule for topics is checked by the attribute, but two names that differ by `.` and `_`
/// alone only a real broker refuses.
mod named {
    #[bus::request(topic = "named.one.req", reply = "named.resp")]
    pub(super) trait Dots {
        async fn get(&self) -> Result<u8, String>;
    }
    #[bus::request(topic = "named_one.req", reply = "named.resp")]
    pub(super) trait Scores {
        async fn get(&self) -> Result<u8, String>;
    }
}

#[tokio::test]
async fn a_topic_name_that_kafka_refuses() {
    let broker = Broker::shared();
    let bus = broker.bus("facade").await;
    bus.client::<named::DotsClient>().await.unwrap();
    match bus.client::<named::ScoresClient>().await {
        Err(error) => {
            assert!(broker.is_real(), "{error}");
            assert!(matches!(error, ConnectError::Topic(TopicError::Name { .. })), "{error:?}");
            let text = error.to_string();
            assert!(text.contains("named_one.req") && text.contains("`.` and `_`"), "{text}");
        }
        // The embedded broker has no such rule.
        Ok(_) => assert!(!broker.is_real()),
    }
}

/// The same reply topic, and more of it asked for.
mod narrow {
    #[bus::request(topic = "few.req", reply = "few.resp", reply_partitions = 2)]
    pub(super) trait Few {
        async fn get(&self) -> Result<u8, String>;
    }
}

#[bus::request(topic = "few.req", reply = "few.resp", reply_partitions = 4)]
trait Few {
    async fn get(&self) -> Result<u8, String>;
}

impl Few for Counting {
    async fn get(&self) -> Result<u8, String> {
        Ok(1)
    }
}

#[tokio::test]
async fn a_reply_topic_with_fewer_partitions_than_asked() {
    let broker = Broker::shared();
    let bus = broker.bus("facade").await;
    bus.client::<narrow::FewClient>().await.unwrap();
    let of_client = bus.client::<FewClient>().await.unwrap_err();
    let of_server = match bus.serve(FewServer::new(Counting::default())).start().await.unwrap_err() {
        ServeError::Connect(error) => error,
        other => panic!("{other:?}"),
    };
    for error in [of_client, of_server] {
        let wanted = TopicError::TooFewPartitions {
            topic: "few.resp".to_owned(),
            found: 2,
            wanted: 4,
            command: format!(
                "kafka-topics.sh --bootstrap-server {} --alter --topic few.resp --partitions 4",
                broker.address()
            ),
        };
        let text = error.to_string();
        assert_eq!(error, ConnectError::Topic(wanted));
        assert!(text.contains("kafka-topics.sh") && text.contains("few.resp"), "{text}");
    }
}

bus_tests::contract!(Range, "range.req", "range.resp");

#[tokio::test]
async fn a_reply_partition_out_of_range() {
    let broker = Broker::shared();
    let bus = broker.bus("facade").await;
    let of_client = bus.client::<RangeClient>().reply_partition(5).await.unwrap_err();
    let bus = broker.builder("facade").reply_partition(u32::MAX).connect().await.unwrap();
    let of_bus = bus.client::<RangeClient>().await.unwrap_err();
    for (error, asked) in [(of_client, 5), (of_bus, u32::MAX)] {
        assert!(matches!(error, ConnectError::Topic(TopicError::NoSuchPartition { .. })), "{error:?}");
        let text = error.to_string();
        assert!(text.contains(&asked.to_string()) && text.contains("0 to 4") && text.contains("range.resp"), "{text}");
    }
    // The client's own word holds against the bus's.
    bus.client::<RangeClient>().reply_partition(4).await.unwrap();
}

#[bus::request(topic = "copies.req", reply = "copies.resp", replication = 99)]
trait Copies {
    async fn get(&self) -> Result<u8, String>;
}

#[tokio::test]
async fn a_replication_factor_above_the_number_of_brokers() {
    let broker = Broker::shared();
    let bus = broker.bus("facade").await;
    match bus.client::<CopiesClient>().await {
        Err(error) => {
            assert!(broker.is_real(), "{error}");
            assert!(matches!(error, ConnectError::Topic(TopicError::Replication { wanted: 99, .. })), "{error:?}");
            let text = error.to_string();
            assert!(text.contains("copies.req") && text.contains("99") && text.contains("`replication`"), "{text}");
            // The look-ups before it have not made the topic, though the broker makes what is asked for.
            for topic in ["copies.req", "copies.resp"] {
                assert_eq!(bus_tests::plain::partitions(&broker.address(), topic), None, "{topic}");
            }
        }
        // The embedded broker keeps one copy, whatever is asked for.
        Ok(_) => assert!(!broker.is_real()),
    }
}

bus_tests::contract!(Compacted, "compacted.req", "compacted.resp");

#[tokio::test]
async fn a_compacted_topic() {
    let broker = Broker::shared();
    broker.make_topic("compacted.resp", 5, &[("cleanup.policy", "compact")]).await;
    let bus = broker.bus("facade").await;
    match bus.client::<CompactedClient>().await {
        Err(error) => {
            assert!(broker.is_real(), "{error}");
            assert!(matches!(error, ConnectError::Topic(TopicError::Compacted { .. })), "{error:?}");
            let text = error.to_string();
            assert!(text.contains("compacted.resp") && text.contains("cleanup.policy=delete"), "{text}");
            assert!(text.contains("kafka-configs.sh"), "{text}");
        }
        // The embedded broker compacts nothing and has no settings to read.
        Ok(_) => assert!(!broker.is_real()),
    }
}

/// Runs itself again in other environments, for one process has one.
#[tokio::test]
async fn the_environment() {
    const COMPLAINT: &str = "EXPECTED_COMPLAINT";
    if let Ok(expected) = std::env::var(COMPLAINT) {
        let refused = Bus::from_env().await.unwrap_err().to_string();
        assert!(refused.contains(&expected), "{refused}");
        return;
    }
    for (name, value, expected) in [
        ("BUS_BROKER", "localhost:9092", "BUS_BROKER; did you mean BUS_BROKERS?"),
        ("BUS_SOMETHING_ELSE", "x", "BUS_SOMETHING_ELSE"),
        ("BUS_BROKERS", "", "BUS_BROKERS=\"\" cannot be used: it is empty"),
        ("BUS_TIMEOUT", "soon", "BUS_TIMEOUT=\"soon\""),
        ("BUS_REPLY_PARTITION", "-1", "BUS_REPLY_PARTITION=\"-1\""),
        ("BUS_KAFKA_GROUP_ID", "mine", ".group(..)"),
        ("BUS_KAFKA_NO_SUCH_SETTING", "x", "no.such.setting"),
    ] {
        let again = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "bad_input::the_environment"])
            .env("BUS_BROKERS", "localhost:9092")
            .env(name, value)
            .env(COMPLAINT, expected)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&again.stdout).into_owned();
        assert!(again.status.success() && said.contains("1 passed"), "{name}={value}: {said}");
    }
    // As it is here: it names the broker of this run, or none, and none is an error.
    match Bus::from_env().await {
        Ok(bus) => assert_eq!(bus.brokers(), Broker::shared().address()),
        Err(error) => {
            assert_eq!(error, ConnectError::Config(ConfigError::NoBrokers));
            assert!(!Broker::shared().is_real());
        }
    }
}

/// What the promises rest on cannot be set away, and what could never work is told at once.
#[tokio::test]
async fn settings_that_would_break_a_promise_are_refused() {
    for (name, value, expected) in [
        ("acks", "0", "an offset is committed because the broker has the answer"),
        ("request.required.acks", "1", "an offset is committed because the broker has the answer"),
        ("transactional.id", "mine", "transactions"),
        ("session.timeout.ms", "100", "heartbeats"),
    ] {
        let refused = Broker::shared().builder("facade").set(name, value).connect().await.unwrap_err();
        assert!(matches!(refused, ConnectError::Config(_)), "{refused:?}");
        assert!(refused.to_string().contains(expected), "{name}: {refused}");
    }
    let refused = Bus::builder("facade").brokers("http://localhost:9092").connect().await.unwrap_err().to_string();
    assert!(refused.contains("leave out the scheme"), "{refused}");
    let refused = Broker::shared().builder("facade").set("security.protocol", "ssl").connect().await.unwrap_err();
    assert!(refused.to_string().contains("build kafka-bus with the cargo feature `ssl`"), "{refused}");
}
