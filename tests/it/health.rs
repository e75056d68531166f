//! What processes say of themselves: not ready after five seconds of trouble, and not before.

use std::time::{Duration, Instant};

use bus::Bus;
use bus_tests::refusing::Refusing;
use bus_tests::switched::Switched;
use bus_tests::{Broker, Counting, begun, eventually, within};

bus_tests::contract!(Probed, "probed.req", "probed.resp");
bus_tests::serve_contract!(Probed for Counting);

const TOPICS: [&str; 3] = ["probed.req", "probed.resp", "probed.req.dead"];

/// When `bus` is not ready any more, if it is not.
async fn not_ready(bus: &Bus, since: Instant) -> Duration {
    within(40, "it is not ready", async {
        while bus.health().is_ready() {
            assert!(bus.health().is_live());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        since.elapsed()
    })
    .await
}

async fn ready(bus: &Bus) {
    within(40, "it is ready", async {
        while !bus.health().is_ready() {
            assert!(bus.health().is_live(), "{}", bus.health());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}

/// Takes the broker away at once, its connections with it or not, or brings it back.
fn take_away(switched: &Switched, away: bool) {
    match &switched.broker {
        Broker::Kafka(_) => switched.freeze(away),
        Broker::Embedded(_) if away => switched.down(),
        Broker::Embedded(_) => switched.up(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_broker_a_facade_and_a_service_are_not_ready_after_five_seconds_and_ready_once_it_is_back() {
    let switched = Switched::start();
    let service = switched.broker.bus("service").await;
    let serving = service.serve(ProbedServer::new(Counting::default())).start().await.unwrap();
    let facade = switched.broker.bus("facade").await;
    assert!(facade.health().is_ready(), "nothing is missed that was not started");
    let client: ProbedClient = facade.client().await.unwrap();
    assert_eq!(facade.health().last_answer, None);
    within(20, "calls are answered", async { while client.add(1, 2).await != Ok(3) {} }).await;
    ready(&service).await;
    eventually("the answer is known", || facade.health().last_answer.is_some()).await;
    let health = facade.health();
    assert_eq!((health.replies.len(), health.topics.len()), (1, 0));
    assert_eq!(health.replies[0].topic, "probed.resp");
    // A bus says of its servers what they say themselves.
    assert_eq!(service.health().topics[0].partitions.value, serving.health().topics[0].partitions.value);

    for _ in 0..2 {
        let since = Instant::now();
        take_away(&switched, true);
        let (facades, services) = tokio::join!(not_ready(&facade, since), not_ready(&service, since));
        for waited in [facades, services] {
            assert!(waited >= Duration::from_secs(5), "{waited:?}");
        }
        let text = facade.health().to_string();
        assert!(text.starts_with("not ready; no broker answers for"), "{text}");
        assert!(!facade.health().broker.value && !serving.health().is_ready() && serving.health().is_live());
        take_away(&switched, false);
        tokio::join!(ready(&facade), ready(&service));
        within(20, "calls are answered", async { while client.add(1, 2).await != Ok(3) {} }).await;
    }

    assert!(serving.health().is_ready());
    serving.stop().await.unwrap();
    assert_eq!(service.health().topics.len(), 0, "a server that was stopped is not missed");
    facade.close().await;
    assert!(!facade.health().is_ready() && facade.health().closed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_may_not_read_its_replies_is_not_ready_and_names_the_right() {
    let refusing = Refusing::start(&TOPICS);
    let bus = refusing.broker().bus("facade").await;
    let _client: ProbedClient = bus.client().await.unwrap();
    if !Broker::shared().is_real() {
        // The mock says where a partition ends even where it refuses to show what is in it.
        assert!(bus.health().is_ready() && bus.health().replies[0].at_end.value);
        return;
    }
    let since = Instant::now();
    refusing.reading("probed.resp", true);
    let waited = not_ready(&bus, since).await;
    assert!(waited >= Duration::from_secs(5), "{waited:?}");
    let health = bus.health();
    assert!(health.broker.value && !health.replies[0].at_end.value, "{health}");
    let trouble = health.replies[0].trouble.as_ref().map(|trouble| trouble.value.clone()).unwrap_or_default();
    for part in ["kafka-acls.sh --bootstrap-server", "--operation Read --topic probed.resp", "User:ANONYMOUS"] {
        assert!(trouble.contains(part), "{trouble}");
    }
    refusing.reading("probed.resp", false);
    ready(&bus).await;
    assert_eq!(bus.health().replies[0].trouble, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_may_not_write_its_answers_is_not_ready_and_names_the_right() {
    let refusing = Refusing::start(&TOPICS);
    let service = refusing.broker().bus("service").await;
    let counting = Counting::default();
    let serving = service.serve(ProbedServer::new(counting.clone())).start().await.unwrap();
    let facade = refusing.broker().bus("facade").await;
    let client: ProbedClient = facade.client().timeout(Duration::from_millis(500)).await.unwrap();
    within(20, "calls are answered", async { while client.add(1, 2).await != Ok(3) {} }).await;
    // The mock takes the right from both sides, so the request has to be there before.
    let ran = counting.count();
    let slow = begun(client.wait(5_000).timeout(Duration::from_secs(20)));
    eventually("it runs", || counting.count() > ran).await;
    refusing.writing("probed.resp", true);
    eventually("the missing right is told", || serving.health().topics[0].trouble.is_some()).await;
    let trouble = serving.health().topics[0].trouble.clone().unwrap().value;
    assert!(trouble.contains("--operation Write --topic probed.resp"), "{trouble}");
    not_ready(&service, Instant::now()).await;
    drop(slow);
    refusing.writing("probed.resp", false);
    within(40, "calls are answered", async { while client.add(1, 2).await != Ok(3) {} }).await;
    ready(&service).await;
    serving.stop().await.unwrap();
}
