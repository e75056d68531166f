//! A plain Kafka client: what a peer sees and can write that has never heard of us.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use rdkafka::admin::{AdminClient, AdminOptions, NewPartitions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::client::{ClientContext, DefaultClientContext};
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::RDKafkaErrorCode;
use rdkafka::message::{Header, Headers as _, Message as _, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer as _, ProducerContext};
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

/// Reads every partition of a topic from its beginning. Blocks while it reads, so a test that uses
/// it runs its handlers on other threads. Like every reader of rdkafka's own, it must not meet a
/// header name that is not UTF-8.
#[allow(missing_debug_implementations)]
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
    pub fn find(&self, what: &str, mut fits: impl FnMut(&Record) -> bool) -> Record {
        let until = Instant::now() + Duration::from_secs(10);
        while Instant::now() < until {
            let Some(record) = self.next() else { continue };
            if fits(&record) {
                return record;
            }
        }
        panic!("no record within ten seconds: {what}");
    }

    /// All records that are there now; a panic where they are not read within twenty seconds.
    pub fn all(&self) -> Vec<Record> {
        let wait = Duration::from_secs(5);
        let assigned = self.consumer.assignment().unwrap();
        let mut left: Vec<(i32, i64)> = assigned
            .elements()
            .iter()
            .filter_map(|element| {
                let (low, end) = self.consumer.fetch_watermarks(element.topic(), element.partition(), wait).unwrap();
                (low < end).then_some((element.partition(), end))
            })
            .collect();
        let (mut records, until) = (Vec::new(), Instant::now() + Duration::from_secs(20));
        while !left.is_empty() {
            assert!(Instant::now() < until, "not read within twenty seconds: {left:?}");
            let Some(record) = self.next() else { continue };
            left.retain(|(partition, end)| *partition != record.partition || record.offset + 1 < *end);
            records.push(record);
        }
        records
    }

    fn next(&self) -> Option<Record> {
        let Some(Ok(message)) = self.consumer.poll(Duration::from_millis(50)) else { return None };
        let headers = message.headers().map_or_else(Vec::new, |headers| {
            headers.iter().map(|header| (header.key.to_owned(), header.value.map(<[u8]>::to_vec))).collect()
        });
        Some(Record {
            partition: message.partition(),
            offset: message.offset(),
            key: message.key().map(<[u8]>::to_vec),
            value: message.payload().map(<[u8]>::to_vec),
            headers,
        })
    }
}

/// How many records were ever written to each partition of a topic that nobody has trimmed.
pub fn written(reader: &Reader, topic: &str) -> Vec<i64> {
    let consumer = &reader.consumer;
    let metadata = consumer.fetch_metadata(Some(topic), Duration::from_secs(5)).unwrap();
    let partitions = metadata.topics()[0].partitions().iter();
    partitions
        .map(|it| consumer.fetch_watermarks(topic, it.id(), Duration::from_secs(5)).map_or(0, |(_, end)| end))
        .collect()
}

/// How many partitions a topic has; `None` where there is no such topic. Makes nothing.
pub fn partitions(brokers: &str, topic: &str) -> Option<usize> {
    let consumer: BaseConsumer =
        ClientConfig::new().set("bootstrap.servers", brokers).set("group.id", "plain-lookup").create().unwrap();
    let metadata = consumer.fetch_metadata(Some(topic), Duration::from_secs(5)).unwrap();
    let found = &metadata.topics()[0];
    found.error().is_none().then(|| found.partitions().len())
}

/// What a group has written beside the offset that it has committed.
pub fn commit_metadata(brokers: &str, group: &str, topic: &str, partition: i32) -> String {
    let consumer: BaseConsumer =
        ClientConfig::new().set("bootstrap.servers", brokers).set("group.id", group).create().unwrap();
    let mut list = TopicPartitionList::new();
    list.add_partition(topic, partition);
    consumer.committed_offsets(list, Duration::from_secs(5)).unwrap().elements()[0].metadata().to_owned()
}

/// The offset that a group has committed, and the one behind the last record.
pub fn committed(brokers: &str, group: &str, topic: &str, partition: i32) -> (Option<i64>, i64) {
    let wait = Duration::from_secs(5);
    let consumer: BaseConsumer =
        ClientConfig::new().set("bootstrap.servers", brokers).set("group.id", group).create().unwrap();
    let mut list = TopicPartitionList::new();
    list.add_partition(topic, partition);
    let found = consumer.committed_offsets(list, wait).unwrap();
    let committed = match found.elements()[0].offset() {
        Offset::Offset(offset) => Some(offset),
        _ => None,
    };
    (committed, consumer.fetch_watermarks(topic, partition, wait).unwrap().1)
}

/// How many members a group of the classic protocol has on a real broker.
pub fn members(brokers: &str, group: &str) -> usize {
    let consumer: BaseConsumer =
        ClientConfig::new().set("bootstrap.servers", brokers).set("group.id", "plain-lookup").create().unwrap();
    let groups = consumer.fetch_group_list(Some(group), Duration::from_secs(10)).unwrap();
    groups.groups().iter().map(|group| group.members().len()).sum()
}

fn admin(brokers: &str) -> AdminClient<DefaultClientContext> {
    ClientConfig::new().set("bootstrap.servers", brokers).create().unwrap()
}

fn options() -> AdminOptions {
    let wait = Duration::from_secs(10);
    AdminOptions::new().request_timeout(Some(wait)).operation_timeout(Some(wait))
}

/// Makes a topic on a real broker, and waits until its partitions have leaders.
pub async fn make_topic(brokers: &str, topic: &str, count: u32, settings: &[(&str, &str)]) {
    let mut new = NewTopic::new(topic, i32::try_from(count).unwrap(), TopicReplication::Fixed(-1));
    for (name, value) in settings {
        new = new.set(name, value);
    }
    let made = admin(brokers).create_topics([&new], &options()).await.unwrap();
    assert!(matches!(made[0], Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists))), "{made:?}");
    super::eventually("leaders of a new topic", || partitions(brokers, topic) == Some(count as usize)).await;
}

/// Who leads each partition of a topic.
pub fn leaders(brokers: &str, topic: &str) -> Vec<i32> {
    let consumer: BaseConsumer =
        ClientConfig::new().set("bootstrap.servers", brokers).set("group.id", "plain-lookup").create().unwrap();
    let metadata = consumer.fetch_metadata(Some(topic), Duration::from_secs(5)).unwrap();
    metadata.topics()[0].partitions().iter().map(rdkafka::metadata::MetadataPartition::leader).collect()
}

/// Removes a topic from a real broker, and waits until it is gone.
pub async fn delete_topic(brokers: &str, topic: &str) {
    let gone = admin(brokers).delete_topics(&[topic], &options()).await.unwrap();
    assert!(matches!(gone[0], Ok(_) | Err((_, RDKafkaErrorCode::UnknownTopicOrPartition))), "{gone:?}");
    super::eventually("the end of a topic", || partitions(brokers, topic).is_none()).await;
}

/// Adds partitions to a topic of a real broker, and waits until they have leaders.
pub async fn add_partitions(brokers: &str, topic: &str, count: usize) {
    let grown = admin(brokers).create_partitions(&[NewPartitions::new(topic, count)], &options()).await.unwrap();
    assert!(grown[0].is_ok(), "{grown:?}");
    super::eventually("leaders of new partitions", || partitions(brokers, topic) == Some(count)).await;
}

/// A setting of a topic on a real broker.
pub async fn topic_setting(brokers: &str, topic: &str, name: &str) -> Option<String> {
    let described = admin(brokers).describe_configs([&ResourceSpecifier::Topic(topic)], &options()).await.unwrap();
    described[0].as_ref().unwrap().get(name).and_then(|entry| entry.value.clone())
}

/// What the broker said of the last record.
#[derive(Debug, Default)]
struct Delivered {
    last: Mutex<Option<Result<(), RDKafkaErrorCode>>>,
}

impl ClientContext for Delivered {}

impl ProducerContext for Delivered {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        let result = match result {
            Ok(_) => Ok(()),
            Err((error, _)) => Err(error.rdkafka_error_code().unwrap()),
        };
        *self.last.lock().unwrap() = Some(result);
    }
}

/// Writes records as they are said.
#[allow(missing_debug_implementations)]
pub struct Writer {
    producer: BaseProducer<Delivered>,
}

impl Writer {
    pub fn new(brokers: &str) -> Self {
        let producer = ClientConfig::new()
            .set("bootstrap.servers", brokers)
            .set("linger.ms", "0")
            .create_with_context(Delivered::default())
            .unwrap();
        Self { producer }
    }

    /// One that compresses, and sends whatever size comes out of it.
    pub fn compressing(brokers: &str, codec: &str) -> Self {
        let producer = ClientConfig::new()
            .set("bootstrap.servers", brokers)
            .set("linger.ms", "0")
            .set("compression.type", codec)
            .set("message.max.bytes", "100000000")
            .create_with_context(Delivered::default())
            .unwrap();
        Self { producer }
    }

    /// Writes a value, and says what the broker says.
    pub fn try_write(&self, topic: &str, partition: i32, value: &[u8]) -> Result<(), RDKafkaErrorCode> {
        let record = BaseRecord::<[u8], [u8]>::to(topic).partition(partition).key(&b"0"[..]).payload(value);
        self.producer.send(record).map_err(|(error, _)| error).unwrap();
        let until = Instant::now() + Duration::from_secs(30);
        while self.producer.in_flight_count() > 0 {
            assert!(Instant::now() < until, "the broker did not answer");
            self.producer.poll(Duration::from_millis(1));
        }
        self.producer.context().last.lock().unwrap().take().unwrap_or(Ok(()))
    }

    pub fn write(
        &self,
        topic: &str,
        partition: i32,
        key: Option<&[u8]>,
        headers: &[(&[u8], Option<&[u8]>)],
        value: Option<&[u8]>,
    ) {
        self.write_at(topic, partition, key, headers, value, None);
    }

    /// As [`write`](Self::write), with a timestamp of its own, in milliseconds since the epoch.
    pub fn write_at(
        &self,
        topic: &str,
        partition: i32,
        key: Option<&[u8]>,
        headers: &[(&[u8], Option<&[u8]>)],
        value: Option<&[u8]>,
        timestamp: Option<i64>,
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
        if let Some(timestamp) = timestamp {
            record = record.timestamp(timestamp);
        }
        self.producer.send(record).map_err(|(error, _)| error).unwrap();
        let until = Instant::now() + Duration::from_secs(10);
        while self.producer.in_flight_count() > 0 {
            assert!(Instant::now() < until, "the record was not taken");
            self.producer.poll(Duration::from_millis(1));
        }
    }
}
