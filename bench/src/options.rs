//! What is asked for on the command line.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use crate::Failed;
use crate::stack::{KINDS, Kind};

/// What to run.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) brokers: String,
    pub(crate) stacks: Vec<Kind>,
    pub(crate) callers: Vec<usize>,
    pub(crate) partitions: Vec<i32>,
    pub(crate) clients: Vec<usize>,
    pub(crate) servers: Vec<usize>,
    pub(crate) turns: usize,
    pub(crate) time: Duration,
    /// Calls that each stack makes before anything is measured.
    pub(crate) warm_up: usize,
    pub(crate) raw: PathBuf,
    pub(crate) markdown: Option<PathBuf>,
    /// Measures how long a start takes, so many times, instead of calls.
    pub(crate) start: Option<usize>,
}

/// Where a value that was not given comes from.
pub(crate) fn usage() -> String {
    format!(
        "\
usage: scripts/bench [OPTION VALUE]..

  --stacks LIST      which to compare (default bus,tuned,plain):
                     {KINDS}
  --callers LIST     calls at once (default 1,64,512)
  --partitions LIST  partitions of the request topic: 1, 5 or both (default 1,5)
  --clients LIST     clients, each on a reply partition of its own, 5 at most (default 1,5)
  --servers LIST     servers in the consumer group (default 1,3)
  --turns N          turns of each stack, after one that does not count (default 5)
  --seconds S        length of a turn (default 2)
  --warm-up N        calls of each stack before anything is measured (default 100000)
  --raw FILE         one JSON line per turn (default target/bench.jsonl)
  --markdown FILE    the tables; they are printed in any case
  --start N          measure N starts of a client instead

Kafka is the one that BUS_BROKERS names. `scripts/kafka up` starts one, or
three with `--brokers 3`, and prints the line to export. Topics whose names
start with `bench.` are deleted and made afresh, so one run at a time."
    )
}

impl Options {
    /// Reads the command line; nothing if help is what was asked for.
    pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<Option<Self>, Failed> {
        let names = |list: &str| list.split(',').map(ToOwned::to_owned).collect::<Vec<_>>();
        let mut options = Self {
            brokers: String::new(),
            stacks: Kind::parse(&names("bus,tuned,plain"))?,
            callers: vec![1, 64, 512],
            partitions: vec![1, 5],
            clients: vec![1, 5],
            servers: vec![1, 3],
            turns: 5,
            time: Duration::from_secs(2),
            warm_up: 100_000,
            raw: PathBuf::from("target/bench.jsonl"),
            markdown: None,
            start: None,
        };
        let mut arguments = arguments;
        while let Some(option) = arguments.next() {
            if option == "--help" || option == "-h" {
                return Ok(None);
            }
            let value = arguments.next().ok_or_else(|| format!("{option} needs a value\n\n{}", usage()))?;
            match option.as_str() {
                "--stacks" => options.stacks = Kind::parse(&names(&value))?,
                "--callers" => options.callers = numbers(&option, &value, 1..=100_000)?,
                "--partitions" => options.partitions = numbers(&option, &value, 1..=5)?,
                "--clients" => options.clients = numbers(&option, &value, 1..=5)?,
                "--servers" => options.servers = numbers(&option, &value, 1..=5)?,
                "--turns" => options.turns = number(&option, &value, &(1..=1000))?,
                "--seconds" => {
                    let seconds: f64 = number(&option, &value, &(0.1..=600.0))?;
                    options.time = Duration::from_secs_f64(seconds);
                }
                "--warm-up" => options.warm_up = number(&option, &value, &(0..=100_000_000))?,
                "--raw" => options.raw = value.into(),
                "--markdown" => options.markdown = Some(value.into()),
                "--start" => options.start = Some(number(&option, &value, &(1..=1000))?),
                _ => return Err(format!("there is no option {option}\n\n{}", usage()).into()),
            }
        }
        if options.partitions.iter().any(|partitions| ![1, 5].contains(partitions)) {
            return Err("--partitions: a contract names its topics, and there are those with 1 and with 5".into());
        }
        options.brokers = std::env::var("BUS_BROKERS").map_err(|_| {
            "BUS_BROKERS is not set, and only a real Kafka gives figures that mean anything.\n\
             `scripts/kafka up` starts one; then `export` the line that it prints, or\n\
             BUS_BROKERS=127.0.0.1:19092 scripts/bench"
        })?;
        Ok(Some(options))
    }
}

fn number<T: FromStr + PartialOrd + std::fmt::Debug>(
    option: &str,
    value: &str,
    allowed: &std::ops::RangeInclusive<T>,
) -> Result<T, Failed> {
    let number = value.parse().ok().filter(|number| allowed.contains(number));
    number.ok_or_else(|| format!("{option}: {value:?} is not a number in {allowed:?}").into())
}

fn numbers<T: FromStr + PartialOrd + std::fmt::Debug>(
    option: &str,
    list: &str,
    allowed: std::ops::RangeInclusive<T>,
) -> Result<Vec<T>, Failed> {
    list.split(',').map(|value| number(option, value, &allowed)).collect()
}
