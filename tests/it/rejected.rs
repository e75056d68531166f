//! Which requests become dead letters: those that the server itself could not run, and none that
//! somebody merely answered so.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use bus::{Failure, Fault, Reply, Request};
use bus_tests::plain::{Reader, Writer};
use bus_tests::{Broker, Counting, eventually, unique};
use tower::{Layer, Service};

bus_tests::contract!(Judged, "judged.req", "judged.resp", partitions = 1);
bus_tests::serve_contract!(Judged for Counting);

/// Answers a call of `add` as if its arguments were wrong, and counts what it lets through.
#[derive(Clone, Default)]
struct Validating(Arc<AtomicU64>);

#[derive(Clone)]
struct Validated<S>(Validating, S);

impl<S> Layer<S> for Validating {
    type Service = Validated<S>;
    fn layer(&self, inner: S) -> Validated<S> {
        Validated(self.clone(), inner)
    }
}

impl<S> Service<Request> for Validated<S>
where
    S: Service<Request, Response = Reply, Error = Failure>,
    S::Future: Send + 'static,
{
    type Response = Reply;
    type Error = Failure;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Reply, Failure>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.1.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        if request.method().name() == "add" {
            return Box::pin(async { Ok(Reply::fault(Fault::Malformed, "the sum is out of season")) });
        }
        self.0.0.fetch_add(1, Ordering::Relaxed);
        Box::pin(self.1.call(request))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_layer_answers_is_an_answer_and_what_cannot_be_decoded_behind_it_is_a_dead_letter() {
    let broker = Broker::shared();
    let (server, facade) = (broker.bus("service").await, broker.bus("facade").await);
    let layer = Validating::default();
    let serving = server.serve(JudgedServer::new(Counting::default())).layer(layer.clone()).start().await.unwrap();
    let client: JudgedClient = facade.client().await.unwrap();

    let failed = client.add(1, 1).await.unwrap_err();
    assert!(failed.to_string().contains("out of season"), "{failed}");
    eventually("the refusal is counted", || server.counters().refused == 1).await;

    // One that nobody can decode, with no address of ours: what the letter is known by is its header.
    let (token, case) = (unique("token"), unique("case"));
    let headers = [(token.as_bytes(), None), (b"bus-method", Some(&b"echo"[..])), (b"case", Some(case.as_bytes()))];
    Writer::new(&broker.address()).write("judged.req", 0, Some(b"0"), &headers, Some(&[0xff; 16]));
    eventually("it went through the layer", || layer.0.load(Ordering::Relaxed) == 1).await;
    eventually("the letter is written", || server.counters().dead_letters > 0).await;
    let first = Reader::new(&broker.address(), "judged.req.dead").find("a letter", |letter| {
        // Of this run: the topic may hold those of others.
        letter.header("case") == Some(case.as_bytes())
            || letter.header("bus-dead-reason").is_some_and(|it| it.ends_with(b"season"))
    });
    assert_eq!(first.header("case"), Some(case.as_bytes()), "{first:?}");
    assert_eq!((server.counters().dead_letters, server.counters().refused), (1, 2));
    serving.stop().await.unwrap();
}
