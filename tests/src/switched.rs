//! A broker of a test's own, which it may switch off and on again.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::Broker;

/// An embedded broker, or, with `BUS_BROKERS` set, a Kafka of its own beside the one that is named:
/// at the port 300 above it, by `scripts/kafka`. One test at a time has it.
#[derive(Debug)]
pub struct Switched {
    pub broker: Broker,
    folder: Option<PathBuf>,
    /// Done once everybody may do what is not denied.
    allowed: OnceLock<()>,
    _turn: MutexGuard<'static, ()>,
}

/// How far the ports of the two brokers are apart.
const BESIDE: u16 = 300;

impl Switched {
    /// Starts it. Blocks.
    pub fn start() -> Self {
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let Broker::Kafka(shared) = Broker::shared() else {
            return Self { broker: Broker::embedded(), folder: None, allowed: OnceLock::new(), _turn: turn };
        };
        let port: u16 = shared.rsplit(':').next().unwrap().parse().unwrap();
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("target");
        let folder = target.join(format!("kafka-{}", port + BESIDE));
        // The jars are those of the other one, which has fetched them.
        let other = std::env::var_os("KAFKA_SCRIPT_DIR").map_or_else(|| target.join("kafka"), PathBuf::from);
        if !folder.exists() && other.join("libs").exists() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("lock"), "").unwrap();
            std::os::unix::fs::symlink(other.join("libs"), folder.join("libs")).unwrap();
        }
        let port = (port + BESIDE).to_string();
        let started = Self {
            broker: Broker::Kafka(format!("127.0.0.1:{port}")),
            folder: Some(folder),
            allowed: OnceLock::new(),
            _turn: turn,
        };
        started.script(&["down"]);
        started.script(&["up", "--port", &port]);
        started
    }

    /// Takes the broker away, in good order. Blocks.
    pub fn down(&self) {
        match &self.broker {
            Broker::Embedded(broker) => broker.down().unwrap(),
            Broker::Kafka(_) => self.script(&["stop", "1"]),
        }
    }

    /// Brings the broker back, with what it held. Blocks until it answers.
    pub fn up(&self) {
        match &self.broker {
            Broker::Embedded(broker) => broker.up().unwrap(),
            Broker::Kafka(_) => self.script(&["start", "1"]),
        }
    }

    /// Stops the broker's process where it stands, or lets it go on: its connections stay. Only a
    /// Kafka can be frozen.
    pub fn freeze(&self, frozen: bool) {
        let folder = self.folder.as_ref().expect("the embedded broker is no process");
        let process = std::fs::read_to_string(folder.join("run/broker-1.pid")).unwrap();
        let signal = if frozen { "-STOP" } else { "-CONT" };
        assert!(Command::new("kill").args([signal, process.trim()]).status().unwrap().success());
    }

    /// Takes a right from everybody, or gives it back: `Read` and `["--group", "orders"]`. For a
    /// Kafka only. Blocks.
    pub fn deny(&self, operation: &str, what: &[&str], deny: bool) {
        // What has a rule may be done by those alone whom a rule allows it.
        self.allowed.get_or_init(|| {
            let everything = ["--operation", "All", "--topic", "*", "--group", "*", "--cluster"];
            self.script(&[&["acls", "--add", "--allow-principal", "User:ANONYMOUS"][..], &everything].concat());
        });
        let change: &[&str] = if deny { &["--add"] } else { &["--remove", "--force"] };
        let rule = ["--deny-principal", "User:ANONYMOUS", "--operation", operation];
        self.script(&[&["acls"], change, &rule, what].concat());
    }

    fn script(&self, arguments: &[&str]) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("scripts/kafka");
        let folder = self.folder.as_ref().unwrap();
        let done = Command::new(script).args(arguments).env("KAFKA_SCRIPT_DIR", folder).output().unwrap();
        assert!(done.status.success(), "scripts/kafka {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    }
}

impl Drop for Switched {
    fn drop(&mut self) {
        if self.folder.is_some() && !std::thread::panicking() {
            self.script(&["down"]);
        }
    }
}
