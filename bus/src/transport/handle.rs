//! What keeps a bus open.

use std::sync::Arc;

use super::shared::Shared;

/// What bus clones and clients hold; the last one that goes closes the bus.
pub(crate) struct Handle {
    shared: Arc<Shared>,
}

impl Handle {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.end_calls();
        let shared = Arc::clone(&self.shared);
        // Disconnecting waits for threads, and whoever drops the last clone may be one that
        // must not wait.
        let disconnecting = std::thread::Builder::new().name("bus-close".to_owned()).spawn(move || shared.disconnect());
        if let Err(error) = disconnecting {
            tracing::warn!(%error, "no thread could be started to disconnect; the connections end with the process");
        }
    }
}
