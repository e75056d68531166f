//! What librdkafka complains of: kept as the cause of failures, logged once and then once a minute.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::words;
use crate::repeats::Repeats;
use crate::sync::lock;

/// How long a complaint counts as the cause of what fails now. librdkafka keeps the same one to
/// itself for 30 s.
const FRESH: Duration = Duration::from_secs(40);

/// The complaints of all clients of one bus.
#[derive(Debug, Default)]
pub(crate) struct ClientErrors {
    /// As the user named them.
    brokers: String,
    state: Mutex<State>,
    repeats: Repeats,
    /// Beside the lock, because every send looks at it.
    down: AtomicBool,
    /// A topic was not as it was last looked up.
    doubtful: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    last: Option<(Instant, String)>,
    specific_cause: Option<(Instant, String)>,
    /// A name that cannot be resolved. librdkafka tells it once in a while, and that a broker which
    /// names it answers does not make it known.
    unresolved: Option<(Instant, String)>,
}

impl ClientErrors {
    pub(super) fn of(brokers: &str) -> Self {
        Self { brokers: brokers.to_owned(), ..Self::default() }
    }

    /// The latest complaint, if it is fresh. One that says why (a refused password, a certificate)
    /// is kept before those that only say that no broker is there.
    pub(crate) fn cause(&self) -> Option<String> {
        let state = lock(&self.state);
        let fresh = |entry: &Option<(Instant, String)>| {
            entry.as_ref().filter(|(at, _)| at.elapsed() < FRESH).map(|(_, text)| text.clone())
        };
        fresh(&state.specific_cause).or_else(|| fresh(&state.unresolved)).or_else(|| fresh(&state.last))
    }

    /// Whether librdkafka said that no broker is reachable, and nothing worked since.
    pub(crate) fn all_brokers_down(&self) -> bool {
        self.down.load(Ordering::Relaxed)
    }

    /// A record was refused because its topic or partition is not there: what is known of topics is
    /// to be looked up again.
    pub(super) fn doubt_topics(&self) {
        self.doubtful.store(true, Ordering::Relaxed);
    }

    /// Whether topics are to be looked up again, told once.
    pub(crate) fn topics_are_doubtful(&self) -> bool {
        self.doubtful.swap(false, Ordering::Relaxed)
    }

    /// A record was written: nothing that was complained of before is a cause any more.
    pub(crate) fn clear_all(&self) {
        lock(&self.state).unresolved = None;
        self.clear();
    }

    /// A broker answered: what was complained of before is no cause any more, but for names that
    /// could not be resolved.
    pub(crate) fn clear(&self) {
        let mut state = lock(&self.state);
        self.down.store(false, Ordering::Relaxed);
        state.last = None;
        state.specific_cause = None;
    }

    /// Warns of what will come again and again: once for each kind, and then once a minute. The
    /// text may come from whoever causes it, so it is not what a kind is known by.
    pub(super) fn warn(&self, kind: &str, text: &str) {
        if let Some(repeated) = self.repeats.worth_logging(kind) {
            tracing::warn!(repeated, "{text}");
        }
    }

    /// As [`warn`](Self::warn), of what does not work.
    pub(super) fn error_of_kind(&self, kind: &str, text: &str) {
        if let Some(repeated) = self.repeats.worth_logging(kind) {
            tracing::error!(repeated, "{text}");
        }
    }

    fn error(&self, error: &KafkaError, reason: &str) {
        let code = error.rdkafka_error_code();
        let text = match code {
            Some(RDKafkaErrorCode::Authentication) => format!("authentication failed: {reason}"),
            Some(RDKafkaErrorCode::SSL) => format!("TLS failed: {reason}"),
            _ => words::plain(reason, &self.brokers),
        };
        let mut state = lock(&self.state);
        match code {
            Some(RDKafkaErrorCode::AllBrokersDown) => self.down.store(true, Ordering::Relaxed),
            Some(RDKafkaErrorCode::Resolve) => state.unresolved = Some((Instant::now(), text.clone())),
            // It is connected, and what it answers is none of Kafka's: that says why.
            Some(RDKafkaErrorCode::BrokerTransportFailure) if text != reason => {
                state.specific_cause = Some((Instant::now(), text.clone()));
            }
            Some(RDKafkaErrorCode::BrokerTransportFailure) => {
                state.last = Some((Instant::now(), text.clone()));
            }
            _ => state.specific_cause = Some((Instant::now(), text.clone())),
        }
        drop(state);
        if let Some(repeated) = self.worth_logging(&text) {
            tracing::warn!(target: "bus::kafka", repeated, "{text}");
        }
    }

    /// How often the line was held back since it was last logged, or `None` to hold it back again.
    fn worth_logging(&self, text: &str) -> Option<u64> {
        self.repeats.worth_logging(&dedup_key(text))
    }
}

/// What a complaint is recognized by. librdkafka says one thing in many ways: with the thread in
/// front, with how often and after how long it happened behind, and with ports of the moment.
fn dedup_key(text: &str) -> String {
    let bare = text.strip_prefix("[thrd:").and_then(|rest| rest.split_once("]: ")).map_or(text, |(_, rest)| rest);
    let bare = bare.split_once(" (after ").map_or(bare, |(what, _)| what);
    bare.chars().filter(|letter| !letter.is_ascii_digit()).collect()
}

/// The context of a client that only has complaints to pass on.
#[derive(Clone, Debug)]
pub(super) struct ErrorContext(pub(super) Arc<ClientErrors>);

impl ClientContext for ErrorContext {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.0.line(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.0.error(&error, reason);
    }
}

impl rdkafka::consumer::ConsumerContext for ErrorContext {}

impl rdkafka::producer::ProducerContext for ErrorContext {
    type DeliveryOpaque = ();

    fn delivery(&self, _: &rdkafka::message::DeliveryResult<'_>, (): ()) {}
}

impl ClientErrors {
    /// A line of librdkafka's own log.
    pub(super) fn line(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        let message = &*words::plain(message, &self.brokers);
        match level {
            RDKafkaLogLevel::Emerg
            | RDKafkaLogLevel::Alert
            | RDKafkaLogLevel::Critical
            | RDKafkaLogLevel::Error
            | RDKafkaLogLevel::Warning => {
                if let Some(repeated) = self.worth_logging(message) {
                    tracing::warn!(target: "bus::kafka", facility, repeated, "{message}");
                }
            }
            RDKafkaLogLevel::Notice | RDKafkaLogLevel::Info => {
                tracing::debug!(target: "bus::kafka", facility, "{message}");
            }
            RDKafkaLogLevel::Debug => tracing::trace!(target: "bus::kafka", facility, "{message}"),
        }
    }

    /// An error event of a client.
    pub(super) fn event(&self, error: &KafkaError, reason: &str) {
        self.error(error, reason);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_complaint_is_logged_once_and_its_repeats_are_counted() {
        let client_errors = ClientErrors::default();
        assert_eq!(client_errors.worth_logging("broker 1 is down for 12ms"), Some(0));
        assert_eq!(client_errors.worth_logging("broker 1 is down for 345ms"), None);
        assert_eq!(client_errors.worth_logging("another"), Some(0));
    }

    #[test]
    fn one_complaint_is_known_again_by_whichever_way_librdkafka_tells_it() {
        let client_errors = ClientErrors::default();
        let refused = "127.0.0.1:1/bootstrap: Connect to ipv4#127.0.0.1:1 failed: Connection refused";
        assert_eq!(client_errors.worth_logging(&format!("{refused} (after 0ms in state CONNECT)")), Some(0));
        for again in [
            format!("[thrd:127.0.0.1:1/bootstrap]: {refused} (after 0ms in state CONNECT)"),
            format!("{refused} (after 0ms in state CONNECT, 1 identical error(s) suppressed)"),
        ] {
            assert_eq!(client_errors.worth_logging(&again), None, "{again}");
        }
    }

    #[test]
    fn a_reason_is_preferred_to_the_bare_loss_and_success_forgets_both() {
        let client_errors = ClientErrors::default();
        client_errors.event(&KafkaError::Global(RDKafkaErrorCode::Authentication), "bad password for facade");
        client_errors.event(&KafkaError::Global(RDKafkaErrorCode::BrokerTransportFailure), "disconnected");
        client_errors.event(&KafkaError::Global(RDKafkaErrorCode::AllBrokersDown), "1/1 brokers are down");
        assert!(client_errors.all_brokers_down());
        assert_eq!(client_errors.cause().as_deref(), Some("authentication failed: bad password for facade"));
        client_errors.clear();
        assert!(!client_errors.all_brokers_down());
        assert_eq!(client_errors.cause(), None);
    }
}
