//! Peers that know the decision record and nothing else: a token, a key, a value.

use std::time::Duration;

use bus_tests::plain::{Reader, Record, Writer};
use bus_tests::{Broker, Counting, unique};

#[bus::request(topic = "letter.req", reply = "letter.resp", codec = "json")]
trait Letter {
    async fn half(&self, number: i64) -> Result<i64, String>;
}

impl Letter for Counting {
    async fn half(&self, number: i64) -> Result<i64, String> {
        self.ran();
        assert!(number != 13, "as asked");
        if number % 2 == 0 { Ok(number / 2) } else { Err(format!("{number} is odd")) }
    }
}

fn reply(broker: &Broker, topic: &str, token: &str) -> Record {
    Reader::new(&broker.address(), topic).find("the reply", |record| record.token() == Some(token))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_sends_none_of_our_headers_is_answered_and_never_takes_an_error_for_an_answer() {
    let broker = Broker::shared();
    let bus = broker.bus("service").await;
    let serving = bus.serve(LetterServer::new(Counting::default())).start().await.unwrap();
    let writer = Writer::new(&broker.address());
    let ask = |value: &[u8]| {
        let token = unique("letter");
        writer.write("letter.req", 0, Some(b"3"), &[(token.as_bytes(), None)], Some(value));
        reply(&broker, "letter.resp", &token)
    };
    // The answer is the decision record to the letter: token, key, value, and nothing more.
    let answer = ask(b"42");
    assert_eq!(answer.value.as_deref(), Some(&b"21"[..]));
    assert_eq!((answer.partition, answer.key.as_deref()), (3, Some(&b"3"[..])));
    assert_eq!(answer.headers.len(), 1);
    assert_eq!(answer.headers[0].1, None, "the token's value is null");
    // The service's own error.
    let error = ask(b"41");
    assert_eq!((error.value.as_ref(), error.header("bus-status")), (None, Some(&b"error"[..])));
    // Faults.
    for (value, fault) in [(&b"13"[..], &b"panicked"[..]), (b"\"text\"", b"malformed"), (b"42 ", b"")] {
        let reply = ask(value);
        if fault.is_empty() {
            assert_eq!(reply.value.as_deref(), Some(&b"21"[..]), "white space is no error in JSON");
        } else {
            assert_eq!((reply.value.as_ref(), reply.header("bus-status")), (None, Some(&b"fault"[..])));
            assert_eq!(reply.header("bus-fault"), Some(fault));
            let detail = String::from_utf8(reply.header("bus-detail").unwrap().to_vec()).unwrap();
            assert!(detail.contains("half") && !detail.contains("text"), "{detail}");
        }
    }
    // A client that cannot write null writes an empty value, and gets its token back so.
    let token = unique("empty");
    let headers = [(token.as_bytes(), Some(&b""[..])), (b"tenant", Some(b"acme"))];
    writer.write("letter.req", 0, Some(b"0"), &headers, Some(b"8"));
    let answer = reply(&broker, "letter.resp", &token);
    assert_eq!(answer.headers, [(token, Some(Vec::new()))]);
    assert_eq!(answer.value.as_deref(), Some(&b"4"[..]));
    // One token for all its life is a peer's own affair.
    let token = unique("lifelong");
    for (number, half) in [(&b"2"[..], &b"1"[..]), (b"4", b"2"), (b"6", b"3")] {
        writer.write("letter.req", 0, Some(b"1"), &[(token.as_bytes(), None)], Some(number));
        Reader::new(&broker.address(), "letter.resp")
            .find("its answer", |it| it.token() == Some(&token) && it.value.as_deref() == Some(half));
    }
    serving.stop().await.unwrap();
}

#[bus::request(topic = "foreign.req", reply = "foreign.resp", codec = "json", partitions = 1, reply_partitions = 1)]
trait Foreign {
    async fn half(&self, number: i64) -> Result<i64, String>;
}

/// Headers as they are written.
type Headers = &'static [(&'static [u8], Option<&'static [u8]>)];

/// The other way round: our client, and a service that has never heard of us.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_sends_none_of_our_headers_answers_our_client() {
    let broker = Broker::shared();
    let bus = broker.bus("facade").await;
    let client: ForeignClient = bus.client().timeout(Duration::from_secs(10)).await.unwrap();
    let (requests, writer) = (Reader::new(&broker.address(), "foreign.req"), Writer::new(&broker.address()));
    let number =
        i64::from(std::process::id()) * 1_000_000 + i64::from(std::time::UNIX_EPOCH.elapsed().unwrap().subsec_micros());
    let call = tokio::spawn(client.half(number).into_future());
    let asked = |text: String| requests.find("the request", move |it| it.value.as_deref() == Some(text.as_bytes()));
    let request = asked(number.to_string());
    let answer = |request: &Record, headers: &[(&[u8], Option<&[u8]>)], value: Option<&[u8]>| {
        let mut all = vec![(request.token().unwrap().as_bytes(), None)];
        all.extend_from_slice(headers);
        writer.write("foreign.resp", 0, request.key.as_deref(), &all, value);
    };
    answer(&request, &[], Some((number / 2).to_string().as_bytes()));
    assert_eq!(call.await.unwrap(), Ok(number / 2));
    // An answer that comes again is counted and nothing else.
    answer(&request, &[], Some(b"1"));
    bus_tests::eventually("the second answer is counted", || bus.counters().foreign_replies >= 1).await;

    // Null is never an answer; what is no answer is an error at once, not a timeout.
    let replies: [(Headers, Option<&[u8]>, &str); 6] = [
        (&[], None, "null"),
        (&[], Some(b"\"text\""), "undecodable answer"),
        (&[], Some(b"1 2"), "undecodable answer"),
        (&[(b"bus-status", Some(b"fault")), (b"bus-fault", Some(b"on-fire"))], None, "on-fire"),
        (&[(b"bus-status", Some(b"splendid"))], Some(b"1"), "splendid"),
        (&[(b"bus-codec", Some(b"xml"))], Some(b"1"), "xml"),
    ];
    for (number, (headers, value, text)) in (number + 2..).zip(replies) {
        let call = tokio::spawn(client.half(number).into_future());
        answer(&asked(number.to_string()), headers, value);
        let failed = call.await.unwrap().unwrap_err().to_string();
        assert!(failed.contains(text), "{failed}");
    }
    // A header name that is not UTF-8, on its own record and on an answer, kills nothing.
    writer.write("foreign.resp", 0, Some(b"0"), &[(b"\xff\xfe", None)], None);
    writer.write("foreign.resp", 0, None, &[], Some(b"no headers at all"));
    let call = tokio::spawn(client.half(number + 100).into_future());
    answer(&asked((number + 100).to_string()), &[(b"\xc3\x28", Some(b"x")), (b"bus-\xff", Some(b"x"))], Some(b"7"));
    assert_eq!(call.await.unwrap(), Ok(7));
}
