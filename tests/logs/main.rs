//! What the bus logs: bounded whoever writes, and without anything that a message carried.
//!
//! A program of its own, because what logs are written to is one thing for the whole process.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::io;
use std::sync::{Mutex, Once, PoisonError};

use bus_tests::plain::Writer;
use bus_tests::{Broker, Counting, eventually, unique};
use tracing_subscriber::fmt::MakeWriter;

bus_tests::contract!(Logged, "logged.req", "logged.resp");
bus_tests::serve_contract!(Logged for Counting);

/// All that was logged so far, at every level.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Log;

impl io::Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        Self
    }
}

fn logged() -> String {
    String::from_utf8_lossy(&LOG.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
}

/// Writes down all that is logged from now on.
fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false).with_writer(Log).init();
    });
}

/// A name that no other number has, and that a store which leaves digits out tells apart, too.
fn invented(number: usize) -> String {
    number.to_string().chars().map(|digit| char::from_u32(u32::from(digit) + 50).unwrap()).collect()
}

/// A request that can be read, but for what `headers` say otherwise.
fn write(writer: &Writer, token: &str, headers: &[(&[u8], Option<&[u8]>)]) {
    let mut all: Vec<(&[u8], Option<&[u8]>)> = vec![(token.as_bytes(), None), (b"bus-timeout", Some(b"30000"))];
    all.extend(headers);
    writer.write("logged.req", 0, Some(b"0"), &all, Some(b"canary-in-a-body"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_sent_a_kind_of_refusal_is_one_line_and_nothing_carried_is_in_any() {
    const REQUESTS: usize = 300;
    listen();
    let broker = Broker::shared();
    let bus = broker
        .builder("logged")
        .set("sasl.username", "canary-user")
        .set("sasl.password", "canary-password")
        .connect()
        .await
        .unwrap();
    let serving = bus.serve(LoggedServer::new(Counting::default())).group(unique("logged")).start().await.unwrap();
    let client: LoggedClient = bus.client().await.unwrap();
    assert_eq!(client.echo("canary-argument").header("secret", "canary-header").await.unwrap(), "canary-argument");
    client.fail("canary-error").await.unwrap_err();

    let (writer, before) = (Writer::new(&broker.address()), bus.counters());
    for number in 0..REQUESTS {
        let (method, caller) = (invented(number), format!("caller-{}\nERROR forged", invented(number)));
        let token = unique("canary-token");
        write(&writer, &token, &[(b"bus-method", Some(method.as_bytes())), (b"bus-caller", Some(caller.as_bytes()))]);
        write(&writer, &token, &[(b"bus-method", Some(b"echo")), (b"bus-timeout", Some(method.as_bytes()))]);
    }
    let wanted = u64::try_from(2 * REQUESTS).unwrap();
    eventually("all are refused", || bus.counters().refused - before.refused >= wanted).await;
    eventually("all are kept", || bus.counters().dead_letters - before.dead_letters >= wanted).await;
    serving.stop().await.unwrap();
    bus.close().await;

    let log = logged();
    let refusals: Vec<&str> = log.lines().filter(|line| line.contains("was refused")).collect();
    // One for unknown methods, one for what is malformed.
    assert_eq!(refusals.len(), 2, "{refusals:#?}");
    assert!(!log.lines().any(|line| line.starts_with("ERROR")), "a line was forged");
    let carried: Vec<&str> = log.lines().filter(|line| line.contains("canary")).collect();
    assert!(carried.is_empty(), "{carried:#?}");
    assert!(log.contains("serving"), "nothing was logged at all");
}

bus_tests::contract!(Clocked, "clocked.req", "clocked.resp");
bus_tests::serve_contract!(Clocked for Counting);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_topic_that_keeps_the_clocks_of_its_callers_is_warned_of_once_and_nothing_else_is() {
    listen();
    let broker = Broker::shared();
    broker.make_topic("clocked.req", 1, &[("message.timestamp.type", "CreateTime")]).await;
    let bus = broker.bus("clocked").await;
    let _client: ClockedClient = bus.client().await.unwrap();
    let serving = bus.serve(ClockedServer::new(Counting::default())).start().await.unwrap();
    serving.joined().await;
    serving.stop().await.unwrap();
    bus.close().await;
    let log = logged();
    let warned: Vec<&str> =
        log.lines().filter(|line| line.contains(" WARN ") && line.contains("message.timestamp.type")).collect();
    // The embedded broker knows no settings of topics.
    assert_eq!(warned.len(), usize::from(broker.is_real()), "{warned:#?}");
    for line in warned {
        let command = "--entity-name clocked.req --add-config message.timestamp.type=LogAppendTime";
        assert!(line.contains("kafka-configs.sh") && line.contains(command), "{line}");
    }
    let others: Vec<&str> = log.lines().filter(|line| line.contains(" WARN ") && line.contains("rights")).collect();
    assert!(others.is_empty(), "{others:#?}");
}
