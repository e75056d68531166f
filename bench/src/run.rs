//! The matrix: every shape and number of callers, all stacks in turns.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use serde_json::json;

use crate::Failed;
use crate::options::Options;
use crate::report::{self, Cell};
use crate::stack::{Place, Shape, Stack};
use crate::stats::Turn;
use crate::topics::{self, REPLY_PARTITIONS};

/// CPU time of this process so far.
fn cpu() -> Result<Duration, Failed> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let microseconds = [usage.user_time(), usage.system_time()].map(|it| it.tv_sec() * 1_000_000 + it.tv_usec());
    Ok(Duration::from_micros(u64::try_from(microseconds.iter().sum::<i64>())?))
}

/// What there is to run: more servers than partitions, and more clients than callers, would idle.
fn shapes(options: &Options) -> Vec<Shape> {
    let mut shapes = Vec::new();
    for &partitions in &options.partitions {
        for &clients in &options.clients {
            for &servers in &options.servers {
                if i32::try_from(servers).is_ok_and(|servers| servers <= partitions) {
                    shapes.push(Shape { partitions, clients, servers });
                }
            }
        }
    }
    shapes
}

pub(crate) fn run(options: &Options, place: &Place) -> Result<(), Failed> {
    let mut wanted = Vec::new();
    for kind in &options.stacks {
        for &partitions in &options.partitions {
            wanted.push((topics::requests(kind.topics, partitions), partitions));
            wanted.push((topics::replies(kind.topics, partitions), REPLY_PARTITIONS));
        }
    }
    place.clients.block_on(topics::prepare(&options.brokers, &wanted))?;
    if let Some(folder) = options.raw.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut raw = BufWriter::new(File::create(&options.raw)?);
    let mut cells = Vec::new();
    for (number, shape) in shapes(options).into_iter().enumerate() {
        let mut stacks = Vec::new();
        for kind in &options.stacks {
            stacks.push(place.clients.block_on(kind.start(shape, place))?);
        }
        if number == 0 {
            for (stack, kind) in stacks.iter_mut().zip(&options.stacks) {
                warm_up(stack.as_mut(), options.warm_up)?;
                eprintln!("{} is warm", kind.name);
            }
        }
        for &callers in options.callers.iter().filter(|callers| **callers >= shape.clients) {
            let cell = measure(options, &mut stacks, shape, callers, &mut raw)?;
            eprintln!("{}", report::one_line(options, &cell));
            cells.push(cell);
        }
        for stack in stacks {
            stack.stop();
        }
    }
    raw.flush()?;
    let report = report::markdown(options, &cells);
    println!("{report}");
    if let Some(path) = &options.markdown {
        std::fs::write(path, &report)?;
    }
    eprintln!("every turn: {}", options.raw.display());
    Ok(())
}

/// A broker is not what it will be before it has compiled what it runs.
fn warm_up(stack: &mut dyn Stack, calls: usize) -> Result<(), Failed> {
    let mut made = 0;
    while made < calls {
        made += stack.turn(64, Duration::from_secs(1))?.latencies.len().max(1);
    }
    Ok(())
}

fn measure(
    options: &Options,
    stacks: &mut [Box<dyn Stack>],
    shape: Shape,
    callers: usize,
    raw: &mut impl std::io::Write,
) -> Result<Cell, Failed> {
    for stack in stacks.iter_mut() {
        stack.turn(callers, options.time / 2)?;
    }
    let mut cell = Cell { shape, callers, stacks: vec![Vec::new(); stacks.len()] };
    for turn in 0..options.turns {
        for place in 0..stacks.len() {
            // Who comes first and who comes after whom changes from turn to turn.
            let of = (place + turn) % stacks.len();
            let before = cpu()?;
            let turned: Turn = stacks[of].turn(callers, options.time)?;
            let figures = turned.figures(cpu()?.saturating_sub(before));
            let line = json!({
                "stack": options.stacks[of].name, "partitions": shape.partitions, "clients": shape.clients,
                "servers": shape.servers, "callers": callers, "turn": turn, "calls": figures.calls,
                "failures": figures.failures, "calls_per_second": figures.rate, "p50_us": figures.p50,
                "p99_us": figures.p99, "cpu_us_per_call": figures.cpu,
            });
            writeln!(raw, "{line}")?;
            cell.stacks[of].push(figures);
        }
    }
    Ok(cell)
}
