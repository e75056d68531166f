//! A server and a client that are given bodies which ask for much, in a process that has little.
//! Its first argument names the brokers, on which the topics let compressed records through.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, missing_docs)]

use std::time::Duration;

use bus::{CallError, Failure};
use bus_tests::bombs::{Bombs, BombsClient, BombsServer, Deep, ForeignClient, Large, Tree};
use bus_tests::plain::{Reader, Writer};
use bus_tests::unique;

/// Half of what the threads of tokio and of the standard library have by themselves.
const STACK: usize = 1024 * 1024;

struct Taken;

impl Bombs for Taken {
    async fn count(&self, list: Vec<Option<Large>>) -> Result<u64, String> {
        Ok(list.len() as u64)
    }
    async fn deep(&self, _: Deep) -> Result<(), String> {
        Ok(())
    }
    async fn deep_inline(&self, _: Deep) -> Result<(), String> {
        Ok(())
    }
    async fn deep_blocking(&self, _: Deep) -> Result<(), String> {
        Ok(())
    }
    async fn tree(&self, tree: Tree) -> Result<u64, String> {
        Ok(tree.0.len() as u64)
    }
}

/// Absent values, one after another.
fn absent(codec: &str, bytes: usize) -> Vec<u8> {
    match codec {
        "bincode" => [&[253][..], &(bytes as u64).to_le_bytes(), &vec![0; bytes]].concat(),
        "json" => format!("[{}null]", "null,".repeat(bytes / 5)).into_bytes(),
        _ => [&[0xdd][..], &u32::try_from(bytes).unwrap().to_be_bytes(), &vec![0xc0; bytes]].concat(),
    }
}

fn repeated(what: &[u8], bytes: usize) -> Vec<u8> {
    what.repeat(bytes / what.len())
}

/// What is in itself without end.
fn deep(codec: &str, bytes: usize) -> Vec<u8> {
    match codec {
        "bincode" => repeated(&[1], bytes),
        "json" => repeated(br#"{"levels":"#, bytes),
        _ => repeated(b"\x82\xa6levels", bytes),
    }
}

fn tree(codec: &str, bytes: usize) -> Vec<u8> {
    match codec {
        "bincode" => repeated(&[1], bytes),
        "json" => repeated(b"[", bytes),
        _ => repeated(&[0x91], bytes),
    }
}

type Bomb = fn(&str, usize) -> Vec<u8>;

fn check(what: &str, detail: &str) {
    let said = ["bytes of memory", "nested", "claims more"];
    assert!(said.iter().any(|word| detail.contains(word)), "{what}: {detail}");
}

/// How a record is compressed, and how large what it holds may be.
const COMPRESSIONS: [(&str, usize); 4] =
    [("none", 900_000), ("gzip", 20_000_000), ("snappy", 8_000_000), ("lz4", 20_000_000)];

const CODECS: [&str; 3] = ["bincode", "json", "msgpack"];

/// The server decodes arguments.
fn arguments(brokers: &str) -> usize {
    let methods: [(&str, Bomb); 5] =
        [("count", absent), ("deep", deep), ("deep_inline", deep), ("deep_blocking", deep), ("tree", tree)];
    let replies = Reader::new(brokers, "bombs.resp");
    let mut met = 0;
    for (compression, bytes) in COMPRESSIONS {
        let writer = Writer::compressing(brokers, compression);
        for codec in CODECS {
            for (method, bomb) in methods {
                let (what, token) = (format!("{compression} {codec} {method}"), unique("bomb"));
                let headers = [
                    (token.as_bytes(), None),
                    (b"bus-method", Some(method.as_bytes())),
                    (b"bus-codec", Some(codec.as_bytes())),
                    (b"bus-timeout", Some(b"60000")),
                ];
                writer.write("bombs.req", 0, Some(b"0"), &headers, Some(&bomb(codec, bytes)));
                let reply = replies.find(&what, |record| record.token() == Some(&token));
                assert_eq!(reply.header("bus-fault"), Some(&b"malformed"[..]), "{what}");
                check(&what, &String::from_utf8_lossy(reply.header("bus-detail").unwrap()));
                met += 1;
            }
        }
    }
    met
}

/// The client decodes answers and errors.
async fn answers(brokers: &str, client: &ForeignClient) -> usize {
    let requests = Reader::new(brokers, "bombs.foreign.req");
    let mut met = 0;
    for (compression, bytes) in COMPRESSIONS {
        let writer = Writer::compressing(brokers, compression);
        for codec in CODECS {
            for (status, bomb) in [("ok", absent as Bomb), ("error", tree), ("deep", deep)] {
                let (what, case) = (format!("{compression} {codec} {status}"), unique("case"));
                let failed = async {
                    if status == "deep" {
                        client
                            .deep()
                            .header("case", case.clone())
                            .await
                            .map(drop)
                            .map_err(|error| error.failure().cloned())
                    } else {
                        client
                            .list()
                            .header("case", case.clone())
                            .await
                            .map(drop)
                            .map_err(|error| error.failure().cloned())
                    }
                };
                let answer = async {
                    let request = requests.find(&what, |record| record.header("case") == Some(case.as_bytes()));
                    let mut headers =
                        vec![(request.token().unwrap().as_bytes(), None), (&b"bus-codec"[..], Some(codec.as_bytes()))];
                    if status == "error" {
                        headers.push((b"bus-status", Some(b"error")));
                    }
                    writer.write("bombs.foreign.resp", 0, Some(b"0"), &headers, Some(&bomb(codec, bytes)));
                };
                let (failed, ()) = tokio::join!(failed, answer);
                match failed {
                    Err(Some(Failure::Undecodable { detail })) => check(&what, &detail),
                    other => panic!("{what}: {other:?}"),
                }
                met += 1;
            }
        }
    }
    met
}

/// The client encodes what is deeper than its thread's stack is long.
fn arguments_of_ours(client: &BombsClient) {
    let mut deep = Deep::default();
    for _ in 0..500 {
        deep = Deep { levels: Some(Box::new(std::mem::take(&mut deep))), ..Deep::default() };
    }
    let handle = tokio::runtime::Handle::current();
    let client = client.clone();
    let small = std::thread::Builder::new().stack_size(512 * 1024).spawn(move || {
        let failed = handle.block_on(client.deep(deep).into_future());
        assert!(matches!(failed, Err(CallError::Bus(Failure::Unencodable { .. }))), "{failed:?}");
    });
    small.unwrap().join().unwrap();
}

async fn run(brokers: String) {
    let bus = bus::Bus::builder("bomb-target").brokers(&brokers).connect().await.unwrap();
    let serving = bus.serve(BombsServer::new(Taken)).start().await.unwrap();
    let client: BombsClient = bus.client().timeout(Duration::from_secs(60)).await.unwrap();
    let foreign: ForeignClient = bus.client().timeout(Duration::from_secs(60)).await.unwrap();
    let for_arguments = brokers.clone();
    let met = tokio::task::spawn_blocking(move || arguments(&for_arguments)).await.unwrap();
    let met = met + tokio::spawn(async move { answers(&brokers, &foreign).await }).await.unwrap();
    arguments_of_ours(&client);
    assert_eq!(client.count(vec![None; 10]).await, Ok(10), "it works still");
    serving.stop().await.unwrap();
    bus.close().await;
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    println!("{met} {}", peak.trim().trim_end_matches(" kB"));
}

fn main() {
    let brokers = std::env::args().nth(1).expect("the brokers, as host:port");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_stack_size(STACK)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(run(brokers));
}
