//! What a server serves, how it runs it, and how it stops.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bus::{CallError, Codec, Failure, Fault, Reply, Request, ServeError};
use bus_tests::plain::{Reader, written};
use bus_tests::{Broker, Counting, begun, eventually, within};
use tokio::task::JoinSet;

#[bus::request(topic = "several.req", reply = "several.resp")]
trait Orders {
    async fn order(&self, number: u64) -> Result<String, String>;
}

#[bus::request(topic = "several.req", reply = "several.resp")]
trait Invoices {
    async fn invoice(&self, number: u64) -> Result<String, String>;
}

#[bus::request(topic = "several.other.req", reply = "several.resp")]
trait Elsewhere {
    async fn order(&self, number: u64) -> Result<String, String>;
}

#[bus::request(topic = "several.req", reply = "several.other.resp")]
trait OtherReply {
    async fn quote(&self, number: u64) -> Result<String, String>;
}

impl Orders for Counting {
    async fn order(&self, number: u64) -> Result<String, String> {
        Ok(format!("order {number}"))
    }
}
impl Invoices for Counting {
    async fn invoice(&self, number: u64) -> Result<String, String> {
        Ok(format!("invoice {number}"))
    }
}
impl Elsewhere for Counting {
    async fn order(&self, number: u64) -> Result<String, String> {
        Ok(format!("elsewhere {number}"))
    }
}
impl OtherReply for Counting {
    async fn quote(&self, number: u64) -> Result<String, String> {
        Ok(format!("quote {number}"))
    }
}

#[tokio::test]
async fn one_server_serves_several_contracts_on_one_topic_and_on_others() {
    let bus = Broker::shared().bus("service").await;
    let service = Counting::default();
    let serving = bus
        .serve(OrdersServer::new(service.clone()))
        .and(InvoicesServer::new(service.clone()))
        .and(ElsewhereServer::new(service))
        .start()
        .await
        .unwrap();
    let orders: OrdersClient = bus.client().await.unwrap();
    let invoices: InvoicesClient = bus.client().await.unwrap();
    let elsewhere: ElsewhereClient = bus.client().await.unwrap();
    for number in 0..10 {
        assert_eq!(orders.order(number).await, Ok(format!("order {number}")));
        assert_eq!(invoices.invoice(number).await, Ok(format!("invoice {number}")));
        assert_eq!(elsewhere.order(number).await, Ok(format!("elsewhere {number}")));
    }
    let served = serving.stop().await.unwrap();
    assert_eq!((served.finished, served.handed_back), (30, 0));
}

#[bus::request(topic = "several.req", reply = "several.resp")]
trait OtherOrders {
    async fn order(&self, article: String) -> Result<u64, String>;
}

impl OtherOrders for Counting {
    async fn order(&self, _: String) -> Result<u64, String> {
        Ok(0)
    }
}

#[tokio::test]
async fn contracts_that_could_not_be_told_apart_are_refused_before_anything_is_read() {
    let bus = Broker::shared().bus("service").await;
    let service = Counting::default();
    let refused = bus
        .serve(OrdersServer::new(service.clone()))
        .and(OtherOrdersServer::new(service.clone()))
        .start()
        .await
        .unwrap_err();
    assert!(matches!(refused, ServeError::AmbiguousMethod { .. }), "{refused:?}");
    let text = refused.to_string();
    assert!(text.contains("`order`") && text.contains("several.req") && text.contains("#[bus(name"), "{text}");
    let twice = bus.serve(OrdersServer::new(service.clone())).and(OrdersServer::new(service.clone())).start().await;
    let refused = twice.unwrap_err();
    assert!(matches!(refused, ServeError::ServedTwice { .. }), "{refused:?}");
    assert!(refused.to_string().contains("`Orders` is served twice"), "{refused}");
    let refused =
        bus.serve(OrdersServer::new(service.clone())).and(OtherReplyServer::new(service)).start().await.unwrap_err();
    let text = refused.to_string();
    assert!(matches!(refused, ServeError::ReplyTopics { .. }), "{refused:?}");
    assert!(text.contains("`Orders`") && text.contains("`OtherReply`") && text.contains("`reply`"), "{text}");
}

#[bus::request(topic = "ways.req", reply = "ways.resp")]
trait Ways {
    /// The name of the thread that runs it.
    async fn task(&self) -> Result<String, String>;
    #[bus(inline)]
    async fn inline(&self) -> Result<String, String>;
    #[bus(inline)]
    async fn inline_then_waits(&self) -> Result<String, String>;
    #[bus(inline)]
    async fn inline_panics(&self) -> Result<String, String>;
    #[bus(blocking)]
    async fn blocks(&self) -> Result<String, String>;
    #[bus(blocking)]
    async fn blocking_panics(&self) -> Result<String, String>;
}

fn thread() -> String {
    std::thread::current().name().unwrap_or_default().to_owned()
}

/// Lets the handler go on that blocks.
static UNBLOCKED: AtomicBool = AtomicBool::new(false);

impl Ways for Counting {
    async fn task(&self) -> Result<String, String> {
        Ok(thread())
    }
    async fn inline(&self) -> Result<String, String> {
        Ok(thread())
    }
    async fn inline_then_waits(&self) -> Result<String, String> {
        let before = thread();
        tokio::time::sleep(Duration::from_millis(20)).await;
        Ok(format!("{before} {}", thread()))
    }
    async fn inline_panics(&self) -> Result<String, String> {
        panic!("as asked")
    }
    async fn blocks(&self) -> Result<String, String> {
        let until = Instant::now() + Duration::from_secs(20);
        while !UNBLOCKED.load(Ordering::Acquire) && Instant::now() < until {
            std::thread::park_timeout(Duration::from_millis(1));
        }
        Ok(thread())
    }
    async fn blocking_panics(&self) -> Result<String, String> {
        panic!("as asked")
    }
}

/// On a current-thread runtime, where a handler that holds its thread would hold everything.
#[tokio::test(flavor = "current_thread")]
async fn handlers_run_where_their_methods_say() {
    let bus = Broker::shared().bus("service").await;
    let serving = bus.serve(WaysServer::new(Counting::default())).start().await.unwrap();
    let client: WaysClient = bus.client().await.unwrap();
    let here = thread();
    assert_eq!(client.task().await.as_ref(), Ok(&here), "the only thread of this runtime");
    assert_eq!(client.inline().await.as_deref(), Ok("bus-requests"), "where it is read");
    assert_eq!(client.inline_then_waits().await, Ok(format!("bus-requests {here}")));
    // A blocking handler has a thread of its own: meanwhile calls go on, on this one.
    let slow = tokio::spawn(client.blocks().into_future());
    for _ in 0..5 {
        client.task().await.unwrap();
    }
    UNBLOCKED.store(true, Ordering::Release);
    assert_ne!(slow.await.unwrap().unwrap(), here);
    for failed in [client.inline_panics().await, client.blocking_panics().await] {
        assert!(matches!(failed, Err(CallError::Bus(Failure::Panicked { .. }))), "{failed:?}");
    }
    assert_eq!(client.inline().await.as_deref(), Ok("bus-requests"), "the listener has survived it");
    serving.stop().await.unwrap();
}

bus_tests::contract!(Either, "either.req", "either.resp");
bus_tests::serve_contract!(Either for Counting);

#[tokio::test]
async fn a_client_may_speak_json_and_is_answered_in_it() {
    let bus = Broker::shared().bus("facade").await;
    let serving = bus.serve(EitherServer::new(Counting::default())).start().await.unwrap();
    let client: EitherClient = bus.client().await.unwrap();
    let in_json: EitherClient = bus.client().codec(Codec::Json).await.unwrap();
    for client in [client, in_json] {
        assert_eq!(client.echo("größe \"quoted\"").await, Ok("größe \"quoted\"".to_owned()));
        assert_eq!(client.add(u64::MAX - 1, 1).await, Ok(u64::MAX));
        assert_eq!(client.fail("no").await, Err(CallError::Service("no".to_owned())));
        assert!(matches!(client.panic().await, Err(CallError::Bus(Failure::Panicked { .. }))));
    }
    serving.stop().await.unwrap();
}

/// A layer that fails is an answer of its own kind.
#[derive(Clone)]
struct Refusing(Arc<AtomicUsize>);

impl<S> tower::Layer<S> for Refusing {
    type Service = Refused<S>;
    fn layer(&self, inner: S) -> Refused<S> {
        Refused(Arc::clone(&self.0), inner)
    }
}

#[derive(Clone)]
struct Refused<S>(Arc<AtomicUsize>, S);

impl<S: tower::Service<Request, Response = Reply, Error = Failure>> tower::Service<Request> for Refused<S>
where
    S::Future: Send + 'static,
{
    type Response = Reply;
    type Error = Box<dyn std::error::Error + Send + Sync>;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Reply, Self::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Self::Error>> {
        self.1.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        match self.0.fetch_add(1, Ordering::SeqCst) {
            0 => Box::pin(async { Err("the layer says no".into()) }),
            1 => Box::pin(async { Ok(Reply::busy(Some(Duration::from_millis(250)))) }),
            2 => Box::pin(async { Ok(Reply::fault(Fault::Other("tired".to_owned()), "ask tomorrow")) }),
            _ => {
                let reply = self.1.call(request);
                Box::pin(async { Ok(reply.await?) })
            }
        }
    }
}

bus_tests::contract!(Layered, "layered.req", "layered.resp");
bus_tests::serve_contract!(Layered for Counting);

#[tokio::test]
async fn what_a_layer_refuses_is_told_on_both_ends() {
    let bus = Broker::shared().bus("service").await;
    let service = Counting::default();
    let layer = || Refusing(Arc::default());
    let serving = bus.serve(LayeredServer::new(service.clone())).layer(layer()).start().await.unwrap();
    let plain: LayeredClient = bus.client().await.unwrap();
    let layered: LayeredClient = bus.client().layer(layer()).await.unwrap();
    for client in [plain, layered] {
        let before = service.count();
        let failed = client.add(1, 1).await.unwrap_err();
        assert!(failed.to_string().contains("the layer says no"), "{failed}");
        let failed = client.add(1, 1).await.unwrap_err();
        assert_eq!(failed, CallError::Bus(Failure::Busy { retry_after: Some(Duration::from_millis(250)) }));
        assert!(failed.failure().unwrap().is_retryable());
        let failed = client.add(1, 1).await.unwrap_err();
        assert!(failed.to_string().contains("tired") && failed.to_string().contains("ask tomorrow"), "{failed}");
        assert_eq!(service.count(), before, "none of them ran");
        assert_eq!(client.add(1, 1).await, Ok(2));
    }
    serving.stop().await.unwrap();
}

/// Tower's own layers fit as they are.
#[tokio::test]
async fn towers_own_layers_fit_both_ends() {
    let bus = Broker::shared().bus("service").await;
    let limit = tower::limit::GlobalConcurrencyLimitLayer::new(1);
    let serving = bus.serve(TowersServer::new(Counting::default())).layer(limit).start().await.unwrap();
    // The first call may wait for the group to let its server in, which the layer would not.
    let plain: TowersClient = bus.client().await.unwrap();
    assert_eq!(plain.add(1, 1).await, Ok(2));
    let client: TowersClient =
        bus.client().layer(tower::timeout::TimeoutLayer::new(Duration::from_millis(300))).await.unwrap();
    assert_eq!(client.add(1, 1).await, Ok(2));
    let failed = client.wait(5_000).await.unwrap_err();
    assert!(matches!(failed.failure(), Some(Failure::Other { .. })), "{failed:?}");
    serving.stop().await.unwrap();
}

bus_tests::contract!(Towers, "towers.req", "towers.resp");
bus_tests::serve_contract!(Towers for Counting);

bus_tests::contract!(HandOver, "handover.req", "handover.resp", partitions = 1);
bus_tests::serve_contract!(HandOver for Counting);

#[tokio::test]
async fn a_graceful_stop_finishes_what_runs_and_hands_back_what_is_queued() {
    const CALLS: u64 = 8;
    let broker = Broker::shared();
    let (bus, facade) = (broker.bus("service").await, broker.bus("facade").await);
    let client: HandOverClient = facade.client().timeout(Duration::from_secs(20)).await.unwrap();
    let (one, other) = (Counting::default(), Counting::default());
    let serving = bus.serve(HandOverServer::new(one.clone())).concurrency(1).start().await.unwrap();
    let mut calls = JoinSet::new();
    for number in 0..CALLS {
        let client = client.clone();
        calls.spawn(async move { assert_eq!(client.wait(200 + number).await, Ok(200 + number)) });
    }
    eventually("one runs", || one.count() >= 1).await;
    let served = serving.stop().await.unwrap();
    let finished = one.count();
    assert_eq!(served.finished, finished, "what ran has finished");
    assert!(finished < CALLS, "not everything ran");
    assert_eq!(served.handed_back, bus.counters().handed_back);
    let second = broker.bus("second").await;
    let serving = second.serve(HandOverServer::new(other.clone())).start().await.unwrap();
    within(20, "every call is answered", async {
        while let Some(call) = calls.join_next().await {
            call.unwrap();
        }
    })
    .await;
    assert_eq!((one.count(), other.count()), (finished, CALLS - finished), "each ran once");
    let served = serving.stop().await.unwrap();
    assert_eq!(served.finished, CALLS - finished);
}

/// Finished out of order: what is done behind an unfinished request is not run again.
#[tokio::test]
async fn a_hand_over_repeats_nothing_that_finished_out_of_order() {
    let broker = Broker::shared();
    let (bus, facade) = (broker.bus("service").await, broker.bus("facade").await);
    let client: OutOfOrderClient = facade.client().timeout(Duration::from_secs(20)).await.unwrap();
    let (one, other) = (Counting::default(), Counting::default());
    let serving =
        bus.serve(OutOfOrderServer::new(one.clone())).drain(Duration::from_millis(100)).start().await.unwrap();
    let slow = tokio::spawn(client.wait(3_000).into_future());
    eventually("the slow one runs", || one.count() == 1).await;
    for number in 0..50 {
        assert_eq!(client.add(number, 1).await, Ok(number + 1));
    }
    let served = serving.stop().await.unwrap();
    assert_eq!((served.finished, served.handed_back), (50, 1));
    let second = broker.bus("second").await;
    let serving = second.serve(OutOfOrderServer::new(other.clone())).start().await.unwrap();
    // The slow one outlasted the drain: it is answered from where it runs, and runs nowhere else.
    assert_eq!(client.add(1, 1).await, Ok(2));
    assert_eq!(slow.await.unwrap(), Ok(3_000));
    assert_eq!(other.count(), 1, "the new one alone");
    assert_eq!(second.counters().already_finished, 50);
    serving.stop().await.unwrap();
}

bus_tests::contract!(OutOfOrder, "outoforder.req", "outoforder.resp", partitions = 1);
bus_tests::serve_contract!(OutOfOrder for Counting);

/// More requests than handlers and queue have room for, all there before the server is: reading
/// pauses, and nothing is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_pauses_reading_and_goes_on() {
    const CALLS: u64 = 300;
    const HANDLERS: usize = 2;
    const QUEUE: usize = 64;
    // What may be read beyond a full queue: as much as is read before it is looked at.
    const BATCH: usize = 64;
    let broker = Broker::shared();
    let (bus, facade) = (broker.bus("service").await, broker.bus("facade").await);
    let client: NarrowClient = facade.client().timeout(Duration::from_secs(60)).await.unwrap();
    let reader = Reader::new(&broker.address(), "narrow.req");
    let written = || written(&reader, "narrow.req").iter().sum::<i64>();
    let before = written();
    let calls: Vec<_> = (0..CALLS).map(|_| begun(client.wait(5))).collect();
    eventually("all are there", || written() == before + 300).await;
    let service = Counting::default();
    let serve = || bus.serve(NarrowServer::new(service.clone())).concurrency(HANDLERS).queue(QUEUE);
    let serving = serve().start().await.unwrap();
    eventually("some have run", || service.count() >= 40).await;
    let served = serving.stop().await.unwrap();
    let handed_back = usize::try_from(served.handed_back).unwrap();
    assert!((1..=QUEUE + BATCH).contains(&handed_back), "{handed_back} were read and not started");
    let serving = serve().start().await.unwrap();
    for call in calls {
        assert_eq!(call.await, Ok(5));
    }
    assert_eq!(service.count(), CALLS);
    serving.stop().await.unwrap();
}

bus_tests::contract!(Narrow, "narrow.req", "narrow.resp");
bus_tests::serve_contract!(Narrow for Counting);

bus_tests::contract!(First, "first.req", "first.resp");
bus_tests::serve_contract!(First for Counting);

/// From the start of a client to its first answer, on a warm broker: well under a tenth of a
/// second. The best of some, for the machine has other work.
#[tokio::test]
async fn a_client_has_its_first_answer_well_under_a_tenth_of_a_second_after_its_start() {
    let broker = Broker::shared();
    let bus = broker.bus("service").await;
    let serving = bus.serve(FirstServer::new(Counting::default())).start().await.unwrap();
    let warm: FirstClient = bus.client().await.unwrap();
    assert_eq!(warm.add(1, 1).await, Ok(2));
    let (mut best, limit) = (Duration::MAX, Duration::from_millis(100));
    for _ in 0..30 {
        if best < limit {
            break;
        }
        let started = Instant::now();
        let facade = broker.bus("facade").await;
        let client: FirstClient = facade.client().await.unwrap();
        assert_eq!(client.add(1, 1).await, Ok(2));
        best = best.min(started.elapsed());
        facade.close().await;
    }
    assert!(best < limit, "{best:?}");
    serving.stop().await.unwrap();
}
