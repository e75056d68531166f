//! Records on their way into librdkafka, and back out of it where it never wrote them.

use std::ffi::CStr;
use std::mem;
use std::ptr;

use bytes::Bytes;
use rdkafka::bindings::{
    RD_KAFKA_MSG_F_COPY, rd_kafka_error_code, rd_kafka_error_destroy, rd_kafka_message_status, rd_kafka_msg_status_t,
    rd_kafka_produceva, rd_kafka_vtype_t, rd_kafka_vu_s, rd_kafka_vu_s__bindgen_ty_1,
    rd_kafka_vu_s__bindgen_ty_1__bindgen_ty_1,
};
use rdkafka::error::RDKafkaErrorCode;
use rdkafka::message::{BorrowedMessage, Message as _};
use rdkafka::producer::{BaseProducer, Producer as _, ProducerContext};
use rdkafka::util::IntoOpaque as _;

use super::record::HeaderList;

/// A record to be handed over.
pub(crate) struct ProducerRecord<'a> {
    pub(crate) topic: &'a CStr,
    pub(crate) partition: i32,
    pub(crate) key: Option<&'a [u8]>,
    pub(crate) value: Option<&'a [u8]>,
    pub(crate) headers: HeaderList,
}

/// What librdkafka did not take, and why.
pub(super) struct NotTaken<P> {
    pub(super) code: RDKafkaErrorCode,
    pub(super) headers: HeaderList,
    pub(super) parcel: Box<P>,
}

/// Hands a record to librdkafka, which copies it. `BaseProducer::send` does the same by way of a
/// list of headers of its own and of a name that it copies for every record.
#[allow(unsafe_code)]
pub(super) fn produce<C: ProducerContext, P: Send + Sync>(
    client: &BaseProducer<C>,
    record: ProducerRecord<'_>,
    parcel: Box<P>,
) -> Result<(), NotTaken<P>> {
    let ProducerRecord { topic, partition, key, value, headers } = record;
    let memory = |bytes: Option<&[u8]>| rd_kafka_vu_s__bindgen_ty_1 {
        mem: rd_kafka_vu_s__bindgen_ty_1__bindgen_ty_1 {
            ptr: bytes.map_or(ptr::null_mut(), |bytes| bytes.as_ptr().cast_mut().cast()),
            size: bytes.map_or(0, <[u8]>::len),
        },
    };
    let opaque = parcel.into_ptr();
    let parts = [
        (rd_kafka_vtype_t::RD_KAFKA_VTYPE_TOPIC, rd_kafka_vu_s__bindgen_ty_1 { cstr: topic.as_ptr() }),
        (rd_kafka_vtype_t::RD_KAFKA_VTYPE_PARTITION, rd_kafka_vu_s__bindgen_ty_1 { i32_: partition }),
        (rd_kafka_vtype_t::RD_KAFKA_VTYPE_MSGFLAGS, rd_kafka_vu_s__bindgen_ty_1 { i: RD_KAFKA_MSG_F_COPY }),
        (rd_kafka_vtype_t::RD_KAFKA_VTYPE_KEY, memory(key)),
        (rd_kafka_vtype_t::RD_KAFKA_VTYPE_VALUE, memory(value)),
        (rd_kafka_vtype_t::RD_KAFKA_VTYPE_HEADERS, rd_kafka_vu_s__bindgen_ty_1 { headers: headers.as_ptr() }),
        (rd_kafka_vtype_t::RD_KAFKA_VTYPE_OPAQUE, rd_kafka_vu_s__bindgen_ty_1 { ptr: opaque }),
    ]
    .map(|(vtype, u)| rd_kafka_vu_s { vtype, u });
    // SAFETY: each part is of the type that it says; the name ends in a NUL; key and value are as
    // long as they say and are only read, for the flag makes librdkafka copy them; all of it lives
    // until the call returns. The client is alive while it is borrowed.
    let error = unsafe { rd_kafka_produceva(client.client().native_ptr(), parts.as_ptr(), parts.len()) };
    if error.is_null() {
        // librdkafka has taken the headers, and gives the opaque back with the delivery report.
        mem::forget(headers);
        return Ok(());
    }
    // SAFETY: an error that is not null is ours to read and to destroy; what failed took neither
    // headers nor opaque, and the opaque came out of `into_ptr` and is turned back once.
    unsafe {
        let code = rd_kafka_error_code(error);
        rd_kafka_error_destroy(error);
        Err(NotTaken { code: code.into(), headers, parcel: Box::from_ptr(opaque) })
    }
}

/// Whether librdkafka knows that the broker never wrote the record.
#[allow(unsafe_code)]
pub(super) fn not_persisted(message: &BorrowedMessage<'_>) -> bool {
    // SAFETY: the message belongs to the delivery report that is being handled and lives as long
    // as it is borrowed; librdkafka only reads a field of it.
    let status = unsafe { rd_kafka_message_status(message.ptr()) };
    status == rd_kafka_msg_status_t::RD_KAFKA_MSG_STATUS_NOT_PERSISTED
}

/// A record that was not acknowledged, while its report is handled.
pub(crate) struct Undelivered<'a> {
    pub(super) message: &'a BorrowedMessage<'a>,
}

impl Undelivered<'_> {
    pub(crate) fn key(&self) -> Option<Bytes> {
        self.message.key().map(Bytes::copy_from_slice)
    }

    pub(crate) fn value(&self) -> Option<Bytes> {
        self.message.payload().map(Bytes::copy_from_slice)
    }

    /// Takes its headers away from it.
    pub(crate) fn headers(&self) -> HeaderList {
        HeaderList::detach(self.message)
    }
}
