//! A request as a record.

use std::borrow::Cow;
use std::str;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::address::{Address, read_key};
use super::fingerprint::{TheirFingerprint, read_number};
use super::header::RawHeader;
use super::names::{CALLER, CODEC, CONTRACT, METHOD, ONEWAY, SHAPE, SHAPES, TIMEOUT, is_own};
use super::text::sentence;
use super::token::{LONGEST_TOKEN, Token, read_token};
use crate::codec::Codec;
use crate::contract::Exchange;
use crate::message::{Headers, Request};

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Incoming {
    pub(crate) address: Address,
    pub(crate) method: Option<String>,
    pub(crate) codec: Option<Codec>,
    pub(crate) timeout: Option<Duration>,
    /// What the caller's build says of the method.
    pub(crate) contract: Option<TheirFingerprint>,
    /// The number of what the caller's build knows of the method's types.
    pub(crate) shape: Option<u64>,
    /// All that it knows of them, where it was asked.
    pub(crate) shapes: Option<Box<str>>,
    pub(crate) caller: Option<Arc<str>>,
    pub(crate) headers: Headers,
    /// Whether any header was ours: a peer that has none follows the decision record alone.
    pub(crate) sends_bus_headers: bool,
}

impl Incoming {
    /// A request of which only its address could be read. Whether it is from one of ours is not
    /// known, and a fault looks the same to both.
    pub(crate) fn unread(address: Address) -> Self {
        Self {
            address,
            method: None,
            codec: None,
            timeout: None,
            contract: None,
            shape: None,
            shapes: None,
            caller: None,
            headers: Headers::new(),
            sends_bus_headers: false,
        }
    }
}

/// A request that cannot be read, and where to say so, if that much could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable {
    pub(crate) reason: String,
    pub(crate) address: Option<Address>,
}

/// Writes the headers of a request, in order.
pub(crate) fn write_request(
    request: &Request,
    token: &str,
    time_left: Duration,
    mut header: impl FnMut(&str, Option<&[u8]>),
) {
    header(token, None);
    header(METHOD, Some(request.method.name().as_bytes()));
    // At least 1: a request that has no time left is not written at all.
    header(TIMEOUT, Some(time_left.as_millis().max(1).to_string().as_bytes()));
    if let Some(fingerprint) = request.method.fingerprint_text() {
        header(CONTRACT, Some(fingerprint.as_bytes()));
    }
    let terms = request.method.terms(request.codec);
    if let Some(number) = terms.number_text() {
        header(SHAPE, Some(number.as_bytes()));
    }
    if let Some(text) = terms.text().filter(|_| request.tells_shapes) {
        header(SHAPES, Some(text.as_bytes()));
    }
    if request.codec != request.contract.codec() {
        header(CODEC, Some(request.codec.name().as_bytes()));
    }
    if let Some(caller) = &request.caller {
        header(CALLER, Some(caller.as_bytes()));
    }
    if request.method.options().exchange == Exchange::Oneway {
        header(ONEWAY, Some(b"1"));
    }
    for (name, value) in request.headers.iter() {
        header(name, Some(value));
    }
}

/// Writes the headers of a request that was read, as far as they were understood.
pub(crate) fn rewrite_request(incoming: &Incoming, mut header: impl FnMut(&str, Option<&[u8]>)) {
    let token = &incoming.address.token;
    header(&token.name, token.empty.then_some(&[]));
    let texts = [
        (METHOD, incoming.method.as_deref().map(Cow::Borrowed)),
        (TIMEOUT, incoming.timeout.map(|timeout| timeout.as_millis().to_string().into())),
        (CONTRACT, incoming.contract.map(|fingerprint| fingerprint.to_string().into())),
        (SHAPE, incoming.shape.map(|number| format!("{number:016x}").into())),
        (CODEC, incoming.codec.map(|codec| codec.name().into())),
        (CALLER, incoming.caller.as_deref().map(Cow::Borrowed)),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            header(name, Some(text.as_bytes()));
        }
    }
    for (name, value) in incoming.headers.iter() {
        header(name, Some(value));
    }
}

/// Reads a request. `reply_partitions` is how many are known to answer on; one beyond may be new.
pub(crate) fn read_request<'a>(
    key: Option<&[u8]>,
    headers: impl Iterator<Item = RawHeader<'a>> + Clone,
    value: Option<&[u8]>,
    reply_partitions: u32,
) -> Result<Incoming, Unreadable> {
    let nowhere = |reason: String| Unreadable { reason, address: None };
    let (token, empty) = read_token(headers.clone()).map_err(|reason| nowhere(reason.to_owned()))?;
    let name = str::from_utf8(token).map_err(|_| nowhere("the token is not UTF-8".to_owned()))?;
    if name.is_empty() || name.len() > LONGEST_TOKEN {
        return Err(nowhere(format!("the token has {} bytes, and 1 to {LONGEST_TOKEN} are allowed", name.len())));
    }
    let token = Token { name: name.to_owned(), empty };
    let (key, partition) = read_key(key, reply_partitions).map_err(nowhere)?;
    let mut incoming = Incoming::unread(Address { key, partition, token });
    match read_headers(&mut incoming, headers, value) {
        Ok(()) => Ok(incoming),
        Err(reason) => Err(Unreadable { reason, address: Some(incoming.address) }),
    }
}

/// Reads what stands behind the address.
fn read_headers<'a>(
    incoming: &mut Incoming,
    headers: impl Iterator<Item = RawHeader<'a>>,
    value: Option<&[u8]>,
) -> Result<(), String> {
    for (name, value) in headers {
        if !is_own(name) {
            if let (Some(value), Ok(name)) = (value.filter(|value| !value.is_empty()), str::from_utf8(name)) {
                incoming.headers.push_received(name.to_owned(), Bytes::copy_from_slice(value));
            }
            continue;
        }
        incoming.sends_bus_headers = true;
        let Ok(name) = str::from_utf8(name) else { continue };
        let text =
            || value.and_then(|value| str::from_utf8(value).ok()).ok_or_else(|| format!("header {name} is not text"));
        match name {
            METHOD => incoming.method = Some(text()?.to_owned()),
            TIMEOUT => {
                let milliseconds =
                    text()?.parse().map_err(|_| format!("header {name} is not a number of milliseconds"))?;
                incoming.timeout = Some(Duration::from_millis(milliseconds));
            }
            CODEC => {
                incoming.codec = Some(
                    Codec::from_name(text()?.as_bytes())
                        .ok_or_else(|| format!("header {name} names a codec that is not known here"))?,
                );
            }
            CONTRACT => {
                incoming.contract = Some(TheirFingerprint::read(text()?).ok_or_else(|| {
                    format!("header {name} is not 16 hexadecimal digits, or twice 16 with a `-` between")
                })?);
            }
            SHAPE => {
                let number = read_number(text()?);
                incoming.shape = Some(number.ok_or_else(|| format!("header {name} is not 16 hexadecimal digits"))?);
            }
            SHAPES => incoming.shapes = Some(text()?.into()),
            CALLER => incoming.caller = Some(sentence(text()?).into()),
            // What a newer peer says besides is not needed to answer it.
            _ => {}
        }
    }
    if value.is_none() {
        return Err("the value is null; a request without arguments has an empty value".to_owned());
    }
    Ok(())
}
