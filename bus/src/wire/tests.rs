use std::time::Duration;

use proptest::prelude::*;

use super::header::RawHeader;
use super::*;
use crate::codec::Codec;
use crate::message::{Fault, Reply, Status};

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
    for key in [&b"03"[..], b"00", b"-1", b"+1", b"", b" 3", b"x", b"99999999999999999999", &[255; 4], &[0; 8]] {
        let unreadable = read(key, &[TOKEN]).unwrap_err();
        assert_eq!(unreadable.address, None, "{key:?}: {}", unreadable.reason);
    }
    assert!(read_request(None, [TOKEN].into_iter(), Some(b""), 5).is_err());
    // One that was added just now may not be known here yet.
    assert!(read(b"5", &[TOKEN]).is_ok() && read(&[0, 0, 0, 5], &[TOKEN]).is_ok());
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
        read(b"3", &[TOKEN, (b"tenant", Some(b"acme")), (&[0xff], Some(b"x")), (b"bus-future", Some(b"1"))]).unwrap();
    assert_eq!(incoming.headers.iter().collect::<Vec<_>>(), [("tenant", &b"acme"[..])]);
    assert!(incoming.sends_bus_headers);
    assert!(!read(b"3", &[TOKEN, (b"tenant", Some(b"acme"))]).unwrap().sends_bus_headers);
}

/// A reply as its caller reads it.
fn sent(reply: &Reply, sends_bus_headers: bool) -> (Reply, Option<Vec<u8>>) {
    let incoming = read(b"3", &[TOKEN]).unwrap();
    let mut headers: Vec<(String, Option<Vec<u8>>)> = Vec::new();
    let value = write_reply(&incoming.address, sends_bus_headers, Codec::Bincode, reply, |name, value| {
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

#[test]
fn what_a_peer_writes_for_people_is_bounded_and_stays_on_its_line() {
    let forged = "facade\nERROR the bank is empty".repeat(50_000);
    let incoming = read(b"3", &[TOKEN, (b"bus-caller", Some(forged.as_bytes()))]).unwrap();
    let caller = incoming.caller.unwrap();
    assert!(caller.len() <= 1024 && !caller.contains('\n'), "{} bytes", caller.len());
    let headers: [RawHeader<'_>; 4] = [
        TOKEN,
        (b"bus-status", Some(b"fault")),
        (b"bus-fault", Some(forged.as_bytes())),
        (b"bus-detail", Some(forged.as_bytes())),
    ];
    let reply = read_reply(headers.into_iter(), None, Codec::Json);
    let shown = format!("{reply:?} {:?}", reply.status());
    assert!(shown.len() < 2_000 && reply.detail.len() <= 1024 && !reply.detail.contains('\n'), "{}", shown.len());
    for header in [&b"bus-codec"[..], b"bus-status"] {
        let reply = read_reply([TOKEN, (header, Some(forged.as_bytes()))].into_iter(), Some(b"x"), Codec::Json);
        assert!(reply.detail.len() < 300, "{}", reply.detail.len());
    }
}

#[test]
fn a_dead_letter_says_what_we_found_and_not_what_the_request_says_of_itself() {
    let mut written: Vec<(String, Vec<u8>)> = Vec::new();
    let forged: [RawHeader<'_>; 3] =
        [TOKEN, (b"bus-dead-reason", Some(b"all is well")), (b"bus-dead-letter", Some(b"1"))];
    write_dead_letter(forged.into_iter(), "no\nkey", ("orders.req", 2, 7), None, |name, value| {
        written.push((name.to_owned(), value.unwrap_or_default().to_vec()));
    });
    let reasons: Vec<_> = written.iter().filter(|(name, _)| name.starts_with("bus-dead-")).collect();
    assert_eq!(reasons.len(), 4, "{written:?}");
    assert_eq!(written[1], ("bus-dead-reason".to_owned(), b"no\\nkey".to_vec()));
}

fn any_header() -> impl Strategy<Value = (Vec<u8>, Option<Vec<u8>>)> {
    let name = prop_oneof![
        any::<Vec<u8>>(),
        "bus-(method|timeout|codec|contract|caller|status|fault|detail|retry-after|part)".prop_map(String::into_bytes),
    ];
    (name, any::<Option<Vec<u8>>>())
}

proptest! {
    #[test]
    fn no_record_panics(headers in proptest::collection::vec(any_header(), 0..8), key: Option<Vec<u8>>, value: Option<Vec<u8>>, partitions in 0_u32..9) {
        let views = || headers.iter().map(|(name, value)| (&name[..], value.as_deref()));
        if let Ok(incoming) = read_request(key.as_deref(), views(), value.as_deref(), partitions) {
            prop_assert!(incoming.address.partition >= 0);
            prop_assert_eq!(Some(&incoming.address.key[..]), key.as_deref());
        }
        let _ = read_reply(views(), value.as_deref(), Codec::Json);
    }
}
