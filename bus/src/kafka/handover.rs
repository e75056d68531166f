//! Records on their way into librdkafka, and back out of it where it never wrote them.

use std::mem;
use std::ptr;
use std::sync::Arc;

use bytes::Bytes;
use rdkafka::bindings::{
    RD_KAFKA_MSG_F_COPY, rd_kafka_error_code, rd_kafka_error_destroy, rd_kafka_message_status, rd_kafka_msg_status_t,
    rd_kafka_produceva, rd_kafka_vtype_t, rd_kafka_vu_s, rd_kafka_vu_s__bindgen_ty_1,
    rd_kafka_vu_s__bindgen_ty_1__bindgen_ty_1,
};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Message as _};
use rdkafka::producer::{BaseProducer, Producer as _, ProducerContext};
use rdkafka::util::IntoOpaque as _;

use super::producer::{Outgoing, Receipt};
use super::record::HeaderList;

/// The receipt as librdkafka carries it: behind one thin pointer.
pub(super) type Opaque = Box<Arc<dyn Receipt>>;

/// Hands a record to librdkafka, which copies it. `BaseProducer::send` does the same by way of a
/// list of headers of its own and of a name that it copies for every record.
#[allow(unsafe_code)]
pub(super) fn produce<C: ProducerContext>(
    client: &BaseProducer<C>,
    topic: &str,
    partition: i32,
    key: Option<&[u8]>,
    value: Option<&[u8]>,
    headers: HeaderList,
    opaque: Opaque,
) -> Result<(), KafkaError> {
    // As Kafka bounds the names of topics, and the NUL that ends a name.
    let mut name = [0_u8; 250];
    match name.split_last_mut().and_then(|(_, room)| room.get_mut(..topic.len())) {
        Some(room) => room.copy_from_slice(topic.as_bytes()),
        None => return Err(KafkaError::MessageProduction(RDKafkaErrorCode::InvalidTopic)),
    }
    let memory = |bytes: Option<&[u8]>| rd_kafka_vu_s__bindgen_ty_1 {
        mem: rd_kafka_vu_s__bindgen_ty_1__bindgen_ty_1 {
            ptr: bytes.map_or(ptr::null_mut(), |bytes| bytes.as_ptr().cast_mut().cast()),
            size: bytes.map_or(0, <[u8]>::len),
        },
    };
    let opaque = opaque.into_ptr();
    let parts = [
        (rd_kafka_vtype_t::RD_KAFKA_VTYPE_TOPIC, rd_kafka_vu_s__bindgen_ty_1 { cstr: name.as_ptr().cast() }),
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
    let code = unsafe {
        let code = rd_kafka_error_code(error);
        rd_kafka_error_destroy(error);
        drop(Opaque::from_ptr(opaque));
        code
    };
    Err(KafkaError::MessageProduction(code.into()))
}

/// Whether librdkafka knows that the broker never wrote the record.
#[allow(unsafe_code)]
pub(super) fn not_persisted(message: &BorrowedMessage<'_>) -> bool {
    // SAFETY: the message belongs to the delivery report that is being handled and lives as long
    // as it is borrowed; librdkafka only reads a field of it.
    let status = unsafe { rd_kafka_message_status(message.ptr()) };
    status == rd_kafka_msg_status_t::RD_KAFKA_MSG_STATUS_NOT_PERSISTED
}

/// The record of a delivery report, to be sent again.
pub(super) fn take_back(message: &BorrowedMessage<'_>, receipt: Arc<dyn Receipt>) -> Outgoing {
    Outgoing {
        topic: message.topic().into(),
        partition: message.partition(),
        key: message.key().map(Bytes::copy_from_slice),
        headers: HeaderList::detach(message),
        value: message.payload().map(Bytes::copy_from_slice),
        receipt,
    }
}
