//! What is measured: each stack is one way to send a request over Kafka and get its reply.

mod bus;
mod twin;

use std::time::Duration;

use tokio::runtime::Handle;

use crate::Failed;
use crate::stats::Turn;

/// What a caller sends and gets back.
pub(crate) const PAYLOAD: &str =
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789";

/// A set of clients and servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) partitions: i32,
    pub(crate) clients: usize,
    pub(crate) servers: usize,
}

/// Where a stack runs: two runtimes, because clients and servers are processes of their own
/// elsewhere and do not wake each other's threads.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) brokers: String,
    /// Of this run alone, so that no consumer group has members left from another.
    pub(crate) run: String,
    pub(crate) clients: Handle,
    pub(crate) servers: Handle,
}

/// Clients and servers of one kind, connected and ready. A peer in another language is one that
/// starts its process and has it run the turns.
pub(crate) trait Stack {
    /// Keeps so many callers busy for so long: each makes one call after another.
    fn turn(&mut self, callers: usize, time: Duration) -> Result<Turn, Failed>;

    /// Stops all that was started.
    fn stop(self: Box<Self>);
}

/// A kind of stack, by the name that it has on the command line.
#[derive(Clone, Debug)]
pub(crate) struct Kind {
    pub(crate) name: String,
    /// Which of the topics are its own.
    pub(crate) topics: &'static str,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Bus(bus::Variant),
    Twin(twin::Variant),
}

impl Kind {
    /// The kinds of these names. Two may be the bus, with different settings.
    pub(crate) fn parse(names: &[String]) -> Result<Vec<Self>, Failed> {
        let mut buses = ["bus-a", "bus-b"].into_iter();
        let kind = |name: &String| {
            let (kind, options) = name.split_once(':').unwrap_or((name, ""));
            let (topics, what) = match (kind, options) {
                ("plain", "") => ("plain", What::Twin(twin::Variant { tuned: false, tasks: false })),
                ("tuned", "") => ("tuned", What::Twin(twin::Variant { tuned: true, tasks: false })),
                ("tasks", "") => ("tasks", What::Twin(twin::Variant { tuned: true, tasks: true })),
                ("bus", options) => {
                    let topics = buses.next().ok_or("the bus can run twice at most: it has topics for two")?;
                    (topics, What::Bus(bus::Variant::parse(topics == "bus-b", options)?))
                }
                _ => return Err(Failed::from(format!("no stack is called {name:?}; there are {KINDS}"))),
            };
            Ok(Self { name: name.clone(), topics, what })
        };
        names.iter().map(kind).collect()
    }

    /// Starts the clients and servers. Returns when every server has its share of the partitions.
    pub(crate) async fn start(&self, shape: Shape, place: &Place) -> Result<Box<dyn Stack>, Failed> {
        match &self.what {
            What::Bus(variant) => bus::start(variant, shape, place).await,
            What::Twin(variant) => twin::start(*variant, self.topics, shape, place).await,
        }
    }
}

/// How stacks are named on the command line.
pub(crate) const KINDS: &str = "bus, bus:inline, bus:SETTING=VALUE (librdkafka's), tuned, plain, tasks";

/// So many callers over so many clients, as evenly as can be.
fn share(callers: usize, clients: usize) -> impl Iterator<Item = usize> {
    (0..clients).map(move |client| (callers + client) / clients)
}

/// A client of the bus whose server is in this process, without a broker.
#[allow(dead_code)] // The bench itself has no use for it.
pub(crate) fn loopback() -> std::sync::Arc<dyn bus::Caller> {
    bus::a5::loopback()
}

/// A client of the bus alone, to be started on its own.
pub(crate) mod first_client {
    pub(crate) use super::bus::a5::client;
    pub(crate) use super::bus::builder;
}
