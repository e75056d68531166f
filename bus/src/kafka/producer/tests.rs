#![allow(clippy::unwrap_used)]

use std::sync::atomic::AtomicU32;

use super::super::EmbeddedBroker;
use super::super::revive::Watched as _;
use super::*;

/// What a record's sender heard.
#[derive(Default)]
struct Heard {
    handed_over: AtomicU32,
    acknowledged: AtomicU32,
    failed: Mutex<Vec<SendFailure>>,
}

impl Receipt for Heard {
    fn hand_over(&self) -> bool {
        self.handed_over.fetch_add(1, Ordering::SeqCst);
        true
    }

    fn take_back(&self, certain: bool) -> bool {
        certain
    }

    fn given_up(&self) -> bool {
        false
    }

    fn acknowledged(&self, _: Option<i64>) {
        self.acknowledged.fetch_add(1, Ordering::SeqCst);
    }

    fn failed(&self, failure: SendFailure) {
        lock(&self.failed).push(failure);
    }
}

fn eventually(what: &str, holds: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < until, "not within twenty seconds: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn record(topic: &str, receipt: &Arc<Heard>) -> Outgoing {
    let mut headers = HeaderList::with_capacity(1);
    headers.push("name", Some(b"value"));
    Outgoing {
        topic: topic.into(),
        partition: 0,
        key: Some("key".into()),
        headers,
        value: Some("value".into()),
        receipt: Arc::clone(receipt) as _,
    }
}

#[test]
fn what_a_client_held_and_never_wrote_is_written_by_the_one_made_anew() {
    let broker = EmbeddedBroker::start().unwrap();
    broker.create_topic("held", 1).unwrap();
    let settings = Settings { brokers: broker.brokers().to_owned(), ..Settings::default() };
    let connection = Connection::open(settings, Duration::from_secs(10)).unwrap();
    let producer = Producer::start(&connection).unwrap();
    broker.down().unwrap();
    // Nothing is known of the loss yet, so librdkafka gets these.
    let receipts: Vec<_> = (0..3).map(|_| Arc::new(Heard::default())).collect();
    for receipt in &receipts {
        producer.shared.hand_over(&producer.shared.line.peek(), record("held", receipt));
    }
    let old = Arc::as_ptr(&producer.shared.line.get());
    producer.shared.line.set_due();
    eventually("another client is there", || Arc::as_ptr(&producer.shared.line.get()) != old);
    eventually("the records wait again", || producer.shared.gate.waiting.load(Ordering::Acquire) == 3);
    broker.up().unwrap();
    eventually("all are written", || {
        // As whoever looks topics up does when a broker answers again.
        connection.complaints.clear();
        receipts.iter().all(|receipt| receipt.acknowledged.load(Ordering::SeqCst) == 1)
    });
    for receipt in &receipts {
        assert_eq!(receipt.handed_over.load(Ordering::SeqCst), 2);
        assert!(lock(&receipt.failed).is_empty());
    }
    producer.close(Duration::from_secs(1));
}

#[test]
fn a_topic_that_is_gone_is_said_to_be_gone_and_is_not_made_by_sending_to_it() {
    let broker = EmbeddedBroker::start().unwrap();
    let settings = Settings { brokers: broker.brokers().to_owned(), ..Settings::default() };
    let connection = Connection::open(settings, Duration::from_secs(10)).unwrap();
    let producer = Producer::start(&connection).unwrap();
    let receipt = Arc::new(Heard::default());
    producer.send(record("gone", &receipt));
    eventually("it is told", || !lock(&receipt.failed).is_empty());
    let failure = lock(&receipt.failed).pop().unwrap();
    assert!(failure.certain, "{failure:?}");
    assert!(failure.reason.contains("`gone`") && failure.reason.contains("is gone"), "{failure:?}");
    assert_eq!(connection.partitions("gone").unwrap(), None);
    producer.close(Duration::from_secs(1));
}
