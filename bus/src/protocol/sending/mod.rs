//! The gate in front of the producer, per partition: records are handed over only while the
//! partition's broker acknowledges.
