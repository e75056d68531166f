//! The tables.

use std::fmt::Write as _;

use crate::options::Options;
use crate::stack::Shape;
use crate::stats::{Figures, Spread};

/// All turns of all stacks at one place in the matrix.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    pub(crate) shape: Shape,
    pub(crate) callers: usize,
    /// Of each stack, in the order of the command line, its turns.
    pub(crate) stacks: Vec<Vec<Figures>>,
}

/// A figure of a turn, and how to take it out.
type Figure = fn(&Figures) -> f64;

const RATE: Figure = |figures| figures.rate;
const P50: Figure = |figures| figures.p50;
const P99: Figure = |figures| figures.p99;
const CPU: Figure = |figures| figures.cpu;

/// The ratio of the first stack to another, turn by turn.
fn ratio(cell: &Cell, other: usize, figure: Figure) -> Spread {
    let pairs = cell.stacks[0].iter().zip(&cell.stacks[other]);
    Spread::of(pairs.map(|(first, other)| figure(first) / figure(other)))
}

fn place(cell: &Cell) -> String {
    let shape = cell.shape;
    format!("{} | {} | {} | {}", cell.callers, shape.partitions, shape.clients, shape.servers)
}

/// A cell as it is done.
pub(crate) fn one_line(options: &Options, cell: &Cell) -> String {
    let mut line = format!("{} |", place(cell));
    for (kind, turns) in options.stacks.iter().zip(&cell.stacks) {
        let of = |figure: Figure| Spread::of(turns.iter().map(figure)).median;
        let _ =
            write!(line, " {} {:.0}/s p50 {:.0} p99 {:.0} cpu {:.1} |", kind.name, of(RATE), of(P50), of(P99), of(CPU));
    }
    for (other, kind) in options.stacks.iter().enumerate().skip(1) {
        let (rate, p50) = (ratio(cell, other, RATE), ratio(cell, other, P50));
        let _ = write!(line, " to {}: {:.2} calls/s, {:.2} p50 |", kind.name, rate.median, p50.median);
    }
    line
}

fn spread(spread: Spread, digits: usize) -> String {
    format!("{:.digits$} ({:.digits$}–{:.digits$})", spread.median, spread.least, spread.most)
}

/// The whole report.
pub(crate) fn markdown(options: &Options, cells: &[Cell]) -> String {
    let mut text = format!(
        "{} turns of {} s each; the median, and in brackets the least and the most.\n\n",
        options.turns,
        options.time.as_secs_f64()
    );
    text.push_str(
        "| callers | request partitions | clients | servers | stack | calls/s | p50 µs | p99 µs | CPU µs/call |\n",
    );
    text.push_str("| --: | --: | --: | --: | --- | --: | --: | --: | --: |\n");
    for cell in cells {
        for (kind, turns) in options.stacks.iter().zip(&cell.stacks) {
            let of = |figure: Figure, digits| spread(Spread::of(turns.iter().map(figure)), digits);
            let failures: u64 = turns.iter().map(|turn| turn.failures).sum();
            let failed = if failures > 0 { format!(", {failures} calls failed") } else { String::new() };
            let _ = writeln!(
                text,
                "| {} | {}{failed} | {} | {} | {} | {} |",
                place(cell),
                kind.name,
                of(RATE, 0),
                of(P50, 0),
                of(P99, 0),
                of(CPU, 1)
            );
        }
    }
    for (other, kind) in options.stacks.iter().enumerate().skip(1) {
        let _ = writeln!(
            text,
            "\n{} as a multiple of {}, turn by turn:\n\n\
             | callers | request partitions | clients | servers | calls/s | p50 | p99 | CPU/call |\n\
             | --: | --: | --: | --: | --: | --: | --: | --: |",
            options.stacks[0].name, kind.name
        );
        for cell in cells {
            let of = |figure: Figure| spread(ratio(cell, other, figure), 2);
            let _ = writeln!(text, "| {} | {} | {} | {} | {} |", place(cell), of(RATE), of(P50), of(P99), of(CPU));
        }
    }
    text
}
