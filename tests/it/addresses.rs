//! Brokers that are somewhere else than they say, and what is no broker at all.

use std::time::{Duration, Instant};

use bus::{CallError, ConnectError, Failure};
use bus_tests::impostor::{Impostor, Manner};
use bus_tests::{Broker, Counting, within};

bus_tests::contract!(Elsewhere, "elsewhere.req", "elsewhere.resp");
bus_tests::serve_contract!(Elsewhere for Counting);

/// A name that no resolver knows, by RFC 6761.
const NOWHERE: &str = "kafka-internal.invalid";

fn nowhere() -> Manner {
    Manner::Cluster { brokers: vec![(1, NOWHERE.to_owned(), 9092)], topics: true }
}

async fn refused(address: &str) -> String {
    let started = Instant::now();
    let refused = bus::Bus::builder("facade")
        .brokers(address)
        .connect_timeout(Duration::from_secs(3))
        .connect()
        .await
        .unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
    let ConnectError::Unreachable { cause, .. } = &refused else { panic!("{refused:?}") };
    assert!(cause.is_some(), "{refused}");
    refused.to_string()
}

#[tokio::test]
async fn a_web_server_is_told_from_a_broker() {
    let web = Impostor::start(0, Manner::Http);
    let told = refused(&web.address()).await;
    assert!(told.contains("no Kafka broker") && told.contains("HTTP"), "{told}");
    assert!(!told.contains("receive.message.max.bytes"), "{told}");
}

#[tokio::test]
async fn an_address_that_a_broker_advertises_and_nobody_can_resolve_is_named_when_connecting() {
    let front = Impostor::start(0, nowhere());
    let told = refused(&front.address()).await;
    assert!(told.contains(&format!("cannot resolve `{NOWHERE}`")), "{told}");
    assert!(told.contains(&front.address()) && told.contains("advertise"), "{told}");
}

#[tokio::test]
async fn a_name_that_nobody_can_resolve_is_named_when_it_is_the_users_own() {
    let told = refused(&format!("{NOWHERE}:9092")).await;
    assert!(told.contains(&format!("cannot resolve `{NOWHERE}`")) && !told.contains("advertise"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_cannot_be_resolved_any_more_is_named_by_whatever_needs_it() {
    let broker = Broker::embedded();
    let front = Impostor::start(0, Manner::Forward(broker.address()));
    for topic in ["elsewhere.req", "elsewhere.resp", "elsewhere.req.dead"] {
        broker.make_topic(topic, 5, &[]).await;
    }
    let bus = bus::Bus::builder("facade").brokers(front.address()).connect().await.unwrap();
    let client: ElsewhereClient = bus.client().await.unwrap();
    front.change(nowhere());
    within(20, "a call names the address", async {
        loop {
            match client.add(1, 1).timeout(Duration::from_millis(500)).await {
                Err(CallError::Bus(Failure::NotSent { reason })) if reason.contains(NOWHERE) => break,
                _ => {}
            }
        }
    })
    .await;
    let refused = bus.serve(ElsewhereServer::new(Counting::default())).start().await.unwrap_err().to_string();
    assert!(refused.contains(NOWHERE), "{refused}");
}
