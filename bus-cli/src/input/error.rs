//! Why something cannot be read.

use std::time::Duration;

/// Why an input cannot be used. Its text names the input and, where there is one, the line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// A file cannot be read.
    #[error("{name}: cannot be read: {cause}")]
    File {
        /// The file.
        name: String,
        /// What the system says.
        cause: std::io::Error,
    },
    /// An input is larger than is read.
    #[error("{name}: it is larger than {limit} bytes, which is the most that is read")]
    TooLarge {
        /// The input.
        name: String,
        /// The bound, in bytes.
        limit: u64,
    },
    /// There are more inputs than are read.
    #[error("there are more than {limit} inputs: name fewer")]
    TooMany {
        /// The bound.
        limit: usize,
    },
    /// An input is not what it should be.
    #[error("{name}:{line}:{column}: {reason}")]
    Content {
        /// The input.
        name: String,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong there.
        reason: String,
    },
    /// An input is of a newer form.
    #[error("{name}: it has form {found}, and this command knows forms up to {known}: update the command")]
    Newer {
        /// The input.
        name: String,
        /// Its form.
        found: u32,
        /// The newest that is known.
        known: u32,
    },
    /// A program was asked for its manifest and did not give one.
    #[error("{name}: the program gave no manifest: {reason}")]
    Program {
        /// The program.
        name: String,
        /// Why not.
        reason: String,
    },
    /// A program took too long.
    #[error(
        "{name}: the program gave no manifest within {limit:?} and was stopped; does it write `bus::manifest!` before it connects?"
    )]
    Slow {
        /// The program.
        name: String,
        /// How long it was waited for.
        limit: Duration,
    },
    /// git cannot show what is asked for.
    #[error("git cannot show {what}: {reason}")]
    Git {
        /// What was asked for.
        what: String,
        /// What git says.
        reason: String,
    },
    /// There is nothing to draw or to compare.
    #[error("{0}")]
    Nothing(String),
}
