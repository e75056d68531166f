//! The faults, one row each. To add one: write a function that does it to a [`World`] and heals it,
//! and name it in [`ROWS`].

use std::time::Duration;

use bus_tests::impostor::Manner;

use crate::world::{REPLIES, REQUESTS, World, calm};

/// On how many brokers a row makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    One,
    Three,
    Any,
}

#[derive(Clone, Copy)]
pub struct Row {
    pub name: &'static str,
    pub on: On,
    /// Whether it belongs to the short form.
    pub short: bool,
    /// Why requests may run more than once; `None`: they must not.
    pub repeats: Option<&'static str>,
    /// Does the harm, and undoes it.
    pub fault: fn(&World),
}

/// The broker may have what it never acknowledged.
const NO_ACKNOWLEDGEMENT: Option<&str> = Some("a record or a commit that was not acknowledged is written again");

/// The commit points are those of the old topic, or none.
const NEW_LOG: Option<&str> = Some("the log is another one");

pub const ROWS: &[Row] = &[
    Row { name: "nothing", on: On::Any, short: true, repeats: None, fault: |_| calm(Duration::from_secs(1)) },
    Row { name: "broker-restarts", on: On::One, short: true, repeats: NO_ACKNOWLEDGEMENT, fault: restart },
    Row { name: "broker-is-killed", on: On::One, short: true, repeats: NO_ACKNOWLEDGEMENT, fault: kill },
    Row { name: "broker-names-no-brokers", on: On::One, short: true, repeats: NO_ACKNOWLEDGEMENT, fault: no_brokers },
    Row { name: "broker-knows-no-topics", on: On::One, short: false, repeats: NO_ACKNOWLEDGEMENT, fault: no_topics },
    Row { name: "broker-is-elsewhere", on: On::One, short: false, repeats: NO_ACKNOWLEDGEMENT, fault: elsewhere },
    Row {
        name: "broker-cannot-be-resolved",
        on: On::One,
        short: false,
        repeats: NO_ACKNOWLEDGEMENT,
        fault: unresolvable,
    },
    Row { name: "web-server-on-the-port", on: On::One, short: false, repeats: NO_ACKNOWLEDGEMENT, fault: web_server },
    Row { name: "noise-on-the-port", on: On::One, short: false, repeats: NO_ACKNOWLEDGEMENT, fault: noise },
    Row { name: "broker-is-frozen", on: On::Any, short: true, repeats: NO_ACKNOWLEDGEMENT, fault: freeze },
    Row {
        name: "request-topic-made-anew",
        on: On::Any,
        short: true,
        repeats: NEW_LOG,
        fault: |w| anew(w, REQUESTS, 5),
    },
    Row {
        name: "request-topic-made-smaller",
        on: On::Any,
        short: false,
        repeats: NEW_LOG,
        fault: |w| anew(w, REQUESTS, 2),
    },
    Row {
        name: "request-topic-made-larger",
        on: On::Any,
        short: false,
        repeats: NEW_LOG,
        fault: |w| anew(w, REQUESTS, 8),
    },
    Row { name: "reply-topic-made-anew", on: On::Any, short: true, repeats: None, fault: |w| anew(w, REPLIES, 5) },
    Row { name: "reply-topic-made-larger", on: On::Any, short: false, repeats: None, fault: |w| anew(w, REPLIES, 8) },
    Row { name: "request-partitions-added", on: On::Any, short: true, repeats: None, fault: |w| added(w, REQUESTS) },
    Row { name: "reply-partitions-added", on: On::Any, short: false, repeats: None, fault: |w| added(w, REPLIES) },
    Row { name: "leader-is-killed", on: On::Three, short: true, repeats: NO_ACKNOWLEDGEMENT, fault: kill_leader },
    Row { name: "leader-restarts", on: On::Three, short: true, repeats: NO_ACKNOWLEDGEMENT, fault: restart_leader },
    Row { name: "all-brokers-restart-in-turn", on: On::Three, short: false, repeats: NO_ACKNOWLEDGEMENT, fault: roll },
];

fn restart(world: &World) {
    world.kafka.stop(1);
    calm(Duration::from_secs(1));
    world.kafka.start_again(1);
}

fn kill(world: &World) {
    world.kafka.kill(1);
    calm(Duration::from_secs(1));
    world.kafka.start_again(1);
}

/// A restart with something else on the port meanwhile.
fn meanwhile(world: &World, manner: Manner) {
    world.kafka.stop(1);
    world.kafka.impostor(1, manner, Duration::from_secs(4));
    world.kafka.start_again(1);
}

fn no_brokers(world: &World) {
    meanwhile(world, Manner::no_brokers());
}

fn no_topics(world: &World) {
    let brokers = vec![(1, "127.0.0.1".to_owned(), world.kafka.port)];
    meanwhile(world, Manner::Cluster { brokers, topics: false });
}

fn elsewhere(world: &World) {
    // A broker that advertises an address at which nobody listens.
    let brokers = vec![(1, "127.0.0.1".to_owned(), 1)];
    meanwhile(world, Manner::Cluster { brokers, topics: true });
}

fn unresolvable(world: &World) {
    let brokers = vec![(1, "kafka-internal.invalid".to_owned(), world.kafka.port)];
    meanwhile(world, Manner::Cluster { brokers, topics: true });
}

fn web_server(world: &World) {
    meanwhile(world, Manner::Http);
}

fn noise(world: &World) {
    meanwhile(world, Manner::Noise);
}

fn freeze(world: &World) {
    let broker = if world.kafka.brokers == 1 { 1 } else { world.kafka.leader() };
    world.kafka.freeze(broker, Duration::from_secs(4));
}

fn anew(world: &World, topic: &str, partitions: u32) {
    world.delete_topic(topic);
    calm(Duration::from_secs(1));
    world.make_topic(topic, partitions);
}

fn added(world: &World, topic: &str) {
    world.add_partitions(topic, 8);
}

fn kill_leader(world: &World) {
    let leader = world.kafka.leader();
    world.kafka.kill(leader);
    calm(Duration::from_secs(5));
    world.kafka.start_again(leader);
}

fn restart_leader(world: &World) {
    let leader = world.kafka.leader();
    world.kafka.stop(leader);
    calm(Duration::from_secs(1));
    world.kafka.start_again(leader);
}

fn roll(world: &World) {
    for broker in 1..=world.kafka.brokers {
        world.kafka.stop(broker);
        world.kafka.start_again(broker);
        calm(Duration::from_secs(2));
    }
}
