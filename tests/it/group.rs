//! A server as a member of its consumer group: partitions come and go, and nobody is forgotten.

use std::time::Duration;

use bus::Bus;
use bus_tests::{Broker, Counting, within};
use tokio::task::JoinSet;

bus_tests::contract!(Paused, "group.paused.req", "group.paused.resp");
bus_tests::serve_contract!(Paused for Counting);

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
