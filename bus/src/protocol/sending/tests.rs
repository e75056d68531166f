#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::*;

const BOUNDS: Bounds = Bounds { records: 100, bytes: 1_000 };

struct Way {
    gate: Arc<Gate<u32>>,
    lanes: Lanes<u32>,
    now: Instant,
}

impl Way {
    fn new() -> Self {
        let now = Instant::now();
        let gate = Gate::new(now, BOUNDS);
        Self { lanes: Lanes::new(Arc::clone(&gate)), gate, now }
    }

    fn lane(&self, partition: i32) -> Arc<Lane<u32>> {
        Arc::clone(self.lanes.lane(partition))
    }

    fn after(&mut self, ms: u64) {
        self.now += Duration::from_millis(ms);
    }

    /// Admits as many as go straight through.
    fn fill(&self, lane: &Lane<u32>) -> usize {
        (0..100_000).take_while(|_| self.gate.admit(lane, self.now, false)).count()
    }

    fn acknowledge(&self, lane: &Lane<u32>, records: usize) {
        for _ in 0..records {
            self.gate.delivered(lane, self.now, HandOver { alone: false });
        }
    }

    /// What is handed over when the lane is drained.
    fn drain(&self, lane: &Lane<u32>) -> Vec<(u32, bool)> {
        let mut handed = Vec::new();
        let back = self.gate.drain(lane, self.now, false, |record, how| {
            handed.push((record, how.alone));
            Fate::HandedOver
        });
        assert_eq!(back, None);
        handed
    }
}

#[test]
fn what_is_under_way_is_what_was_acknowledged_in_the_last_250_ms() {
    let mut way = Way::new();
    let lane = way.lane(0);
    // The window doubles with every round that is acknowledged.
    for window in [8, 8, 16, 32, 64, 128] {
        assert_eq!(way.fill(&lane), window);
        way.after(1);
        way.acknowledge(&lane, window);
    }
    assert_eq!(way.fill(&lane), 256);
    // A moment of silence, and the window is small again.
    way.acknowledge(&lane, lane.outstanding());
    way.after(300);
    assert_eq!(way.fill(&lane), lane::SMALLEST_WINDOW);
}

#[test]
fn a_broker_that_falls_silent_is_given_nothing_more_until_it_acknowledges() {
    let mut way = Way::new();
    let lane = way.lane(0);
    assert!(way.gate.admit(&lane, way.now, false));
    way.after(251);
    assert!(!way.gate.admit(&lane, way.now, false));
    assert!(!way.lanes.flows(0, way.now));
    way.acknowledge(&lane, 1);
    assert!(way.gate.admit(&lane, way.now, false));
    assert!(way.lanes.flows(0, way.now));
}

#[test]
fn silence_is_counted_from_the_first_record_after_a_rest() {
    let mut way = Way::new();
    let lane = way.lane(0);
    way.after(60_000);
    assert!(way.gate.admit(&lane, way.now, false));
    way.after(250);
    assert!(way.gate.admit(&lane, way.now, false), "250 ms are not more than 250 ms");
}

#[test]
fn one_partitions_trouble_is_not_anothers() {
    let mut way = Way::new();
    let (bad, good) = (way.lane(0), way.lane(1));
    way.fill(&bad);
    way.after(10_000);
    assert!(!way.gate.admit(&bad, way.now, false));
    assert_eq!(way.fill(&good), lane::SMALLEST_WINDOW);
    way.gate.failed(&bad, way.now, HandOver { alone: false }, Loss::Silent);
    assert!(way.lanes.flows(1, way.now) && !way.lanes.flows(0, way.now));
}

#[test]
fn after_a_loss_one_record_at_a_time_tries_the_way() {
    let mut way = Way::new();
    let lane = way.lane(0);
    way.gate.admit(&lane, way.now, false);
    way.gate.failed(&lane, way.now, HandOver { alone: false }, Loss::Silent);
    assert_eq!(way.fill(&lane), 1);
    way.after(1);
    way.acknowledge(&lane, 1);
    assert_eq!(way.fill(&lane), lane::SMALLEST_WINDOW);
}

#[test]
fn nothing_is_tried_while_all_brokers_are_down() {
    let way = Way::new();
    let lane = way.lane(0);
    assert!(!way.gate.admit(&lane, way.now, true));
    way.gate.wait(&lane, 1, 7).unwrap();
    assert_eq!(way.gate.drain(&lane, way.now, true, |_, _| Fate::HandedOver), None);
    assert_eq!(way.gate.waiting(), 1);
    assert_eq!(way.drain(&lane), [(7, false)]);
    assert_eq!((way.gate.waiting(), way.gate.outstanding()), (0, 1));
}

#[test]
fn what_waits_goes_first_and_in_order() {
    let way = Way::new();
    let lane = way.lane(0);
    for record in 0..20 {
        way.gate.wait(&lane, 1, record).unwrap();
    }
    assert!(!way.gate.admit(&lane, way.now, false));
    let mut handed = way.drain(&lane);
    while lane.waiting() > 0 {
        way.acknowledge(&lane, lane.outstanding());
        handed.extend(way.drain(&lane));
    }
    assert_eq!(handed, (0..20).map(|record| (record, false)).collect::<Vec<_>>());
}

#[test]
fn one_lane_in_trouble_may_hold_half_of_the_queue_and_leaves_the_rest_to_others() {
    let way = Way::new();
    let held =
        |partition| (0..1_000).take_while(|record| way.gate.wait(&way.lane(partition), 1, *record).is_ok()).count();
    assert_eq!([held(0), held(1), held(2)], [50, 25, 13]);
    assert!(way.gate.waiting() < BOUNDS.records);
}

#[test]
fn what_waits_is_bounded_in_bytes() {
    let way = Way::new();
    let lane = way.lane(0);
    way.gate.wait(&lane, 2_000, 1).expect("alone it may wait");
    assert_eq!(way.gate.wait(&lane, 1, 2), Err((Refusal::Full, 2)));
    assert_eq!(way.drain(&lane).len(), 1);
    way.gate.wait(&lane, 400, 3).unwrap();
    assert_eq!(way.gate.wait(&lane, 400, 4), Err((Refusal::Full, 4)));
    way.gate.wait(&way.lane(1), 300, 5).expect("the other lane's share");
}

#[test]
fn a_record_that_librdkafka_does_not_take_goes_later_and_first() {
    let mut way = Way::new();
    let lane = way.lane(0);
    way.gate.wait(&lane, 1, 1).unwrap();
    way.gate.wait(&lane, 1, 2).unwrap();
    assert_eq!(way.gate.drain(&lane, way.now, false, |record, _| Fate::Full(record)), None);
    assert_eq!((way.gate.waiting(), lane.outstanding()), (2, 0));
    way.after(10);
    assert_eq!(way.gate.drain(&lane, way.now, false, |record, _| Fate::Unknown(record)), None);
    way.after(50);
    assert_eq!(way.drain(&lane), []);
    way.after(50);
    assert_eq!(way.drain(&lane), [(1, false), (2, false)]);
}

#[test]
fn records_of_a_refused_batch_go_again_alone_in_order_before_the_others() {
    let mut way = Way::new();
    let lane = way.lane(0);
    for _ in 0..3 {
        assert!(way.gate.admit(&lane, way.now, false));
    }
    for record in 0..3 {
        way.gate.go_again(&lane, 1, record).unwrap();
    }
    way.gate.wait(&lane, 1, 9).unwrap();
    for _ in 0..3 {
        way.gate.failed(&lane, way.now, HandOver { alone: false }, Loss::Refused);
    }
    for record in 0..3 {
        assert_eq!(way.drain(&lane), [(record, true)]);
        way.after(1);
        assert_eq!(way.drain(&lane), [], "nothing beside it");
        way.gate.delivered(&lane, way.now, HandOver { alone: true });
    }
    assert_eq!(way.drain(&lane), [(9, false)]);
    assert!(way.fill(&lane) > 1);
}

#[test]
fn what_was_given_up_leaves_the_queue() {
    let way = Way::new();
    let lane = way.lane(0);
    for record in 0..10 {
        way.gate.wait(&lane, 10, record).unwrap();
    }
    assert_eq!(way.gate.forget(|record| record % 2 == 0), [0, 2, 4, 6, 8]);
    assert_eq!((way.gate.waiting(), lane.waiting()), (5, 5));
    assert_eq!(way.drain(&lane).iter().map(|(record, _)| *record).collect::<Vec<_>>(), [1, 3, 5, 7, 9]);
    way.gate.wait(&lane, 900, 1).expect("the bytes are free");
}

#[test]
fn a_close_gives_back_what_waits_and_lets_nothing_through() {
    let way = Way::new();
    let lane = way.lane(0);
    way.gate.wait(&lane, 1, 1).unwrap();
    way.gate.wait(&lane, 1, 2).unwrap();
    // One is in the hands of the drain while the gate is closed.
    let mut others = Vec::new();
    let back = way.gate.drain(&lane, way.now, false, |record, _| {
        others = way.gate.close();
        Fate::Full(record)
    });
    assert_eq!((back, others), (Some(1), vec![2]));
    assert_eq!((way.gate.waiting(), lane.outstanding()), (0, 0));
    assert!(!way.gate.admit(&lane, way.now, false));
    assert_eq!(way.gate.wait(&lane, 1, 3), Err((Refusal::Closed, 3)));
}

#[test]
fn every_partition_has_a_lane_of_its_own() {
    let way = Way::new();
    for partition in [0, 1, 2, 3, 6, 7, 1_000, 100_000] {
        let lane = way.lane(partition);
        assert_eq!(lane.outstanding(), 0, "{partition}");
        way.gate.admit(&lane, way.now, false);
        assert!(Arc::ptr_eq(&lane, way.lanes.lane(partition)));
    }
    // What no partition has is still somewhere.
    assert!(Arc::ptr_eq(way.lanes.lane(i32::MAX), &way.lane(i32::MAX)));
}
