//! The processes that live through a fault: one serves, one calls, one only looks whether Kafka is
//! well. Each runs until its standard input ends.

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bus::{Bus, CallError, Failure};
use tokio::sync::watch;

use crate::checker::answer_to;
use crate::journal::{Event, Journal, Outcome, now};

/// What is called through a fault.
#[bus::request(topic = "faults.req", reply = "faults.resp", partitions = 5)]
pub trait Faults {
    /// Answers with what only this call can get. `secret` must stand in no log.
    async fn run(&self, id: u64, secret: &str) -> Result<u64, String>;
}

/// What tells whether Kafka is well, on topics of its own.
#[bus::request(topic = "faults-well.req", reply = "faults-well.resp", partitions = 5)]
pub trait Well {
    /// Answers, from the partition of the key.
    #[bus(timeout = "1s")]
    async fn are_you(&self, #[bus(key)] key: u32) -> Result<u32, String>;
}

/// Enough keys to reach each of five partitions.
const KEYS: u32 = 40;

/// Ends when standard input does: whoever started the process wants it to stop, or is gone.
fn stopped() -> watch::Receiver<bool> {
    let (told, stop) = watch::channel(false);
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        told.send_replace(true);
    });
    stop
}

fn memory() -> Event {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0);
    Event::Memory { kib: pages * 4 }
}

async fn watch_memory(journal: Arc<Journal>) {
    loop {
        journal.write(memory());
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

fn builder(brokers: &str, service: &str) -> bus::BusBuilder {
    // A fault may be under way, as it may be for a process that an orchestrator starts.
    Bus::builder(service).brokers(brokers).connect_timeout(Duration::from_secs(60))
}

struct Service(Arc<Journal>);

impl Faults for Service {
    async fn run(&self, id: u64, _: &str) -> Result<u64, String> {
        self.0.write(Event::Run { id });
        tokio::time::sleep(Duration::from_millis(2)).await;
        self.0.write(Event::Done { id });
        Ok(answer_to(id))
    }
}

/// Serves, under a name of its own if there is one.
pub async fn serve(brokers: &str, journal: &Path, instance: Option<&str>) {
    let mut stop = stopped();
    let journal = Arc::new(Journal::open(journal));
    let mut builder = builder(brokers, "faults-server");
    if let Some(instance) = instance {
        builder = builder.instance_id(instance);
    }
    let bus = builder.connect().await.unwrap();
    let memory = tokio::spawn(watch_memory(Arc::clone(&journal)));
    let serve = bus.serve(FaultsServer::new(Service(Arc::clone(&journal))));
    serve.run_until(async move { drop(stop.wait_for(|stop| *stop).await) }).await.unwrap();
    memory.abort();
    let counters = bus.counters();
    for (name, value) in [
        ("expired", counters.expired),
        ("dead_letters", counters.dead_letters),
        ("lost_answers", counters.lost_answers),
        ("already_finished", counters.already_finished),
    ] {
        journal.write(Event::Counted { name: name.to_owned(), value });
    }
    bus.close().await;
    journal.write(Event::Left);
}

/// Calls, so many times a second, whatever becomes of the calls before.
pub async fn call(brokers: &str, journal: &Path, number: u64, rate: u32, secret: &str) {
    const TIMEOUT: Duration = Duration::from_secs(2);
    let stop = stopped();
    let journal = Arc::new(Journal::open(journal));
    let bus = builder(brokers, "faults-caller").connect().await.unwrap();
    let client: FaultsClient = bus.client().timeout(TIMEOUT).await.unwrap();
    let memory = tokio::spawn(watch_memory(Arc::clone(&journal)));
    let under_way = Arc::new(AtomicU64::new(0));
    let mut beat = tokio::time::interval(Duration::from_secs(1) / rate);
    let mut id = number * 1_000_000_000;
    while !*stop.borrow() {
        beat.tick().await;
        id += 1;
        let call = client.run(id, secret).header("id", id.to_string());
        let (journal, under_way) = (Arc::clone(&journal), Arc::clone(&under_way));
        under_way.fetch_add(1, Ordering::SeqCst);
        tokio::spawn(async move {
            let deadline = now() + u64::try_from(TIMEOUT.as_micros()).unwrap();
            journal.write(Event::Call { id, deadline });
            let ended = call.await;
            journal.write(told(id, ended));
            under_way.fetch_sub(1, Ordering::SeqCst);
        });
    }
    let until = Instant::now() + TIMEOUT * 3;
    while under_way.load(Ordering::SeqCst) > 0 && Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    memory.abort();
    bus.close().await;
    journal.write(self::memory());
    journal.write(Event::Left);
}

fn told(id: u64, ended: Result<u64, CallError<String>>) -> Event {
    let (outcome, value, reason) = match ended {
        Ok(value) => (Outcome::Ok, value, String::new()),
        Err(CallError::Bus(failure)) => {
            let outcome = match &failure {
                Failure::NotSent { .. } => Outcome::NotSent,
                Failure::TimedOut { .. } => Outcome::Unknown,
                Failure::Busy { .. } => Outcome::Refused,
                _ => Outcome::Wrong,
            };
            (outcome, 0, failure.to_string())
        }
        Err(error) => (Outcome::Wrong, 0, error.to_string()),
    };
    Event::End { id, outcome, value, reason }
}

struct Fine;

impl Well for Fine {
    async fn are_you(&self, key: u32) -> Result<u32, String> {
        Ok(key)
    }
}

/// Returns when a bus that is made now has completed a call on every partition.
pub async fn wait_until_well(brokers: &str) {
    let bus = builder(brokers, "faults-well").connect().await.unwrap();
    let serving = loop {
        if let Ok(serving) = bus.serve(WellServer::new(Fine)).start().await {
            break serving;
        }
    };
    let client: WellClient = loop {
        if let Ok(client) = bus.client().await {
            break client;
        }
    };
    for key in 0..KEYS {
        while client.are_you(key).await != Ok(key) {}
    }
    println!("{}", now());
    drop(serving.stop().await);
    bus.close().await;
}

/// One call from client to server through the embedded broker, and an end in good order.
#[cfg(test)]
pub async fn serve_and_call_once() {
    let bus = Bus::embedded().await.unwrap();
    let serving = bus.serve(WellServer::new(Fine)).start().await.unwrap();
    let client: WellClient = bus.client().await.unwrap();
    assert_eq!(client.are_you(1).await, Ok(1));
    serving.stop().await.unwrap();
    bus.close().await;
}
