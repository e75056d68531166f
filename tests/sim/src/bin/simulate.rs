//! Runs histories of the protocol cores: many, one event by event, or with planted defects.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;
use std::time::Instant;

use bus_sim::planted::{self, Row};
use bus_sim::{accept, run};

/// Where the tests look up which history shows which plant.
const RECORD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/planted.txt");

const USAGE: &str = "\
simulate --histories N [--from SEED]   runs N histories, and shows what they contained
simulate --seed N [--trace] [--shortest] [--plant NAME]
                                       runs one; --trace shows every event, --shortest looks for a
                                       shorter history that breaks the same
simulate --plants [--only NAME,NAME] [--record]
                                       plants every defect, and shows what catches it; --record writes
                                       down in which history, for the tests
simulate --accept FILE ..              says whether the model allows what a real Kafka did";

struct Arguments {
    words: Vec<String>,
}

impl Arguments {
    fn has(&self, name: &str) -> bool {
        self.words.iter().any(|word| word == name)
    }

    fn value(&self, name: &str) -> Option<&str> {
        let at = self.words.iter().position(|word| word == name)?;
        self.words.get(at + 1).map(String::as_str)
    }

    fn number(&self, name: &str) -> Result<Option<u64>, String> {
        let Some(text) = self.value(name) else {
            return if self.has(name) { Err(format!("{name} wants a number")) } else { Ok(None) };
        };
        text.replace('_', "").parse().map(Some).map_err(|_| format!("{name} wants a number, not {text:?}"))
    }
}

fn main() -> ExitCode {
    // A core that panics is a violation, told as one.
    std::panic::set_hook(Box::new(|_| {}));
    let arguments = Arguments { words: std::env::args().skip(1).collect() };
    match simulate(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("{why}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn simulate(arguments: &Arguments) -> Result<bool, String> {
    if arguments.has("--plants") {
        return plants(arguments);
    }
    if let Some(at) = arguments.words.iter().position(|word| word == "--accept") {
        return accepts(&arguments.words[at + 1..]);
    }
    if let Some(seed) = arguments.number("--seed")? {
        return one(seed, arguments);
    }
    let Some(histories) = arguments.number("--histories")? else { return Err("what is to run?".to_owned()) };
    let started = Instant::now();
    let summary = run::simulate(arguments.number("--from")?.unwrap_or(0), histories);
    println!("{}", summary.tables());
    let mut kinds: Vec<_> = summary.kinds.iter().collect();
    kinds.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    for (kind, (count, seed)) in kinds {
        println!("{count} times, first with seed {seed}: {kind}");
    }
    let never = summary.never_reached();
    for line in &never {
        println!("{line}");
    }
    if summary.red == 0 {
        println!(
            "{} calls, {} handlers run, at least {} events a history",
            summary.calls, summary.runs, summary.fewest
        );
    } else {
        println!("replay one with: scripts/simulate --seed SEED --trace");
    }
    println!("took {:.1} s", started.elapsed().as_secs_f64());
    println!("{}", summary.line());
    Ok(summary.red == 0 && never.is_empty())
}

/// Judges each trace. One that has nothing in it to be judged is red, too.
fn accepts(files: &[String]) -> Result<bool, String> {
    if files.is_empty() {
        return Err("--accept wants files".to_owned());
    }
    let mut red = 0;
    for file in files {
        let trace = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
        let judged = accept::accept(&trace).map_err(|error| format!("{file}:{}: {}", error.line, error.why))?;
        for it in &judged.refused {
            println!("{file}:{}: {}", it.line, it.why);
        }
        let lacks = judged.lacks();
        if !lacks.is_empty() {
            println!("{file}: lacks {}", lacks.join(", "));
        }
        println!("{file}: {judged}");
        red += usize::from(!judged.refused.is_empty() || !lacks.is_empty());
    }
    println!("{} traces, {red} red", files.len());
    Ok(red == 0)
}

fn one(seed: u64, arguments: &Arguments) -> Result<bool, String> {
    let planted = match arguments.value("--plant") {
        Some(name) => Some(planted::named(name).ok_or_else(|| format!("there is no plant called {name:?}"))?),
        None => None,
    };
    let trace = arguments.has("--trace");
    let mut hear = |at: u64, line: String| {
        // What a process sees of its brokers stands in the line before.
        if trace && !line.starts_with('{') {
            println!("{:>6}.{:03} ms  {line}", at / 1_000, at % 1_000);
        }
    };
    let violation = match planted {
        _ if arguments.has("--shortest") => run::replay_shortest(seed, planted, &mut hear),
        // In the history in which it is looked for, which has its own faults.
        Some(name) => planted::replay(name, seed, &mut hear),
        None => run::replay(seed, None, &mut hear),
    };
    match violation {
        Some(violation) => println!(
            "seed {seed}, after {} ms: {:?} ({}): {}",
            violation.at / 1_000,
            violation.invariant,
            violation.invariant.says(),
            violation.what
        ),
        None => println!("seed {seed}: no violation"),
    }
    Ok(true)
}

fn plants(arguments: &Arguments) -> Result<bool, String> {
    let only = arguments.value("--only");
    let rows = planted::plants(|name| only.is_none_or(|only| only.split(',').any(|only| only == name)));
    if rows.is_empty() {
        return Err("there is no such plant".to_owned());
    }
    println!("{}", planted::HEAD);
    for row in &rows {
        println!("{}", row.line());
    }
    let caught = rows.iter().filter(|row| row.caught.is_some()).count();
    println!("{} planted, {caught} caught", rows.len());
    let mut hold = true;
    if only.is_none() {
        println!("\n{}", planted::SCENARIOS);
        for scenario in planted::scenarios() {
            println!("{}", scenario.line());
            hold &= scenario.holds();
        }
    }
    if arguments.has("--record") && only.is_none() {
        let record: String = rows.iter().filter_map(Row::record).map(|line| line + "\n").collect();
        std::fs::write(RECORD, record).map_err(|error| format!("{RECORD}: {error}"))?;
    }
    Ok(hold && caught == rows.len())
}
