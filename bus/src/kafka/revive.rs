//! Makes those of librdkafka's clients anew that cannot come back by themselves.
//!
//! A client that hears nonsense in an outage, a cluster without brokers for one, forgets the
//! addresses that it was given and is lost for good. So each client of a bus is asked now and then
//! whether it still reaches a broker, and one that stays silent while a client made afresh is
//! answered is replaced. Nothing here is on the way of a call.

use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use arc_swap::{ArcSwap, Guard};
use rdkafka::bindings;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};
use rdkafka::producer::{BaseProducer, Producer as _, ProducerContext};
use rdkafka::types::RDKafka;

use super::client_errors::{ClientErrors, ErrorContext};
use super::settings::{Settings, create};
use crate::sync::lock;

/// How often clients are asked while all of them answer.
const ROUND: Duration = Duration::from_secs(2);

/// How often they are asked while one does not.
const ANXIOUS_ROUND: Duration = Duration::from_millis(250);

/// How often it is looked whether librdkafka has lost all brokers since.
const LOOK: Duration = Duration::from_millis(250);

/// How long a client that answered last time may take to answer again.
const ANSWER: Duration = Duration::from_secs(1);

/// How long a client that was silent last time may take, unless a fresh one takes longer.
const SILENT_ANSWER: Duration = Duration::from_millis(250);

/// How long a client made afresh may take to connect and to be answered.
const FRESH_ANSWER: Duration = Duration::from_secs(2);

/// How long a client may stay silent after a fresh one was answered: most come back by themselves.
const GRACE: Duration = Duration::from_secs(1);

/// How long a client that was made anew is left in peace.
const REST: Duration = Duration::from_secs(10);

/// How many replaced clients may be on their way out. Each has a thread that waits for librdkafka.
const LEAVING: usize = 8;

/// Whatever has one of librdkafka's handles.
pub(super) trait Handle: Send + Sync + 'static {
    /// The handle, alive as long as `self` is borrowed.
    fn native(&self) -> *mut RDKafka;
}

impl<C: ConsumerContext + 'static> Handle for BaseConsumer<C> {
    fn native(&self) -> *mut RDKafka {
        self.client().native_ptr()
    }
}

impl<C: ProducerContext + 'static> Handle for BaseProducer<C> {
    fn native(&self) -> *mut RDKafka {
        self.client().native_ptr()
    }
}

/// Asks the brokers who they are: true once one has answered and named at least one. What is
/// learnt, of the topics that the client knows, too, stays with the client.
pub(super) fn reaches_a_broker(client: &impl Handle, timeout: Duration) -> bool {
    reachable_broker(client, timeout).is_some()
}

/// As [`reaches_a_broker`], with the number of the broker that answered; -1 for an address that the
/// user named and that no broker has advertised yet.
///
/// By hand, because librdkafka connects to nobody until it needs somebody. Asking for the cluster's
/// name only waits, and asking for all topics is costly.
#[allow(unsafe_code)]
pub(super) fn reachable_broker(client: &impl Handle, timeout: Duration) -> Option<i32> {
    let mut found = ptr::null();
    // SAFETY: the client is alive while it is borrowed; null stands for the topics that it knows;
    // librdkafka sets `found` to a list of its own where it says that there is no error, and that
    // is read before it is given back.
    unsafe {
        let asked = bindings::rd_kafka_metadata(
            client.native(),
            0,
            ptr::null_mut(),
            &raw mut found,
            i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX),
        );
        if asked != bindings::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR || found.is_null() {
            return None;
        }
        let (brokers, by) = ((*found).broker_cnt, (*found).orig_broker_id);
        bindings::rd_kafka_metadata_destroy(found);
        (brokers > 0).then_some(by)
    }
}

/// A client that can be replaced while others use it.
pub(super) struct Replaceable<T> {
    name: &'static str,
    client: ArcSwap<T>,
    /// Whoever polls the client is to make it anew.
    due: AtomicBool,
    leaving: Arc<AtomicUsize>,
}

impl<T: Handle> Replaceable<T> {
    /// The client of this moment. It is to be let go soon: a replaced client stays until nobody
    /// uses it.
    pub(super) fn get(&self) -> Arc<T> {
        self.client.load_full()
    }

    /// As [`get`](Self::get), for a short look on the way of a call.
    pub(super) fn peek(&self) -> Guard<Arc<T>> {
        self.client.load()
    }

    /// Whether the client is to be made anew, told once.
    pub(super) fn is_due(&self) -> bool {
        self.due.load(Ordering::Acquire) && self.due.swap(false, Ordering::AcqRel)
    }

    /// Puts another client in place of the one that is there, which ends on a thread of its own
    /// once nobody uses it: ending one may wait for a broker, and while a look-up runs on it, it
    /// must not end.
    pub(super) fn replace(&self, client: T) {
        let old = self.client.swap(Arc::new(client));
        tracing::warn!(target: "bus::kafka", client = self.name, "a client that lost its brokers was made anew");
        self.leaving.fetch_add(1, Ordering::AcqRel);
        let (left, name) = (Arc::clone(&self.leaving), self.name);
        let started = std::thread::Builder::new().name("bus-ending".to_owned()).spawn(move || {
            drop(alone(old));
            left.fetch_sub(1, Ordering::AcqRel);
            tracing::debug!(target: "bus::kafka", client = name, "the replaced client has ended");
        });
        if let Err(error) = started {
            // The closure, and with it the client, was dropped here and now.
            self.leaving.fetch_sub(1, Ordering::AcqRel);
            tracing::warn!(target: "bus::kafka", %error, "no thread could be started to end a client");
        }
    }
}

/// Waits until nobody else uses a client, and takes it. Whoever does asks one question or polls once.
pub(super) fn alone<T>(mut client: Arc<T>) -> T {
    loop {
        match Arc::try_unwrap(client) {
            Ok(alone) => return alone,
            Err(used) => client = used,
        }
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// What is asked of a client from outside.
pub(super) trait Watched: Send + Sync {
    fn name(&self) -> &'static str;
    /// Whether a broker answers it in time.
    fn answers(&self, timeout: Duration) -> bool;
    /// It is lost: whoever polls it is to make it anew.
    fn set_due(&self);
}

impl<T: Handle> Watched for Replaceable<T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn answers(&self, timeout: Duration) -> bool {
        reaches_a_broker(&*self.get(), timeout)
    }

    fn set_due(&self) {
        self.due.store(true, Ordering::Release);
    }
}

/// What is known of one client's state.
#[derive(Clone, Copy, Debug)]
struct Pulse {
    /// Whether it answers, since when: for whoever asks from outside.
    answers: (bool, Instant),
    /// Since when it has not answered.
    silent: Option<Instant>,
    /// When it was made anew last.
    renewed: Option<Instant>,
}

impl Pulse {
    fn new(now: Instant) -> Self {
        Self { answers: (true, now), silent: None, renewed: None }
    }

    /// Takes note of whether it has answered, by `now`, a question that was asked at `asked`. What is
    /// certain of its silence is only that it was there in the end.
    fn note(&mut self, answered: bool, asked: Instant, now: Instant) {
        if self.answers.0 != answered {
            self.answers = (answered, now);
        }
        self.silent = if answered { None } else { self.silent.or(Some(asked)) };
    }

    /// Whether it will not come back: a fresh client has been answered since `well`, and this one
    /// had time to be answered as well.
    fn is_lost(&self, well: Option<Instant>, now: Instant) -> bool {
        let (Some(silent), Some(well)) = (self.silent, well) else { return false };
        let rested = self.renewed.is_none_or(|renewed| now.saturating_duration_since(renewed) >= REST);
        rested && now.saturating_duration_since(silent.max(well)) >= GRACE
    }

    fn renew(&mut self, now: Instant) {
        (self.silent, self.renewed) = (None, Some(now));
    }
}

/// The clients of one bus, and how they are.
#[derive(Default)]
pub(super) struct Ward {
    clients: Mutex<Vec<(Weak<dyn Watched>, Pulse)>>,
    leaving: Arc<AtomicUsize>,
}

impl Ward {
    /// Takes a client in; it is watched until the last handle is gone.
    pub(super) fn admit<T: Handle>(&self, name: &'static str, client: T) -> Arc<Replaceable<T>> {
        let client = Arc::new(Replaceable {
            name,
            client: ArcSwap::from_pointee(client),
            due: AtomicBool::new(false),
            leaving: Arc::clone(&self.leaving),
        });
        let watched: Arc<dyn Watched> = Arc::<Replaceable<T>>::clone(&client);
        self.watch_over(&watched);
        client
    }

    /// Watches over what replaces its client itself, until its last handle is gone.
    pub(super) fn watch_over(&self, client: &Arc<dyn Watched>) {
        let mut clients = lock(&self.clients);
        clients.retain(|(client, _)| client.strong_count() > 0);
        clients.push((Arc::downgrade(client), Pulse::new(Instant::now())));
    }

    /// Whether a broker answers all clients, and since when that is so.
    pub(super) fn standing(&self) -> (bool, Instant) {
        let clients = lock(&self.clients);
        let all = || clients.iter().filter(|(client, _)| client.strong_count() > 0).map(|(_, pulse)| pulse.answers);
        let silent = all().filter(|(answers, _)| !answers).map(|(_, since)| since).min();
        match silent {
            Some(since) => (false, since),
            None => (true, all().map(|(_, since)| since).max().unwrap_or_else(Instant::now)),
        }
    }

    /// Asks all clients, again and again, until it is told to stop; at once where `alarmed`. `between`
    /// is called after each time, with whether one of them was silent, and may make anew what no
    /// thread polls.
    pub(super) fn watch(
        &self,
        settings: &Settings,
        stop: &AtomicBool,
        alarmed: impl Fn() -> bool,
        mut between: impl FnMut(bool),
    ) {
        let mut well = None;
        let mut patience = SILENT_ANSWER;
        while !stop.load(Ordering::Acquire) {
            let silent = self.round(patience, well, stop);
            between(silent);
            if silent {
                let started = Instant::now();
                if is_well(settings) {
                    patience = SILENT_ANSWER.max(started.elapsed() * 2).min(ANSWER);
                    well = well.or(Some(started));
                } else {
                    well = None;
                }
            } else {
                well = None;
            }
            let until = Instant::now() + if silent { ANXIOUS_ROUND } else { ROUND };
            while !stop.load(Ordering::Acquire) && Instant::now() < until {
                std::thread::park_timeout(until.saturating_duration_since(Instant::now()).min(LOOK));
                if !silent && alarmed() {
                    break;
                }
            }
        }
    }

    /// Asks each client once. Whether one of them is silent.
    fn round(&self, patience: Duration, well: Option<Instant>, stop: &AtomicBool) -> bool {
        let clients: Vec<_> = lock(&self.clients).iter().map(|(client, pulse)| (Weak::clone(client), *pulse)).collect();
        let mut any = false;
        for (weak, mut pulse) in clients {
            if stop.load(Ordering::Acquire) {
                return false;
            }
            let Some(client) = weak.upgrade() else { continue };
            let timeout = if pulse.silent.is_some() { patience } else { ANSWER };
            let asked = Instant::now();
            let answered = client.answers(timeout);
            pulse.note(answered, asked, Instant::now());
            if pulse.is_lost(well, Instant::now()) && self.leaving.load(Ordering::Acquire) < LEAVING {
                tracing::debug!(target: "bus::kafka", client = client.name(), "lost its brokers");
                client.set_due();
                pulse.renew(Instant::now());
            }
            any |= !answered;
            let mut clients = lock(&self.clients);
            if let Some((_, kept)) = clients.iter_mut().find(|(kept, _)| Weak::ptr_eq(kept, &weak)) {
                *kept = pulse;
            }
        }
        any
    }
}

/// Whether a client made afresh reaches a broker. What it complains of is nobody's news.
fn is_well(settings: &Settings) -> bool {
    let context = ErrorContext(Arc::new(ClientErrors::default()));
    create::<_, BaseConsumer<ErrorContext>>(&settings.admin(), context)
        .is_ok_and(|fresh| reaches_a_broker(&fresh, FRESH_ANSWER))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(start: Instant, milliseconds: u64) -> Instant {
        start + Duration::from_millis(milliseconds)
    }

    #[test]
    fn a_client_that_answers_is_never_lost() {
        let start = Instant::now();
        let mut pulse = Pulse::new(start);
        pulse.note(false, start, start);
        pulse.note(true, after(start, 500), after(start, 500));
        assert!(!pulse.is_lost(Some(start), after(start, 60_000)));
    }

    #[test]
    fn a_silent_client_is_lost_only_where_a_fresh_one_is_answered_for_a_while() {
        let start = Instant::now();
        let mut pulse = Pulse::new(start);
        pulse.note(false, start, start);
        pulse.note(false, after(start, 30_000), after(start, 30_000));
        assert!(!pulse.is_lost(None, after(start, 60_000)), "nobody is answered in an outage");
        let well = Some(after(start, 60_000));
        assert!(!pulse.is_lost(well, after(start, 60_500)), "it may come back by itself");
        assert!(pulse.is_lost(well, after(start, 61_000)));
    }

    #[test]
    fn a_client_that_is_made_anew_is_silent_until_it_answers() {
        let start = Instant::now();
        let mut pulse = Pulse::new(start);
        pulse.note(true, after(start, 1_000), after(start, 1_000));
        assert_eq!(pulse.answers, (true, start));
        pulse.note(false, after(start, 1_500), after(start, 2_000));
        pulse.renew(after(start, 4_000));
        pulse.note(false, after(start, 5_000), after(start, 5_000));
        assert_eq!(pulse.answers, (false, after(start, 2_000)), "nothing has answered since");
        pulse.note(true, after(start, 6_000), after(start, 6_000));
        assert_eq!(pulse.answers, (true, after(start, 6_000)));
    }

    #[test]
    fn a_client_that_was_made_anew_is_left_in_peace_for_a_while() {
        let start = Instant::now();
        let mut pulse = Pulse::new(start);
        pulse.note(false, start, start);
        pulse.renew(after(start, 2_000));
        assert!(!pulse.is_lost(Some(start), after(start, 60_000)), "it was not asked yet");
        pulse.note(false, after(start, 3_000), after(start, 3_000));
        assert!(!pulse.is_lost(Some(start), after(start, 11_900)));
        assert!(pulse.is_lost(Some(start), after(start, 12_000)));
    }
}
