//! A server as a member of its consumer group: partitions come and go, and nobody is forgotten.

use std::time::{Duration, Instant};

use bus::Bus;
use bus_tests::switched::Switched;
use bus_tests::{Broker, Counting, plain, within};
use tokio::task::JoinSet;

bus_tests::contract!(Paused, "group.paused.req", "group.paused.resp");
bus_tests::serve_contract!(Paused for Counting);

bus_tests::contract!(Leaving, "group.leaving.req", "group.leaving.resp");
bus_tests::serve_contract!(Leaving for Counting);

/// Serves with so little room that reading stops again and again.
async fn little_room(bus: &Bus) -> bus::Serving {
    let serving = bus.serve(PausedServer::new(Counting::default())).concurrency(1).queue(1).start().await.unwrap();
    within(20, "the server joins", serving.joined()).await;
    serving
}

#[tokio::test(flavor = "multi_thread")]
async fn partitions_that_move_while_their_server_has_no_room_are_read_on() {
    let broker = Broker::shared();
    broker.make_topic("group.paused.req", 4, &[]).await;
    let bus = broker.bus("group").await;
    let client: PausedClient = bus.client().await.unwrap();
    let first = little_room(&bus).await;
    for round in 0..3 {
        // One at a time, so that there is no room at any moment at which the group changes.
        let mut calls = JoinSet::new();
        for _ in 0..30 {
            calls.spawn(client.wait(150).timeout(Duration::from_secs(20)).into_future());
        }
        let second = little_room(&bus).await;
        second.stop().await.unwrap();
        while let Some(call) = calls.join_next().await {
            assert_eq!(call.unwrap(), Ok(150), "round {round}");
        }
    }
    first.stop().await.unwrap();
}

bus_tests::contract!(Crowded, "group.crowded.req", "group.crowded.resp");
bus_tests::serve_contract!(Crowded for Counting);

/// Twice as long leaves room for what else the machine does; a fetch that stops and starts again
/// for each few requests takes seven times as long.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_full_again_and_again_is_nearly_as_quick_as_one_that_never_is() {
    let bus = Broker::shared().bus("group").await;
    let client: CrowdedClient = bus.client().await.unwrap();
    let mut took = Vec::new();
    for queue in [100_000, 4, 100_000, 4] {
        let serving =
            bus.serve(CrowdedServer::new(Counting::default())).concurrency(1).queue(queue).start().await.unwrap();
        assert_eq!(client.add(1, 1).timeout(Duration::from_secs(20)).await, Ok(2));
        let started = Instant::now();
        let calls: Vec<_> = (0..400).map(|_| client.wait(1).timeout(Duration::from_secs(30)).into_future()).collect();
        for call in calls {
            assert_eq!(call.await, Ok(1));
        }
        took.push(started.elapsed());
        serving.stop().await.unwrap();
    }
    assert!(took[1].min(took[3]) < took[0].max(took[2]) * 2, "{took:?}");
}

bus_tests::contract!(Restarted, "group.restarted.req", "group.restarted.resp");
bus_tests::serve_contract!(Restarted for Counting);

/// Calls until a call is answered, and says how long that took.
async fn works(client: &RestartedClient) -> Duration {
    let started = Instant::now();
    within(60, "calls are answered again", async {
        while client.add(1, 2).timeout(Duration::from_millis(300)).await != Ok(3) {}
    })
    .await;
    started.elapsed()
}

/// Restarts the broker under two servers, with outages shorter and longer than their sessions.
async fn restarted(instances: [Option<&str>; 2]) {
    let switch = Switched::start();
    let broker = &switch.broker;
    let outages = if broker.is_real() { [0, 9, 9] } else { [0, 3, 3] };
    let mut servers = Vec::new();
    for (number, instance) in instances.into_iter().enumerate() {
        let mut builder = broker.builder(&format!("service-{number}"));
        if let Some(instance) = instance {
            builder = builder.instance_id(instance);
        }
        let bus = builder.connect().await.unwrap();
        let serving = bus.serve(RestartedServer::new(Counting::default())).start().await.unwrap();
        within(20, "the server joins", serving.joined()).await;
        servers.push(serving);
    }
    let bus = broker.bus("facade").await;
    let client: RestartedClient = bus.client().await.unwrap();
    works(&client).await;
    for outage in outages {
        // Requests under way, so that there is something to commit whenever the broker goes.
        let calling = client.clone();
        let load = tokio::spawn(async move {
            loop {
                let _ = calling.wait(20).timeout(Duration::from_secs(1)).await;
            }
        });
        tokio::time::sleep(Duration::from_millis(700)).await;
        switch.down();
        tokio::time::sleep(Duration::from_secs(outage)).await;
        switch.up();
        let first = works(&client).await;
        load.abort();
        assert!(first < Duration::from_secs(10), "the first answer came {first:?} after an outage of {outage} s");
        within(20, "both servers have their share again", async {
            while !servers.iter().all(bus::Serving::has_partitions) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await;
        for _ in 0..50 {
            assert_eq!(client.add(1, 1).await, Ok(2));
        }
    }
    for serving in servers {
        serving.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_go_on_after_each_restart_of_the_broker() {
    restarted([None, None]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_with_an_instance_id_go_on_after_each_restart_of_the_broker() {
    restarted([Some("one"), Some("two")]).await;
}

/// With requests that have been answered and whose offsets are not committed, right after the broker
/// has gone and when the session has gone, too.
#[tokio::test(flavor = "multi_thread")]
async fn servers_stop_while_no_broker_answers() {
    let switch = Switched::start();
    let bus = switch.broker.bus("service").await;
    let client: RestartedClient = bus.client().await.unwrap();
    for outage in [0, if switch.broker.is_real() { 8 } else { 3 }] {
        let serving = bus.serve(RestartedServer::new(Counting::default())).start().await.unwrap();
        works(&client).await;
        let last: Vec<_> = (0..20).map(|_| client.add(1, 1).into_future()).collect();
        for call in last {
            assert_eq!(call.await, Ok(2));
        }
        switch.down();
        tokio::time::sleep(Duration::from_secs(outage)).await;
        within(20, "the server stops", serving.stop()).await.unwrap();
        switch.up();
    }
}

/// A member has left when the group has forgotten it: until then its partitions wait for nobody.
#[tokio::test(flavor = "multi_thread")]
async fn servers_that_stop_together_have_all_left_their_group() {
    let broker = Broker::shared();
    let bus = broker.bus("service").await;
    for round in [0_u64, 1, 3, 5, 5] {
        let mut servers = Vec::new();
        for _ in 0..3 {
            let serving = bus.serve(LeavingServer::new(Counting::default())).start().await.unwrap();
            within(20, "the server joins", serving.joined()).await;
            servers.push(serving);
        }
        let mut stops = JoinSet::new();
        for (number, serving) in (0_u64..).zip(servers) {
            // In the middle of the rebalance that the one before has begun.
            stops.spawn(async move {
                tokio::time::sleep(Duration::from_millis(number * round * 100)).await;
                serving.stop().await
            });
        }
        while let Some(stopped) = stops.join_next().await {
            stopped.unwrap().unwrap();
        }
        // The embedded broker does not say who is in a group.
        if broker.is_real() {
            assert_eq!(plain::members(&broker.address(), "group.leaving.req"), 0, "round {round}");
        }
    }
    // In the middle of their first join, which waits for the member that is there.
    let first = bus.serve(LeavingServer::new(Counting::default())).start().await.unwrap();
    within(20, "the first server joins", first.joined()).await;
    for milliseconds in [0, 50, 100, 200, 300] {
        let serving = bus.serve(LeavingServer::new(Counting::default())).start().await.unwrap();
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        serving.stop().await.unwrap();
        if broker.is_real() {
            assert_eq!(plain::members(&broker.address(), "group.leaving.req"), 1, "after {milliseconds} ms");
        }
    }
    let client: LeavingClient = bus.client().await.unwrap();
    assert_eq!(client.add(1, 1).await, Ok(2));
    first.stop().await.unwrap();
}
