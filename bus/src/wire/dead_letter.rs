//! A dead letter as a record.

use super::header::RawHeader;
use super::names::{DEAD_OFFSET, DEAD_PARTITION, DEAD_REASON, DEAD_TOPIC};
use super::text::shortened;

/// Writes the headers of a dead letter: those of the request, and where and why it died.
pub(crate) fn write_dead_letter<'a>(
    headers: impl Iterator<Item = RawHeader<'a>>,
    reason: &str,
    (topic, partition, offset): (&str, i32, i64),
    mut header: impl FnMut(&str, Option<&[u8]>),
) {
    for (name, value) in headers {
        // A name that is not UTF-8 cannot be written back as it was; what is left of it can.
        header(&String::from_utf8_lossy(name), value);
    }
    header(DEAD_REASON, Some(shortened(reason).as_bytes()));
    header(DEAD_TOPIC, Some(topic.as_bytes()));
    header(DEAD_PARTITION, Some(partition.to_string().as_bytes()));
    header(DEAD_OFFSET, Some(offset.to_string().as_bytes()));
}
