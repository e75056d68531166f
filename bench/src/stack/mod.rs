//! What is measured: each stack is one way to send a request over Kafka and get its reply.

mod bus;
mod setup;
mod twin;

#[allow(unused_imports)] // Each of the programs takes what it needs.
pub(crate) use self::setup::{PAYLOAD, Place, Shape, Stack};
use crate::Failed;

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
