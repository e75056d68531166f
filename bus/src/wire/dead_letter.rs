//! A dead letter as a record.

use super::header::RawHeader;
use super::names::{DEAD, DEAD_LEFT_OUT, DEAD_OFFSET, DEAD_PARTITION, DEAD_REASON, DEAD_TOPIC};
use super::text::sentence;

/// Writes the headers of a dead letter: those of the request, where and why it died, and what of it
/// the topic had no room for.
pub(crate) fn write_dead_letter<'a>(
    headers: impl Iterator<Item = RawHeader<'a>>,
    reason: &str,
    (topic, partition, offset): (&str, i32, i64),
    left_out: Option<&str>,
    mut header: impl FnMut(&str, Option<&[u8]>),
) {
    // What a request says itself of being dead is not what we found.
    for (name, value) in headers.filter(|(name, _)| !name.starts_with(DEAD.as_bytes())) {
        // A name that is not UTF-8 cannot be written back as it was; what is left of it can.
        header(&String::from_utf8_lossy(name), value);
    }
    header(DEAD_REASON, Some(sentence(reason).as_bytes()));
    header(DEAD_TOPIC, Some(topic.as_bytes()));
    header(DEAD_PARTITION, Some(partition.to_string().as_bytes()));
    header(DEAD_OFFSET, Some(offset.to_string().as_bytes()));
    if let Some(left_out) = left_out {
        header(DEAD_LEFT_OUT, Some(left_out.as_bytes()));
    }
}
