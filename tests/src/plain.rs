//! A plain Kafka client: what a peer sees and can write that has never heard of us.

use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{Header, Headers as _, Message as _, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

/// A record, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub partition: i32,
    pub offset: i64,
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    pub headers: Vec<(String, Option<Vec<u8>>)>,
}

impl Record {
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers.iter().find(|(header, _)| header == name).and_then(|(_, value)| value.as_deref())
    }

    /// The header whose value is null or empty and whose name is not ours.
    pub fn token(&self) -> Option<&str> {
        self.headers
            .iter()
            .find(|(name, value)| !name.starts_with("bus-") && value.as_ref().is_none_or(Vec::is_empty))
            .map(|(name, _)| name.as_str())
    }
}

/// Reads every partition of a topic from its beginning.
pub struct Reader {
    consumer: BaseConsumer,
}

impl Reader {
    pub fn new(brokers: &str, topic: &str) -> Self {
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", brokers)
            .set("group.id", "plain-reader")
            .set("enable.auto.commit", "false")
            .set("auto.offset.reset", "earliest")
            .set("fetch.wait.max.ms", "5")
            .create()
            .unwrap();
        let metadata = consumer.fetch_metadata(Some(topic), Duration::from_secs(5)).unwrap();
        let mut list = TopicPartitionList::new();
        for partition in metadata.topics()[0].partitions() {
            let (low, _) = consumer.fetch_watermarks(topic, partition.id(), Duration::from_secs(5)).unwrap();
            list.add_partition_offset(topic, partition.id(), Offset::Offset(low)).unwrap();
        }
        consumer.assign(&list).unwrap();
        Self { consumer }
    }

    /// The first record that fits, or a panic after ten seconds.
    pub fn find(&self, what: &str, fits: impl Fn(&Record) -> bool) -> Record {
        let until = Instant::now() + Duration::from_secs(10);
        while Instant::now() < until {
            let Some(Ok(message)) = self.consumer.poll(Duration::from_millis(50)) else { continue };
            let headers = message.headers().map_or_else(Vec::new, |headers| {
                headers.iter().map(|header| (header.key.to_owned(), header.value.map(<[u8]>::to_vec))).collect()
            });
            let record = Record {
                partition: message.partition(),
                offset: message.offset(),
                key: message.key().map(<[u8]>::to_vec),
                value: message.payload().map(<[u8]>::to_vec),
                headers,
            };
            if fits(&record) {
                return record;
            }
        }
        panic!("no record within ten seconds: {what}");
    }
}

/// How many partitions a topic has; `None` where there is no such topic. Makes nothing.
pub fn partitions(brokers: &str, topic: &str) -> Option<usize> {
    let consumer: BaseConsumer =
        ClientConfig::new().set("bootstrap.servers", brokers).set("group.id", "plain-lookup").create().unwrap();
    let metadata = consumer.fetch_metadata(Some(topic), Duration::from_secs(5)).unwrap();
    let found = &metadata.topics()[0];
    found.error().is_none().then(|| found.partitions().len())
}

/// Writes records as they are said.
pub struct Writer {
    producer: BaseProducer,
}

impl Writer {
    pub fn new(brokers: &str) -> Self {
        let producer = ClientConfig::new().set("bootstrap.servers", brokers).set("linger.ms", "0").create().unwrap();
        Self { producer }
    }

    pub fn write(
        &self,
        topic: &str,
        partition: i32,
        key: Option<&[u8]>,
        headers: &[(&[u8], Option<&[u8]>)],
        value: Option<&[u8]>,
    ) {
        let mut list = OwnedHeaders::new();
        for (name, value) in headers {
            // rdkafka hands the name on as bytes, whatever they are; that is what is wanted here.
            #[allow(unsafe_code)]
            // SAFETY: the text is only measured and copied by librdkafka.
            let name = unsafe { std::str::from_utf8_unchecked(name) };
            list = list.insert(Header { key: name, value: *value });
        }
        let mut record = BaseRecord::<[u8], [u8]>::to(topic).partition(partition).headers(list);
        if let Some(key) = key {
            record = record.key(key);
        }
        if let Some(value) = value {
            record = record.payload(value);
        }
        self.producer.send(record).map_err(|(error, _)| error).unwrap();
        let until = Instant::now() + Duration::from_secs(10);
        while self.producer.in_flight_count() > 0 {
            assert!(Instant::now() < until, "the record was not taken");
            self.producer.poll(Duration::from_millis(1));
        }
    }
}
