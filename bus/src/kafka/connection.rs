//! One bus's way to its brokers: the settings, and a client that looks things up.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rdkafka::admin::AdminClient;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::producer::BaseProducer;

use super::client_errors::{ClientErrors, ErrorContext};
use super::embedded::{CLUSTER_PREFIX, EmbeddedBroker};
use super::revive::{Replaceable, Ward, reachable_broker};
use super::settings::{Embedded, Settings, create};
use crate::error::ConnectError;
use crate::sync::lock;

/// How long a connecting bus asks before it looks for complaints.
const STEP: Duration = Duration::from_millis(200);

/// Events that are taken in one go: more than the attempts of a quarter of a second make.
const EVENTS: usize = 100;

/// The way to the brokers, shared by all that a bus runs.
pub(crate) struct Connection {
    pub(super) settings: Settings,
    pub(super) client_errors: Arc<ClientErrors>,
    /// Asks for topics and makes none.
    pub(super) lookup: Arc<Replaceable<BaseConsumer<ErrorContext>>>,
    /// All clients of the bus that are made anew when they lose their brokers.
    pub(super) ward: Ward,
    /// Kept between two uses, because dropping one takes a tenth of a second.
    admin: Mutex<Option<Arc<AdminClient<ErrorContext>>>>,
}

impl Connection {
    /// Checks the settings and waits until a broker answers. Blocks.
    pub(crate) fn open(mut settings: Settings, timeout: Duration) -> Result<Self, ConnectError> {
        settings.check()?;
        let started = Instant::now();
        let client_errors = Arc::new(ClientErrors::of(&settings.brokers));
        if let Some(broker) = EmbeddedBroker::here(&settings.brokers) {
            settings.embedded = Some(Embedded::Here(broker));
        }
        // A setting that only a producer knows is checked now, too, not at the first call.
        create::<_, BaseProducer<ErrorContext>>(&settings.producer(), ErrorContext(Arc::clone(&client_errors)))
            .map(drop)?;
        let lookup: BaseConsumer<ErrorContext> = create(&settings.lookup(), ErrorContext(Arc::clone(&client_errors)))?;
        let cluster = loop {
            let left = timeout.saturating_sub(started.elapsed());
            // In steps, because librdkafka reports what is wrong only to who polls it.
            let step = left.min(STEP);
            match reachable_broker(&lookup, step) {
                // The first answer comes from an address that the user named. All else goes where
                // brokers say that they are, so one must answer there as well.
                Some(broker) if broker >= 0 => break lookup.client().fetch_cluster_id(step).unwrap_or_default(),
                // Nothing tells when that is done; it is a matter of microseconds.
                Some(_) => std::thread::park_timeout(Duration::from_millis(1)),
                None => {}
            }
            drain_events(&lookup);
            if left.is_zero() {
                return Err(ConnectError::Unreachable {
                    brokers: settings.brokers,
                    waited: timeout,
                    cause: client_errors.cause(),
                });
            }
        };
        if settings.embedded.is_none() && cluster.starts_with(CLUSTER_PREFIX) {
            settings.embedded = Some(Embedded::Elsewhere);
        }
        client_errors.clear_all();
        let ward = Ward::default();
        let lookup = ward.admit("look-ups", lookup);
        Ok(Self { settings, client_errors, lookup, ward, admin: Mutex::default() })
    }

    /// Watches over the clients of the bus, and has those made anew that lost their brokers. Blocks
    /// until it is told to stop; unparking the thread makes it look.
    ///
    /// `well` is called every now and then while all of them are answered, and may wait for brokers.
    pub(crate) fn keep_clients(&self, stop: &AtomicBool, well: impl Fn()) {
        let alarmed = || self.client_errors.all_brokers_down();
        self.ward.watch(&self.settings, stop, alarmed, |silent| {
            if !silent {
                well();
            }
            if !self.lookup.is_due() {
                return;
            }
            match create(&self.settings.lookup(), ErrorContext(Arc::clone(&self.client_errors))) {
                Ok(lookup) => self.lookup.replace(lookup),
                Err(error) => tracing::warn!(target: "bus::kafka", %error, "the client for look-ups is not made anew"),
            }
            self.close_idle_admin();
        });
    }

    /// Whether a broker answers all clients of the bus, and since when that is so. While none does,
    /// with what was complained of last.
    pub(crate) fn standing(&self) -> ((bool, Instant), Option<String>) {
        let standing = self.ward.standing();
        (standing, if standing.0 { None } else { self.client_errors.cause() })
    }

    /// The client that looks things up.
    pub(super) fn lookup_client(&self) -> Arc<BaseConsumer<ErrorContext>> {
        self.lookup.get()
    }

    /// A client for admin requests.
    pub(super) fn admin(&self) -> Result<Arc<AdminClient<ErrorContext>>, ConnectError> {
        let mut admin = lock(&self.admin);
        if let Some(admin) = &*admin {
            return Ok(Arc::clone(admin));
        }
        let made: AdminClient<ErrorContext> =
            create(&self.settings.admin(), ErrorContext(Arc::clone(&self.client_errors)))?;
        Ok(Arc::clone(admin.insert(Arc::new(made))))
    }

    /// Closes the connections of the client for admin requests, until the next one. Blocks.
    pub(crate) fn close_idle_admin(&self) {
        let admin = lock(&self.admin).take();
        drop(admin);
    }

    /// How long a member of a group may be silent before the group forgets it.
    pub(crate) fn session(&self) -> Duration {
        self.settings.session()
    }

    pub(crate) fn brokers(&self) -> &str {
        &self.settings.brokers
    }

    pub(crate) fn client_errors(&self) -> &Arc<ClientErrors> {
        &self.client_errors
    }

    /// The broker, where it lives in this process.
    pub(crate) fn embedded_here(&self) -> Option<&Arc<EmbeddedBroker>> {
        match &self.settings.embedded {
            Some(Embedded::Here(broker)) => Some(broker),
            _ => None,
        }
    }

    /// Why something failed: the cause, where librdkafka has complained of one.
    pub(super) fn reason(&self, error: &KafkaError) -> String {
        self.drain_client_events();
        self.client_errors.cause().unwrap_or_else(|| error.to_string())
    }

    /// Lets librdkafka tell the look-up client's complaints. Does not block.
    pub(crate) fn drain_client_events(&self) {
        drain_events(&self.lookup.get());
    }
}

/// Takes what waits to be told. One poll takes one event, a line of the log included, and says of
/// most of them no more than of none.
fn drain_events(lookup: &BaseConsumer<ErrorContext>) {
    for _ in 0..EVENTS {
        drop(lookup.poll(Duration::ZERO));
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("brokers", &self.settings.brokers).finish_non_exhaustive()
    }
}
