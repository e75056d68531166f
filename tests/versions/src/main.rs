//! A service and its caller, of this release or, with the feature `next`, of the next: every change of
//! a type that docs/contracts.md has a row for, in a method of its own. `scripts/contract-versions`
//! runs one against the other, and what becomes of the values is what the page says.

#![allow(clippy::print_stdout)]

#[macro_use]
#[path = "../../../bus/src/contract/verdict/tests/table.rs"]
mod table;
mod page;
mod releases;
mod tried;

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bus::{Bus, Codec};

use self::page::Page;
use self::releases::{beyond_bincode, beyond_every_codec, every_codec};
use self::tried::Tried;

/// Whether this is the next release.
const NEXT: bool = cfg!(feature = "next");

/// How many requests have run: the same in both releases.
#[bus::request(topic = "versions.runs.req", reply = "versions.runs.resp")]
trait Runs {
    async fn runs(&self) -> u64;
}

/// Counts the requests that run.
#[derive(Clone, Default)]
struct Service(Arc<AtomicU64>);

impl Service {
    fn ran(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Runs for Service {
    async fn runs(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve"] => serve().await,
        ["call", page] => call(Page::read(page)?).await,
        _ => Err("usage: contract-versions serve | call docs/contracts.md".into()),
    }
}

async fn serve() -> Result<(), Box<dyn Error>> {
    let bus = Bus::from_env().await?;
    let service = Service::default();
    let serving = bus
        .serve(RunsServer::new(service.clone()))
        .and(every_codec::ArgumentsServer::new(service.clone()))
        .and(every_codec::AnswersServer::new(service.clone()))
        .and(every_codec::ErrorsServer::new(service.clone()))
        .and(beyond_bincode::ArgumentsServer::new(service.clone()))
        .and(beyond_bincode::AnswersServer::new(service.clone()))
        .and(beyond_bincode::ErrorsServer::new(service))
        .start()
        .await?;
    serving.joined().await;
    println!("serving");
    bus::shutdown_signal().await;
    serving.stop().await?;
    bus.close().await;
    Ok(())
}

async fn call(page: Page) -> Result<(), Box<dyn Error>> {
    let bus = Bus::from_env().await?;
    let mut tried = Tried::new(page, bus.client().await?).await?;
    for codec in [Codec::Bincode, Codec::Json, Codec::MsgPack] {
        tried.begin(codec);
        every_codec::call(&bus, &mut tried).await?;
        if codec == Codec::Bincode {
            beyond_bincode::alone::are_refused(&bus, &mut tried).await;
        } else {
            beyond_bincode::call(&bus, &mut tried).await?;
        }
        beyond_every_codec::alone::are_refused(&bus, &mut tried).await;
    }
    bus.close().await;
    tried.finish()
}
