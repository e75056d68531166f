//! Whose answer it is: the token, the key, the reply partition.

use bus_tests::plain::Reader;
use bus_tests::{Broker, Counting, begun, eventually, unique};
use tokio::task::JoinSet;
use uuid::Uuid;

bus_tests::contract!(Neighbours, "neighbours.req", "neighbours.resp");
bus_tests::serve_contract!(Neighbours for Counting);

#[tokio::test]
async fn two_clients_on_one_reply_partition_never_get_each_others_answers() {
    const CALLS: u64 = 200;
    let broker = Broker::shared();
    let (server, one, other) = (broker.bus("server").await, broker.bus("one").await, broker.bus("other").await);
    let serving = server.serve(NeighboursServer::new(Counting::default())).start().await.unwrap();
    let first: NeighboursClient = one.client().reply_partition(3).await.unwrap();
    let second: NeighboursClient = other.client().reply_partition(3).await.unwrap();
    let mut calls = JoinSet::new();
    for number in 0..CALLS {
        let (first, second) = (first.clone(), second.clone());
        calls.spawn(
            async move { assert_eq!(first.echo(&format!("first {number}")).await, Ok(format!("first {number}"))) },
        );
        calls.spawn(async move { assert_eq!(second.add(number, 1).await, Ok(number + 1)) });
    }
    while let Some(call) = calls.join_next().await {
        call.unwrap();
    }
    // Each saw the other's answers go by, and let them.
    for bus in [&one, &other] {
        eventually("the neighbour's answers are counted", || bus.counters().foreign_replies >= CALLS).await;
    }
    serving.stop().await.unwrap();
}

bus_tests::contract!(Address, "address.req", "address.resp");
bus_tests::serve_contract!(Address for Counting);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_reply_sits_on_the_partition_that_the_key_names() {
    let broker = Broker::shared();
    let bus = broker.bus("facade").await;
    let serving = bus.serve(AddressServer::new(Counting::default())).start().await.unwrap();
    for (asked, partition) in [(0, 0), (4, 4)] {
        let client: AddressClient = bus.client().reply_partition(asked).await.unwrap();
        let text = unique("address");
        assert_eq!(client.echo(&text).await.as_ref(), Ok(&text));
        let holds = |value: &Option<Vec<u8>>| {
            value.as_ref().is_some_and(|value| value.windows(text.len()).any(|part| part == text.as_bytes()))
        };
        let request = Reader::new(&broker.address(), "address.req").find("the request", |it| holds(&it.value));
        let reply = Reader::new(&broker.address(), "address.resp").find("the reply", |it| holds(&it.value));
        let key = partition.to_string().into_bytes();
        assert_eq!((reply.partition, reply.key.as_ref()), (partition, Some(&key)));
        assert_eq!(request.key, Some(key));
        let token = request.token().unwrap();
        assert_eq!(Uuid::parse_str(token).unwrap().to_string(), token, "lower case, with hyphens");
        assert_eq!(reply.token(), Some(token));
        for record in [&request, &reply] {
            assert_eq!(record.headers[0], (token.to_owned(), None), "the token is the first header, its value null");
        }
    }
    serving.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_buss_partition_holds_for_all_clients_that_name_none() {
    let broker = Broker::shared();
    let bus = broker.builder("facade").reply_partition(2).connect().await.unwrap();
    let client: AddressClient = bus.client().await.unwrap();
    let text = unique("of-the-bus");
    // Whether somebody serves it or not: the record says where the answer is to go.
    let call = begun(client.echo(&text));
    let reader = Reader::new(&broker.address(), "address.req");
    let request = reader.find("the request", |it| {
        it.value.as_ref().is_some_and(|value| value.windows(text.len()).any(|part| part == text.as_bytes()))
    });
    assert_eq!(request.key.as_deref(), Some(&b"2"[..]));
    drop(call);
}

bus_tests::contract!(Thousand, "thousand.req", "thousand.resp");
bus_tests::serve_contract!(Thousand for Counting);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_concurrent_calls_all_come_back_right() {
    let bus = Broker::shared().bus("facade").await;
    let service = Counting::default();
    let serving = bus.serve(ThousandServer::new(service.clone())).start().await.unwrap();
    let client: ThousandClient = bus.client().await.unwrap();
    // All are on their way before the first is awaited.
    let calls: Vec<_> = (0..1000).map(|number| (number, begun(client.add(number, 7)))).collect();
    for (number, call) in calls {
        assert_eq!(call.await, Ok(number + 7));
    }
    assert_eq!(service.count(), 1000);
    let served = serving.stop().await.unwrap();
    assert_eq!((served.finished, served.handed_back), (1000, 0));
}
