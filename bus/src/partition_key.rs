//! The text that a keyed request's partition is chosen by.

use std::fmt::Display;

/// What an argument under `#[bus(key)]` must be: something that displays.
///
/// Requests whose keys display alike go to one partition, `(murmur2(text) & 0x7fffffff) %
/// partitions`, which any Kafka client can compute.
///
/// ```
/// use bus::PartitionKey;
///
/// assert_eq!(42.partition_key(), "42");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a partition key",
    label = "this type does not display",
    note = "implement `std::fmt::Display` for `{Self}`: requests whose keys display alike go to one partition"
)]
pub trait PartitionKey {
    /// The key as text.
    fn partition_key(&self) -> String;
}

#[diagnostic::do_not_recommend]
impl<T: Display + ?Sized> PartitionKey for T {
    fn partition_key(&self) -> String {
        self.to_string()
    }
}
