//! How calls end that get no answer: closed, dropped, out of places.

use std::future::IntoFuture;
use std::time::{Duration, Instant};

use bus::{CallError, Failure};
use bus_tests::{Broker, Counting, begun, eventually, within};

bus_tests::contract!(Waiting, "waiting.req", "waiting.resp");

const LONG: Duration = Duration::from_secs(60);

#[tokio::test]
async fn closing_the_bus_ends_every_waiting_call_and_every_later_one() {
    let bus = Broker::shared().bus("facade").await;
    let client: WaitingClient = bus.client().await.unwrap();
    let calls: Vec<_> = (0..50).map(|_| begun(client.echo("nobody").timeout(LONG))).collect();
    let started = Instant::now();
    let waiting = tokio::spawn(async move {
        for call in calls {
            let failed = call.await.unwrap_err();
            assert!(matches!(failed, CallError::Bus(Failure::Closed { .. })), "{failed:?}");
        }
    });
    bus.close().await;
    within(5, "the calls end", waiting).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    assert_eq!(client.echo("late").await, Err(CallError::Bus(Failure::Closed { sent: false })));
    let refused = bus.client::<WaitingClient>().await.unwrap_err();
    assert_eq!(refused, bus::ConnectError::Closed);
    // Closing again is nothing.
    bus.close().await;
}

#[tokio::test]
async fn dropping_the_last_clone_ends_every_waiting_call() {
    let bus = Broker::shared().bus("facade").await;
    let client: WaitingClient = bus.client().await.unwrap();
    let other = client.clone();
    let call = begun(client.echo("nobody").timeout(LONG));
    drop(bus);
    drop(client);
    // A clone is left, so the bus is open still.
    let timed_out = other.echo("nobody").timeout(Duration::from_millis(50)).await.unwrap_err();
    assert!(matches!(timed_out, CallError::Bus(Failure::TimedOut { .. } | Failure::NotSent { .. })), "{timed_out:?}");
    drop(other);
    let failed = within(5, "the call ends", call).await.unwrap_err();
    assert!(matches!(failed, CallError::Bus(Failure::Closed { .. })), "{failed:?}");
}

bus_tests::contract!(Held, "held.req", "held.resp");
bus_tests::serve_contract!(Held for Counting);

#[tokio::test]
async fn closing_a_bus_stops_its_servers_too() {
    let bus = Broker::shared().bus("service").await;
    let serving = bus.serve(HeldServer::new(Counting::default())).start().await.unwrap();
    let client: HeldClient = bus.client().await.unwrap();
    assert_eq!(client.add(1, 1).await, Ok(2));
    // `serving` is held by the task that closes: nobody else can stop it.
    within(15, "the bus closes", bus.close()).await;
    let served = within(5, "the server has stopped", serving.stop()).await.unwrap();
    assert_eq!((served.finished, served.handed_back), (1, 0));
}

bus_tests::contract!(Until, "until.req", "until.resp");
bus_tests::serve_contract!(Until for Counting);

#[tokio::test]
async fn run_until_ends_when_its_bus_is_closed() {
    let bus = Broker::shared().bus("service").await;
    let serve = bus.serve(UntilServer::new(Counting::default()));
    let running = tokio::spawn(serve.run_until(std::future::pending()));
    // Serving, or just about to.
    let client: UntilClient = bus.client().await.unwrap();
    assert_eq!(client.add(1, 1).timeout(LONG).await, Ok(2));
    within(15, "the bus closes", bus.close()).await;
    within(5, "the server has stopped", running).await.unwrap().unwrap();
}

bus_tests::contract!(Given, "given-up.req", "given-up.resp");
bus_tests::serve_contract!(Given for Counting);

#[tokio::test]
async fn a_start_that_is_given_up_serves_nothing_and_holds_no_close_up() {
    let broker = Broker::shared();
    let bus = broker.bus("service").await;
    let given_up = Counting::default();
    let mut start = Box::pin(bus.serve(GivenServer::new(given_up.clone())).start());
    std::future::poll_fn(|cx| {
        assert!(start.as_mut().poll(cx).is_pending());
        std::task::Poll::Ready(())
    })
    .await;
    drop(start);
    // What was begun ends by itself: another server has all partitions, and runs all there is to run.
    let other = broker.bus("other").await;
    let service = Counting::default();
    let serving = other.serve(GivenServer::new(service.clone())).start().await.unwrap();
    eventually("the other has every partition", || serving.health().topics[0].partitions.value.len() == 5).await;
    let client: GivenClient = other.client().await.unwrap();
    for number in 0..20 {
        assert_eq!(client.add(number, 1).timeout(LONG).await, Ok(number + 1));
    }
    assert_eq!((service.count(), given_up.count()), (20, 0));
    within(15, "the bus closes", bus.close()).await;
    serving.stop().await.unwrap();
}

bus_tests::contract!(Endless, "endless.req", "endless.resp");
bus_tests::serve_contract!(Endless for Counting);

#[tokio::test]
async fn the_longest_times_there_are_can_be_waited() {
    let broker = Broker::shared();
    let bus = broker.builder("service").connect_timeout(Duration::MAX).timeout(Duration::MAX).connect().await.unwrap();
    let server = || {
        let service = EndlessServer::new(Counting::default());
        bus.serve(service).drain(Duration::MAX).revocation_drain(Duration::MAX).max_age(Duration::MAX)
    };
    let first = server().start().await.unwrap();
    first.joined().await;
    let client: EndlessClient = bus.client().await.unwrap();
    assert_eq!(client.add(1, 1).timeout(Duration::MAX).await, Ok(2));
    // The second takes partitions away from the first.
    let second = server().start().await.unwrap();
    second.joined().await;
    assert_eq!(client.add(1, 1).timeout(Duration::MAX).await, Ok(2));
    within(20, "the first stops", first.stop()).await.unwrap();
    within(20, "the second stops", second.stop()).await.unwrap();
}

bus_tests::contract!(Outlived, "outlived.req", "outlived.resp");
bus_tests::serve_contract!(Outlived for Counting);

#[test]
fn a_server_whose_runtime_is_gone_takes_no_requests_from_others() {
    let runtime = || tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (first, second) = (runtime(), runtime());
    let start = async {
        let bus = Broker::shared().bus("service").await;
        let serving = bus.serve(OutlivedServer::new(Counting::default())).start().await.unwrap();
        serving.joined().await;
        (bus, serving)
    };
    let (bus_of_first, serving_of_first) = first.block_on(start);
    drop(first);
    second.block_on(async {
        let bus = Broker::shared().bus("service").await;
        let serving = bus.serve(OutlivedServer::new(Counting::default())).start().await.unwrap();
        let client: OutlivedClient = bus.client().await.unwrap();
        // One after another, so that they go to every partition.
        for n in 0..20 {
            assert_eq!(client.add(n, n).timeout(Duration::from_secs(15)).await, Ok(n + n));
        }
        eventually("it has every partition", || serving.health().topics[0].partitions.value.len() == 5).await;
        serving.stop().await.unwrap();
        within(15, "the first bus closes", bus_of_first.close()).await;
    });
    drop(serving_of_first);
}

bus_tests::contract!(Places, "places.req", "places.resp");
bus_tests::serve_contract!(Places for Counting);

#[tokio::test]
async fn a_dropped_call_frees_its_place_and_waiting_for_one_counts_against_the_deadline() {
    let bus = Broker::shared().bus("facade").await;
    let serving = bus.serve(PlacesServer::new(Counting::default())).drain(Duration::ZERO).start().await.unwrap();
    let client: PlacesClient = bus.client().max_in_flight(1).await.unwrap();
    assert_eq!(client.add(1, 1).await, Ok(2));
    let first = begun(client.wait(20_000));
    let started = Instant::now();
    let failed = client.add(2, 2).timeout(Duration::from_millis(300)).await.unwrap_err();
    let waited = started.elapsed();
    // Its own time, and not the 5 s of a call that says nothing.
    assert!((300..4_500).contains(&waited.as_millis()), "{waited:?}");
    let CallError::Bus(Failure::NotSent { reason }) = &failed else { panic!("{failed:?}") };
    assert!(reason.contains("places"), "{reason}");
    assert!(!failed.failure().unwrap().may_have_run());
    // One that waits gets the place that is given up.
    let waiting = tokio::spawn(client.add(3, 3).into_future());
    tokio::task::yield_now().await;
    drop(first);
    assert_eq!(within(5, "the place is free", waiting).await.unwrap(), Ok(6));
    serving.stop().await.unwrap();
}

bus_tests::contract!(Queued, "queued.req", "queued.resp");

#[tokio::test]
async fn a_call_that_got_its_place_is_not_said_to_want_one() {
    let bus = Broker::shared().bus("facade").await;
    let client: QueuedClient = bus.client().max_in_flight(1).await.unwrap();
    let first = begun(client.echo("nobody").timeout(LONG));
    let second = tokio::spawn(client.echo("nobody").timeout(Duration::from_millis(300)).into_future());
    tokio::task::yield_now().await;
    drop(first);
    let failed = second.await.unwrap().unwrap_err();
    let CallError::Bus(Failure::TimedOut { hint: Some(hint), .. }) = &failed else { panic!("{failed:?}") };
    assert_eq!(hint, "does a server of `queued.req` run, and answer in time?");
}

bus_tests::contract!(Unpolled, "unpolled.req", "unpolled.resp");
bus_tests::serve_contract!(Unpolled for Counting);

#[tokio::test]
async fn a_call_that_nobody_polls_is_not_sent_and_its_deadline_does_not_start() {
    let bus = Broker::shared().bus("facade").await;
    let service = Counting::default();
    let serving = bus.serve(UnpolledServer::new(service.clone())).start().await.unwrap();
    let client: UnpolledClient = bus.client().await.unwrap();
    let unpolled: Vec<_> =
        (0..20).map(|_| client.add(1, 1).timeout(Duration::from_millis(500)).into_future()).collect();
    // Longer than the others would take to be run, and than their deadlines.
    for number in 0..50 {
        assert_eq!(client.add(number, 1).await, Ok(number + 1));
    }
    bus_tests::eventually("their deadlines have passed", {
        let began = Instant::now();
        move || began.elapsed() > Duration::from_millis(600)
    })
    .await;
    assert_eq!(service.count(), 50);
    for call in unpolled {
        assert_eq!(call.await, Ok(2));
    }
    assert_eq!(service.count(), 70);
    serving.stop().await.unwrap();
    // The same for what leads to a function.
    let asked = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = std::sync::Arc::clone(&asked);
    let channel = bus::Channel::from_fn(move |request| {
        counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        async move { Ok(request.ok(&7_u64)) }
    });
    let client = UnpolledClient::from(channel);
    let unpolled = client.add(1, 1).into_future();
    assert_eq!(asked.load(std::sync::atomic::Ordering::Relaxed), 0);
    assert_eq!(unpolled.await, Ok(7));
}

#[tokio::test]
async fn a_client_or_a_server_that_could_do_nothing_is_refused() {
    let bus = Broker::shared().bus("facade").await;
    let refused = bus.client::<QueuedClient>().max_in_flight(0).await.unwrap_err().to_string();
    assert!(refused.contains("max_in_flight") && refused.contains('0'), "{refused}");
    let refused = bus.serve(HeldServer::new(Counting::default())).concurrency(0).start().await.unwrap_err().to_string();
    assert!(refused.contains("concurrency") && refused.contains('0'), "{refused}");
}
