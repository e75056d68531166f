//! What a client sends, where it goes, and what becomes of it where Kafka takes it badly.

use std::future::IntoFuture;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bus::{CallError, Failure};
use bus_tests::plain::{self, Reader};
use bus_tests::switched::Switched;
use bus_tests::{Broker, Counting, eventually, unique};

bus_tests::contract!(Crowded, "crowded.req", "crowded.resp");
bus_tests::serve_contract!(Crowded for Counting);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_is_too_large_only_by_itself_not_by_the_batch_that_it_is_in() {
    let broker = Broker::shared();
    // Far below what a producer puts into one batch.
    let limit = ("max.message.bytes", "32768");
    for topic in ["crowded.req", "crowded.resp"] {
        broker.make_topic(topic, 1, &[limit]).await;
    }
    let service = broker.bus("service").await;
    let serving = service.serve(CrowdedServer::new(Counting::default())).start().await.unwrap();
    let bus = broker.bus("facade").await;
    let client: CrowdedClient = bus.client().timeout(Duration::from_secs(20)).await.unwrap();
    let text = "x".repeat(4_000);
    // Acknowledged at first, so that many go at once thereafter.
    for _ in 0..3 {
        let calls: Vec<_> = (0..300).map(|_| tokio::spawn(client.echo(&text).into_future())).collect();
        for call in calls {
            assert_eq!(call.await.unwrap().map(|answer| answer.len()), Ok(text.len()));
        }
    }
    let large = client.echo(&"x".repeat(40_000)).await;
    if broker.is_real() {
        let Err(CallError::Bus(Failure::TooLarge { detail, ran: false })) = &large else { panic!("{large:?}") };
        assert!(detail.contains("max.message.bytes"), "{detail}");
    } else {
        // The embedded broker knows no settings of topics.
        assert_eq!(large.map(|answer| answer.len()), Ok(40_000));
    }
    serving.stop().await.unwrap();
}

bus_tests::contract!(Widened, "wider.req", "wider.resp");
bus_tests::serve_contract!(Widened for Counting);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_call_fails_as_partitions_are_added_and_they_are_used_before_long() {
    let broker = Broker::shared();
    let Broker::Kafka(brokers) = &broker else {
        // Topics of the embedded broker do not grow.
        for partitions in [2, 6] {
            broker.make_topic("wider.req", partitions, &[]).await;
            assert_eq!(plain::partitions(&broker.address(), "wider.req"), Some(2));
        }
        return;
    };
    // An earlier run on this Kafka may have left it grown.
    plain::delete_topic(brokers, "wider.req").await;
    broker.make_topic("wider.req", 2, &[]).await;
    let service = broker.bus("service").await;
    let serving = service.serve(WidenedServer::new(Counting::default())).start().await.unwrap();
    let bus = broker.bus("facade").await;
    let client: WidenedClient = bus.client().await.unwrap();
    let (text, done) = (unique("widened"), Arc::new(AtomicBool::new(false)));
    let calling: Vec<_> = (0..8)
        .map(|_| {
            let (client, text, done) = (client.clone(), text.clone(), Arc::clone(&done));
            tokio::spawn(async move {
                while !done.load(Ordering::Relaxed) {
                    assert_eq!(client.echo(&text).await, Ok(text.clone()));
                    // A look at each partition is wanted, not load.
                    tokio::time::sleep(Duration::from_millis(3)).await;
                }
            })
        })
        .collect();
    plain::add_partitions(brokers, "wider.req", 6).await;
    let reader = Reader::new(brokers, "wider.req");
    eventually("all partitions are used", || {
        let written = plain::written(&reader, "wider.req");
        written.len() == 6 && written.iter().all(|records| *records > 0)
    })
    .await;
    done.store(true, Ordering::Relaxed);
    for caller in calling {
        caller.await.unwrap();
    }
    serving.stop().await.unwrap();
}

/// Says when its caller stops waiting.
#[bus::request(topic = "frozen.req", reply = "frozen.resp", partitions = 1, reply_partitions = 1)]
pub(crate) trait Frozen {
    /// In microseconds, by the clock of this process.
    async fn by(&self, deadline: u64) -> Result<u64, String>;
}

/// Counts the requests that begin after their callers have gone.
#[derive(Clone)]
struct Late {
    epoch: Instant,
    runs: Arc<AtomicU64>,
}

impl Late {
    fn now(&self) -> u64 {
        u64::try_from(self.epoch.elapsed().as_micros()).unwrap()
    }
}

impl Frozen for Late {
    async fn by(&self, deadline: u64) -> Result<u64, String> {
        if self.now() > deadline {
            self.runs.fetch_add(1, Ordering::Relaxed);
        }
        Ok(deadline)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_frozen_broker_holds_of_callers_that_have_gone_is_bounded_by_what_it_took_of_late() {
    const TIMEOUT: Duration = Duration::from_millis(800);
    if !Broker::shared().is_real() {
        // The embedded broker is no process that could be frozen.
        assert!(Broker::shared().address().starts_with("127.0.0.1:"));
        return;
    }
    let switched = Switched::start();
    let late = Late { epoch: Instant::now(), runs: Arc::default() };
    let service = switched.broker.bus("service").await;
    let serving = service.serve(FrozenServer::new(late.clone())).start().await.unwrap();
    let bus = switched.broker.bus("facade").await;
    let client: FrozenClient = bus.client().timeout(TIMEOUT).await.unwrap();
    let (answered, done) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let calling: Vec<_> = (0..64)
        .map(|_| {
            let (client, late, answered, done) =
                (client.clone(), late.clone(), Arc::clone(&answered), Arc::clone(&done));
            tokio::spawn(async move {
                while !done.load(Ordering::Relaxed) {
                    let deadline = late.now() + u64::try_from(TIMEOUT.as_micros()).unwrap();
                    if client.by(deadline).await.is_ok() {
                        answered.fetch_add(1, Ordering::Relaxed);
                    }
                }
            })
        })
        .collect();
    eventually("calls are answered", || answered.load(Ordering::Relaxed) > 1_000).await;
    let before = answered.load(Ordering::Relaxed);
    tokio::time::sleep(Duration::from_millis(250)).await;
    let of_late = answered.load(Ordering::Relaxed) - before;
    let runs = late.runs.load(Ordering::Relaxed);
    switched.freeze(true);
    tokio::time::sleep(Duration::from_secs(4)).await;
    switched.freeze(false);
    let frozen = answered.load(Ordering::Relaxed);
    eventually("calls are answered again", || answered.load(Ordering::Relaxed) > frozen + 1_000).await;
    done.store(true, Ordering::Relaxed);
    for caller in calling {
        caller.await.unwrap();
    }
    let runs = late.runs.load(Ordering::Relaxed) - runs;
    // All of the 64 may have been on their way, and not more however long it is frozen.
    assert!(
        runs <= of_late.clamp(8, 64),
        "{runs} ran after their callers had gone, and {of_late} were answered of late"
    );
    serving.stop().await.unwrap();
}
