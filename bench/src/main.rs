//! Measures the bus against a hand-written twin, in turns on one Kafka, and prints the ratios.
//!
//! All stacks run in this one process, and only one works at a time: what is charged to a call is
//! the CPU time that the whole process took during the turn, client and servers together. The
//! others idle meanwhile, which costs each of them a few fetches and heartbeats a second.

#![allow(clippy::print_stdout, clippy::print_stderr)] // It is a command.

mod options;
mod report;
mod run;
mod stack;
mod start;
mod stats;
mod topics;

use std::process::ExitCode;

use self::options::Options;
use self::stack::Place;

/// Why there are no figures.
pub(crate) type Failed = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    let ran = match Options::parse(std::env::args().skip(1)) {
        Ok(Some(options)) => bench(&options),
        Ok(None) => {
            println!("{}", options::usage());
            return ExitCode::SUCCESS;
        }
        Err(wrong) => {
            eprintln!("{wrong}");
            return ExitCode::from(2);
        }
    };
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            eprintln!("{failed}");
            ExitCode::FAILURE
        }
    }
}

fn bench(options: &Options) -> Result<(), Failed> {
    let runtime = || tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let (clients, servers) = (runtime()?, runtime()?);
    let place = Place {
        brokers: options.brokers.clone(),
        run: format!("bench-{}", std::process::id()),
        clients: clients.handle().clone(),
        servers: servers.handle().clone(),
    };
    match options.start {
        Some(times) => start::run(options, times, &place),
        None => run::run(options, &place),
    }
}
