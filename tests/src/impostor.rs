//! What may stand on a broker's port and is no broker: it answers nonsense, in a manner that can be
//! changed while it runs.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How connections are treated.
#[derive(Clone, Debug)]
pub enum Manner {
    /// Passed on to a true broker on 127.0.0.1, which is taken to be here wherever it names itself.
    Forward(String),
    /// Speaks Kafka and describes a cluster.
    Cluster {
        /// The brokers that it names, with their numbers.
        brokers: Vec<(i32, String, u16)>,
        /// Whether it knows the topics that it is asked for, with partitions that nobody leads.
        topics: bool,
    },
    /// Answers as a web server does to what it does not understand.
    Http,
    /// Answers bytes without a meaning.
    Noise,
    /// Takes what comes and answers nothing.
    Silence,
    /// Ends every connection at once.
    HangUp,
}

impl Manner {
    /// A broker that has just started and knows no other, nor itself.
    pub fn no_brokers() -> Self {
        Self::Cluster { brokers: Vec::new(), topics: true }
    }
}

/// A listener with bad manners. Dropping it frees its port.
#[derive(Debug)]
pub struct Impostor {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<std::thread::JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    manner: Mutex<Manner>,
    connections: Mutex<Vec<TcpStream>>,
    stop: AtomicBool,
    asked: AtomicU64,
}

impl Impostor {
    /// Listens on a port of 127.0.0.1; on any free one for 0. The port of a broker that has just
    /// been stopped is tried until it is free.
    pub fn start(port: u16, manner: Manner) -> Self {
        let listener = (0..500)
            .find_map(|_| {
                let bound = TcpListener::bind(("127.0.0.1", port)).ok();
                if bound.is_none() {
                    std::thread::sleep(Duration::from_millis(10));
                }
                bound
            })
            .expect("a port that is free");
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            manner: Mutex::new(manner),
            connections: Mutex::default(),
            stop: AtomicBool::new(false),
            asked: AtomicU64::new(0),
        });
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::spawn(move || of_thread.accept(&listener));
        Self { address, shared, thread: Some(thread) }
    }

    pub fn address(&self) -> String {
        self.address.to_string()
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Ends all connections, and treats those that come in another manner.
    pub fn change(&self, manner: Manner) {
        *self.shared.manner.lock().unwrap() = manner;
        self.shared.hang_up();
    }

    /// How often it was asked for topics, and described the cluster instead.
    pub fn asked(&self) -> u64 {
        self.shared.asked.load(Ordering::SeqCst)
    }
}

impl Drop for Impostor {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        self.shared.hang_up();
    }
}

impl Shared {
    fn accept(self: &Arc<Self>, listener: &TcpListener) {
        while let Ok((stream, _)) = listener.accept() {
            if self.stop.load(Ordering::SeqCst) {
                return;
            }
            self.connections.lock().unwrap().push(stream.try_clone().unwrap());
            let (shared, manner) = (Arc::clone(self), self.manner.lock().unwrap().clone());
            let port = listener.local_addr().unwrap().port();
            std::thread::spawn(move || {
                // A peer that goes away is no news.
                let _ = shared.treat(&stream, &manner, port);
                let _ = stream.shutdown(Shutdown::Both);
            });
        }
    }

    fn hang_up(&self) {
        for connection in std::mem::take(&mut *self.connections.lock().unwrap()) {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }

    fn treat(&self, stream: &TcpStream, manner: &Manner, here: u16) -> std::io::Result<()> {
        let mut stream = stream;
        stream.set_nodelay(true)?;
        match manner {
            Manner::Forward(broker) => {
                let true_address = address_on_the_wire(broker.rsplit(':').next().unwrap().parse().unwrap());
                let broker = TcpStream::connect(broker)?;
                broker.set_nodelay(true)?;
                self.connections.lock().unwrap().push(broker.try_clone()?);
                let (mut from, mut to) = (stream.try_clone()?, broker.try_clone()?);
                std::thread::spawn(move || {
                    let _ = std::io::copy(&mut from, &mut to);
                    let _ = to.shutdown(Shutdown::Both);
                });
                loop {
                    let mut answer = read_frame(&broker)?;
                    replace(&mut answer, &true_address, &address_on_the_wire(here));
                    let length = u32::try_from(answer.len()).unwrap().to_be_bytes();
                    stream.write_all(&[&length[..], &answer].concat())?;
                }
            }
            Manner::Cluster { brokers, topics } => loop {
                let request = read_frame(stream)?;
                let Some((answer, asked)) = describe(&request, brokers, *topics) else { return Ok(()) };
                self.asked.fetch_add(u64::from(asked > 0), Ordering::SeqCst);
                stream.write_all(&answer)?;
            },
            Manner::Http => {
                let _ = stream.read(&mut [0; 1024])?;
                stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            }
            Manner::Noise => {
                let _ = stream.read(&mut [0; 1024])?;
                stream.write_all(&[0, 0, 0, 24, 9, 9, 9, 9, 7, 7, 7, 7, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9, 9, 9, 9, 9])
            }
            Manner::Silence => std::io::copy(&mut stream, &mut std::io::sink()).map(drop),
            Manner::HangUp => Ok(()),
        }
    }
}

const METADATA: u8 = 3;
const API_VERSIONS: i16 = 18;

/// The APIs that it says it speaks, each from a version to a version.
const APIS: [[i16; 3]; 6] =
    [[API_VERSIONS, 0, 0], [METADATA as i16, 0, 4], [10, 0, 1], [1, 4, 11], [0, 3, 8], [2, 1, 1]];

/// How a broker on 127.0.0.1 names itself, in every version of every answer.
fn address_on_the_wire(port: u16) -> Vec<u8> {
    [b"127.0.0.1", &u32::from(port).to_be_bytes()[..]].concat()
}

/// Puts other bytes, as many, wherever some stand.
fn replace(bytes: &mut [u8], from: &[u8], to: &[u8]) {
    for start in 0..bytes.len().saturating_sub(from.len() - 1) {
        if bytes[start..].starts_with(from) {
            bytes[start..start + from.len()].copy_from_slice(to);
        }
    }
}

/// A request or an answer, without its length.
fn read_frame(mut stream: &TcpStream) -> std::io::Result<Vec<u8>> {
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length).min(100 << 20);
    let mut frame = vec![0; length as usize];
    stream.read_exact(&mut frame)?;
    Ok(frame)
}

/// The answer to a request, with its length, and how many topics were asked for; `None` for what it
/// does not speak.
fn describe(request: &[u8], brokers: &[(i32, String, u16)], topics: bool) -> Option<(Vec<u8>, usize)> {
    let mut asked = 0;
    let mut read = Cursor(request);
    let (api, version, correlation) = (read.i16()?, read.i16()?, read.i32()?);
    read.text()?;
    let mut body = Vec::new();
    if api == API_VERSIONS {
        // 35: that version is unknown; what follows is in the oldest.
        body.extend(i16::to_be_bytes(if version > 0 { 35 } else { 0 }));
        body.extend(6_i32.to_be_bytes());
        body.extend(APIS.iter().flatten().flat_map(|number| number.to_be_bytes()));
    } else if api == i16::from(METADATA) {
        let count = read.i32()?;
        let names: Option<Vec<Vec<u8>>> = (0..count.max(0)).map(|_| read.text()).collect();
        if version >= 3 {
            body.extend(0_i32.to_be_bytes()); // not throttled
        }
        body.extend(i32::try_from(brokers.len()).ok()?.to_be_bytes());
        for (number, host, port) in brokers {
            body.extend(number.to_be_bytes());
            put_text(&mut body, host.as_bytes())?;
            body.extend(i32::from(*port).to_be_bytes());
            if version >= 1 {
                body.extend((-1_i16).to_be_bytes()); // no rack
            }
        }
        if version >= 2 {
            body.extend((-1_i16).to_be_bytes()); // no cluster
        }
        if version >= 1 {
            body.extend((-1_i32).to_be_bytes()); // no controller
        }
        let names = names?;
        asked = names.len();
        body.extend(i32::try_from(names.len()).ok()?.to_be_bytes());
        for name in names {
            // 3: unknown topic or partition.
            body.extend(i16::to_be_bytes(if topics { 0 } else { 3 }));
            put_text(&mut body, &name)?;
            if version >= 1 {
                body.push(0); // not internal
            }
            let partitions = if topics { 5 } else { 0 };
            body.extend(i32::to_be_bytes(partitions));
            for partition in 0..partitions {
                body.extend(5_i16.to_be_bytes()); // nobody leads it
                body.extend(partition.to_be_bytes());
                body.extend((-1_i32).to_be_bytes());
                body.extend([1_i32, 1, 0].iter().flat_map(|number| number.to_be_bytes())); // replicas, in sync
            }
        }
    } else {
        return None;
    }
    let mut answer = Vec::new();
    answer.extend(i32::try_from(body.len() + 4).ok()?.to_be_bytes());
    answer.extend(correlation.to_be_bytes());
    answer.extend(body);
    Some((answer, asked))
}

fn put_text(body: &mut Vec<u8>, text: &[u8]) -> Option<()> {
    body.extend(i16::try_from(text.len()).ok()?.to_be_bytes());
    body.extend(text);
    Some(())
}

struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn i16(&mut self) -> Option<i16> {
        self.take().map(i16::from_be_bytes)
    }

    fn i32(&mut self) -> Option<i32> {
        self.take().map(i32::from_be_bytes)
    }

    fn text(&mut self) -> Option<Vec<u8>> {
        let length = usize::try_from(self.i16()?).unwrap_or(0);
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(text.to_vec())
    }
}
