//! A plain Kafka consumer: what is on the topics, seen by somebody who has never heard of `bus`.

use std::fmt;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{BorrowedMessage, Headers as _, Message as _};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

use crate::Error;

const PATIENCE: Duration = Duration::from_secs(10);

/// Reads topics from where they end now. It blocks while it waits.
pub struct Onlooker {
    consumer: BaseConsumer,
}

/// A record as it lies on its topic.
#[derive(Clone, Debug)]
pub struct Record {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The name of the header without a value.
    pub token: String,
    /// The key: where the reply goes.
    pub key: String,
    /// The value, if it is text.
    pub value: String,
    /// All headers with a value.
    pub headers: Vec<(String, String)>,
}

impl Onlooker {
    /// Looks at every partition of these topics.
    pub fn new(brokers: &str, topics: &[&str]) -> Result<Self, Error> {
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", brokers)
            .set("group.id", "onlooker")
            .set("enable.auto.commit", "false")
            .set("fetch.wait.max.ms", "10")
            .create()?;
        let mut list = TopicPartitionList::new();
        for topic in topics {
            let metadata = consumer.fetch_metadata(Some(topic), PATIENCE)?;
            for partition in metadata.topics().iter().flat_map(rdkafka::metadata::MetadataTopic::partitions) {
                let (_, end) = consumer.fetch_watermarks(topic, partition.id(), PATIENCE)?;
                list.add_partition_offset(topic, partition.id(), Offset::Offset(end))?;
            }
        }
        consumer.assign(&list)?;
        Ok(Self { consumer })
    }

    /// The next record, if one comes in time.
    pub fn next(&self, wait: Duration) -> Option<Record> {
        let until = Instant::now() + wait;
        loop {
            match self.consumer.poll(until.saturating_duration_since(Instant::now())) {
                Some(Ok(message)) => return Some(Record::of(&message)),
                Some(Err(_)) if Instant::now() < until => {}
                _ => return None,
            }
        }
    }

    /// The next request of this caller and the reply to it.
    pub fn exchange(&self, caller: &str) -> Result<(Record, Record), Error> {
        let until = Instant::now() + PATIENCE;
        let (mut requests, mut replies) = (Vec::new(), Vec::<Record>::new());
        while Instant::now() < until {
            let Some(record) = self.next(Duration::from_millis(100)) else { continue };
            match record.header("bus-caller") {
                Some(name) if name == caller => requests.push(record),
                Some(_) => {}
                None => replies.push(record),
            }
            for request in &requests {
                if let Some(reply) = replies.iter().find(|reply| reply.token == request.token) {
                    return Ok((request.clone(), reply.clone()));
                }
            }
        }
        Err(Error::new("no request with its reply came by within ten seconds"))
    }
}

impl Record {
    fn of(message: &BorrowedMessage<'_>) -> Self {
        let text = |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned();
        let mut token = String::new();
        let mut headers = Vec::new();
        for header in message.headers().into_iter().flat_map(|headers| headers.iter()) {
            match header.value {
                None => header.key.clone_into(&mut token),
                value => headers.push((header.key.to_owned(), text(value))),
            }
        }
        Self {
            topic: message.topic().to_owned(),
            partition: message.partition(),
            token,
            key: text(message.key()),
            value: text(message.payload()),
            headers,
        }
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }
}

/// What stands above records that are shown one below the other.
pub const COLUMNS: &str = "topic           partition  token      key  value";

/// One line: where it lies, whom it is for, what it says.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letters = self.token.chars().count();
        let start: String = self.token.chars().take(4).collect();
        let end: String = self.token.chars().skip(letters.saturating_sub(4)).collect();
        write!(f, "{:<14}  {:>9}  {start}…{end}  {:<3}  {}", self.topic, self.partition, self.key, self.value)
    }
}

impl fmt::Debug for Onlooker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Onlooker").finish_non_exhaustive()
    }
}
