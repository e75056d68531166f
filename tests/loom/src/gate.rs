//! Records begin to wait while the window opens, the queue is emptied, or the gate closes.

use std::time::Instant;

use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

use crate::protocol::sending::{Bounds, Fate, Gate, HandOver, Lanes};

const BOUNDS: Bounds = Bounds { records: 100, bytes: 1_000 };
const ALONG: HandOver = HandOver { alone: false };

/// All orders in which a thread is interrupted three times at the most: what goes wrong does so in
/// few, and all of them are too many.
fn model(order: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(order);
}

/// A gate with one lane whose window is full, and how often a record was handed over.
struct Way {
    gate: std::sync::Arc<Gate<()>>,
    lanes: Lanes<()>,
    now: Instant,
    handed_over: AtomicUsize,
}

impl Way {
    fn new() -> loom::sync::Arc<Self> {
        let now = Instant::now();
        let gate = Gate::new(now, BOUNDS);
        let way = Self { lanes: Lanes::new(std::sync::Arc::clone(&gate)), gate, now, handed_over: AtomicUsize::new(0) };
        while way.gate.admit(way.lanes.lane(0), now, false) {}
        loom::sync::Arc::new(way)
    }

    /// Sends one record: straight through, or by way of the queue. False: it is not accepted.
    fn send(&self) -> bool {
        let lane = self.lanes.lane(0);
        if self.gate.admit(lane, self.now, false) {
            self.handed_over.fetch_add(1, Ordering::Relaxed);
            return true;
        }
        if self.gate.wait(lane, 1, ()).is_err() {
            return false;
        }
        self.drain();
        true
    }

    fn drain(&self) {
        let back = self.gate.drain(self.lanes.lane(0), self.now, false, |(), _| {
            self.handed_over.fetch_add(1, Ordering::Relaxed);
            Fate::HandedOver
        });
        assert!(back.is_none());
    }

    fn acknowledge(&self) {
        self.gate.delivered(self.lanes.lane(0), self.now, ALONG);
        self.drain();
    }
}

#[test]
fn a_record_that_begins_to_wait_as_the_window_opens_is_not_forgotten() {
    model(|| {
        let way = Way::new();
        let acknowledging = loom::sync::Arc::clone(&way);
        let acknowledged = thread::spawn(move || acknowledging.acknowledge());
        assert!(way.send());
        acknowledged.join().unwrap();
        assert_eq!(way.handed_over.load(Ordering::Relaxed), 1, "nobody will look for it again");
        assert_eq!(way.gate.waiting(), 0);
    });
}

#[test]
fn two_records_and_one_acknowledgement_leave_one_that_waits() {
    model(|| {
        let way = Way::new();
        let sending = loom::sync::Arc::clone(&way);
        let sent = thread::spawn(move || assert!(sending.send()));
        assert!(way.send());
        sent.join().unwrap();
        assert_eq!((way.handed_over.load(Ordering::Relaxed), way.gate.waiting()), (0, 2));
        way.acknowledge();
        way.acknowledge();
        assert_eq!((way.handed_over.load(Ordering::Relaxed), way.gate.waiting()), (2, 0));
    });
}

#[test]
fn a_record_beside_a_close_is_given_back_or_not_accepted() {
    model(|| {
        let way = Way::new();
        let closing = loom::sync::Arc::clone(&way);
        let closed = thread::spawn(move || closing.gate.close().len());
        let accepted = usize::from(way.send());
        assert_eq!(closed.join().unwrap(), accepted, "it is lost, or given back twice");
        assert_eq!(way.gate.waiting(), 0);
    });
}
