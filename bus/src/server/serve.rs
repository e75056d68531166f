//! A server before it runs: described, then started.

use std::fmt;
use std::future::Future;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::runtime;
use tokio::sync::watch;
use tower_layer::Layer;
use tower_service::Service;

use super::bytes::Bytes;
use super::dispatch::Dispatch;
use super::job::Jobs;
use super::letter_budget::{self, LetterBudget, Rate};
use super::listener::Listener;
use super::routes::Routes;
use super::service::{Erased, Handler, Layered, Plain};
use super::serving::{Served, ServedGroup, Serving};
use super::topic_server::{LastAnswer, MaxAge, TopicServer};
use crate::error::{ConfigError, ConnectError, ServeError};
use crate::kafka::{Group, Member, Resource, Right};
use crate::message::{Failure, Reply, Request};
use crate::protocol::requests::{Bounds, BrokerClock};
use crate::repeats::Repeats;
use crate::timeouts;
use crate::transport::{Handle, ServedTopic, TopicNames, blocking, needs};

/// How many handlers run at once.
const CONCURRENCY: usize = 256;

/// How many requests wait for a handler.
const QUEUE: usize = 1024;

/// How many bytes of requests are read and not answered.
const BYTES: usize = 64 << 20;

/// The longest that a request may run, unless its method says more.
const MAX_TIMEOUT: Duration = Duration::from_secs(300);

/// How long what runs may go on when the server is to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// How long the last commit may take when partitions are taken away.
const REVOCATION_DRAIN: Duration = Duration::from_millis(500);

/// One or more contracts to be served: [`run_until`](Self::run_until) runs them.
///
/// ```no_run
/// # #[bus::request(topic = "clock.req", reply = "clock.resp")]
/// # trait Clock { async fn now(&self) -> Result<u64, String>; }
/// # struct Fixed;
/// # impl Clock for Fixed { async fn now(&self) -> Result<u64, String> { Ok(7) } }
/// # async fn example(bus: bus::Bus) -> Result<(), bus::ServeError> {
/// bus.serve(ClockServer::new(Fixed)).concurrency(64).run_until(bus::shutdown_signal()).await?;
/// # Ok(()) }
/// ```
#[must_use = "nothing is served until `run_until` or `start`"]
pub struct Serve {
    handle: Arc<Handle>,
    services: Vec<(Arc<dyn Erased>, Option<TopicNames>)>,
    group: Option<String>,
    concurrency: usize,
    queue: usize,
    max_bytes: usize,
    drain: Duration,
    revocation_drain: Duration,
    max_age: MaxAge,
    max_decoded_bytes: Option<usize>,
    max_timeout: Duration,
    letters: Rate,
}

impl Serve {
    pub(crate) fn new<D: Dispatch>(handle: Arc<Handle>, server: D) -> Self {
        Self {
            handle,
            services: vec![(Arc::new(Plain(server)), None)],
            group: None,
            concurrency: CONCURRENCY,
            queue: QUEUE,
            max_bytes: BYTES,
            drain: DRAIN,
            revocation_drain: REVOCATION_DRAIN,
            max_age: MaxAge::Timeout,
            max_decoded_bytes: None,
            max_timeout: MAX_TIMEOUT,
            letters: letter_budget::DEFAULT,
        }
    }

    /// Serves another contract, too. Every process of a consumer group must serve the same ones on
    /// a request topic: each gets its share of all requests there.
    pub fn and<D: Dispatch>(mut self, server: D) -> Self {
        self.services.push((Arc::new(Plain(server)), None));
        self
    }

    /// The topics of requests and of replies of the contract that was added last, instead of those
    /// that the contract names. The bus's prefix does not stand before them.
    ///
    /// ```no_run
    /// # #[bus::request(topic = "clock.req", reply = "clock.resp")]
    /// # trait Clock { async fn now(&self) -> u64; }
    /// # struct Fixed;
    /// # impl Clock for Fixed { async fn now(&self) -> u64 { 7 } }
    /// # async fn example(bus: bus::Bus) -> Result<(), Box<dyn std::error::Error>> {
    /// let serving = bus.serve(ClockServer::new(Fixed)).topics("eu.clock.req", "eu.clock.resp").start().await?;
    /// let clock: ClockClient = bus.client().topics("eu.clock.req", "eu.clock.resp").await?;
    /// # Ok(()) }
    /// ```
    pub fn topics(mut self, request: impl Into<String>, reply: impl Into<String>) -> Self {
        if let Some((_, topics)) = self.services.last_mut() {
            *topics = Some(TopicNames::given(request, reply));
        }
        self
    }

    /// Wraps the contracts that have been added so far in a tower layer. The last layer added is
    /// the first that sees a request. A reply that a layer makes itself is an answer, whatever its
    /// status: only a request that the server itself cannot read becomes a dead letter (see
    /// [`Rejected`](crate::Rejected)).
    pub fn layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<Handler>,
        L::Service: Service<Request, Response = Reply> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Error: Into<Failure>,
        <L::Service as Service<Request>>::Future: Send,
    {
        for (inner, _) in &mut self.services {
            let contract = inner.contract();
            let service = layer.layer(Handler::new(Arc::clone(inner)));
            *inner = Arc::new(Layered { contract, service });
        }
        self
    }

    /// The consumer group, instead of one named as the request topic. Servers of one group compete
    /// for requests; another group would run and answer each of them again.
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.group = Some(group.into());
        self
    }

    /// How many handlers may run at once. The default is 256.
    pub fn concurrency(mut self, handlers: usize) -> Self {
        self.concurrency = handlers;
        self
    }

    /// How many bytes of requests may be read and not answered before reading pauses, over all
    /// topics of this server. The default is 64 MiB; one request may be larger, and is read alone.
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// How many requests may wait for a handler before reading pauses. The default is 1,024. Of each
    /// partition 1,000 more, of 8 MiB at most, may have been fetched (`queued.min.messages` and
    /// `queued.max.messages.kbytes` on [`BusBuilder::set`](crate::BusBuilder::set)).
    pub fn queue(mut self, requests: usize) -> Self {
        self.queue = requests;
        self
    }

    /// How long what runs may go on when the server is to stop. The default is 10 s.
    pub fn drain(mut self, drain: Duration) -> Self {
        self.drain = drain;
        self
    }

    /// How long partitions that go to another server may wait for Kafka to take the last commit,
    /// which says what is finished and what still runs here. The default is 500 ms; meanwhile nobody
    /// reads them. What runs goes on and is answered from here, and the other server leaves it alone.
    pub fn revocation_drain(mut self, drain: Duration) -> Self {
        self.revocation_drain = drain;
        self
    }

    /// How old a request may be that says nothing of its own timeout, instead of its method's
    /// timeout. Only requests of foreign peers say nothing.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = MaxAge::Of(age);
        self
    }

    /// Runs requests that say nothing of their own timeout however old they are. A new consumer
    /// group then runs whatever its topic still holds.
    pub fn any_age(mut self) -> Self {
        self.max_age = MaxAge::Any;
        self
    }

    /// What the arguments of one request may take in memory when they are decoded, in bytes; a
    /// request that takes more is dead-lettered as malformed. The default is the bus's, 16 MiB. So
    /// many times [`concurrency`](Self::concurrency) is what requests that are decoded may take at once.
    pub fn max_decoded_bytes(mut self, bytes: usize) -> Self {
        self.max_decoded_bytes = Some(bytes);
        self
    }

    /// The longest that a request runs, whatever its caller asks for: then its handler is cancelled
    /// and its caller told (a [`Failure::Other`] named `cut-off`). The default is 5 min. A method whose
    /// own timeout is longer has that.
    pub fn max_timeout(mut self, timeout: Duration) -> Self {
        self.max_timeout = timeout.min(timeouts::LONGEST);
        self
    }

    /// How many dead letters, of how many bytes, are written in a second over a longer time; ten
    /// seconds' worth may be written at once. What nobody can read beyond that is refused, counted
    /// ([`Counters::suppressed_dead_letters`](crate::Counters::suppressed_dead_letters)) and not kept.
    /// The default is 100 letters and 1 MiB, for each request topic. Requests that end their process
    /// are always kept.
    pub fn max_dead_letters(mut self, per_second: u32, bytes_per_second: usize) -> Self {
        self.letters = Rate { letters: per_second, bytes: bytes_per_second };
        self
    }

    /// Joins the consumer groups, one per request topic, and returns while they serve.
    ///
    /// # Errors
    /// [`ServeError::AmbiguousMethod`] and [`ServeError::ReplyTopics`] for contracts that cannot
    /// share a topic; [`ServeError::Connect`] where a topic is not as a contract needs it.
    pub async fn start(self) -> Result<Serving, ServeError> {
        if self.concurrency == 0 {
            return Err(ConfigError::Value {
                what: "concurrency".to_owned(),
                value: "0".to_owned(),
                reason: "no handler could ever run".to_owned(),
            }
            .into());
        }
        for contract in self.services.iter().map(|(service, _)| service.contract()) {
            contract.fits(contract.codec())?;
        }
        let shared = Arc::clone(self.handle.shared());
        let named = self.services.into_iter().map(|(service, given)| {
            let names = TopicNames::of(service.contract(), &shared.options.topic_prefix, given)?;
            Ok((service, names))
        });
        let topics = Routes::by_topic(named.collect::<Result<_, ConfigError>>()?)?;
        // Held by every listener until it has ended, so that a close waits for all of them.
        let guard = Arc::new(shared.serving());
        let bytes: Arc<Bytes> = Arc::default();
        let (ended, _) = watch::channel(0);
        let mut serving = Serving { members: Vec::new(), drain: self.drain, ended, handle: self.handle };
        for (topic, routes) in topics {
            let member = Member {
                topic: topic.as_str().into(),
                group: self.group.clone().unwrap_or_else(|| topic.clone()),
                instance: shared.options.instance_for(&topic),
            };
            let group = member.group.clone();
            let (joined, has_joined) = watch::channel(false);
            let (shared_here, shared, runtime) = (&shared, Arc::clone(&shared), runtime::Handle::current());
            let (concurrency, queue, max_age) = (self.concurrency, self.queue, self.max_age);
            let (letters, max_timeout) = (self.letters, self.max_timeout);
            let (max_bytes, bytes) = (self.max_bytes, Arc::clone(&bytes));
            let last_commit = self.revocation_drain.min(timeouts::LONGEST);
            let max_decoded_bytes = shared.options.max_decoded_bytes_for(self.max_decoded_bytes);
            let (ended, guard) = (serving.ended.clone(), Arc::clone(&guard));
            let member = blocking("start a server", move || {
                let session = shared.connection.session();
                // There is one at least: a topic is here because a contract names it.
                let contract = *routes.contracts.first().ok_or(ConnectError::Closed)?;
                for contract in &routes.contracts {
                    shared.topic(&needs::request(contract, &routes.names))?;
                }
                let replies = shared.topic(&needs::reply(contract, &routes.names))?;
                let dead_letters = shared.topic(&needs::dead_letters(contract, &routes.names))?;
                shared.connection.check_rights(&[
                    Right::Read(Resource::Topic(&routes.names.request)),
                    Right::Read(Resource::Group(&member.group)),
                    Right::Write(Resource::Topic(replies.name())),
                ])?;
                let kept = Right::Write(Resource::Topic(dead_letters.name()));
                shared.connection.warn_of_missing(kept, "requests that nobody can read will be lost");
                let server = Arc::new(TopicServer {
                    runtime,
                    routes,
                    replies,
                    dead_letters,
                    clock: BrokerClock::new(Instant::now()),
                    max_age,
                    max_decoded_bytes,
                    tally: Arc::default(),
                    bytes,
                    handed_back: AtomicU64::new(0),
                    last_answer: LastAnswer::default(),
                    letter_budget: Mutex::new(LetterBudget::new(letters, Instant::now())),
                    max_timeout,
                    repeats: Repeats::default(),
                    shared: Arc::clone(&shared),
                });
                let jobs = Jobs::new(Arc::clone(&server), Bounds { concurrency, queue, bytes: max_bytes });
                let listener = Listener::new(Arc::clone(&server), Arc::new(jobs), last_commit, session, joined);
                let on_end = move || {
                    ended.send_modify(|ended| *ended += 1);
                    drop(guard);
                };
                let member = Arc::new(Group::join(&shared.connection, member, listener, on_end)?);
                Ok(Arc::new(ServedGroup { name: group, group: member, server, has_joined }))
            })
            .await?;
            let served: Arc<dyn ServedTopic> = Arc::<ServedGroup>::clone(&member);
            shared_here.serves(&served);
            serving.members.push(member);
        }
        serving.stop_when_closing();
        for member in &serving.members {
            let contracts: Vec<_> = member.server.routes.contracts.iter().map(|contract| contract.name()).collect();
            tracing::info!(topic = member.server.topic(), ?contracts, "serving");
        }
        Ok(serving)
    }

    /// Serves until the future ends, or the bus is closed; then stops cleanly: takes no more, lets
    /// what runs finish within the drain time, commits, and leaves the groups, so that other
    /// servers take over at once.
    ///
    /// # Errors
    /// As [`start`](Self::start), and [`ServeError::Consumer`] where Kafka ends the consumer.
    pub async fn run_until(self, stop: impl Future<Output = ()>) -> Result<Served, ServeError> {
        let serving = self.start().await?;
        tokio::select! {
            () = stop => {}
            () = serving.over() => {}
        }
        serving.stop().await
    }
}

impl fmt::Debug for Serve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let contracts: Vec<_> = self.services.iter().map(|(service, _)| service.contract().name()).collect();
        f.debug_struct("Serve").field("contracts", &contracts).finish_non_exhaustive()
    }
}
