//! What requests take in memory that were read and are not answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes of requests that were read and are not answered, of all topics of a server.
#[derive(Debug, Default)]
pub(super) struct Bytes(AtomicUsize);

impl Bytes {
    pub(super) fn held(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Counts so many, until what is returned is dropped.
    pub(super) fn hold(self: &Arc<Self>, bytes: usize) -> HeldBytes {
        self.0.fetch_add(bytes, Ordering::Relaxed);
        HeldBytes { of: Arc::clone(self), bytes }
    }
}

pub(super) struct HeldBytes {
    of: Arc<Bytes>,
    bytes: usize,
}

impl Drop for HeldBytes {
    fn drop(&mut self) {
        self.of.0.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
