//! Request and reply as Kafka records: the only file that knows a header's name.
//!
//! `docs/wire.md` states the format with examples that a test holds against this file.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::str;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::codec::Codec;
use crate::contract::Exchange;
use crate::message::{Fault, Headers, Reply, Request, Status};

const METHOD: &str = "bus-method";
const TIMEOUT: &str = "bus-timeout";
const CODEC: &str = "bus-codec";
const CONTRACT: &str = "bus-contract";
const CALLER: &str = "bus-caller";
const ONEWAY: &str = "bus-oneway";
const STATUS: &str = "bus-status";
const FAULT: &str = "bus-fault";
const DETAIL: &str = "bus-detail";
const RETRY_AFTER: &str = "bus-retry-after";
const DEAD_REASON: &str = "bus-dead-reason";
const DEAD_TOPIC: &str = "bus-dead-topic";
const DEAD_PARTITION: &str = "bus-dead-partition";
const DEAD_OFFSET: &str = "bus-dead-offset";

/// What every header of ours starts with.
const OURS: &[u8] = b"bus-";

/// The longest token, in bytes.
const LONGEST_TOKEN: usize = 249;

/// The longest key that names a partition, in bytes.
const LONGEST_KEY: usize = 10;

/// The longest detail or caller that is read or written, in bytes: a sentence, a name.
const LONGEST_DETAIL: usize = 1024;

/// A header as it stands in a record.
pub(crate) type RawHeader<'a> = (&'a [u8], Option<&'a [u8]>);

/// Where a reply goes, and whom it is for: the request's key and token, given back as they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) key: Key,
    pub(crate) partition: i32,
    token: Token,
}

/// A key that names a partition: at most ten digits, or four bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    bytes: [u8; LONGEST_KEY],
    length: usize,
}

impl Key {
    fn new(key: &[u8]) -> Option<Self> {
        let mut bytes = [0; LONGEST_KEY];
        bytes.get_mut(..key.len())?.copy_from_slice(key);
        Some(Self { bytes, length: key.len() })
    }
}

impl Deref for Key {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// The token header. Its value is null; a client that cannot write null writes an empty one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    name: String,
    empty: bool,
}

/// A caller's fingerprint of a method: of the bytes, and of the names where it says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TheirFingerprint {
    pub(crate) wire: u64,
    pub(crate) api: Option<u64>,
}

impl TheirFingerprint {
    fn read(text: &str) -> Option<Self> {
        let number = |digits: &str| {
            let plain = digits.len() == 16 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
            if plain { u64::from_str_radix(digits, 16).ok() } else { None }
        };
        Some(match text.split_once('-') {
            Some((wire, api)) => Self { wire: number(wire)?, api: Some(number(api)?) },
            None => Self { wire: number(text)?, api: None },
        })
    }
}

impl fmt::Display for TheirFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.wire)?;
        self.api.map_or(Ok(()), |api| write!(f, "-{api:016x}"))
    }
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Incoming {
    pub(crate) address: Address,
    pub(crate) method: Option<String>,
    pub(crate) codec: Option<Codec>,
    pub(crate) timeout: Option<Duration>,
    /// What the caller's build says of the method.
    pub(crate) contract: Option<TheirFingerprint>,
    pub(crate) caller: Option<Arc<str>>,
    pub(crate) headers: Headers,
    /// Whether any header was ours: a peer that has none follows the decision record alone.
    pub(crate) ours: bool,
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
            caller: None,
            headers: Headers::new(),
            ours: false,
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

/// Reads the token: exactly one header without `bus-` has a null value, or, where none is null, an
/// empty one.
pub(crate) fn read_token<'a>(headers: impl Iterator<Item = RawHeader<'a>>) -> Result<(&'a [u8], bool), &'static str> {
    let (mut null, mut empty) = (None, None);
    let (mut nulls, mut empties) = (0_u32, 0_u32);
    for (name, value) in headers {
        match value {
            _ if name.starts_with(OURS) => {}
            None => {
                nulls += 1;
                null = Some(name);
            }
            Some([]) => {
                empties += 1;
                empty = Some(name);
            }
            Some(_) => {}
        }
    }
    match (null, nulls, empty, empties) {
        (Some(name), 1, ..) => Ok((name, false)),
        (None, _, Some(name), 1) => Ok((name, true)),
        (None, _, None, _) => Err("no header has a null value, so there is no token"),
        (Some(_), ..) => Err("more than one header has a null value, so the token cannot be told"),
        (None, _, Some(_), _) => Err("more than one header has an empty value, so the token cannot be told"),
    }
}

/// Reads a request. `reply_partitions` is how many there are to answer on.
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
        if !name.starts_with(OURS) {
            if let (Some(value), Ok(name)) = (value.filter(|value| !value.is_empty()), str::from_utf8(name)) {
                incoming.headers.push_received(name.to_owned(), Bytes::copy_from_slice(value));
            }
            continue;
        }
        incoming.ours = true;
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
            CALLER => incoming.caller = Some(shortened(text()?).into()),
            // What a newer peer says besides is not needed to answer it.
            _ => {}
        }
    }
    if value.is_none() {
        return Err("the value is null; a request without arguments has an empty value".to_owned());
    }
    Ok(())
}

/// The reply partition that a key names: ASCII decimal, or the four bytes of a Java integer.
fn read_key(key: Option<&[u8]>, partitions: u32) -> Result<(Key, i32), String> {
    let key = key.ok_or("the key is null, so the reply has no partition to go to")?;
    let decimal = !key.is_empty() && key.iter().all(u8::is_ascii_digit);
    let number = match key {
        [b'0'] => 0,
        [b'0', ..] if decimal => return Err("the key has a leading zero, so it names no partition".to_owned()),
        _ if decimal => str::from_utf8(key).ok().and_then(|text| text.parse::<u32>().ok()).unwrap_or(u32::MAX),
        [a, b, c, d] => u32::from_be_bytes([*a, *b, *c, *d]),
        _ => {
            return Err(
                "the key is neither a decimal number nor a four-byte integer, so it names no partition".to_owned()
            );
        }
    };
    match (i32::try_from(number), Key::new(key)) {
        (Ok(partition), Some(key)) if number < partitions => Ok((key, partition)),
        _ => Err(format!("the key names reply partition {number}, and there are {partitions}")),
    }
}

/// Writes the headers of a reply, in order, and says what its value is.
pub(crate) fn write_reply<'a>(
    address: &Address,
    ours: bool,
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
            ours.then_some(&reply.body)
        }
        Status::Fault(fault) => {
            header(STATUS, Some(b"fault"));
            header(FAULT, Some(fault.name().as_bytes()));
            if !reply.detail.is_empty() {
                header(DETAIL, Some(shortened(&reply.detail).as_bytes()));
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
    for (name, value) in reply.headers.iter() {
        header(name, Some(value));
    }
    value
}

/// The beginning of a text, cut between two letters.
fn shortened(text: &str) -> &str {
    let mut end = text.len().min(LONGEST_DETAIL);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
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
        if !name.starts_with(OURS) {
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
            FAULT => fault = Some(Fault::from_name(text)),
            DETAIL => shortened(text).clone_into(&mut reply.detail),
            RETRY_AFTER => reply.retry_after = text.parse().ok().map(Duration::from_millis),
            CODEC => match Codec::from_name(text.as_bytes()) {
                Some(codec) => reply.codec = codec,
                None => return unreadable_reply(&format!("it is encoded as {text:?}, which is not known here")),
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
            return unreadable_reply(&format!("its status is {:?}, which is not known here", shortened(other)));
        }
    }
    reply
}

fn unreadable_reply(why: &str) -> Reply {
    Reply::fault(Fault::Other("unreadable-reply".to_owned()), format!("a reply came that cannot be read: {why}"))
}

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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TOKEN: RawHeader<'static> = (b"7d3f", None);

    fn read(key: &[u8], headers: &[RawHeader<'_>]) -> Result<Incoming, Unreadable> {
        read_request(Some(key), headers.iter().copied(), Some(b"body"), 5)
    }

    fn token<'a>(headers: &[RawHeader<'a>]) -> Result<(&'a [u8], bool), &'static str> {
        read_token(headers.iter().copied())
    }

    #[test]
    fn the_token_is_the_only_header_with_a_null_value() {
        assert_eq!(token(&[TOKEN, (b"tenant", Some(b"acme"))]), Ok((&b"7d3f"[..], false)));
        assert_eq!(token(&[(b"bus-x", None), TOKEN]), Ok((&b"7d3f"[..], false)));
        // A null decides, whatever is empty besides.
        assert_eq!(token(&[(b"e", Some(b"")), TOKEN]), Ok((&b"7d3f"[..], false)));
        assert_eq!(token(&[(b"7d3f", Some(b""))]), Ok((&b"7d3f"[..], true)));
        assert!(token(&[TOKEN, (b"other", None)]).is_err());
        assert!(token(&[(b"one", Some(b"")), (b"two", Some(b""))]).is_err());
        assert!(token(&[(b"tenant", Some(b"acme"))]).is_err());
        assert!(token(&[]).is_err());
    }

    #[test]
    fn a_key_is_a_decimal_number_or_a_java_integer() {
        for (key, partition) in [(&b"0"[..], 0), (b"3", 3), (b"4", 4), (&[0, 0, 0, 2], 2)] {
            let incoming = read(key, &[TOKEN]).unwrap();
            assert_eq!((incoming.address.partition, &incoming.address.key[..]), (partition, key));
        }
        for key in [
            &b"5"[..],
            b"03",
            b"00",
            b"-1",
            b"+1",
            b"",
            b" 3",
            b"x",
            b"99999999999999999999",
            &[0, 0, 0, 5],
            &[255; 4],
            &[0; 8],
        ] {
            let unreadable = read(key, &[TOKEN]).unwrap_err();
            assert_eq!(unreadable.address, None, "{key:?}: {}", unreadable.reason);
        }
        assert!(read_request(None, [TOKEN].into_iter(), Some(b""), 5).is_err());
        // Four digits are a decimal number.
        assert!(read_request(Some(b"1234"), [TOKEN].into_iter(), Some(b""), 2000).is_ok());
    }

    #[test]
    fn what_is_wrong_behind_the_address_is_told_to_the_caller() {
        for header in [
            (&b"bus-timeout"[..], Some(&b"soon"[..])),
            (b"bus-timeout", None),
            (b"bus-codec", Some(b"xml")),
            (b"bus-contract", Some(b"+0000000000000f0")),
            (b"bus-method", Some(&[0xff])),
        ] {
            let unreadable = read(b"3", &[TOKEN, header]).unwrap_err();
            assert_eq!(unreadable.address.map(|address| address.partition), Some(3), "{}", unreadable.reason);
        }
        let unreadable = read_request(Some(b"3"), [TOKEN].into_iter(), None, 5).unwrap_err();
        assert!(unreadable.address.is_some());
    }

    #[test]
    fn a_token_is_text_of_1_to_249_bytes() {
        for token in [&b""[..], &[0xff, 0xfe], &[b'x'; 250]] {
            assert_eq!(read(b"3", &[(token, None)]).unwrap_err().address, None);
        }
        assert!(read(b"3", &[(&[b'x'; 249], None)]).is_ok());
    }

    #[test]
    fn headers_of_the_user_arrive_and_those_that_are_no_text_are_left_out() {
        let incoming =
            read(b"3", &[TOKEN, (b"tenant", Some(b"acme")), (&[0xff], Some(b"x")), (b"bus-future", Some(b"1"))])
                .unwrap();
        assert_eq!(incoming.headers.iter().collect::<Vec<_>>(), [("tenant", &b"acme"[..])]);
        assert!(incoming.ours);
        assert!(!read(b"3", &[TOKEN, (b"tenant", Some(b"acme"))]).unwrap().ours);
    }

    /// A reply as its caller reads it.
    fn sent(reply: &Reply, ours: bool) -> (Reply, Option<Vec<u8>>) {
        let incoming = read(b"3", &[TOKEN]).unwrap();
        let mut headers: Vec<(String, Option<Vec<u8>>)> = Vec::new();
        let value = write_reply(&incoming.address, ours, Codec::Bincode, reply, |name, value| {
            headers.push((name.to_owned(), value.map(<[u8]>::to_vec)));
        })
        .cloned();
        let views = || headers.iter().map(|(name, value)| (name.as_bytes(), value.as_deref()));
        assert_eq!(read_token(views()), Ok((&b"7d3f"[..], false)));
        (read_reply(views(), value.as_deref(), Codec::Bincode), value.map(|value| value.to_vec()))
    }

    #[test]
    fn replies_arrive_as_they_were_and_a_fault_is_null() {
        let (reply, value) = sent(&Reply::new(Status::Ok, Codec::Json, "[1]"), true);
        assert_eq!((reply.status(), reply.codec, reply.body()), (&Status::Ok, Codec::Json, &b"[1]"[..]));
        assert!(value.is_some());
        let (reply, value) = sent(&Reply::new(Status::Error, Codec::Bincode, "no"), true);
        assert_eq!((reply.status(), value.as_deref()), (&Status::Error, Some(&b"no"[..])));
        let (_, value) = sent(&Reply::new(Status::Error, Codec::Bincode, "no"), false);
        assert_eq!(value, None, "a peer without our headers could take it for an answer");
        let (reply, value) = sent(&Reply::busy(Some(Duration::from_millis(250))), false);
        assert_eq!(
            (reply.status(), reply.retry_after, value),
            (&Status::Fault(Fault::Busy), Some(Duration::from_millis(250)), None)
        );
    }

    #[test]
    fn a_reply_that_cannot_be_read_is_a_fault_and_never_an_answer() {
        for (headers, value) in [
            (vec![TOKEN], None),
            (vec![TOKEN, (&b"bus-status"[..], Some(&b"odd"[..]))], Some(&b"x"[..])),
            (vec![TOKEN, (b"bus-status", Some(b"error"))], None),
            (vec![TOKEN, (b"bus-codec", Some(b"xml"))], Some(b"x")),
        ] {
            let reply = read_reply(headers.into_iter(), value, Codec::Bincode);
            assert!(matches!(reply.status(), Status::Fault(_)), "{reply:?}");
        }
    }

    fn any_header() -> impl Strategy<Value = (Vec<u8>, Option<Vec<u8>>)> {
        let name = prop_oneof![
            any::<Vec<u8>>(),
            "bus-(method|timeout|codec|contract|caller|status|fault|detail|retry-after|part)"
                .prop_map(String::into_bytes),
        ];
        (name, any::<Option<Vec<u8>>>())
    }

    proptest! {
        #[test]
        fn no_record_panics(headers in proptest::collection::vec(any_header(), 0..8), key: Option<Vec<u8>>, value: Option<Vec<u8>>, partitions in 0_u32..9) {
            let views = || headers.iter().map(|(name, value)| (&name[..], value.as_deref()));
            if let Ok(incoming) = read_request(key.as_deref(), views(), value.as_deref(), partitions) {
                prop_assert!(u32::try_from(incoming.address.partition).unwrap() < partitions);
                prop_assert_eq!(Some(&incoming.address.key[..]), key.as_deref());
            }
            let _ = read_reply(views(), value.as_deref(), Codec::Json);
        }
    }
}
