//! What a client sends, where it goes, and what becomes of it where Kafka takes it badly.

use std::future::IntoFuture;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bus::{CallError, Failure};
use bus_tests::plain::{self, Reader};
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

bus_tests::contract!(Grown, "grown.req", "grown.resp");
bus_tests::serve_contract!(Grown for Counting);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_call_fails_as_partitions_are_added_and_they_are_used_before_long() {
    let broker = Broker::shared();
    let Broker::Kafka(brokers) = &broker else {
        // Topics of the embedded broker do not grow.
        for partitions in [2, 6] {
            broker.make_topic("grown.req", partitions, &[]).await;
            assert_eq!(plain::partitions(&broker.address(), "grown.req"), Some(2));
        }
        return;
    };
    // An earlier run on this Kafka may have left it grown.
    plain::delete_topic(brokers, "grown.req").await;
    broker.make_topic("grown.req", 2, &[]).await;
    let service = broker.bus("service").await;
    let serving = service.serve(GrownServer::new(Counting::default())).start().await.unwrap();
    let bus = broker.bus("facade").await;
    let client: GrownClient = bus.client().await.unwrap();
    let (text, done) = (unique("grown"), Arc::new(AtomicBool::new(false)));
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
    plain::grow_topic(brokers, "grown.req", 6).await;
    let reader = Reader::new(brokers, "grown.req");
    eventually("all partitions are used", || {
        let written = plain::written(&reader, "grown.req");
        written.len() == 6 && written.iter().all(|records| *records > 0)
    })
    .await;
    done.store(true, Ordering::Relaxed);
    for caller in calling {
        caller.await.unwrap();
    }
    serving.stop().await.unwrap();
}
