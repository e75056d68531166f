//! `bus`: the board of a system's contracts, and what a change of one breaks.
//!
//! Exit codes: 0 safe or done, 1 something breaks, 2 unknown, or no answer.

mod args;
mod commands;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    // clap ends with 2 where an argument is wrong, and with 0 where help is asked for.
    let args = args::Args::parse();
    let (text, code) = match commands::run(&args) {
        Ok(done) => done,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "bus: {error}");
            return ExitCode::from(2);
        }
    };
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => ExitCode::from(code),
        // Whoever reads has enough: `bus ls | head`.
        Err(cause) if cause.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::from(code),
        Err(cause) => {
            let _ = writeln!(std::io::stderr(), "bus: cannot write: {cause}");
            ExitCode::from(2)
        }
    }
}
