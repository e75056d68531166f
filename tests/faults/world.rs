//! What a fault can be done to: a Kafka of this run's own, and the processes that use it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use bus_tests::impostor::{Impostor, Manner};
use bus_tests::plain;

use crate::checker::{Partition, Process};
use crate::journal::{self, Entry, Event, Micros, Outcome};
use crate::trace::Recorder;

pub const REQUESTS: &str = "faults.req";
pub const REPLIES: &str = "faults.resp";

/// All topics, with their partitions.
const TOPICS: [(&str, u32); 3] = [(REQUESTS, 5), (REPLIES, 5), ("faults.req.dead", 1)];

/// What topics are made with, as a contract makes them.
const SETTINGS: [(&str, &str); 3] =
    [("message.timestamp.type", "LogAppendTime"), ("cleanup.policy", "delete"), ("retention.ms", "3600000")];

/// Calls that each caller makes in a second.
const RATE: u32 = 50;

/// Runs `scripts/kafka`, and says what it printed.
fn script(folder: &Path, arguments: &[&str]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("scripts/kafka");
    let done = Command::new(script).args(arguments).env("KAFKA_SCRIPT_DIR", folder).output().unwrap();
    assert!(done.status.success(), "scripts/kafka {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

/// A Kafka that is run by `scripts/kafka`, and stopped when this is dropped.
#[derive(Debug)]
pub struct Kafka {
    folder: PathBuf,
    pub port: u16,
    pub brokers: u16,
    pub address: String,
}

impl Kafka {
    pub fn start(folder: &Path, port: u16, brokers: u16) -> Self {
        script(folder, &["down"]);
        let told = script(folder, &["up", "--brokers", &brokers.to_string(), "--port", &port.to_string()]);
        let address = told.trim().strip_prefix("BUS_BROKERS=").expect("the brokers").to_owned();
        Self { folder: folder.to_owned(), port, brokers, address }
    }

    fn script(&self, arguments: &[&str]) {
        script(&self.folder, arguments);
    }

    /// Stops a broker in good order.
    pub fn stop(&self, broker: u16) {
        self.script(&["stop", &broker.to_string()]);
    }

    /// Ends a broker as a crash does.
    pub fn kill(&self, broker: u16) {
        self.script(&["kill", &broker.to_string()]);
    }

    pub fn start_again(&self, broker: u16) {
        self.script(&["start", &broker.to_string()]);
    }

    /// Freezes a broker for so long: it keeps its connections and answers nothing.
    pub fn freeze(&self, broker: u16, time: Duration) {
        let pid = std::fs::read_to_string(self.folder.join(format!("run/broker-{broker}.pid"))).unwrap();
        let signal = |name: &str| {
            assert!(Command::new("kill").args([name, pid.trim()]).status().unwrap().success());
        };
        signal("-STOP");
        std::thread::sleep(time);
        signal("-CONT");
    }

    /// Something that is no broker on the port of one that is stopped, for so long.
    pub fn impostor(&self, broker: u16, manner: Manner, time: Duration) {
        let impostor = Impostor::start(self.port + broker - 1, manner);
        std::thread::sleep(time);
        drop(impostor);
    }

    /// The broker that leads most of the partitions of the topics.
    pub fn leader(&self) -> u16 {
        let mut led = BTreeMap::new();
        for leader in [REQUESTS, REPLIES].iter().flat_map(|topic| plain::leaders(&self.address, topic)) {
            *led.entry(leader).or_insert(0) += 1;
        }
        led.into_iter().max_by_key(|(_, count)| *count).map(|(leader, _)| u16::try_from(leader).unwrap()).unwrap()
    }
}

impl Drop for Kafka {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.script(&["down"]);
        }
    }
}

/// Lets everybody work, or try to, for so long.
pub fn calm(time: Duration) {
    std::thread::sleep(time);
}

/// A process of this program.
struct Running {
    name: String,
    child: Child,
    stdin: Option<ChildStdin>,
    journal: PathBuf,
}

impl Drop for Running {
    /// For whoever fails before it stops what it started.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    fn start(folder: &Path, name: &str, arguments: &[&str]) -> Self {
        let journal = folder.join(format!("{name}.journal"));
        let log = File::create(folder.join(format!("{name}.log"))).unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(arguments)
            .arg("--journal")
            .arg(&journal)
            .env_remove("BUS_BROKERS")
            .stdin(Stdio::piped())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let stdin = child.stdin.take();
        Self { name: name.to_owned(), child, stdin, journal }
    }

    /// Asks it to stop and says whether it did, in time and with success.
    fn stop(mut self, within: Duration) -> Process {
        drop(self.stdin.take());
        let until = Instant::now() + within;
        let ended_well = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status.success();
            }
            if Instant::now() >= until {
                break false;
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        Process { name: self.name.clone(), journal: journal::read(&self.journal), ended_well }
    }

    fn entries(&self) -> Vec<Entry> {
        journal::read(&self.journal)
    }
}

/// A Kafka, two servers, one of them with a name of its own, and two callers.
pub struct World {
    pub kafka: Kafka,
    pub runtime: tokio::runtime::Runtime,
    folder: PathBuf,
    servers: Vec<Running>,
    callers: Vec<Running>,
    /// Stands in the arguments of all calls.
    pub secret: String,
}

impl World {
    pub fn new(kafka: Kafka) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        Self { kafka, runtime, folder: PathBuf::new(), servers: Vec::new(), callers: Vec::new(), secret: String::new() }
    }

    /// Begins a row: topics as new, processes that all work.
    pub fn begin(&mut self, folder: &Path) {
        let _ = std::fs::remove_dir_all(folder);
        std::fs::create_dir_all(folder).unwrap();
        folder.clone_into(&mut self.folder);
        self.secret = bus_tests::unique("secret");
        for (topic, _) in TOPICS {
            self.delete_topic(topic);
        }
        for (topic, partitions) in TOPICS {
            self.make_topic(topic, partitions);
        }
        let address = self.kafka.address.clone();
        for number in 0..2 {
            let mut arguments = vec!["serve", "--brokers", &address];
            if number == 0 {
                arguments.extend(["--instance", "faults-0"]);
            }
            self.servers.push(Running::start(folder, &format!("server-{number}"), &arguments));
        }
        for number in 1..=2 {
            let (name, rate) = (format!("caller-{number}"), RATE.to_string());
            let number = number.to_string();
            let secret = self.secret.clone();
            let arguments = ["call", "--brokers", &address, "--number", &number, "--rate", &rate, "--secret", &secret];
            self.callers.push(Running::start(folder, &name, &arguments));
        }
        self.until("all callers are answered, by all servers", Duration::from_secs(60), |world| {
            let answered = |entry: &Entry| matches!(entry.event, Event::End { outcome: Outcome::Ok, .. });
            let ran = |entry: &Entry| matches!(entry.event, Event::Run { .. });
            world.callers.iter().all(|caller| caller.entries().iter().filter(|entry| answered(entry)).count() >= 50)
                && world.servers.iter().all(|server| server.entries().iter().filter(|entry| ran(entry)).count() >= 10)
        });
    }

    fn until(&self, what: &str, longest: Duration, holds: impl Fn(&Self) -> bool) {
        let until = Instant::now() + longest;
        while !holds(self) {
            assert!(Instant::now() < until, "not within {longest:?}: {what}; see {}", self.folder.display());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// When a process that is started now has completed a call on every partition; `None` if it has
    /// not within a minute.
    pub fn well(&self) -> Option<Micros> {
        let log = File::create(self.folder.join("well.log")).unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["well", "--brokers", &self.kafka.address])
            .env_remove("BUS_BROKERS")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let stdout = child.stdout.take().unwrap();
        let (told, heard) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            let _ = BufReader::new(stdout).read_line(&mut line);
            let _ = told.send(line.trim().parse().ok());
        });
        let well = heard.recv_timeout(Duration::from_secs(60)).ok().flatten();
        if well.is_none() {
            let _ = child.kill();
        }
        let _ = child.wait();
        well
    }

    /// Waits until everybody works, for so many calls in a row begun since then, but no longer than
    /// `longest`; and then a little more, for what falls back.
    pub fn tail(&self, well: Micros, consecutive: usize, longest: Duration) {
        let until = well + u64::try_from(longest.as_micros()).unwrap();
        let all_work = || {
            let ok = |entry: &Entry| match &entry.event {
                Event::End { outcome, .. } => Some(*outcome == Outcome::Ok),
                _ => None,
            };
            let since = |entry: &&Entry| entry.at >= well;
            self.callers.iter().all(|caller| {
                let entries = caller.entries();
                let good = entries.iter().filter(since).rev().filter_map(ok).take_while(|ok| *ok).count();
                good > consecutive + consecutive / 2
            }) && self.servers.iter().all(|server| {
                server.entries().iter().filter(since).any(|entry| matches!(entry.event, Event::Run { .. }))
            })
        };
        while journal::now() < until && !all_work() {
            std::thread::sleep(Duration::from_millis(100));
        }
        std::thread::sleep(Duration::from_secs(1));
    }

    /// Stops all processes, callers first. What they wrote down.
    pub fn end(&mut self) -> (Vec<Process>, Vec<Process>) {
        let callers = self.callers.drain(..).map(|caller| caller.stop(Duration::from_secs(15))).collect();
        // Both are told before either is waited for, as a deployment that goes away does.
        for server in &mut self.servers {
            drop(server.stdin.take());
        }
        let servers = self.servers.drain(..).map(|server| server.stop(Duration::from_secs(20))).collect();
        (callers, servers)
    }

    /// Ends what is left of a row that failed half-way.
    pub fn give_up(&mut self) {
        self.callers.clear();
        self.servers.clear();
    }

    /// What is on the broker.
    pub fn partitions(&self) -> (BTreeMap<i32, Partition>, Vec<String>) {
        let mut partitions = BTreeMap::new();
        let mut tokens = Vec::new();
        let count = plain::partitions(&self.kafka.address, REQUESTS).unwrap_or(0);
        for number in 0..i32::try_from(count).unwrap() {
            let (committed, end) = plain::committed(&self.kafka.address, REQUESTS, REQUESTS, number);
            // `bus1 REACH ..`: how far behind its commit point the last owner had come.
            let metadata = plain::commit_metadata(&self.kafka.address, REQUESTS, REQUESTS, number);
            let reach = metadata.split(' ').nth(1).and_then(|reach| reach.parse::<i64>().ok()).unwrap_or(0);
            let read = committed.map_or(0, |committed| committed + reach);
            partitions.insert(number, Partition { requests: Vec::new(), committed, read, end });
        }
        for record in plain::Reader::new(&self.kafka.address, REQUESTS).all() {
            tokens.extend(record.token().map(str::to_owned));
            let id = record.header("id").and_then(|id| std::str::from_utf8(id).ok()?.parse().ok());
            if let (Some(id), Some(partition)) = (id, partitions.get_mut(&record.partition)) {
                partition.requests.push((record.offset, id));
            }
        }
        (partitions, tokens)
    }

    /// The words that stand in a log.
    pub fn leaked(&self, words: &[String]) -> Vec<String> {
        let mut found = Vec::new();
        for file in std::fs::read_dir(&self.folder).unwrap().map(|file| file.unwrap().path()) {
            if file.extension().is_some_and(|extension| extension == "log") {
                let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
                found.extend(words.iter().filter(|word| text.contains(*word)).cloned());
            }
        }
        found
    }

    /// Whether a log tells of a panic.
    pub fn panicked(&self) -> bool {
        !self.leaked(&["panicked at".to_owned()]).is_empty()
    }

    /// For whoever judges what the others saw of it.
    fn tell(&self, event: &str, topic: &str) {
        Recorder::open(&self.folder.join("world.trace")).topic(event, topic);
    }

    pub fn delete_topic(&self, topic: &str) {
        self.tell("deleting", topic);
        self.runtime.block_on(plain::delete_topic(&self.kafka.address, topic));
    }

    pub fn make_topic(&self, topic: &str, partitions: u32) {
        self.runtime.block_on(plain::make_topic(&self.kafka.address, topic, partitions, &SETTINGS));
        self.tell("made", topic);
    }

    pub fn add_partitions(&self, topic: &str, partitions: u32) {
        self.runtime.block_on(plain::add_partitions(&self.kafka.address, topic, partitions as usize));
    }
}
