//! A broker that goes away and comes back: always an embedded one, which can be switched.

use std::task::Poll;
use std::time::{Duration, Instant};

use bus::{CallError, ConnectError, Failure};
use bus_tests::impostor::{Impostor, Manner};
use bus_tests::{Broker, Counting, begun, eventually, poll_once, within};

bus_tests::contract!(Outage, "outage.req", "outage.resp");
bus_tests::serve_contract!(Outage for Counting);

fn switchable() -> (Broker, std::sync::Arc<bus::kafka::EmbeddedBroker>) {
    let broker = Broker::embedded();
    let Broker::Embedded(switch) = &broker else { panic!("an embedded broker is embedded") };
    let switch = std::sync::Arc::clone(switch);
    (broker, switch)
}

/// The loss of a broker is known when a call is told that it was not sent.
async fn the_loss_is_known(client: &OutageClient) {
    within(10, "the loss is known", async {
        loop {
            let failed = client.add(2, 2).timeout(Duration::from_millis(100)).await.unwrap_err();
            if matches!(failed, CallError::Bus(Failure::NotSent { .. })) {
                break;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn calls_in_an_outage_end_at_their_deadlines_and_calls_succeed_again_after_it() {
    let (broker, switch) = switchable();
    let bus = broker.bus("facade").await;
    let serving = bus.serve(OutageServer::new(Counting::default())).start().await.unwrap();
    let client: OutageClient = bus.client().await.unwrap();
    assert_eq!(client.add(1, 1).await, Ok(2));
    switch.down().unwrap();
    let mut not_sent = 0;
    for round in 0..6 {
        let started = Instant::now();
        let calls: Vec<_> = (0..20).map(|_| begun(client.add(2, 2).timeout(Duration::from_millis(300)))).collect();
        for call in calls {
            let failed = call.await.unwrap_err();
            match &failed {
                CallError::Bus(Failure::NotSent { reason }) => {
                    assert!(failed.failure().unwrap().is_retryable());
                    assert!(!reason.is_empty());
                    not_sent += 1;
                }
                CallError::Bus(Failure::TimedOut { .. }) => assert!(failed.failure().unwrap().may_have_run()),
                other => panic!("round {round}: {other:?}"),
            }
        }
        let waited = started.elapsed();
        // Their own time, and not the 5 s of calls that say nothing.
        assert!((300..4_500).contains(&waited.as_millis()), "round {round}: {waited:?}");
    }
    // From the moment at which the loss is known, nothing is handed over any more.
    assert!(not_sent >= 80, "{not_sent} of 120");
    let cause = client.add(2, 2).timeout(Duration::from_millis(100)).await.unwrap_err().to_string();
    assert!(cause.contains("refused") || cause.contains("onnect") || cause.contains("down"), "no cause: {cause}");
    switch.up().unwrap();
    within(10, "calls succeed again", async {
        while client.add(3, 3).timeout(Duration::from_millis(500)).await != Ok(6) {}
    })
    .await;
    // Not one of them only: the way is free.
    for number in 0..50 {
        assert_eq!(client.add(number, 1).await, Ok(number + 1));
    }
    serving.stop().await.unwrap();
}

#[tokio::test]
async fn behind_a_layer_the_client_itself_says_why_a_call_was_not_sent() {
    let (broker, switch) = switchable();
    let bus = broker.bus("facade").await;
    let serving = bus.serve(OutageServer::new(Counting::default())).start().await.unwrap();
    let limit = tower::limit::GlobalConcurrencyLimitLayer::new(1_000);
    let client: OutageClient = bus.client().layer(limit).await.unwrap();
    assert_eq!(client.add(1, 1).await, Ok(2));
    switch.down().unwrap();
    the_loss_is_known(&client).await;
    let calls: Vec<_> = (0..100).map(|_| begun(client.add(2, 2).timeout(Duration::from_millis(200)))).collect();
    for call in calls {
        let failed = call.await.unwrap_err();
        assert!(matches!(failed, CallError::Bus(Failure::NotSent { .. })), "{failed:?}");
    }
    switch.up().unwrap();
    within(10, "calls succeed again", async {
        while client.add(3, 3).timeout(Duration::from_millis(500)).await != Ok(6) {}
    })
    .await;
    serving.stop().await.unwrap();
}

#[tokio::test]
async fn a_call_that_waits_out_a_short_outage_is_answered() {
    let (broker, switch) = switchable();
    let bus = broker.bus("facade").await;
    let service = Counting::default();
    let serving = bus.serve(OutageServer::new(service.clone())).start().await.unwrap();
    let client: OutageClient = bus.client().timeout(Duration::from_secs(20)).await.unwrap();
    assert_eq!(client.add(1, 1).await, Ok(2));
    switch.down().unwrap();
    the_loss_is_known(&client).await;
    let calls: Vec<_> = (0..100).map(|number| (number, begun(client.add(number, 5)))).collect();
    switch.up().unwrap();
    for (number, call) in calls {
        assert_eq!(call.await, Ok(number + 5));
    }
    serving.stop().await.unwrap();
}

#[tokio::test]
async fn withdrawn_calls_never_run() {
    let (broker, switch) = switchable();
    let bus = broker.bus("facade").await;
    let service = Counting::default();
    let serving = bus.serve(OutageServer::new(service.clone())).start().await.unwrap();
    let client: OutageClient = bus.client().await.unwrap();
    assert_eq!(client.add(1, 1).await, Ok(2));
    switch.down().unwrap();
    let mut may_have_run = 0;
    for _ in 0..10 {
        let failed = client.add(2, 2).timeout(Duration::from_millis(100)).await.unwrap_err();
        may_have_run += u64::from(failed.failure().unwrap().may_have_run());
    }
    // The loss is known by now, so calls that are dropped take their records along.
    drop((0..50).map(|_| begun(client.add(2, 2))).collect::<Vec<_>>());
    switch.up().unwrap();
    within(10, "calls succeed again", async {
        while client.add(3, 3).timeout(Duration::from_secs(1)).await.is_err() {}
    })
    .await;
    let before = service.count();
    assert_eq!(client.add(4, 4).await, Ok(8));
    eventually("the last call ran", || service.count() > before).await;
    // The first call, those that may have run, those made until it worked again, and the last.
    let certain = service.count();
    assert!(certain <= 1 + may_have_run + 10 + 1, "{certain} runs, {may_have_run} may have run");
    serving.stop().await.unwrap();
}

#[tokio::test]
async fn calls_that_were_given_up_in_an_outage_leave_their_places_to_others() {
    let (broker, switch) = switchable();
    let bus = broker.bus("facade").await;
    let serving = bus.serve(OutageServer::new(Counting::default())).start().await.unwrap();
    let client: OutageClient = bus.client().await.unwrap();
    assert_eq!(client.add(1, 1).await, Ok(2));
    switch.down().unwrap();
    the_loss_is_known(&client).await;
    // More than may wait, one after the other, and none of them is waited for.
    for _ in 0..35 {
        for _ in 0..2_000 {
            drop(poll_once(&mut client.add(2, 2).into_future()));
        }
        tokio::task::yield_now().await;
    }
    // Those that are given up are found when what waits is looked through.
    let mut waiting = None;
    within(20, "there is room again", async {
        while waiting.is_none() {
            let mut call = client.add(3, 3).timeout(Duration::from_secs(20)).into_future();
            match poll_once(&mut call) {
                Poll::Pending => waiting = Some(call),
                Poll::Ready(refused) => {
                    assert!(matches!(refused, Err(CallError::Bus(Failure::NotSent { .. }))), "{refused:?}");
                    tokio::task::yield_now().await;
                }
            }
        }
    })
    .await;
    switch.up().unwrap();
    assert_eq!(waiting.unwrap().await, Ok(6));
    serving.stop().await.unwrap();
}

#[tokio::test]
async fn a_broker_that_is_down_is_unreachable_within_the_connect_timeout_and_the_cause_is_told() {
    let (broker, switch) = switchable();
    switch.down().unwrap();
    let started = Instant::now();
    let refused = broker.builder("facade").connect_timeout(Duration::from_millis(800)).connect().await.unwrap_err();
    let waited = started.elapsed();
    assert!((750..1500).contains(&waited.as_millis()), "{waited:?}");
    let ConnectError::Unreachable { brokers, cause, .. } = &refused else { panic!("{refused:?}") };
    assert_eq!(*brokers, broker.address());
    assert!(cause.is_some(), "{refused}");
}

/// Everything that a bus has of librdkafka hears of no brokers: the producer, the reader of replies,
/// the consumer of requests, the look-ups. Some of them then forget the brokers that they were given;
/// which, is chance, so there are several of each.
#[tokio::test(flavor = "multi_thread")]
async fn processes_work_again_after_their_broker_named_no_brokers_for_a_while() {
    let (broker, switch) = switchable();
    for topic in ["outage.req", "outage.resp", "outage.req.dead"] {
        broker.make_topic(topic, 5, &[]).await;
    }
    let front = Impostor::start(0, Manner::Forward(broker.address()));
    let (address, port) = (front.address(), front.port());
    let process = || bus::Bus::builder("process").brokers(&address).connect();
    let mut served = Vec::new();
    for _ in 0..2 {
        let bus = process().await.unwrap();
        served.push((bus.serve(OutageServer::new(Counting::default())).start().await.unwrap(), bus));
    }
    let mut clients = Vec::new();
    for _ in 0..3 {
        let bus = process().await.unwrap();
        clients.push((bus.client::<OutageClient>().await.unwrap(), bus));
    }
    for (client, _) in &clients {
        assert_eq!(client.add(1, 1).await, Ok(2));
    }

    switch.down().unwrap();
    drop(front);
    for (client, _) in &clients {
        the_loss_is_known(client).await;
    }
    let front = Impostor::start(port, Manner::no_brokers());
    // The fault itself: so long nothing but nonsense is answered.
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert!(front.asked() > 0);
    let waiting: Vec<_> =
        clients.iter().map(|(client, _)| client.add(4, 5).timeout(Duration::from_secs(60)).into_future()).collect();
    drop(front);
    switch.up().unwrap();
    let _front = Impostor::start(port, Manner::Forward(broker.address()));

    within(20, "calls of all clients succeed again", async {
        for (client, _) in &clients {
            while client.add(3, 3).timeout(Duration::from_millis(500)).await != Ok(6) {}
        }
    })
    .await;
    for call in waiting {
        assert_eq!(call.await, Ok(9), "what waited is sent by whichever producer there is");
    }
    for (client, bus) in &clients {
        for number in 0..50 {
            assert_eq!(client.add(number, 1).await, Ok(number + 1));
        }
        // Topics are looked up anew for this one.
        let another: OutageClient = bus.client().await.unwrap();
        assert_eq!(another.add(2, 1).await, Ok(3));
    }
    for (serving, _) in served {
        within(10, "the server stops", serving.stop()).await.unwrap();
    }
}
