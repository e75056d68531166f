//! A header as it stands in a record.

/// A header's name and value, null and empty values kept apart.
pub(crate) type RawHeader<'a> = (&'a [u8], Option<&'a [u8]>);
