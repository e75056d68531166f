//! Where the library's log goes.

use std::io::IsTerminal as _;

use tracing::Level;
use tracing_subscriber::EnvFilter;

/// Prints what the library logs with `tracing`: its warnings, or what `RUST_LOG` says.
pub fn log_to_stderr() {
    let filter = EnvFilter::builder().with_default_directive(Level::WARN.into()).from_env_lossy();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
}
