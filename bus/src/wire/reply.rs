//! A reply as a record.

use std::str;
use std::time::Duration;

use bytes::Bytes;

use super::address::Address;
use super::fingerprint::read_number;
use super::header::RawHeader;
use super::names::{CODEC, DETAIL, FAULT, RETRY_AFTER, SHAPE, STATUS, is_own};
use super::text::{self, sentence};
use crate::codec::Codec;
use crate::message::{Fault, Reply, Status};

/// Writes the headers of a reply, in order, and says what its value is.
pub(crate) fn write_reply<'a>(
    address: &Address,
    sends_bus_headers: bool,
    contract: Codec,
    reply: &'a Reply,
    mut header: impl FnMut(&str, Option<&[u8]>),
) -> Option<&'a Bytes> {
    header(&address.token.name, address.token.empty.then_some(&[]));
    // Null can never be taken for an answer, so it is what a peer gets that does not know how to
    // tell an error from one.
    let value = match &reply.status {
        Status::Ok => Some(&reply.body),
        Status::Error => {
            header(STATUS, Some(b"error"));
            sends_bus_headers.then_some(&reply.body)
        }
        Status::Fault(fault) => {
            header(STATUS, Some(b"fault"));
            header(FAULT, Some(fault.name().as_bytes()));
            if !reply.detail.is_empty() {
                header(DETAIL, Some(sentence(&reply.detail).as_bytes()));
            }
            if let Some(after) = reply.retry_after {
                header(RETRY_AFTER, Some(after.as_millis().to_string().as_bytes()));
            }
            None
        }
    };
    if value.is_some() && reply.codec != contract {
        header(CODEC, Some(reply.codec.name().as_bytes()));
    }
    if let Some(shape) = reply.shape.filter(|_| sends_bus_headers && value.is_some()) {
        header(SHAPE, Some(format!("{shape:016x}").as_bytes()));
    }
    for (name, value) in reply.headers.iter() {
        header(name, Some(value));
    }
    value
}

/// Reads a reply to a call of a contract with this codec. What cannot be read is a fault: the
/// caller hears of it instead of waiting.
pub(crate) fn read_reply<'a>(
    headers: impl Iterator<Item = RawHeader<'a>>,
    value: Option<&[u8]>,
    contract: Codec,
) -> Reply {
    let mut reply = Reply::new(Status::Ok, contract, value.map(Bytes::copy_from_slice).unwrap_or_default());
    let (mut status, mut fault) = (None, None);
    for (name, value) in headers {
        if !is_own(name) {
            if let (Some(value), Ok(name)) = (value.filter(|value| !value.is_empty()), str::from_utf8(name)) {
                reply.headers.push_received(name.to_owned(), Bytes::copy_from_slice(value));
            }
            continue;
        }
        let (Ok(name), Some(text)) = (str::from_utf8(name), value.and_then(|value| str::from_utf8(value).ok())) else {
            continue;
        };
        match name {
            STATUS => status = Some(text),
            FAULT => fault = Some(Fault::from_name(&text::name(text))),
            DETAIL => reply.detail = sentence(text).into_owned(),
            RETRY_AFTER => reply.retry_after = text.parse().ok().map(Duration::from_millis),
            SHAPE => reply.shape = read_number(text),
            CODEC => match Codec::from_name(text.as_bytes()) {
                Some(codec) => reply.codec = codec,
                None => {
                    return unreadable_reply(&format!(
                        "it is encoded as {:?}, which is not known here",
                        text::name(text)
                    ));
                }
            },
            _ => {}
        }
    }
    match (status, value) {
        (Some("fault"), _) => reply.status = Status::Fault(fault.unwrap_or(Fault::Other("unnamed".to_owned()))),
        (Some("error"), Some(_)) => reply.status = Status::Error,
        (Some("error"), None) => return unreadable_reply("it is an error of the service without a body"),
        (None, Some(_)) => {}
        (None, None) => {
            return unreadable_reply(
                "its value is null, which is how a service without our headers says that it failed",
            );
        }
        (Some(other), _) => {
            return unreadable_reply(&format!("its status is {:?}, which is not known here", text::name(other)));
        }
    }
    reply
}

fn unreadable_reply(why: &str) -> Reply {
    Reply::fault(Fault::Other("unreadable-reply".to_owned()), format!("a reply came that cannot be read: {why}"))
}
