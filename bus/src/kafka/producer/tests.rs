#![allow(clippy::unwrap_used)]

use super::super::EmbeddedBroker;
use super::super::revive::Watched as _;
use super::*;

/// What was told, in order.
#[derive(Debug, PartialEq, Eq)]
enum Told {
    Renewing,
    Renewed,
    Delivered(u32),
    Failed(u32, Why, bool),
}

#[derive(Default)]
struct Heard {
    told: Mutex<Vec<Told>>,
    reason: Mutex<String>,
}

impl Heard {
    fn note(&self, told: Told) {
        lock(&self.told).push(told);
    }
}

impl Deliveries for Heard {
    type Parcel = u32;

    fn delivered(&self, parcel: Box<u32>, _: Option<i64>) {
        self.note(Told::Delivered(*parcel));
    }

    fn failed(&self, parcel: Box<u32>, failure: SendFailure, record: &Undelivered<'_>) {
        assert_eq!((record.key().as_deref(), record.value().as_deref()), (Some(&b"key"[..]), Some(&b"value"[..])));
        self.note(Told::Failed(*parcel, failure.why, failure.certain));
        *lock(&self.reason) = failure.reason;
    }

    fn between_polls(&self) -> Duration {
        Duration::from_millis(10)
    }

    fn renewing(&self) {
        self.note(Told::Renewing);
    }

    fn renewed(&self) {
        self.note(Told::Renewed);
    }
}

fn eventually(what: &str, holds: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < until, "not within twenty seconds: {what}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

fn start(broker: &EmbeddedBroker) -> (Connection, Arc<Heard>, Producer<Heard>) {
    let settings = Settings { brokers: broker.brokers().to_owned(), ..Settings::default() };
    let connection = Connection::open(settings, Duration::from_secs(10)).unwrap();
    let heard = Arc::new(Heard::default());
    let producer = Producer::start(&connection, Arc::clone(&heard)).unwrap();
    (connection, heard, producer)
}

fn produce(producer: &Producer<Heard>, topic: &std::ffi::CStr, number: u32) -> Result<(), Refused<u32>> {
    let mut headers = HeaderList::with_capacity(1);
    headers.push("name", Some(b"value"));
    let record = ProducerRecord { topic, partition: 0, key: Some(b"key"), value: Some(b"value"), headers };
    producer.produce(record, Box::new(number))
}

#[test]
fn what_a_client_held_and_never_wrote_comes_back_in_order_when_it_is_made_anew() {
    let broker = EmbeddedBroker::start().unwrap();
    broker.create_topic("held", 1).unwrap();
    let (_connection, heard, producer) = start(&broker);
    broker.down().unwrap();
    for number in 0..3 {
        assert!(produce(&producer, c"held", number).is_ok());
    }
    producer.inner.line.set_due();
    eventually("another client is there", || lock(&heard.told).contains(&Told::Renewed));
    let purged = |number| Told::Failed(number, Why::Purged, true);
    assert_eq!(*lock(&heard.told), [Told::Renewing, purged(0), purged(1), purged(2), Told::Renewed]);
    broker.up().unwrap();
    assert!(produce(&producer, c"held", 3).is_ok());
    eventually("the new client writes", || lock(&heard.told).last() == Some(&Told::Delivered(3)));
    producer.close(Duration::from_secs(1));
}

#[test]
fn a_topic_that_is_gone_is_said_to_be_gone_and_is_not_made_by_sending_to_it() {
    let broker = EmbeddedBroker::start().unwrap();
    let (connection, heard, producer) = start(&broker);
    match produce(&producer, c"gone", 0) {
        Ok(()) => {
            eventually("it is told", || !lock(&heard.told).is_empty());
            assert_eq!(*lock(&heard.told), [Told::Failed(0, Why::Refused, true)]);
        }
        Err(refused) => *lock(&heard.reason) = refused.failure.reason,
    }
    let reason = lock(&heard.reason).clone();
    assert!(reason.contains("`gone`") && reason.contains("is gone"), "{reason}");
    assert_eq!(connection.partitions("gone").unwrap(), None);
    producer.close(Duration::from_secs(1));
}
