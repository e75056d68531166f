//! Competing servers, and partitions of the request topic.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use bus_tests::plain::{self, Reader, Record};
use bus_tests::{Broker, Counting, begun, eventually, unique, within};
use tokio::task::JoinSet;

fn holds(record: &Record, text: &str) -> bool {
    record.value.as_ref().is_some_and(|value| value.windows(text.len()).any(|part| part == text.as_bytes()))
}

bus_tests::contract!(Shared, "shared.req", "shared.resp");
bus_tests::serve_contract!(Shared for Counting);

/// Calls made, handlers run, answers got: nothing is lost while one server joins another under load
/// and then leaves it the work, and on a real broker nothing runs twice. The embedded one takes no
/// commits while a group changes, as its documentation says.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_share_the_work_and_both_join_under_load_without_a_request_lost() {
    let broker = Broker::shared();
    let bus = broker.bus("facade").await;
    let client: SharedClient = bus.client().timeout(Duration::from_secs(20)).await.unwrap();
    let (going, calls, answers) =
        (Arc::new(AtomicBool::new(true)), Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let mut callers = JoinSet::new();
    for _ in 0..16 {
        let (client, going, calls, answers) =
            (client.clone(), Arc::clone(&going), Arc::clone(&calls), Arc::clone(&answers));
        callers.spawn(async move {
            while going.load(Ordering::SeqCst) {
                let number = calls.fetch_add(1, Ordering::SeqCst);
                assert_eq!(client.add(number, 1).await, Ok(number + 1));
                answers.fetch_add(1, Ordering::SeqCst);
            }
        });
    }
    let more = async |what: &str, of: &dyn Fn() -> u64| {
        let before = of();
        eventually(what, || of() >= before + 100).await;
    };
    let (one, other) = (Counting::default(), Counting::default());
    let first_bus = broker.bus("first").await;
    let first = first_bus.serve(SharedServer::new(one.clone())).start().await.unwrap();
    more("answers of the first server", &|| one.count()).await;
    let second_bus = broker.bus("second").await;
    let second = second_bus.serve(SharedServer::new(other.clone())).start().await.unwrap();
    more("answers of the second server", &|| other.count()).await;
    more("answers of the first server beside the second", &|| one.count()).await;
    assert!(first.has_partitions() && second.has_partitions());
    let left = first.stop().await.unwrap();
    assert!(left.finished <= one.count(), "{left:?}");
    more("answers of the second server alone", &|| other.count()).await;
    going.store(false, Ordering::SeqCst);
    within(30, "every call ends", async {
        while let Some(caller) = callers.join_next().await {
            caller.unwrap();
        }
    })
    .await;
    second.stop().await.unwrap();
    let calls = calls.load(Ordering::SeqCst);
    assert_eq!(answers.load(Ordering::SeqCst), calls);
    let runs = one.count() + other.count();
    let balanced = if broker.is_real() { runs == calls } else { runs >= calls };
    assert!(balanced, "{calls} calls, {} and {} runs", one.count(), other.count());
}

bus_tests::contract!(Early, "early.req", "early.resp");
bus_tests::serve_contract!(Early for Counting);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_sent_before_the_first_server_joined_is_answered() {
    let broker = Broker::shared();
    let bus = broker.bus("facade").await;
    let client: EarlyClient = bus.client().timeout(Duration::from_secs(20)).await.unwrap();
    let text = unique("early");
    let call = begun(client.echo(&text));
    Reader::new(&broker.address(), "early.req").find("the request", |record| holds(record, &text));
    let serving = bus.serve(EarlyServer::new(Counting::default())).start().await.unwrap();
    assert_eq!(call.await, Ok(text));
    serving.stop().await.unwrap();
}

bus_tests::contract!(Five, "five.req", "five.resp");
bus_tests::serve_contract!(Five for Counting);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_reach_every_partition_of_a_request_topic() {
    let broker = Broker::shared();
    let bus = broker.bus("facade").await;
    let serving = bus.serve(FiveServer::new(Counting::default())).start().await.unwrap();
    let client: FiveClient = bus.client().await.unwrap();
    assert_eq!(plain::partitions(&broker.address(), "five.req"), Some(5));
    assert_eq!(plain::partitions(&broker.address(), "five.resp"), Some(5));
    let text = unique("five");
    let calling = tokio::spawn({
        let text = text.clone();
        async move {
            loop {
                assert_eq!(client.echo(&text).await.as_ref(), Ok(&text));
            }
        }
    });
    let mut seen = BTreeSet::new();
    Reader::new(&broker.address(), "five.req").find("requests on five partitions", |record| {
        if holds(record, &text) {
            seen.insert(record.partition);
        }
        seen.len() == 5
    });
    calling.abort();
    serving.stop().await.unwrap();
}

bus_tests::contract!(Single, "single.req", "single.resp", partitions = 1);
bus_tests::serve_contract!(Single for Counting);

#[tokio::test]
async fn a_topic_of_one_partition_works() {
    let broker = Broker::shared();
    let bus = broker.bus("facade").await;
    let serving = bus.serve(SingleServer::new(Counting::default())).start().await.unwrap();
    let client: SingleClient = bus.client().await.unwrap();
    assert_eq!(plain::partitions(&broker.address(), "single.req"), Some(1));
    assert_eq!(plain::partitions(&broker.address(), "single.resp"), Some(5));
    for number in 0..20 {
        assert_eq!(client.add(number, 1).await, Ok(number + 1));
    }
    serving.stop().await.unwrap();
}

/// By key: one partition, the one that Kafka's Java client would choose.
#[bus::request(topic = "keyed.req", reply = "keyed.resp")]
trait Keyed {
    async fn put(&self, #[bus(key)] account: &str, value: &str) -> Result<(), String>;
}

impl Keyed for Counting {
    async fn put(&self, _account: &str, _value: &str) -> Result<(), String> {
        self.ran();
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_chooses_the_partition_that_any_client_can_compute() {
    let broker = Broker::shared();
    let bus = broker.bus("facade").await;
    let serving = bus.serve(KeyedServer::new(Counting::default())).start().await.unwrap();
    let client: KeyedClient = bus.client().await.unwrap();
    // (murmur2(key) & 0x7fffffff) % 5, by the vectors of Kafka's own tests.
    for (key, hash) in [("21", -973_932_308_i64), ("foobar", -790_332_482), ("abc", 479_470_107)] {
        let value = unique("keyed");
        assert_eq!(client.put(key, &value).await, Ok(()));
        let request = Reader::new(&broker.address(), "keyed.req").find("the request", |record| holds(record, &value));
        assert_eq!(i64::from(request.partition), (hash & 0x7fff_ffff) % 5, "{key}");
    }
    serving.stop().await.unwrap();
}
