//! The user's own headers.

use std::fmt;

use bytes::Bytes;

/// What the name of every header of the bus's own starts with.
pub(crate) const OWN_PREFIX: &str = "bus-";

/// The user's headers of a request or a reply, in order; a name may stand more than once.
///
/// ```
/// # fn main() -> Result<(), bus::HeaderError> {
/// let mut headers = bus::Headers::new();
/// headers.append("tenant", "acme")?;
/// assert_eq!(headers.get("tenant"), Some(&b"acme"[..]));
/// # Ok(()) }
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers {
    entries: Vec<(String, Bytes)>,
}

impl Headers {
    /// No headers.
    pub const fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// Adds a header behind those that are there.
    ///
    /// Refused are a name that starts with `bus-` (ours), an empty value (a peer that cannot send
    /// null writes its token so) and a NUL in the name (Kafka's C clients end a name there).
    pub fn append(&mut self, name: impl Into<String>, value: impl Into<Bytes>) -> Result<(), HeaderError> {
        let (name, value) = (name.into(), value.into());
        if name.starts_with(OWN_PREFIX) {
            return Err(HeaderError::Reserved { name });
        }
        if name.contains('\0') {
            return Err(HeaderError::Nul { name });
        }
        if value.is_empty() {
            return Err(HeaderError::Empty { name });
        }
        self.entries.push((name, value));
        Ok(())
    }

    /// Adds a header that arrived, which is not ours to refuse.
    pub(crate) fn push_received(&mut self, name: String, value: Bytes) {
        self.entries.push((name, value));
    }

    /// The value of the last header of this name.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.entries.iter().rev().find(|(entry, _)| entry == name).map(|(_, value)| &value[..])
    }

    /// All headers, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.entries.iter().map(|(name, value)| (name.as_str(), &value[..]))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// Names, and how many bytes the values have: among those are passwords and tokens.
impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter().map(|(name, value)| (name, value.len()))).finish()
    }
}

/// A header that cannot travel.
///
/// ```
/// let mut headers = bus::Headers::default();
/// let refused = headers.append("bus-method", "now").unwrap_err();
/// assert!(matches!(refused, bus::HeaderError::Reserved { .. }));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// The name starts with `bus-`.
    #[error("header `{name}`: names that start with `bus-` are the bus's own; choose another name")]
    Reserved {
        /// The name.
        name: String,
    },
    /// The value is empty.
    #[error(
        "header `{name}` has an empty value, which would be read as a token; leave the header out or give it a value"
    )]
    Empty {
        /// The name.
        name: String,
    },
    /// The name has a NUL in it.
    #[error("header name {name:?} has a NUL in it, where other clients would cut it off; choose another name")]
    Nul {
        /// The name.
        name: String,
    },
}
