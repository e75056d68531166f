//! The user's own headers, and what a handler knows of its call.

use std::task::{Context as Task, Poll};
use std::time::Duration;

use bus::{CallError, Context, Failure, Reply, Request};
use bus_tests::Broker;
use tower::{Layer, Service};

#[bus::request(topic = "headers.req", reply = "headers.resp")]
trait Known {
    /// The value of a header, if there is one.
    async fn header(&self, name: &str) -> Result<Option<Vec<u8>>, String>;
    /// The names of all of them, in order.
    async fn names(&self) -> Result<Vec<String>, String>;
    async fn caller(&self) -> Result<Option<String>, String>;
    async fn time_left(&self) -> Result<Duration, String>;
    /// How much time a call has that a handler makes and asks a minute for.
    async fn time_left_behind(&self) -> Result<Duration, String>;
}

#[derive(Clone)]
struct Knowing(Option<KnownClient>);

impl Known for Knowing {
    async fn header(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        Ok(Context::current().ok_or("no context")?.headers().get(name).map(<[u8]>::to_vec))
    }
    async fn names(&self) -> Result<Vec<String>, String> {
        Ok(Context::current().ok_or("no context")?.headers().iter().map(|(name, _)| name.to_owned()).collect())
    }
    async fn caller(&self) -> Result<Option<String>, String> {
        Ok(Context::current().ok_or("no context")?.caller().map(ToOwned::to_owned))
    }
    async fn time_left(&self) -> Result<Duration, String> {
        Ok(Context::current().ok_or("no context")?.time_left())
    }
    async fn time_left_behind(&self) -> Result<Duration, String> {
        let client = self.0.as_ref().ok_or("no client")?;
        client.time_left().timeout(Duration::from_secs(60)).await.map_err(|failed| failed.to_string())
    }
}

/// Adds a header to what passes, both ways, and notes what came back.
#[derive(Clone)]
struct Stamp {
    name: &'static str,
    seen: std::sync::Arc<std::sync::Mutex<Vec<String>>>,
}

#[derive(Clone)]
struct Stamped<S>(Stamp, S);

impl<S> Layer<S> for Stamp {
    type Service = Stamped<S>;
    fn layer(&self, inner: S) -> Stamped<S> {
        Stamped(self.clone(), inner)
    }
}

impl<S> Service<Request> for Stamped<S>
where
    S: Service<Request, Response = Reply, Error = Failure>,
    S::Future: Send + 'static,
{
    type Response = Reply;
    type Error = Failure;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Reply, Failure>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Task<'_>) -> Poll<Result<(), Failure>> {
        self.1.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let stamp = self.0.clone();
        let added = request.headers_mut().append(format!("{}-asks", stamp.name), "x");
        let reply = self.1.call(request);
        Box::pin(async move {
            added.map_err(|refused| Failure::Unencodable { detail: refused.to_string() })?;
            let mut reply = reply.await?;
            stamp.seen.lock().unwrap().extend(reply.headers().iter().map(|(name, _)| name.to_owned()));
            reply
                .headers_mut()
                .append(format!("{}-answers", stamp.name), "x")
                .map_err(|refused| Failure::Unencodable { detail: refused.to_string() })?;
            Ok(reply)
        })
    }
}

#[tokio::test]
async fn headers_travel_both_ways_through_the_layers_of_both_ends() {
    let bus = Broker::shared().bus("facade").await;
    let stamp = |name| Stamp { name, seen: std::sync::Arc::default() };
    let (on_client, on_server) = (stamp("client"), stamp("server"));
    let server = KnownServer::new(Knowing(None));
    let serving = bus.serve(server).layer(on_server.clone()).start().await.unwrap();
    let client: KnownClient = bus.client().layer(on_client.clone()).await.unwrap();
    let names = client.names().header("tenant", "acme").header("tenant", "again").await.unwrap();
    assert_eq!(names, ["tenant", "tenant", "client-asks", "server-asks"]);
    assert_eq!(*on_client.seen.lock().unwrap(), ["server-answers"]);
    assert!(on_server.seen.lock().unwrap().is_empty());
    let last = client.header("tenant").header("tenant", "acme").header("tenant", "again").await.unwrap();
    assert_eq!(last.as_deref(), Some(&b"again"[..]));
    let bytes = client.header("bytes").header("bytes", &[0_u8, 255, 254][..]).await.unwrap();
    assert_eq!(bytes, Some(vec![0, 255, 254]), "a value is bytes, not text");
    let beyond = client.header("größe").header("größe", "x").await.unwrap();
    assert_eq!(beyond, Some(b"x".to_vec()));
    serving.stop().await.unwrap();
}

#[tokio::test]
async fn headers_that_cannot_travel_are_refused_at_the_await() {
    let bus = Broker::shared().bus("facade").await;
    let client: KnownClient = bus.client().await.unwrap();
    for (name, value, said) in [("bus-x", "x", "bus-"), ("empty", "", "empty"), ("a\0b", "x", "NUL")] {
        let failed = client.names().header(name, value).await.unwrap_err();
        let CallError::Bus(Failure::Unencodable { detail }) = &failed else { panic!("{failed:?}") };
        assert!(detail.contains(said), "{detail}");
        assert!(!failed.failure().unwrap().may_have_run());
    }
}

#[tokio::test]
async fn a_handler_knows_its_caller_and_its_deadline_and_hands_what_is_left_on() {
    let broker = Broker::shared();
    let bus = broker.builder("facade").version("1.2").connect().await.unwrap();
    let behind: KnownClient = bus.client().await.unwrap();
    let serving = bus.serve(KnownServer::new(Knowing(Some(behind)))).start().await.unwrap();
    let client: KnownClient = bus.client().await.unwrap();
    assert_eq!(client.caller().await, Ok(Some("facade/1.2".to_owned())));
    let timeout = Duration::from_secs(3);
    for left in
        [client.time_left().timeout(timeout).await.unwrap(), client.time_left_behind().timeout(timeout).await.unwrap()]
    {
        assert!(left <= timeout && left > Duration::from_secs(1), "{left:?}");
    }
    assert!(Context::current().is_none(), "there is no request here");
    serving.stop().await.unwrap();
}

#[tokio::test]
async fn the_loopback_knows_the_same() {
    let client = KnownClient::from(bus::loopback(KnownServer::new(Knowing(None))));
    assert_eq!(client.header("tenant").header("tenant", "acme").await, Ok(Some(b"acme".to_vec())));
    let left = client.time_left().timeout(Duration::from_secs(3)).await.unwrap();
    assert!(left <= Duration::from_secs(3) && left > Duration::from_secs(2), "{left:?}");
}

/// What is printed of a message ends in logs: names and sizes, and nothing that a caller or a
/// handler sent.
#[tokio::test]
async fn what_is_printed_of_a_message_is_never_its_payload() {
    let printed = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let kept = std::sync::Arc::clone(&printed);
    let channel = bus::Channel::from_fn(move |mut request: Request| {
        request.headers_mut().append("authorization", "hunter2").unwrap();
        let mut reply = request.ok(&Some(b"hunter2".to_vec()));
        reply.headers_mut().append("set-cookie", "hunter2").unwrap();
        *kept.lock().unwrap() = format!("{request:?} {reply:?} {request:#?} {reply:#?}");
        async move { Ok(reply) }
    });
    assert_eq!(KnownClient::from(channel).header("hunter2").await, Ok(Some(b"hunter2".to_vec())));
    let printed = printed.lock().unwrap();
    let bytes = format!("{:?}", b"hunter2");
    assert!(!printed.contains("hunter2") && !printed.contains(&bytes), "{printed}");
    for shown in ["authorization", "set-cookie", "header", "Known"] {
        assert!(printed.contains(shown), "{shown}: {printed}");
    }
}
