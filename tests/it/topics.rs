//! Topics: made on purpose with what a contract needs, never by accident.

use std::time::Duration;

use bus::{CallError, Failure};
use bus_tests::plain;
use bus_tests::{Broker, Counting, within};
use rdkafka::error::RDKafkaErrorCode;

bus_tests::contract!(Made, "made.req", "made.resp");
bus_tests::serve_contract!(Made for Counting);

#[tokio::test]
async fn topics_are_made_as_the_contract_needs_them() {
    let broker = Broker::shared();
    let address = broker.address();
    if broker.is_real() {
        for topic in ["made.req", "made.resp", "made.req.dead"] {
            plain::delete_topic(&address, topic).await;
        }
    }
    let bus = broker.bus("service").await;
    let _client: MadeClient = bus.client().await.unwrap();
    assert_eq!(plain::partitions(&address, "made.req.dead"), None, "a client needs no dead letters");
    let serving = bus.serve(MadeServer::new(Counting::default())).start().await.unwrap();
    for (topic, partitions, retention) in
        [("made.req", 5, "3600000"), ("made.resp", 5, "3600000"), ("made.req.dead", 1, "604800000")]
    {
        assert_eq!(plain::partitions(&address, topic), Some(partitions), "{topic}");
        // The embedded broker has no settings of topics.
        if broker.is_real() {
            for (name, value) in [
                ("message.timestamp.type", "LogAppendTime"),
                ("retention.ms", retention),
                ("cleanup.policy", "delete"),
                ("compression.type", "uncompressed"),
                ("retention.bytes", if topic == "made.req.dead" { "1073741824" } else { "-1" }),
            ] {
                let found = plain::topic_setting(&address, topic, name).await;
                assert_eq!(found.as_deref(), Some(value), "{topic} {name}");
            }
        }
    }
    serving.stop().await.unwrap();
}

bus_tests::contract!(Present, "present.req", "present.resp");
bus_tests::serve_contract!(Present for Counting);

#[tokio::test]
async fn topics_that_are_there_stay_as_they_are_and_are_used() {
    let broker = Broker::shared();
    broker.make_topic("present.req", 3, &[("retention.ms", "7200000")]).await;
    broker.make_topic("present.resp", 2, &[("retention.ms", "7200000")]).await;
    let bus = broker.bus("service").await;
    let serving = bus.serve(PresentServer::new(Counting::default())).start().await.unwrap();
    let client: PresentClient = bus.client().reply_partition(1).await.unwrap();
    assert_eq!(client.add(1, 1).await, Ok(2));
    assert_eq!(plain::partitions(&broker.address(), "present.req"), Some(3));
    assert_eq!(plain::partitions(&broker.address(), "present.resp"), Some(2));
    if broker.is_real() {
        let found = plain::topic_setting(&broker.address(), "present.req", "retention.ms").await;
        assert_eq!(found.as_deref(), Some("7200000"));
    }
    serving.stop().await.unwrap();
}

bus_tests::contract!(Raced, "raced.req", "raced.resp");
bus_tests::serve_contract!(Raced for Counting);

#[tokio::test]
async fn two_that_start_at_once_make_the_topics_once() {
    let broker = Broker::shared();
    if broker.is_real() {
        for topic in ["raced.req", "raced.resp", "raced.req.dead"] {
            plain::delete_topic(&broker.address(), topic).await;
        }
    }
    let (one, other) = (broker.bus("one").await, broker.bus("other").await);
    let (client, serving) = tokio::join!(
        one.client::<RacedClient>().into_future(),
        other.serve(RacedServer::new(Counting::default())).start()
    );
    let (client, serving) = (client.unwrap(), serving.unwrap());
    assert_eq!(client.add(1, 1).await, Ok(2));
    assert_eq!(plain::partitions(&broker.address(), "raced.req"), Some(5));
    serving.stop().await.unwrap();
}

bus_tests::contract!(Inflated, "inflated.req", "inflated.resp");

/// A few kilobytes that become many megabytes in whoever reads them: the broker inflates them first.
#[tokio::test]
async fn a_compressed_record_that_is_too_large_when_it_is_inflated_never_reaches_a_reader() {
    let broker = Broker::shared();
    let bus = broker.bus("facade").await;
    let _client: InflatedClient = bus.client().await.unwrap();
    if !broker.is_real() {
        // The embedded broker keeps what it gets as it is: it is for development.
        return;
    }
    let zeros = vec![0; 20_000_000];
    for codec in ["gzip", "snappy", "lz4"] {
        let writer = plain::Writer::compressing(&broker.address(), codec);
        for topic in ["inflated.req", "inflated.resp"] {
            assert_eq!(
                writer.try_write(topic, 0, &zeros),
                Err(RDKafkaErrorCode::MessageSizeTooLarge),
                "{codec} {topic}"
            );
            assert_eq!(writer.try_write(topic, 0, &zeros[..500_000]), Ok(()), "{codec} {topic}");
        }
    }
}

bus_tests::contract!(Deleted, "deleted.req", "deleted.resp");

/// A broker makes what a client asks for, unless the client says not to. A bus looks its topics up
/// every five seconds, and one that was removed must not come back so.
#[tokio::test]
async fn a_look_up_never_makes_a_topic() {
    let broker = Broker::shared();
    let bus = broker.bus("facade").await;
    let client: DeletedClient = bus.client().await.unwrap();
    match &broker {
        Broker::Kafka(address) => {
            for topic in ["deleted.req", "deleted.resp"] {
                plain::delete_topic(address, topic).await;
            }
            // Longer than the look-ups are apart; what must not happen announces nothing.
            tokio::time::sleep(Duration::from_secs(6)).await;
            for topic in ["deleted.req", "deleted.resp"] {
                assert_eq!(plain::partitions(address, topic), None, "{topic} is back");
            }
        }
        // The embedded broker removes no topics. One that a look-up makes has four partitions there,
        // and is then taken as it is.
        Broker::Embedded(_) => {
            for topic in ["deleted.req", "deleted.resp"] {
                assert_eq!(plain::partitions(&broker.address(), topic), Some(5), "a look-up has made {topic}");
            }
        }
    }
    drop(client);
}

bus_tests::contract!(Gone, "gone.req", "gone.resp");
bus_tests::serve_contract!(Gone for Counting);

/// The embedded broker removes no topics; `kafka::producer` has a test of what is sent to a topic
/// that was never there.
#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_an_operator_removes_stays_away_and_is_used_again_when_it_is_made() {
    let broker = Broker::shared();
    let address = broker.address();
    let bus = broker.bus("service").await;
    let serving = bus.serve(GoneServer::new(Counting::default())).start().await.unwrap();
    let client: GoneClient = bus.client().timeout(Duration::from_secs(1)).await.unwrap();
    assert_eq!(client.add(1, 1).await, Ok(2));
    if broker.is_real() {
        plain::delete_topic(&address, "gone.req").await;
        let mut told = String::new();
        within(10, "the loss is told by name", async {
            while !(told.contains("`gone.req`") && told.contains("is gone")) {
                told = match client.add(1, 1).await {
                    Err(CallError::Bus(Failure::NotSent { reason })) => reason,
                    other => format!("{other:?}"),
                };
            }
        })
        .await;
        assert_eq!(plain::partitions(&address, "gone.req"), None, "sending to it made it");
        broker.make_topic("gone.req", 3, &[]).await;
    }
    within(10, "the topic is used, and only as it is now", async {
        let mut answered = 0;
        while answered < 50 {
            answered = if client.add(2, 2).await == Ok(4) { answered + 1 } else { 0 };
        }
    })
    .await;
    serving.stop().await.unwrap();
}
