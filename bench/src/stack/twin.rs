//! The hand-written rival: `BaseConsumer` and `BaseProducer` on threads of their own, and nothing
//! that keeps anybody safe. No deadline, no bound, no acknowledgement looked at, no codec, offsets
//! committed before the answer is written, a panic where something is not as expected.
//!
//! Its callers are not even tasks: whoever reads a reply sends the next request at once, so there
//! is no wake-up between them. `tasks` is the same with callers that await a `oneshot`, which is
//! the least that a web server needs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // It has no safety.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{BorrowedMessage, Header, Headers as _, Message as _, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::setup::{PAYLOAD, Place, Shape, Stack, share};
use crate::Failed;
use crate::stats::{Turn, nanoseconds};
use crate::topics::{self, wait};

/// How long one poll waits; a record ends it at once.
const POLL: Duration = Duration::from_millis(100);

/// How long all requests go to one partition, where they take turns.
const PARTITION_TURN: Duration = Duration::from_millis(2);

/// Plain or tuned, with callers that are tasks or with none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Variant {
    /// With every librdkafka setting of the bus and its partition turns; otherwise as most write
    /// it: `linger.ms=0`, `acks=all`, and the next partition for the next request.
    pub(super) tuned: bool,
    pub(super) tasks: bool,
}

impl Variant {
    fn producer(self, brokers: &str) -> BaseProducer {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", brokers).set("linger.ms", "0").set("acks", "all");
        if self.tuned {
            tuned(&mut config);
            config
                .set("max.in.flight.requests.per.connection", "1")
                .set("message.timeout.ms", "10000")
                .set("retry.backoff.ms", "20")
                .set("retry.backoff.max.ms", "200")
                .set("queue.buffering.max.messages", "100000");
        }
        config.create().unwrap()
    }

    fn consumer(self, brokers: &str, group: &str) -> BaseConsumer {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", brokers).set("group.id", group).set("auto.offset.reset", "earliest");
        if self.tuned {
            tuned(&mut config);
            config
                .set("auto.commit.interval.ms", "200")
                .set("isolation.level", "read_uncommitted")
                .set("fetch.wait.max.ms", "100")
                .set("fetch.min.bytes", "1")
                .set("queued.min.messages", "1000")
                .set("fetch.queue.backoff.ms", "10")
                .set("fetch.error.backoff.ms", "10")
                .set("partition.assignment.strategy", "range")
                .set("session.timeout.ms", "6000")
                .set("heartbeat.interval.ms", "500");
        }
        config.create().unwrap()
    }
}

/// What all clients of the bus have.
fn tuned(config: &mut ClientConfig) {
    config
        .set("socket.timeout.ms", "3000")
        .set("socket.connection.setup.timeout.ms", "2000")
        .set("reconnect.backoff.ms", "10")
        .set("reconnect.backoff.max.ms", "500")
        .set("topic.metadata.refresh.fast.interval.ms", "50")
        .set("topic.metadata.propagation.max.ms", "2000")
        .set("enable.metrics.push", "false");
}

/// Threads that run until they are told to stop.
#[derive(Default)]
struct Threads {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Threads {
    fn every(&mut self, mut work: impl FnMut() + Send + 'static) {
        let stop = Arc::clone(&self.stop);
        self.threads.push(std::thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                work();
            }
        }));
    }

    fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads {
            let _ = thread.join();
        }
    }
}

/// The token: the one header with a null value.
fn token<'a>(message: &'a BorrowedMessage<'_>) -> &'a str {
    let headers = message.headers().unwrap();
    headers.iter().find(|header| header.value.is_none()).unwrap().key
}

fn header(token: &str) -> OwnedHeaders {
    OwnedHeaders::new_with_capacity(1).insert(Header { key: token, value: None::<&[u8]> })
}

/// Who waits for a reply.
enum Waiter {
    Nobody { since: Instant },
    Task(oneshot::Sender<Vec<u8>>),
}

#[derive(Default)]
struct Loops {
    waiting: HashMap<u64, Waiter>,
    latencies: Vec<u32>,
    until: Option<Instant>,
    running: usize,
}

struct Client {
    topic: String,
    partitions: i32,
    tuned: bool,
    reply_partition: String,
    producer: BaseProducer,
    next: AtomicU64,
    started: Instant,
    state: Mutex<Loops>,
}

impl Client {
    fn send(&self, waiter: Waiter) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.state.lock().unwrap().waiting.insert(number, waiter);
        let turn =
            if self.tuned { self.started.elapsed().as_nanos() / PARTITION_TURN.as_nanos() } else { u128::from(number) };
        let partition = i32::try_from(turn % u128::try_from(self.partitions).unwrap()).unwrap();
        // As long as a UUID.
        let token = format!("{number:036x}");
        let record = BaseRecord::to(&self.topic)
            .partition(partition)
            .key(&self.reply_partition)
            .headers(header(&token))
            .payload(PAYLOAD);
        self.producer.send(record).map_err(|(error, _)| error).unwrap();
    }

    fn reply(&self, message: &BorrowedMessage<'_>) {
        let Ok(number) = u64::from_str_radix(token(message), 16) else { return };
        let mut state = self.state.lock().unwrap();
        match state.waiting.remove(&number) {
            None => {}
            Some(Waiter::Task(waiter)) => {
                drop(state);
                let _ = waiter.send(message.payload().unwrap().to_vec());
            }
            Some(Waiter::Nobody { since }) => {
                assert_eq!(message.payload(), Some(PAYLOAD.as_bytes()));
                let now = Instant::now();
                state.latencies.push(nanoseconds(now - since));
                if state.until.is_some_and(|until| now < until) {
                    drop(state);
                    self.send(Waiter::Nobody { since: now });
                } else {
                    state.running -= 1;
                }
            }
        }
    }

    async fn call(self: Arc<Self>, until: Instant) -> Vec<u32> {
        let mut latencies = Vec::new();
        loop {
            let started = Instant::now();
            if started >= until {
                return latencies;
            }
            let (sender, reply) = oneshot::channel();
            self.send(Waiter::Task(sender));
            assert_eq!(reply.await.unwrap(), PAYLOAD.as_bytes());
            latencies.push(nanoseconds(started.elapsed()));
        }
    }
}

struct Running {
    variant: Variant,
    on_clients: Handle,
    clients: Vec<Arc<Client>>,
    threads: Threads,
}

pub(super) async fn start(
    variant: Variant,
    name: &'static str,
    shape: Shape,
    place: &Place,
) -> Result<Box<dyn Stack>, Failed> {
    let Shape { partitions, clients, servers } = shape;
    let (requests, replies) = (topics::requests(name, partitions), topics::replies(name, partitions));
    let mut threads = Threads::default();
    let consumers: Vec<Arc<BaseConsumer>> = (0..servers)
        .map(|_| Arc::new(variant.consumer(&place.brokers, &format!("{}-{name}-{partitions}", place.run))))
        .collect();
    for consumer in &consumers {
        consumer.subscribe(&[&requests])?;
        serve(&mut threads, variant.producer(&place.brokers), Arc::clone(consumer), replies.clone());
    }
    // Servers may run in another process.
    wait("the servers of the twin to have partitions", || {
        if servers == 0 {
            return Ok(true);
        }
        let shares = consumers.iter().map(|consumer| consumer.assignment().map_or(0, |list| list.count()));
        let all: Vec<usize> = shares.collect();
        let wanted = usize::try_from(partitions)?;
        Ok(all.iter().sum::<usize>() == wanted && all.iter().filter(|share| **share > 0).count() == servers.min(wanted))
    })
    .await?;
    let clients = (0..clients)
        .map(|number| {
            let client = Arc::new(Client {
                topic: requests.clone(),
                partitions,
                tuned: variant.tuned,
                reply_partition: number.to_string(),
                producer: variant.producer(&place.brokers),
                // Clients do not walk in step.
                next: AtomicU64::new(u64::try_from(number)? << 48),
                started: Instant::now(),
                state: Mutex::default(),
            });
            let consumer = variant.consumer(&place.brokers, "bench-reader");
            let partition = i32::try_from(number)?;
            let (_, end) = consumer.fetch_watermarks(&replies, partition, Duration::from_secs(10))?;
            let mut list = TopicPartitionList::new();
            list.add_partition_offset(&replies, partition, Offset::Offset(end))?;
            consumer.assign(&list)?;
            let (reader, polled) = (Arc::clone(&client), Arc::clone(&client));
            threads.every(move || {
                if let Some(message) = consumer.poll(POLL) {
                    reader.reply(&message.unwrap());
                }
            });
            threads.every(move || {
                polled.producer.poll(POLL);
            });
            Ok(client)
        })
        .collect::<Result<Vec<_>, Failed>>()?;
    Ok(Box::new(Running { variant, on_clients: place.clients.clone(), clients, threads }))
}

/// Answers every request with its own body, on the thread that reads.
fn serve(threads: &mut Threads, producer: BaseProducer, consumer: Arc<BaseConsumer>, replies: String) {
    let producer = Arc::new(producer);
    let polled = Arc::clone(&producer);
    threads.every(move || {
        polled.poll(POLL);
    });
    threads.every(move || {
        let Some(message) = consumer.poll(POLL) else { return };
        let message = message.unwrap();
        let key = message.key().unwrap();
        let partition = std::str::from_utf8(key).unwrap().parse().unwrap();
        let record = BaseRecord::to(&replies)
            .partition(partition)
            .key(key)
            .headers(header(token(&message)))
            .payload(message.payload().unwrap());
        producer.send(record).map_err(|(error, _)| error).unwrap();
    });
}

impl Stack for Running {
    fn turn(&mut self, callers: usize, time: Duration) -> Result<Turn, Failed> {
        let started = Instant::now();
        let until = started + time;
        let shares = self.clients.iter().zip(share(callers, self.clients.len()));
        if self.variant.tasks {
            let mut running = JoinSet::new();
            for (client, callers) in shares {
                for _ in 0..callers {
                    running.spawn_on(Arc::clone(client).call(until), &self.on_clients);
                }
            }
            let latencies = self.on_clients.block_on(running.join_all()).concat();
            return Ok(Turn { elapsed: started.elapsed(), latencies, failures: 0 });
        }
        for (client, callers) in shares {
            {
                let mut state = client.state.lock().unwrap();
                state.until = Some(until);
                state.running = callers;
            }
            for _ in 0..callers {
                client.send(Waiter::Nobody { since: Instant::now() });
            }
        }
        let mut latencies = Vec::new();
        let given_up = until + Duration::from_secs(10);
        for client in &self.clients {
            loop {
                let mut state = client.state.lock().unwrap();
                if state.running == 0 {
                    latencies.append(&mut state.latencies);
                    break;
                }
                drop(state);
                if Instant::now() > given_up {
                    return Err("the twin lost a reply".into());
                }
                let left = until.saturating_duration_since(Instant::now());
                std::thread::sleep(left.max(Duration::from_millis(1)));
            }
        }
        Ok(Turn { elapsed: started.elapsed(), latencies, failures: 0 })
    }

    fn stop(self: Box<Self>) {
        self.threads.stop();
    }
}
