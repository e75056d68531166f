//! Partitions that go from one server to another, topics that are made anew, partitions that are
//! added: nothing is lost, and a clean stop repeats nothing.

use std::process::{Child, Command};
use std::time::Duration;

use bus_tests::crashing::HoldingClient;
use bus_tests::plain::{self, Writer};
use bus_tests::{Broker, Counting, eventually, unique, within};
use tokio::task::JoinSet;

bus_tests::contract!(Moved, "moved.req", "moved.resp", partitions = 2);
bus_tests::serve_contract!(Moved for Counting);

/// The partitions move at once, though what runs goes on: calls that come meanwhile are answered by
/// the other server.
#[tokio::test(flavor = "multi_thread")]
async fn what_runs_when_its_server_stops_is_answered_from_there_and_runs_nowhere_else() {
    const SLOW: u64 = 20;
    let broker = Broker::shared();
    let (one_bus, other_bus, facade) = (broker.bus("one").await, broker.bus("other").await, broker.bus("facade").await);
    let client: MovedClient = facade.client().timeout(Duration::from_secs(40)).await.unwrap();
    let (one, other) = (Counting::default(), Counting::default());
    let first = one_bus.serve(MovedServer::new(one.clone())).drain(Duration::from_secs(30)).start().await.unwrap();
    within(20, "the first joins", first.joined()).await;
    let mut slow = JoinSet::new();
    for number in 0..SLOW {
        slow.spawn(client.wait(9_000 + number).into_future());
    }
    eventually("the slow ones run", || one.count() == SLOW).await;
    // The embedded broker refuses every commit while its group changes, where Kafka takes those of
    // who is still a member: there the second comes once the first has written what it leaves.
    let second = other_bus.serve(MovedServer::new(other.clone()));
    let (second, stopping) = if broker.is_real() {
        let second = second.start().await.unwrap();
        (second, tokio::spawn(first.stop()))
    } else {
        let stopping = tokio::spawn(first.stop());
        let gone = || one_bus.health().topics.iter().all(|topic| topic.partitions.value.is_empty());
        eventually("the first gives its partitions up", gone).await;
        (second.start().await.unwrap(), stopping)
    };
    for number in 0..10 {
        assert_eq!(
            within(20, "a call that comes meanwhile", client.add(number, 1).into_future()).await,
            Ok(number + 1)
        );
    }
    within(40, "the first stops", stopping).await.unwrap().unwrap();
    while let Some(call) = slow.join_next().await {
        assert!(call.unwrap().is_ok());
    }
    assert_eq!(one.count() + other.count(), SLOW + 10, "each ran once");
    assert!(one.count() >= SLOW && other.count() > 0);
    assert_eq!((one_bus.counters().may_repeat, other_bus.counters().may_repeat), (0, 0));
    second.stop().await.unwrap();
}

bus_tests::contract!(Anew, "anew.req", "anew.resp", partitions = 1);
bus_tests::serve_contract!(Anew for Counting);

/// A request as a client of ours would write it.
fn write_requests(writer: &Writer, topic: &str, count: usize) {
    for _ in 0..count {
        let token = unique("anew");
        let headers: [(&[u8], Option<&[u8]>); 3] =
            [(token.as_bytes(), None), (b"bus-method", Some(b"add")), (b"bus-timeout", Some(b"60000"))];
        writer.write(topic, 0, Some(b"0"), &headers, Some(&[1, 1]));
    }
}

/// The embedded broker removes no topics: there a successor takes over what is there.
#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_is_made_anew_under_its_server_loses_nothing_and_repeats_nothing() {
    let broker = Broker::shared();
    let address = broker.address();
    for (case, before, after) in [("smaller", 200, 50), ("outgrown", 20, 120)] {
        if let Broker::Kafka(address) = &broker {
            plain::delete_topic(address, "anew.req").await;
        }
        broker.make_topic("anew.req", 1, &[]).await;
        let bus = broker.bus("service").await;
        let service = Counting::default();
        let serving = bus.serve(AnewServer::new(service.clone())).start().await.unwrap();
        within(20, "the server joins", serving.joined()).await;
        let writer = Writer::new(&address);
        write_requests(&writer, "anew.req", before);
        let before = before as u64;
        eventually("those before ran", || service.count() == before).await;
        if let Broker::Kafka(address) = &broker {
            plain::delete_topic(address, "anew.req").await;
            broker.make_topic("anew.req", 1, &[]).await;
        }
        // A writer of before does not know the new topic at once.
        let writer = Writer::new(&address);
        write_requests(&writer, "anew.req", after);
        let all = before + after as u64;
        eventually("those after ran", || service.count() >= all).await;
        let served = within(20, "the server stops", serving.stop()).await.unwrap();
        assert_eq!(service.count(), all, "{case}: each ran once");
        assert_eq!(served.handed_back, 0, "{case}");

        let other = Counting::default();
        let serving = bus.serve(AnewServer::new(other.clone())).start().await.unwrap();
        write_requests(&writer, "anew.req", 3);
        eventually("the successor runs what is new", || other.count() >= 3).await;
        serving.stop().await.unwrap();
        assert_eq!(other.count(), 3, "{case}: the successor repeats nothing");
    }
}

bus_tests::contract!(Widened, "widened.req", "widened.resp");
bus_tests::serve_contract!(Widened for Counting);

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_names_a_new_reply_partition_is_answered_and_one_that_names_none_is_dead() {
    let broker = Broker::shared();
    broker.make_topic("widened.resp", 2, &[]).await;
    let bus = broker.bus("service").await;
    let serving = bus.serve(WidenedServer::new(Counting::default())).start().await.unwrap();
    within(20, "the server joins", serving.joined()).await;
    // The embedded broker adds no partitions.
    if let Broker::Kafka(address) = &broker {
        plain::add_partitions(address, "widened.resp", 6).await;
        let facade = broker.bus("facade").await;
        let client: WidenedClient = facade.client().reply_partition(5).await.unwrap();
        for number in 0..20 {
            assert_eq!(client.add(number, 1).await, Ok(number + 1));
        }
        assert_eq!(bus.counters().dead_letters, 0);
    }
    let token = unique("nowhere");
    let headers: [(&[u8], Option<&[u8]>); 2] = [(token.as_bytes(), None), (b"bus-method", Some(b"add"))];
    Writer::new(&broker.address()).write("widened.req", 0, Some(b"99"), &headers, Some(&[1, 1]));
    eventually("what no look-up cures is dead", || bus.counters().dead_letters == 1).await;
    serving.stop().await.unwrap();
}

fn holding_server(brokers: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_crashing-server")).args([brokers, "holding"]).spawn().unwrap()
}

fn kill(mut server: Child) {
    server.kill().unwrap();
    server.wait().unwrap();
}

/// One of two owners' ends may be its doing: the third looks for it, and goes on beside it.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_request_that_saw_two_servers_killed_holds_nobody_up() {
    let broker = Broker::shared();
    let (address, bus) = (broker.address(), broker.bus("killed").await);
    let client: HoldingClient = bus.client().await.unwrap();
    let mut server = holding_server(&address);
    assert_eq!(client.who().timeout(Duration::from_secs(20)).await, Ok(server.id()));
    let case = unique("long");
    let long = tokio::spawn(client.hold(case.clone(), 60_000).timeout(Duration::from_secs(80)).into_future());
    for _ in 0..2 {
        within(40, "the long one runs", async { while client.holds(case.clone()).await != Ok(true) {} }).await;
        kill(server);
        server = holding_server(&address);
    }
    // Of the third server, which takes over when the second's session is over.
    for _ in 0..20 {
        let answered =
            within(30, "others are answered", client.who().timeout(Duration::from_secs(25)).into_future()).await;
        assert_eq!(answered, Ok(server.id()));
    }
    long.abort();
    kill(server);
}
