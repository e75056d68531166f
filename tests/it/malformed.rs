//! Requests that nobody can read: each is answered if it has an address, kept as a dead letter, and
//! stops nothing.

use std::collections::HashMap;

use bus_tests::plain::{self, Reader, Record, Writer};
use bus_tests::{Broker, Counting, eventually, unique};

bus_tests::contract!(Malformed, "malformed.req", "malformed.resp");
bus_tests::serve_contract!(Malformed for Counting);

const TOPIC: &str = "malformed.req";

/// What becomes of a request.
#[derive(Clone, Copy, Debug)]
enum Fate {
    /// It is answered.
    Answered,
    /// It is answered with a fault whose detail holds this, and kept as a dead letter.
    Fault(&'static str, &'static str),
    /// It has no address: it is kept as a dead letter, whose reason holds this.
    Dead(&'static str),
}

use Fate::{Answered, Dead, Fault};

type Headers = Vec<(Vec<u8>, Option<Vec<u8>>)>;

struct Request {
    what: &'static str,
    key: Option<Vec<u8>>,
    headers: Headers,
    value: Option<Vec<u8>>,
    fate: Fate,
    /// Found again by this header.
    case: String,
    token: String,
}

/// A sound request, to be spoilt in one place.
fn request(what: &'static str, fate: Fate, spoil: impl FnOnce(&mut Request)) -> Request {
    let (case, token) = (unique("case"), unique("token"));
    let text = |text: &str| Some(text.as_bytes().to_vec());
    let headers = vec![
        (token.clone().into_bytes(), None),
        (b"bus-method".to_vec(), text("echo")),
        (b"bus-timeout".to_vec(), text("30000")),
        (b"case".to_vec(), text(&case)),
    ];
    let value = Some(b"\x05hello".to_vec());
    let mut request = Request { what, key: Some(b"2".to_vec()), headers, value, fate, case, token };
    spoil(&mut request);
    request
}

impl Request {
    fn set(&mut self, name: &str, value: &[u8]) {
        self.headers.retain(|(header, _)| header != name.as_bytes());
        self.headers.push((name.as_bytes().to_vec(), Some(value.to_vec())));
    }

    fn remove(&mut self, name: &str) {
        self.headers.retain(|(header, _)| header != name.as_bytes());
    }

    fn token(&mut self, token: &[u8], value: Option<&[u8]>) {
        self.headers[0] = (token.to_vec(), value.map(<[u8]>::to_vec));
        self.token = String::from_utf8_lossy(token).into_owned();
    }

    fn write(&self, writer: &Writer) {
        let headers: Vec<(&[u8], Option<&[u8]>)> =
            self.headers.iter().map(|(name, value)| (&name[..], value.as_deref())).collect();
        writer.write(TOPIC, 0, self.key.as_deref(), &headers, self.value.as_deref());
    }
}

#[allow(clippy::too_many_lines)] // A table.
fn requests() -> Vec<Request> {
    let key = |key: &'static [u8]| move |it: &mut Request| it.key = Some(key.to_vec());
    let value = |value: &'static [u8]| move |it: &mut Request| it.value = Some(value.to_vec());
    let header = |name: &'static str, value: &'static [u8]| move |it: &mut Request| it.set(name, value);
    vec![
        request("sound", Answered, |_| {}),
        // The token.
        request("no token", Dead("no header has a null value"), |it| {
            it.headers.remove(0);
        }),
        request("two tokens", Dead("more than one header has a null value"), |it| {
            it.headers.push((b"another".to_vec(), None));
        }),
        request("a token with an empty value", Answered, |it| it.headers[0].1 = Some(Vec::new())),
        request("two tokens with empty values", Dead("more than one header has an empty value"), |it| {
            it.headers[0].1 = Some(Vec::new());
            it.headers.push((b"another".to_vec(), Some(Vec::new())));
        }),
        request("a token beside an empty header", Answered, |it| {
            it.headers.push((b"empty".to_vec(), Some(Vec::new())));
        }),
        request("a null header of ours beside the token", Answered, |it| it.headers.push((b"bus-new".to_vec(), None))),
        request("the longest token", Answered, |it| {
            let token = format!("{}{}", it.token, "x".repeat(249 - it.token.len()));
            it.token(token.as_bytes(), None);
        }),
        request("a token that is too long", Dead("250 bytes"), |it| it.token(&[b'x'; 250], None)),
        request("an empty token", Dead("0 bytes"), |it| it.token(b"", None)),
        request("a token that is not UTF-8", Dead("not UTF-8"), |it| it.token(b"\xff\xfe", None)),
        request("a token of letters beyond ASCII", Answered, |it| {
            let token = format!("ключ {}", it.token);
            it.token(token.as_bytes(), None);
        }),
        // The key.
        request("a null key", Dead("key is null"), |it| it.key = None),
        request("an empty key", Dead("neither a decimal number"), key(b"")),
        request("a key with a leading zero", Dead("leading zero"), key(b"02")),
        request("four digits with leading zeros", Dead("leading zero"), key(b"0002")),
        request("a key that is no number", Dead("neither a decimal number"), key(b"two")),
        request("a negative key", Dead("neither a decimal number"), key(b"-1")),
        request("a key out of range", Dead("there are 5"), key(b"5")),
        request("a key beyond every number", Dead("there are 5"), key(b"99999999999999999999")),
        request("partition 0", Answered, key(b"0")),
        request("a Java integer", Answered, key(&[0, 0, 0, 3])),
        request("a Java integer out of range", Dead("there are 5"), key(&[0, 0, 1, 3])),
        request("a negative Java integer", Dead("there are 5"), key(&[0xff; 4])),
        request("a Java long", Dead("neither a decimal number"), key(&[0, 0, 0, 0, 0, 0, 0, 3])),
        // The method.
        request(
            "an unknown method",
            Fault("unknown-method", "\"shout\" is not served"),
            header("bus-method", b"shout"),
        ),
        request("no method, and several", Fault("unknown-method", "names no method"), |it| it.remove("bus-method")),
        request(
            "a method that is not text",
            Fault("malformed", "bus-method is not text"),
            header("bus-method", b"\xff"),
        ),
        // The other headers.
        request("an unknown codec", Fault("malformed", "codec"), header("bus-codec", b"xml")),
        request("JSON", Answered, |it| {
            it.set("bus-codec", b"json");
            it.value = Some(b"\"hello\"".to_vec());
        }),
        request("a timeout that is no number", Fault("malformed", "bus-timeout"), header("bus-timeout", b"soon")),
        request("a negative timeout", Fault("malformed", "bus-timeout"), header("bus-timeout", b"-1")),
        request("the longest timeout", Answered, header("bus-timeout", b"18446744073709551615")),
        request("a timeout beyond every number", Fault("malformed", "bus-timeout"), header("bus-timeout", &[b'9'; 30])),
        request("a fingerprint that is none", Fault("malformed", "bus-contract"), header("bus-contract", b"v1")),
        request("a header of ours that is not known here", Answered, header("bus-from-the-future", b"x")),
        request("a header name that is not UTF-8", Answered, |it| {
            it.headers.push((b"\xff\xfe\xfd".to_vec(), Some(b"x".to_vec())));
            it.headers.push((b"bus-\xff".to_vec(), Some(b"x".to_vec())));
        }),
        // The body.
        request("a null value", Fault("malformed", "value is null"), |it| it.value = None),
        request("a body that ends early", Fault("malformed", "`echo` cannot be decoded"), value(b"\x09hello")),
        request("an empty body", Fault("malformed", "`echo` cannot be decoded"), value(b"")),
        request("bytes that are left over", Fault("malformed", "`echo` cannot be decoded"), value(b"\x05hello!")),
        request("a length beyond all memory", Fault("malformed", "`echo` cannot be decoded"), value(&[0xfd; 9])),
        request("text that is not UTF-8", Fault("malformed", "`echo` cannot be decoded"), value(b"\x02\xff\xff")),
        request(
            "bincode called JSON",
            Fault("malformed", "`echo` cannot be decoded as json"),
            header("bus-codec", b"json"),
        ),
        request("sound again", Answered, |_| {}),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_can_read_is_answered_or_kept_and_its_partition_goes_on() {
    let broker = Broker::shared();
    let bus = broker.bus("service").await;
    let service = Counting::default();
    let serving = bus.serve(MalformedServer::new(service.clone())).start().await.unwrap();
    // All on one partition, so that one that stops it stops those behind it.
    let (requests, writer) = (requests(), Writer::new(&broker.address()));
    let begun = plain::committed(&broker.address(), TOPIC, TOPIC, 0).1;
    for request in &requests {
        request.write(&writer);
    }
    let mut answers = 0;
    let (replies, dead) =
        (records(&broker, "malformed.resp", &requests), records(&broker, "malformed.req.dead", &requests));
    for (offset, request) in (begun..).zip(&requests) {
        let what = request.what;
        let (reply, letter) = (replies.get(&request.case), dead.get(&request.case));
        match request.fate {
            Answered => {
                answers += 1;
                let reply = reply.unwrap_or_else(|| panic!("{what}: no answer"));
                assert_eq!(reply.header("bus-status"), None, "{what}: {reply:?}");
                let json = request.headers.iter().any(|(name, _)| name == b"bus-codec");
                let (value, codec) =
                    if json { (&b"\"hello\""[..], Some(&b"json"[..])) } else { (&b"\x05hello"[..], None) };
                assert_eq!((reply.value.as_deref(), reply.header("bus-codec")), (Some(value), codec), "{what}");
                assert_eq!(reply.key, request.key, "{what}: the key's bytes come back");
                assert_eq!(reply.headers[0].1, request.headers[0].1, "{what}: the token's value comes back");
                assert!(letter.is_none(), "{what}: {letter:?}");
            }
            Fault(fault, detail) => {
                let reply = reply.unwrap_or_else(|| panic!("{what}: no answer"));
                assert_eq!((reply.header("bus-status"), &reply.value), (Some(&b"fault"[..]), &None), "{what}");
                assert_eq!(reply.header("bus-fault"), Some(fault.as_bytes()), "{what}: {reply:?}");
                let told = String::from_utf8(reply.header("bus-detail").unwrap().to_vec()).unwrap();
                assert!(told.contains(detail), "{what}: {told}");
                assert_eq!((reply.partition, &reply.key), (2, &request.key), "{what}");
                check_letter(request, letter, offset, &told);
            }
            Dead(reason) => {
                assert!(reply.is_none(), "{what}: {reply:?}");
                check_letter(request, letter, offset, reason);
            }
        }
    }
    assert_eq!(service.count(), answers, "only what was answered ran");
    let (refused, kept) = (requests.len() as u64 - answers, bus.counters().dead_letters);
    assert_eq!((bus.counters().refused, kept), (refused, refused));
    let served = serving.stop().await.unwrap();
    assert_eq!((served.finished, served.handed_back), (requests.len() as u64, 0));
    let (committed, end) = plain::committed(&broker.address(), TOPIC, TOPIC, 0);
    assert_eq!(committed, Some(end), "the partition has gone on");
}

/// The replies to, or the dead letters of, these requests.
fn records(broker: &Broker, topic: &str, requests: &[Request]) -> HashMap<String, Record> {
    let of_replies = topic.ends_with("resp");
    let wanted = requests.iter().filter(|request| match request.fate {
        Answered => of_replies,
        Fault(..) => true,
        Dead(_) => !of_replies,
    });
    let wanted = wanted.count();
    let by_token: HashMap<&str, &Request> = requests.iter().map(|request| (request.token.as_str(), request)).collect();
    let mut found = HashMap::new();
    Reader::new(&broker.address(), topic).find("the last of them", |record| {
        let case = if of_replies {
            record.token().and_then(|token| by_token.get(token)).map(|request| request.case.clone())
        } else {
            record.header("case").map(|case| String::from_utf8(case.to_vec()).unwrap())
        };
        if let Some(case) = case.filter(|case| requests.iter().any(|request| request.case == *case)) {
            assert!(found.insert(case, record.clone()).is_none(), "twice: {record:?}");
        }
        found.len() == wanted
    });
    found
}

fn check_letter(request: &Request, letter: Option<&Record>, offset: i64, reason: &str) {
    let what = request.what;
    let letter = letter.unwrap_or_else(|| panic!("{what}: no dead letter"));
    let header = |name: &str| String::from_utf8(letter.header(name).unwrap_or_default().to_vec()).unwrap();
    assert!(header("bus-dead-reason").contains(reason), "{what}: {}", header("bus-dead-reason"));
    assert_eq!(header("bus-dead-topic"), TOPIC, "{what}");
    assert_eq!(header("bus-dead-partition"), "0", "{what}");
    assert_eq!(header("bus-dead-offset"), offset.to_string(), "{what}");
    assert_eq!(letter.value, request.value, "{what}: the value is kept");
    assert_eq!(letter.key, request.key, "{what}: the key is kept");
    for (name, value) in &request.headers {
        let name = String::from_utf8_lossy(name);
        assert!(letter.headers.contains(&(name.to_string(), value.clone())), "{what}: {name} is not kept: {letter:?}");
    }
}

bus_tests::contract!(Versions, "versions.req", "versions.resp");
bus_tests::serve_contract!(Versions for Counting);

/// The same topic and method, and another type: an older build of the caller.
mod older {
    #[bus::request(topic = "versions.req", reply = "versions.resp")]
    pub(super) trait Versions {
        async fn add(&self, one: u64, other: u8) -> Result<u64, String>;
    }
}

#[tokio::test]
async fn a_caller_with_other_types_hears_of_it_and_its_request_is_not_run() {
    let broker = Broker::shared();
    let (server, facade) =
        (broker.bus("service").await, broker.builder("facade").version("1.2").connect().await.unwrap());
    let service = Counting::default();
    let serving = server.serve(VersionsServer::new(service.clone())).start().await.unwrap();
    let client: older::VersionsClient = facade.client().await.unwrap();
    let failed = client.add(1, 2).await.unwrap_err();
    assert!(matches!(failed.failure(), Some(bus::Failure::ContractMismatch { .. })), "{failed:?}");
    assert!(!failed.failure().unwrap().may_have_run());
    let text = failed.to_string();
    assert!(text.contains("`add`") && text.contains("facade/1.2") && text.contains("Versions"), "{text}");
    assert_eq!(service.count(), 0);
    eventually("the refusal is counted", || server.counters().refused == 1).await;
    assert_eq!(server.counters().dead_letters, 0, "it can be read, if not by this build");
    serving.stop().await.unwrap();
}

bus_tests::contract!(LargeLetters, "large.letters.req", "large.letters.resp", partitions = 1);
bus_tests::serve_contract!(LargeLetters for Counting);

/// What is just small enough to be sent is just too large with the headers that say why it died.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_letter_that_is_too_large_is_kept_without_its_body_and_says_so() {
    let broker = Broker::shared();
    let bus = broker.bus("service").await;
    let serving = bus.serve(LargeLettersServer::new(Counting::default())).start().await.unwrap();
    let writer = Writer::new(&broker.address());
    let (body, header) = (vec![0xff; 999_800], vec![b'x'; 999_800]);
    let (token, other) = (unique("large"), unique("wide"));
    let case = unique("case");
    let headers = [(token.as_bytes(), None), (b"bus-method", Some(&b"echo"[..])), (b"case", Some(case.as_bytes()))];
    writer.write("large.letters.req", 0, Some(b"0"), &headers, Some(&body));
    let headers = [(other.as_bytes(), None), (b"bus-method", Some(&b"echo"[..])), (b"wide", Some(&header))];
    writer.write("large.letters.req", 0, Some(b"0"), &headers, None);

    let letters = Reader::new(&broker.address(), "large.letters.req.dead");
    let letter = letters.find("the letter", |letter| letter.header("case") == Some(case.as_bytes()));
    assert_eq!(letter.header("bus-dead-left-out"), Some(&b"the body of 999800 bytes"[..]));
    assert_eq!((letter.value.as_ref(), letter.key.as_deref()), (None, Some(&b"0"[..])));
    assert_eq!(letter.token(), Some(&*token));
    let reason = String::from_utf8(letter.header("bus-dead-reason").unwrap().to_vec()).unwrap();
    assert!(reason.contains("cannot be decoded"), "{reason}");
    let next: i64 = str::from_utf8(letter.header("bus-dead-offset").unwrap()).unwrap().parse::<i64>().unwrap() + 1;
    let next = next.to_string();
    let letters = Reader::new(&broker.address(), "large.letters.req.dead");
    let letter = letters.find("the wide letter", |it| it.header("bus-dead-offset") == Some(next.as_bytes()));
    assert_eq!(letter.header("bus-dead-left-out"), Some(&b"the key and 3 headers"[..]));
    assert_eq!(letter.headers.len(), 5, "why and where, and what is left out");
    // Both callers were told, in spite of all.
    let replies = Reader::new(&broker.address(), "large.letters.resp");
    let mut told = 0;
    replies.find("both replies", |reply| {
        if [Some(&*token), Some(&*other)].contains(&reply.token()) {
            assert_eq!(reply.header("bus-fault"), Some(&b"malformed"[..]));
            told += 1;
        }
        told == 2
    });
    serving.stop().await.unwrap();
}
