//! Counts what a call costs: what can be counted is the same on every machine, so it has limits.
//!
//! Client and server are processes of their own, each with an allocator that counts. librdkafka's
//! own memory is C's and is not counted.

#![allow(clippy::print_stdout, clippy::print_stderr)] // It is a command.
#![allow(dead_code, unused_imports)] // What it shares with the bench is used in part.

mod allocator;
mod cost;
mod limits;
mod options;
mod server;
#[path = "../src/stack/mod.rs"]
mod stack;
#[path = "../src/stats.rs"]
mod stats;
#[path = "../src/topics.rs"]
mod topics;

use std::process::ExitCode;
use std::time::Duration;

use self::cost::{Cost, Counted};
use self::options::{Options, Work};
use self::server::Server;
use self::stack::{Kind, Place, Shape, Stack};

/// Why there are no figures.
pub(crate) type Failed = Box<dyn std::error::Error + Send + Sync>;

/// The stacks that are counted, ours first.
const STACKS: [&str; 2] = ["bus", "tasks"];

fn main() -> ExitCode {
    let done = match Options::parse(std::env::args().skip(1)) {
        Ok(Some(Work::Serve { brokers, run, stack, partitions })) => server::run(&brokers, &run, &stack, partitions),
        Ok(Some(Work::Count(options))) => count(&options),
        Ok(Some(Work::Loopback { calls })) => loopback(calls),
        Ok(None) => {
            println!("{}", options::USAGE);
            return ExitCode::SUCCESS;
        }
        Err(wrong) => {
            eprintln!("{wrong}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            eprintln!("{failed}");
            ExitCode::FAILURE
        }
    }
}

/// Two runtimes: a place wants both, and only one of them is used in a process.
pub(crate) fn place(brokers: &str, run: &str) -> Result<(Place, [tokio::runtime::Runtime; 2]), Failed> {
    let runtime = || tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtimes = [runtime()?, runtime()?];
    let place = Place {
        brokers: brokers.to_owned(),
        run: run.to_owned(),
        clients: runtimes[0].handle().clone(),
        servers: runtimes[1].handle().clone(),
    };
    Ok((place, runtimes))
}

/// Calls through the real codec and dispatch, for a tool that counts instructions.
fn loopback(calls: usize) -> Result<(), Failed> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let client = stack::loopback();
        for _ in 0..calls {
            let answer = client.echo(stack::PAYLOAD).await?;
            if answer != stack::PAYLOAD {
                return Err(Failed::from("another answer"));
            }
        }
        Ok(())
    })
}

/// The topics of a stack, and how many partitions each has.
fn wanted(kind: &Kind, partitions: i32) -> [(String, i32); 2] {
    [
        (topics::requests(kind.topics, partitions), partitions),
        (topics::replies(kind.topics, partitions), topics::REPLY_PARTITIONS),
    ]
}

fn count(options: &Options) -> Result<(), Failed> {
    let embedded = if options.brokers.is_none() { Some(bus::kafka::EmbeddedBroker::start()?) } else { None };
    let brokers = match (&options.brokers, &embedded) {
        (Some(brokers), _) => brokers.clone(),
        (None, Some(embedded)) => embedded.brokers().to_owned(),
        (None, None) => return Err("no broker".into()),
    };
    let run = format!("count-{}", std::process::id());
    let (place, _runtimes) = place(&brokers, &run)?;
    let kinds = Kind::parse(&STACKS.map(ToOwned::to_owned))?;
    let topics: Vec<(String, i32)> = kinds.iter().flat_map(|kind| wanted(kind, options.partitions)).collect();
    match &embedded {
        Some(broker) => topics.iter().try_for_each(|(name, partitions)| {
            broker.create_topic(name, u32::try_from(*partitions)?)?;
            Ok::<_, Failed>(())
        })?,
        None => place.clients.block_on(topics::prepare(&brokers, &topics))?,
    }
    println!("| stack | callers | side | allocations | bytes | switches | read and write calls |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    let mut counted = Vec::new();
    for (kind, name) in kinds.iter().zip(STACKS) {
        let mut server = Server::start(&brokers, &run, name, options.partitions)?;
        let shape = Shape { partitions: options.partitions, clients: 1, servers: 0 };
        let mut stack = place.clients.block_on(kind.start(shape, &place))?;
        // Tables and buffers grow to their size, and what is made once is made.
        stack.turn(512, options.time)?;
        for &callers in &options.callers {
            for cost in turn(stack.as_mut(), &mut server, callers, options.time)? {
                let cost = Counted { stack: name, callers, cost };
                println!("{cost}");
                counted.push(cost);
            }
        }
        stack.stop();
        server.stop()?;
    }
    match &options.limits {
        Some(path) => limits::check(path, &counted),
        None => Ok(()),
    }
}

/// What a turn cost each side, for one call.
fn turn(stack: &mut dyn Stack, server: &mut Server, callers: usize, time: Duration) -> Result<[Cost; 2], Failed> {
    // The turn before wakes who slept.
    stack.turn(callers, time / 4)?;
    let before = [cost::so_far()?, server.so_far()?];
    let turn = stack.turn(callers, time)?;
    let after = [cost::so_far()?, server.so_far()?];
    if turn.failures > 0 || turn.latencies.is_empty() {
        return Err(format!("{} calls failed and {} were answered", turn.failures, turn.latencies.len()).into());
    }
    let calls = turn.latencies.len();
    Ok([Cost::of("client", &before[0], &after[0], calls), Cost::of("server", &before[1], &after[1], calls)])
}
