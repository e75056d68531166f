//! Work that blocks, off the runtime's own threads.

use crate::error::ConnectError;

/// Runs what blocks on the pool for it. What it was doing is said where it panics, which is a bug
/// of ours, and where the runtime ends first.
pub(crate) async fn blocking<T: Send + 'static>(
    doing: &str,
    work: impl FnOnce() -> Result<T, ConnectError> + Send + 'static,
) -> Result<T, ConnectError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(ConnectError::Kafka { doing: doing.to_owned(), reason: error.to_string() }))
}
