//! What survives which fault, on a Kafka of its own. `scripts/faults` runs it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs,
    unreachable_pub
)]

mod checker;
mod children;
mod journal;
mod rows;
mod trace;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use self::checker::{Bounds, History, Sums, check};
use self::rows::{On, ROWS, Row};
use self::world::{Kafka, World};

const USAGE: &str =
    "usage: faults [--short] [--brokers 1|3] [--only NAME]... [--list] --kafka FOLDER --port N --out FOLDER";

/// How soon everything works again once Kafka is well.
const RECOVERY: Duration = Duration::from_secs(10);

/// How many calls in a row have to succeed then.
const CONSECUTIVE: usize = 100;

/// How long a row goes on at the most after that.
const TAIL: Duration = Duration::from_secs(3);

/// The values of an option, in order.
fn values<'a>(arguments: &'a [String], name: &str) -> Vec<&'a str> {
    arguments.windows(2).filter(|pair| pair[0] == name).map(|pair| pair[1].as_str()).collect()
}

fn value<'a>(arguments: &'a [String], name: &str) -> &'a str {
    values(arguments, name).first().copied().unwrap_or_else(|| panic!("{name} is missing; {USAGE}"))
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let child = arguments.first().map(String::as_str).filter(|first| !first.starts_with("--"));
    match child {
        Some(child) => {
            run_child(child, &arguments);
            ExitCode::SUCCESS
        }
        None => run_rows(&arguments),
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn run_child(child: &str, arguments: &[String]) {
    let seen = values(arguments, "--journal").first().map(|journal| Path::new(journal).with_extension("trace"));
    tracing::subscriber::set_global_default(tracing_to(seen.as_deref())).unwrap();
    let brokers = value(arguments, "--brokers");
    let journal = || Path::new(value(arguments, "--journal"));
    match child {
        "serve" => children::serve(brokers, journal(), values(arguments, "--instance").first().copied()).await,
        "call" => {
            let (number, rate) = (value(arguments, "--number"), value(arguments, "--rate"));
            let secret = value(arguments, "--secret");
            children::call(brokers, journal(), number.parse().unwrap(), rate.parse().unwrap(), secret).await;
        }
        "well" => children::wait_until_well(brokers).await,
        other => panic!("{other:?} is nothing to run; {USAGE}"),
    }
}

/// Logs to standard error, and what is told of brokers to a file.
fn tracing_to(seen: Option<&Path>) -> impl tracing::Subscriber + Send + Sync + use<> {
    let words = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    let words = words.with_filter(EnvFilter::new("bus=debug,bus::trace=off,info"));
    let recorder = seen.map(|path| {
        let only = Targets::new().with_target("bus::trace", tracing::Level::TRACE);
        trace::Recorder::open(path).with_filter(only)
    });
    tracing_subscriber::registry().with(words).with(recorder)
}

fn run_rows(arguments: &[String]) -> ExitCode {
    let short = arguments.iter().any(|argument| argument == "--short");
    let brokers: u16 = values(arguments, "--brokers").first().map_or(1, |count| count.parse().expect(USAGE));
    let on = if brokers == 1 { On::One } else { On::Three };
    let only = values(arguments, "--only");
    let rows: Vec<&Row> = ROWS
        .iter()
        .filter(|row| row.on == On::Any || row.on == on)
        .filter(|row| if only.is_empty() { row.short || !short } else { only.contains(&row.name) })
        .collect();
    if arguments.iter().any(|argument| argument == "--list") {
        for row in rows {
            println!("{}", row.name);
        }
        return ExitCode::SUCCESS;
    }
    assert!(!rows.is_empty(), "no row of that name for {brokers} brokers; --list names them");
    let out = PathBuf::from(value(arguments, "--out"));
    let kafka =
        Kafka::start(Path::new(value(arguments, "--kafka")), value(arguments, "--port").parse().unwrap(), brokers);
    let mut world = World::new(kafka);
    let traces = out.join("traces");
    let _ = std::fs::remove_dir_all(&traces);
    println!(
        "{:<28} {:>6} {:>6} {:>8} {:>7} {:>7} {:>6} {:>7} {:>10}",
        "fault", "calls", "ok", "not sent", "unknown", "refused", "runs", "repeats", "recovered"
    );
    let mut red = 0;
    for row in rows {
        // A row that cannot be carried out is red, and the next is tried.
        let sums = catch_unwind(AssertUnwindSafe(|| run(&mut world, row, &out.join(row.name))));
        if let Ok(sums) = sums {
            red += usize::from(!sums.violations.is_empty());
            print(row, &sums);
        } else {
            world.give_up();
            red += 1;
            println!("{:<28} could not be carried out", row.name);
        }
        trace::gather(&out.join(row.name), &traces.join(row.name).with_extension("jsonl"));
    }
    if red == 0 {
        return ExitCode::SUCCESS;
    }
    println!("{red} rows are red; what was written down stands in {}", out.display());
    ExitCode::FAILURE
}

fn run(world: &mut World, row: &Row, folder: &Path) -> Sums {
    world.begin(folder);
    let fault = journal::now();
    (row.fault)(world);
    let well = world.well();
    let healed = journal::now();
    world.tail(well.unwrap_or(healed), CONSECUTIVE, RECOVERY + TAIL);
    let (callers, servers) = world.end();
    let (partitions, tokens) = world.partitions();
    let mut words = tokens;
    words.push(world.secret.clone());
    let leaked = world.leaked(&words);
    let panicked = world.panicked();
    let history = History { callers, servers, partitions, fault, well: well.unwrap_or(healed), leaked };
    let bounds = Bounds {
        lateness: 1_000_000,
        recovery: u64::try_from(RECOVERY.as_micros()).unwrap(),
        consecutive: CONSECUTIVE,
        repeats: row.repeats,
        memory: 64 * 1024,
    };
    let mut sums = check(&history, bounds);
    let violated = |invariant, what: &str| checker::Violation { invariant, what: what.to_owned() };
    if well.is_none() {
        sums.violations.push(violated("I8", "a process started afresh completed no call on every partition"));
    }
    if panicked {
        sums.violations.push(violated("I9", "a process panicked"));
    }
    sums
}

fn print(row: &Row, sums: &Sums) {
    #[allow(clippy::cast_precision_loss)] // Tenths of a second are shown.
    let recovered = sums.recovered.map_or("never".to_owned(), |after| format!("{:.1} s", after as f64 / 1e6));
    println!(
        "{:<28} {:>6} {:>6} {:>8} {:>7} {:>7} {:>6} {:>7} {:>10}",
        row.name, sums.calls, sums.ok, sums.not_sent, sums.unknown, sums.refused, sums.runs, sums.repeats, recovered
    );
    if let (Some(reason), true) = (row.repeats, sums.repeats > 0) {
        println!("    repeats: {reason}");
    }
    for violation in &sums.violations {
        println!("    {violation}");
    }
}
