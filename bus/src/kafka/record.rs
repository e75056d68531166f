//! One record as it was read, and the headers of one that is written.

use std::ffi::CStr;
use std::fmt;
use std::marker::PhantomData;
use std::ptr::{self, NonNull};
use std::slice;

use rdkafka::Timestamp;
use rdkafka::bindings;
use rdkafka::message::{BorrowedMessage, Message as _};

/// A record that was read, borrowed from librdkafka: nothing is copied until it is wanted.
pub(crate) struct RecordView<'a> {
    message: &'a BorrowedMessage<'a>,
}

/// The time that a record bears, in milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Time {
    /// By the broker's clock.
    Appended(i64),
    /// By the clock of who wrote it.
    Created(i64),
    None,
}

impl<'a> RecordView<'a> {
    pub(super) fn new(message: &'a BorrowedMessage<'a>) -> Self {
        Self { message }
    }

    pub(crate) fn topic(&self) -> &'a str {
        self.message.topic()
    }

    pub(crate) fn partition(&self) -> i32 {
        self.message.partition()
    }

    pub(crate) fn offset(&self) -> i64 {
        self.message.offset()
    }

    /// The time that it bears.
    pub(crate) fn time(&self) -> Time {
        match self.message.timestamp() {
            Timestamp::LogAppendTime(millis) => Time::Appended(millis),
            Timestamp::CreateTime(millis) => Time::Created(millis),
            Timestamp::NotAvailable => Time::None,
        }
    }

    pub(crate) fn key(&self) -> Option<&'a [u8]> {
        self.message.key()
    }

    pub(crate) fn value(&self) -> Option<&'a [u8]> {
        self.message.payload()
    }

    /// The headers in order, null and empty values kept apart.
    pub(crate) fn headers(&self) -> RawHeaders<'a> {
        RawHeaders { list: header_list(self.message), next: 0, record: PhantomData }
    }
}

impl fmt::Debug for RecordView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordView")
            .field("topic", &self.topic())
            .field("partition", &self.partition())
            .field("offset", &self.offset())
            .finish_non_exhaustive()
    }
}

/// The headers of a record, names as bytes.
///
/// rust-rdkafka's own iterator panics on a name that is not UTF-8, which any foreign producer can
/// write; this one reads librdkafka's list itself.
#[derive(Clone)]
pub(crate) struct RawHeaders<'a> {
    list: *mut bindings::rd_kafka_headers_t,
    next: usize,
    /// The record that owns the list.
    record: PhantomData<&'a BorrowedMessage<'a>>,
}

#[allow(unsafe_code)]
fn header_list(message: &BorrowedMessage<'_>) -> *mut bindings::rd_kafka_headers_t {
    let mut list = ptr::null_mut();
    // SAFETY: the message is alive while it is borrowed, and librdkafka parses its headers into a
    // list that the message owns.
    let found = unsafe { bindings::rd_kafka_message_headers(message.ptr(), &raw mut list) };
    if found == bindings::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR { list } else { ptr::null_mut() }
}

impl<'a> Iterator for RawHeaders<'a> {
    type Item = (&'a [u8], Option<&'a [u8]>);

    #[allow(unsafe_code)]
    fn next(&mut self) -> Option<Self::Item> {
        if self.list.is_null() {
            return None;
        }
        let (mut name, mut value, mut length) = (ptr::null(), ptr::null(), 0);
        // SAFETY: the list belongs to a record that is borrowed for 'a, so the list and
        // what it points at live as long as the slices that leave this function; the name ends in
        // a NUL that librdkafka adds; the value is null or has `length` bytes.
        unsafe {
            let found =
                bindings::rd_kafka_header_get_all(self.list, self.next, &raw mut name, &raw mut value, &raw mut length);
            if found != bindings::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR {
                return None;
            }
            self.next += 1;
            let value = (!value.is_null()).then(|| slice::from_raw_parts(value.cast::<u8>(), length));
            Some((CStr::from_ptr(name).to_bytes(), value))
        }
    }
}

/// The headers of a record to be written, in librdkafka's own form, built once.
///
/// rust-rdkafka's own list copies every name to end it in a NUL, for librdkafka to copy it again.
pub(crate) struct HeaderList(NonNull<bindings::rd_kafka_headers_t>);

// SAFETY: the list belongs to this value alone, and librdkafka binds it to no thread.
#[allow(unsafe_code)]
unsafe impl Send for HeaderList {}

#[allow(unsafe_code)]
impl HeaderList {
    pub(crate) fn with_capacity(headers: usize) -> Self {
        // SAFETY: librdkafka makes a list, or ends the process where there is no memory left, as
        // Rust does.
        let list = unsafe { bindings::rd_kafka_headers_new(headers) };
        Self(NonNull::new(list).unwrap_or_else(|| std::alloc::handle_alloc_error(std::alloc::Layout::new::<usize>())))
    }

    /// Takes the headers of a message away from it.
    pub(super) fn detach(message: &BorrowedMessage<'_>) -> Self {
        let mut list = ptr::null_mut();
        // SAFETY: the message is alive while it is borrowed, and nothing else looks at its headers
        // meanwhile: it belongs to the delivery report that is being handled. What is detached is
        // ours; where there is none, `list` stays null.
        unsafe {
            bindings::rd_kafka_message_detach_headers(message.ptr(), &raw mut list);
        }
        NonNull::new(list).map_or_else(|| Self::with_capacity(0), Self)
    }

    /// Appends a header; `None` is a null value.
    pub(crate) fn push(&mut self, name: &str, value: Option<&[u8]>) {
        let length = |bytes: &[u8]| isize::try_from(bytes.len()).unwrap_or(isize::MAX);
        let (start, size) = value.map_or((ptr::null(), 0), |value| (value.as_ptr(), length(value)));
        // SAFETY: the list is alive, name and value are as long as is said, and librdkafka copies
        // both. It refuses only what would change a list that is read-only, which ours is not.
        unsafe {
            let name_size = length(name.as_bytes());
            bindings::rd_kafka_header_add(self.0.as_ptr(), name.as_ptr().cast(), name_size, start.cast(), size);
        }
    }

    /// The list itself, for librdkafka to take.
    pub(super) fn as_ptr(&self) -> *mut bindings::rd_kafka_headers_t {
        self.0.as_ptr()
    }
}

impl Drop for HeaderList {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: the list is ours; where librdkafka took it, this value was forgotten.
        unsafe { bindings::rd_kafka_headers_destroy(self.0.as_ptr()) }
    }
}

impl fmt::Debug for HeaderList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeaderList").finish_non_exhaustive()
    }
}
