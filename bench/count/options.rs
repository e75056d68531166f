//! What is asked for on the command line.

use std::path::PathBuf;
use std::time::Duration;

use crate::Failed;

pub(crate) const USAGE: &str = "\
usage: scripts/count [OPTION VALUE]..

  --callers LIST     calls at once (default 1,64,512)
  --partitions N     partitions of the request topic: 1 or 5 (default 5)
  --seconds S        how long each is counted (default 1)
  --limits FILE      fail where a call of the bus costs more than this file allows
  --instructions     count instructions instead, with valgrind's callgrind: of a
                     call through `bus::loopback`, codec and dispatch on both sides

Counts, for one call and each side: allocations and bytes of Rust's allocator,
voluntary context switches, and system calls that read or write. On the Kafka
that BUS_BROKERS names, or on the embedded broker without it.";

pub(crate) struct Options {
    pub(crate) brokers: Option<String>,
    pub(crate) callers: Vec<usize>,
    pub(crate) partitions: i32,
    pub(crate) time: Duration,
    pub(crate) limits: Option<PathBuf>,
}

/// What this process is to do.
pub(crate) enum Work {
    Count(Options),
    /// The serving side, started by the other.
    Serve {
        brokers: String,
        run: String,
        stack: String,
        partitions: i32,
    },
    /// So many calls without a broker, one after another on one thread.
    Loopback {
        calls: usize,
    },
}

impl Options {
    /// Reads the command line; nothing if help is what was asked for.
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<Work>, Failed> {
        let mut options = Self {
            brokers: std::env::var("BUS_BROKERS").ok(),
            callers: vec![1, 64, 512],
            partitions: 5,
            time: Duration::from_secs(1),
            limits: None,
        };
        while let Some(name) = arguments.next() {
            if name == "--help" || name == "-h" {
                return Ok(None);
            }
            let mut value = || arguments.next().ok_or_else(|| format!("{name} wants a value"));
            match name.as_str() {
                "--callers" => {
                    options.callers = value()?.split(',').map(str::parse).collect::<Result<_, _>>()?;
                    if options.callers.contains(&0) {
                        return Err("no callers make no calls".into());
                    }
                }
                "--partitions" => {
                    options.partitions = value()?.parse()?;
                    if ![1, 5].contains(&options.partitions) {
                        return Err("1 or 5 partitions can be counted".into());
                    }
                }
                "--seconds" => options.time = Duration::try_from_secs_f64(value()?.parse()?)?,
                "--limits" => options.limits = Some(value()?.into()),
                "--loopback" => return Ok(Some(Work::Loopback { calls: value()?.parse()? })),
                "--serve" => {
                    let (brokers, run, stack) = (value()?, value()?, value()?);
                    return Ok(Some(Work::Serve { brokers, run, stack, partitions: value()?.parse()? }));
                }
                _ => return Err(format!("unknown option {name}\n{USAGE}").into()),
            }
        }
        Ok(Some(Work::Count(options)))
    }
}
