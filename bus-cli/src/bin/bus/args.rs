//! What may be typed.

use std::path::PathBuf;
use std::time::Duration;

use bus_cli::board::RuleLevel;
use clap::{Args as Arguments, Parser, Subcommand, ValueEnum};

/// The board of a system's contracts, and what a change of one breaks.
///
/// Reads manifests of programs (`bus::manifest!`) and locks of contracts (`bus.lock/*.json`). Nothing is asked of a broker.
///
/// Exit codes: 0 safe or done; 1 something breaks; 2 unknown, or no answer (a wrong argument, an input that cannot be read).
#[derive(Debug, Parser)]
#[command(name = "bus", version)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Draws the board: a page, its document, or Markdown.
    Board {
        #[command(flatten)]
        inputs: Inputs,
        /// Where to write; the ending says what: .html, .json or .md.
        #[arg(long, short, value_name = "FILE", required_unless_present = "json")]
        out: Option<PathBuf>,
        /// Print board.json.
        #[arg(long)]
        json: bool,
    },
    /// Says what breaks: callers against servers, and with --against also contracts against what they were.
    Check {
        #[command(flatten)]
        inputs: Inputs,
        /// What was: a commit (`git:main`), or a file or folder of manifests and locks.
        #[arg(long, value_name = "git:REF|FILE")]
        against: Option<String>,
        /// How to say it.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
        /// The same as --format json.
        #[arg(long, conflicts_with = "format")]
        json: bool,
    },
    /// Lists services and contracts.
    Ls {
        #[command(flatten)]
        inputs: Inputs,
        /// Print board.json.
        #[arg(long)]
        json: bool,
    },
    /// Tells what is known of a service, a contract or a method.
    Info {
        /// `facade`, `Orders` or `Orders.place`.
        name: String,
        #[command(flatten)]
        inputs: Inputs,
        /// Print the parts of board.json that are about it.
        #[arg(long)]
        json: bool,
    },
    /// Prints Mermaid: who talks to whom, or one method's way.
    Mermaid {
        #[command(flatten)]
        inputs: Inputs,
        /// One method's sequence: `Orders.place`.
        #[arg(long, value_name = "CONTRACT.METHOD")]
        method: Option<String>,
        /// Print an object with a picture for each service.
        #[arg(long)]
        json: bool,
    },
    /// Prints AsyncAPI 3.0.0, a document for each service.
    Asyncapi {
        #[command(flatten)]
        inputs: Inputs,
        /// The service, where the board has several.
        #[arg(long, value_name = "NAME", conflicts_with = "out")]
        service: Option<String>,
        /// A folder to write a document for each service into.
        #[arg(long, short, value_name = "FOLDER")]
        out: Option<PathBuf>,
        /// Print the names of the written files as JSON.
        #[arg(long, requires = "out")]
        json: bool,
    },
    /// Prints completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// What a board is made of.
#[derive(Arguments, Debug)]
pub(crate) struct Inputs {
    /// Manifests and locks; of a folder, the JSON files in it. Without any, all `bus.lock` folders below this one.
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// A program to start with `BUS_DESCRIBE=json` and to ask for its manifest.
    #[arg(long = "run", value_name = "PROGRAM")]
    pub(crate) programs: Vec<PathBuf>,
    /// How long a program may take to answer.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = time)]
    pub(crate) run_timeout: Duration,
    /// Another level for a rule: off, warn or error.
    #[arg(long = "level", value_name = "RULE=LEVEL")]
    pub(crate) levels: Vec<RuleLevel>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// One document.
    Json,
    /// Annotations of a GitHub workflow.
    Github,
}

/// A whole number and its unit, as in 300ms, 2s or 1m.
fn time(text: &str) -> Result<Duration, String> {
    let wrong = || "a time with its unit is expected, as in 300ms, 2s or 1m".to_owned();
    let digits = text.find(|letter: char| !letter.is_ascii_digit()).ok_or_else(wrong)?;
    let number: u64 = text[..digits].parse().map_err(|_| wrong())?;
    let time = match &text[digits..] {
        "ms" => Duration::from_millis(number),
        "s" => Duration::from_secs(number),
        "m" => Duration::from_secs(number.saturating_mul(60)),
        _ => return Err(wrong()),
    };
    // Nothing here waits longer than an hour.
    (!time.is_zero() && time <= Duration::from_secs(3_600)).then_some(time).ok_or_else(wrong)
}
