//! A request on its way to the dead letters.

use bytes::Bytes;

use crate::kafka::RecordView;
use crate::wire::{self, Incoming};

/// A request that nobody can read, with all that it carried.
pub(super) struct DeadLetter {
    pub(super) key: Option<Bytes>,
    pub(super) headers: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    pub(super) value: Option<Bytes>,
    /// What the broker had no room for, as people read it.
    pub(super) left_out: Option<String>,
}

impl DeadLetter {
    /// What it takes, without the headers that say why it died.
    pub(super) fn bytes(&self) -> usize {
        let length = |bytes: &Option<Bytes>| bytes.as_ref().map_or(0, Bytes::len);
        let headers = self.headers.iter().map(|(name, value)| name.len() + value.as_ref().map_or(0, Vec::len));
        length(&self.key) + length(&self.value) + headers.sum::<usize>()
    }

    /// The letter without what is largest in it, where the broker finds it too large: the headers
    /// that say why it died may be just too much. First without its body, then without its request's
    /// headers and key.
    pub(super) fn smaller(&mut self) -> Option<Self> {
        if let Some(body) = self.value.take().filter(|body| !body.is_empty()) {
            let left_out = Some(format!("the body of {} bytes", body.len()));
            return Some(Self {
                key: self.key.take(),
                headers: std::mem::take(&mut self.headers),
                value: None,
                left_out,
            });
        }
        if self.headers.is_empty() && self.key.is_none() {
            return None;
        }
        let before = self.left_out.take().map_or_else(String::new, |before| format!("{before}, "));
        let left_out = Some(format!("{before}the key and {} headers", self.headers.len()));
        Some(Self { key: None, headers: Vec::new(), value: None, left_out })
    }

    pub(super) fn of_record(record: &RecordView<'_>) -> Self {
        Self {
            key: record.key().map(Bytes::copy_from_slice),
            headers: record.headers().map(|(name, value)| (name.to_vec(), value.map(<[u8]>::to_vec))).collect(),
            value: record.value().map(Bytes::copy_from_slice),
            left_out: None,
        }
    }

    /// A request whose record is gone: what was read of it, written as it came.
    pub(super) fn of_request(incoming: &Incoming, body: &Bytes) -> Self {
        let mut headers = Vec::new();
        wire::rewrite_request(incoming, |name, value| {
            headers.push((name.as_bytes().to_vec(), value.map(<[u8]>::to_vec)));
        });
        Self {
            key: Some(Bytes::copy_from_slice(&incoming.address.key)),
            headers,
            value: Some(body.clone()),
            left_out: None,
        }
    }
}
