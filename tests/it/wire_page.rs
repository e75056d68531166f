//! `docs/wire.md` against what the library really writes and reads, byte for byte.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use bus::{CallError, Codec, Failure};
use bus_tests::plain::{Reader, Record, Writer};
use bus_tests::{Broker, Counting, unique};

#[bus::request(topic = "wire.req", reply = "wire.resp")]
trait Portfolio {
    async fn products(&self, user: u64) -> Result<Vec<String>, String>;
    async fn transfer(&self, #[bus(key)] account: &str, amount: i64) -> Result<(), String>;
}

impl Portfolio for Counting {
    async fn products(&self, user: u64) -> Result<Vec<String>, String> {
        match user {
            21 => Ok(vec!["bond".to_owned(), "share".to_owned()]),
            _ => Err("no such user".to_owned()),
        }
    }
    async fn transfer(&self, _account: &str, _amount: i64) -> Result<(), String> {
        Ok(())
    }
}

/// The decision record to the letter.
#[bus::request(topic = "adr.req", reply = "adr.resp", codec = "json")]
trait Adr {
    async fn products(&self, user: u64) -> Result<Vec<String>, String>;
}

impl Adr for Counting {
    async fn products(&self, user: u64) -> Result<Vec<String>, String> {
        Portfolio::products(self, user).await
    }
}

/// A record as the page writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Example {
    topic: String,
    partition: Option<i32>,
    key: Option<Vec<u8>>,
    headers: Vec<(String, Option<Vec<u8>>)>,
    value: Option<Vec<u8>>,
}

impl Example {
    /// The token: the header whose value is null.
    fn token(&self) -> &str {
        self.headers.iter().find(|(_, value)| value.is_none()).map(|(name, _)| name.as_str()).unwrap()
    }

    /// With another token, for the page's is everybody's.
    fn with_token(&self, token: &str) -> Self {
        let mut example = self.clone();
        token.clone_into(&mut example.headers.iter_mut().find(|(_, value)| value.is_none()).unwrap().0);
        example
    }

    fn write(&self, writer: &Writer, partition: i32) {
        let headers: Vec<(&[u8], Option<&[u8]>)> =
            self.headers.iter().map(|(name, value)| (name.as_bytes(), value.as_deref())).collect();
        writer.write(&self.topic, partition, self.key.as_deref(), &headers, self.value.as_deref());
    }

    /// Holds a record against the example. What differs from run to run is the token, the
    /// milliseconds left, and the offset of what died.
    fn check(&self, name: &str, record: &Record) {
        assert_eq!(self.key, record.key, "{name}: key");
        assert_eq!(self.value, record.value, "{name}: value");
        if let Some(partition) = self.partition {
            assert_eq!(partition, record.partition, "{name}: partition");
        }
        let names = |headers: &[(String, Option<Vec<u8>>)]| -> Vec<String> {
            headers
                .iter()
                .map(|(name, value)| if value.is_none() { "TOKEN".to_owned() } else { name.clone() })
                .collect()
        };
        assert_eq!(names(&self.headers), names(&record.headers), "{name}: headers, in order");
        for ((header, wanted), (_, found)) in self.headers.iter().zip(&record.headers) {
            let number = |value: &Option<Vec<u8>>| -> u64 {
                String::from_utf8(value.clone().unwrap()).unwrap().parse().unwrap()
            };
            match header.as_str() {
                "bus-timeout" => {
                    let left = number(found);
                    assert!((1..=number(wanted)).contains(&left), "{name}: {left} ms left");
                }
                "bus-dead-offset" => {
                    number(wanted);
                    number(found);
                }
                _ => assert_eq!(
                    wanted.as_deref().map(String::from_utf8_lossy),
                    found.as_deref().map(String::from_utf8_lossy),
                    "{name}: {header}"
                ),
            }
        }
    }
}

fn hex(text: &str, place: &str) -> Option<Vec<u8>> {
    match text {
        "null" => return None,
        "empty" => return Some(Vec::new()),
        _ => {}
    }
    assert!(text.len().is_multiple_of(2), "{place}: {text}");
    let bytes = (0..text.len()).step_by(2);
    Some(
        bytes
            .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap_or_else(|_| panic!("{place}: {text}")))
            .collect(),
    )
}

/// The examples of the page, by their names.
fn examples() -> BTreeMap<String, Example> {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/wire.md")).unwrap();
    let mut examples = BTreeMap::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(name) = line.strip_prefix("```record ") else { continue };
        let mut example = Example::default();
        for line in lines.by_ref().take_while(|line| *line != "```") {
            let place = format!("{name}: {line}");
            let (what, rest) = line.split_once(' ').unwrap_or((line, ""));
            let rest = rest.trim();
            // What stands in quotes behind the bytes is the same as text.
            let (rest, text) = rest.split_once(" \"").map_or((rest, None), |(rest, text)| {
                (rest.trim(), Some(text.strip_suffix('"').unwrap_or_else(|| panic!("{place}")).as_bytes()))
            });
            let bytes = |hexed: &str| {
                let bytes = hex(hexed.trim(), &place);
                if let Some(text) = text {
                    assert_eq!(
                        bytes.as_deref().map(String::from_utf8_lossy),
                        Some(String::from_utf8_lossy(text)),
                        "{place}"
                    );
                }
                bytes
            };
            match what {
                "topic" => rest.clone_into(&mut example.topic),
                "partition" => example.partition = rest.parse().ok(),
                "key" => example.key = bytes(rest),
                "header" => {
                    let (header, value) = rest.split_once(' ').unwrap_or_else(|| panic!("{place}"));
                    example.headers.push((header.to_owned(), bytes(value)));
                }
                "value" => example.value = bytes(rest),
                _ => panic!("{place}"),
            }
        }
        assert!(examples.insert(name.to_owned(), example).is_none(), "{name} twice");
    }
    examples
}

fn found(broker: &Broker, topic: &str, token: &str) -> Record {
    Reader::new(&broker.address(), topic).find(token, |record| record.token() == Some(token))
}

/// Waits for the request that a call has just written, by a header that no other has.
fn asked(broker: &Broker, topic: &str, mark: &str) -> Record {
    let mut record =
        Reader::new(&broker.address(), topic).find(mark, |record| record.header("tenant") == Some(mark.as_bytes()));
    for (name, value) in &mut record.headers {
        if name == "tenant" {
            *value = Some(b"acme".to_vec());
        }
    }
    record
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pages_examples_are_what_is_written_and_read() {
    let (broker, page) = (Broker::shared(), examples());
    let used = RefCell::new(BTreeSet::new());
    let example = |name: &str| {
        used.borrow_mut().insert(name.to_owned());
        page.get(name).unwrap_or_else(|| panic!("the page has no example {name}"))
    };
    let writer = Writer::new(&broker.address());
    let bus = broker.builder("facade").version("1.2").reply_partition(3).connect().await.unwrap();
    let client: PortfolioClient = bus.client().await.unwrap();
    let in_json: PortfolioClient = bus.client().codec(Codec::Json).await.unwrap();
    let adr: AdrClient = bus.client().await.unwrap();

    // Our client: its requests are the page's, and it reads the page's replies. Nobody serves yet.
    let mark = || unique("page");
    let answer = |name: &str, request: &Record| {
        let reply = example(name).with_token(request.token().unwrap());
        assert_eq!(reply.key, request.key, "{name}");
        reply.write(&writer, reply.partition.unwrap());
    };
    let products = Ok(vec!["bond".to_owned(), "share".to_owned()]);
    let one = mark();
    let call = tokio::spawn(client.products(21).header("tenant", one.clone()).into_future());
    let request = asked(&broker, "wire.req", &one);
    example("request").check("request", &request);
    answer("reply", &request);
    assert_eq!(call.await.unwrap(), products);

    let one = mark();
    let call = tokio::spawn(in_json.products(21).header("tenant", one.clone()).into_future());
    let request = asked(&broker, "wire.req", &one);
    example("request-json").check("request-json", &request);
    answer("reply-json", &request);
    assert_eq!(call.await.unwrap(), products);

    let one = mark();
    let call = tokio::spawn(in_json.transfer("abc", -5).header("tenant", one.clone()).into_future());
    let request = asked(&broker, "wire.req", &one);
    example("request-json-several").check("request-json-several", &request);
    answer("reply-error-json", &request);
    assert_eq!(call.await.unwrap(), Err(CallError::Service("no such user".to_owned())));

    let one = mark();
    let call = tokio::spawn(client.products(7).header("tenant", one.clone()).into_future());
    let request = asked(&broker, "wire.req", &one);
    answer("reply-error", &request);
    assert_eq!(call.await.unwrap(), Err(CallError::Service("no such user".to_owned())));

    let one = mark();
    let call = tokio::spawn(client.products(7).header("tenant", one.clone()).into_future());
    let request = asked(&broker, "wire.req", &one);
    answer("reply-fault", &request);
    let failed = call.await.unwrap();
    assert!(matches!(failed, Err(CallError::Bus(Failure::UnknownMethod { .. }))), "{failed:?}");

    let one = mark();
    let call = tokio::spawn(adr.products(21).header("tenant", one.clone()).into_future());
    let request = asked(&broker, "adr.req", &one);
    answer("adr-reply", &request);
    assert_eq!(call.await.unwrap(), products);

    // Our server: it reads the page's requests, and its replies are the page's.
    let service = Counting::default();
    let serving = bus.serve(PortfolioServer::new(service.clone())).and(AdrServer::new(service)).start().await.unwrap();
    for (request, reply) in [
        ("request", "reply"),
        ("request-json", "reply-json"),
        ("request-error", "reply-error"),
        ("request-unknown", "reply-fault"),
        ("adr-request", "adr-reply"),
        ("adr-request-error", "adr-reply-error"),
    ] {
        let token = unique("page");
        let (request, reply) = (example(request).with_token(&token), example(reply));
        request.write(&writer, 0);
        reply.check(&request.topic, &found(&broker, &reply.topic, &token));
        if request.headers.iter().any(|(name, value)| name == "bus-method" && value.as_deref() == Some(b"shout")) {
            let letter = found(&broker, "wire.req.dead", &token);
            example("dead-letter").check("dead-letter", &letter);
        }
    }
    serving.stop().await.unwrap();

    // Every example has been held against the library.
    let token = example("request").token().to_owned();
    assert!(page.values().all(|example| example.token() == token), "one token for the whole page");
    assert_eq!(page.keys().cloned().collect::<BTreeSet<_>>(), *used.borrow(), "held against the library");
}
