//! The bus, as a user has it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::task::JoinSet;

use super::setup::{PAYLOAD, Place, Shape, Stack, share};
use crate::Failed;
use crate::stats::{Turn, nanoseconds};
use crate::topics::wait;

/// How the bus is set.
#[derive(Clone, Debug)]
pub(crate) struct Variant {
    second: bool,
    inline: bool,
    settings: Vec<(String, String)>,
}

impl Variant {
    pub(super) fn parse(second: bool, options: &str) -> Result<Self, Failed> {
        let mut variant = Self { second, inline: false, settings: Vec::new() };
        for option in options.split('+').filter(|option| !option.is_empty()) {
            match option.split_once('=') {
                None if option == "inline" => variant.inline = true,
                Some((name, value)) => variant.settings.push((name.to_owned(), value.to_owned())),
                None => {
                    return Err(format!("the bus has no option {option:?}; there are inline and SETTING=VALUE").into());
                }
            }
        }
        Ok(variant)
    }
}

/// A client of any of the contracts.
pub(crate) trait Caller: Send + Sync {
    fn echo(&self, text: &str) -> bus::Call<String, String>;
    fn echo_inline(&self, text: &str) -> bus::Call<String, String>;
}

struct Service;

/// A contract, and how to use it without its name. A contract names its topics, so there is one
/// for each number of partitions and each bus that runs.
macro_rules! contract {
    ($module:ident, $topic:literal, $reply:literal, $partitions:literal) => {
        pub(crate) mod $module {
            use std::sync::Arc;

            use super::{Caller, Service};
            use crate::Failed;

            /// What is measured: the same text back.
            #[bus::request(topic = $topic, reply = $reply, partitions = $partitions, reply_partitions = 5)]
            pub(crate) trait Echo {
                async fn echo(&self, text: &str) -> Result<String, String>;
                #[bus(inline)]
                async fn echo_inline(&self, text: &str) -> Result<String, String>;
            }

            impl Echo for Service {
                async fn echo(&self, text: &str) -> Result<String, String> {
                    Ok(text.to_owned())
                }
                async fn echo_inline(&self, text: &str) -> Result<String, String> {
                    Ok(text.to_owned())
                }
            }

            impl Caller for EchoClient {
                fn echo(&self, text: &str) -> bus::Call<String, String> {
                    EchoClient::echo(self, text)
                }
                fn echo_inline(&self, text: &str) -> bus::Call<String, String> {
                    EchoClient::echo_inline(self, text)
                }
            }

            pub(crate) async fn client(bus: &bus::Bus) -> Result<Arc<dyn Caller>, Failed> {
                let client: EchoClient = bus.client().await?;
                Ok(Arc::new(client))
            }

            #[allow(dead_code)] // Of one of them alone.
            pub(crate) fn loopback() -> Arc<dyn Caller> {
                Arc::new(EchoClient::from(bus::loopback(EchoServer::new(Service))))
            }

            pub(crate) fn serve(bus: &bus::Bus) -> bus::Serve {
                bus.serve(EchoServer::new(Service))
            }
        }
    };
}

contract!(a1, "bench.bus-a.1.req", "bench.bus-a.1.resp", 1);
contract!(a5, "bench.bus-a.5.req", "bench.bus-a.5.resp", 5);
contract!(b1, "bench.bus-b.1.req", "bench.bus-b.1.resp", 1);
contract!(b5, "bench.bus-b.5.req", "bench.bus-b.5.resp", 5);

/// Clients and servers, each on a bus of its own.
struct Running {
    inline: bool,
    on_clients: Handle,
    clients: Vec<(bus::Bus, Arc<dyn Caller>)>,
    on_servers: Handle,
    servers: Vec<(bus::Bus, bus::Serving)>,
}

pub(crate) fn builder(name: &str, place: &Place) -> bus::BusBuilder {
    bus::Bus::builder(name).brokers(&place.brokers)
}

pub(super) async fn start(variant: &Variant, shape: Shape, place: &Place) -> Result<Box<dyn Stack>, Failed> {
    let connect = |name: &str, reply_partition: Option<usize>| {
        let mut builder = builder(name, place);
        for (setting, value) in &variant.settings {
            builder = builder.set(setting, value);
        }
        if let Some(partition) = reply_partition.and_then(|it| u32::try_from(it).ok()) {
            builder = builder.reply_partition(partition);
        }
        builder.connect()
    };
    let mut servers = Vec::new();
    for _ in 0..shape.servers {
        let connecting = connect("bench-server", None);
        let (second, run) = (variant.second, place.run.clone());
        let started = place.servers.spawn(async move {
            let bus = connecting.await?;
            let serve = match (second, shape.partitions) {
                (false, 1) => a1::serve(&bus),
                (false, _) => a5::serve(&bus),
                (true, 1) => b1::serve(&bus),
                (true, _) => b5::serve(&bus),
            };
            let serving = serve.group(format!("{run}-bus-{second}-{}", shape.partitions)).start().await?;
            Ok::<_, Failed>((bus, serving))
        });
        servers.push(started.await??);
    }
    wait("the servers of the bus to have partitions", || {
        let with = servers.iter().filter(|(_, serving)| serving.has_partitions()).count();
        Ok(with >= shape.servers.min(usize::try_from(shape.partitions)?))
    })
    .await?;
    let mut clients = Vec::new();
    for number in 0..shape.clients {
        let connecting = connect("bench-client", Some(number));
        let second = variant.second;
        let started = place.clients.spawn(async move {
            let bus = connecting.await?;
            let client = match (second, shape.partitions) {
                (false, 1) => a1::client(&bus).await?,
                (false, _) => a5::client(&bus).await?,
                (true, 1) => b1::client(&bus).await?,
                (true, _) => b5::client(&bus).await?,
            };
            Ok::<_, Failed>((bus, client))
        });
        clients.push(started.await??);
    }
    Ok(Box::new(Running {
        inline: variant.inline,
        on_clients: place.clients.clone(),
        clients,
        on_servers: place.servers.clone(),
        servers,
    }))
}

/// One caller: one call after another until the time is over.
async fn call(client: Arc<dyn Caller>, inline: bool, until: Instant) -> Turn {
    let mut turn = Turn::default();
    loop {
        let started = Instant::now();
        if started >= until {
            return turn;
        }
        let answer = if inline { client.echo_inline(PAYLOAD).await } else { client.echo(PAYLOAD).await };
        match answer {
            Ok(text) if text == PAYLOAD => turn.latencies.push(nanoseconds(started.elapsed())),
            _ => turn.failures += 1,
        }
    }
}

impl Stack for Running {
    fn turn(&mut self, callers: usize, time: Duration) -> Result<Turn, Failed> {
        let started = Instant::now();
        let until = started + time;
        let mut running = JoinSet::new();
        for ((_, client), callers) in self.clients.iter().zip(share(callers, self.clients.len())) {
            for _ in 0..callers {
                running.spawn_on(call(Arc::clone(client), self.inline, until), &self.on_clients);
            }
        }
        let mut whole = Turn::default();
        for turn in self.on_clients.block_on(running.join_all()) {
            whole.latencies.extend(turn.latencies);
            whole.failures += turn.failures;
        }
        whole.elapsed = started.elapsed();
        Ok(whole)
    }

    fn stop(self: Box<Self>) {
        let Self { clients, servers, on_clients, on_servers, .. } = *self;
        on_clients.block_on(async {
            for (bus, _) in clients {
                bus.close().await;
            }
        });
        on_servers.block_on(async {
            for (bus, serving) in servers {
                if let Err(error) = serving.stop().await {
                    eprintln!("a server ended badly: {error}");
                }
                bus.close().await;
            }
        });
    }
}
