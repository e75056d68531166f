//! Rights: which are missing, asked where a client or a server starts, and the command that grants
//! each.
//!
//! A broker without rights, or one that is too old to say, misses none.

use std::slice;
use std::time::Duration;

use rdkafka::bindings::{self, rd_kafka_AclOperation_t as AclOperation};
use rdkafka::consumer::Consumer as _;
use rdkafka::types::{RDKafka, RDKafkaRespErr};

use super::answers::{Answers, Event};
use super::connection::Connection;
use super::describe::{self, Resource};
use super::settings::Settings;
use crate::error::{ConnectError, TopicError};

/// How long a broker may take to say what may be done. It is of use, not of need.
const ANSWER: Duration = Duration::from_secs(2);

/// A right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Right<'a> {
    Read(Resource<'a>),
    Write(Resource<'a>),
}

impl<'a> Right<'a> {
    fn resource(self) -> Resource<'a> {
        match self {
            Self::Read(resource) | Self::Write(resource) => resource,
        }
    }

    /// As kafka-acls.sh names it.
    fn operation(self) -> &'static str {
        match self {
            Self::Read(_) => "Read",
            Self::Write(_) => "Write",
        }
    }

    fn is_among(self, allowed: &[AclOperation]) -> bool {
        let needed = match self {
            Self::Read(_) => AclOperation::RD_KAFKA_ACL_OPERATION_READ,
            Self::Write(_) => AclOperation::RD_KAFKA_ACL_OPERATION_WRITE,
        };
        allowed.contains(&needed) || allowed.contains(&AclOperation::RD_KAFKA_ACL_OPERATION_ALL)
    }
}

impl Settings {
    /// Who connects, as rights name it; a name to be filled in where only the broker knows it.
    fn principal(&self) -> &str {
        let protocol = self.user.get("security.protocol").map_or("plaintext", String::as_str);
        match self.user.get("sasl.username") {
            Some(user) if protocol.to_ascii_lowercase().starts_with("sasl") => user,
            _ if protocol.eq_ignore_ascii_case("plaintext") => "ANONYMOUS",
            _ => "USER",
        }
    }

    /// The command that grants a right.
    pub(super) fn grant(&self, operation: &str, resource: Resource<'_>) -> String {
        format!(
            "kafka-acls.sh --bootstrap-server {} --add --allow-principal User:{} --operation {operation} {resource}",
            self.brokers,
            self.principal()
        )
    }
}

impl Connection {
    /// That a right is missing, with the command that grants it.
    pub(super) fn missing(&self, operation: &str, resource: Resource<'_>) -> ConnectError {
        let (operation, command) = (operation.to_owned(), self.settings.grant(operation, resource));
        match resource {
            Resource::Topic(topic) => TopicError::NotAllowed { topic: topic.to_owned(), operation, command }.into(),
            Resource::Group(group) => ConnectError::GroupNotAllowed { group: group.to_owned(), command },
        }
    }

    /// Looks for the first of these rights that is certainly missing. Blocks for a moment.
    ///
    /// # Errors
    /// The right that is missing.
    pub(crate) fn check_rights(&self, rights: &[Right<'_>]) -> Result<(), ConnectError> {
        if self.settings.embedded.is_some() {
            return Ok(());
        }
        let client = self.lookup_client();
        let questions: Vec<_> =
            rights.iter().map(|right| (right, Question::ask(client.client().native_ptr(), right.resource()))).collect();
        for (right, question) in questions {
            let Some(allowed) = question.and_then(|question| question.answer()) else { continue };
            if !right.is_among(&allowed) {
                return Err(self.missing(right.operation(), right.resource()));
            }
        }
        Ok(())
    }

    /// Warns of a right that is of use and not of need.
    pub(crate) fn warn_of_missing(&self, right: Right<'_>, what: &str) {
        if let Err(error) = self.check_rights(&[right]) {
            self.client_errors.warn(&format!("rights on {}", right.resource().name()), &format!("{what}: {error}"));
        }
    }
}

/// A question that was put to a broker. Dropped, its answer goes nowhere.
struct Question(Answers);

impl Question {
    /// Asks what may be done with a topic or a group. Does not wait.
    fn ask(client: *mut RDKafka, resource: Resource<'_>) -> Option<Self> {
        describe::describe(client, resource, true, ANSWER).map(Self)
    }

    /// What may be done; none where nobody says. Blocks.
    #[allow(unsafe_code)]
    fn answer(&self) -> Option<Vec<AclOperation>> {
        // SAFETY: the event is alive while it is read.
        self.0.next(ANSWER, |event| unsafe { allowed(event) })?
    }
}

/// What an answer says may be done.
///
/// # Safety
/// The event is alive.
#[allow(unsafe_code)]
unsafe fn allowed(event: Event) -> Option<Vec<AclOperation>> {
    const DENIED: [RDKafkaRespErr; 2] = [
        RDKafkaRespErr::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
        RDKafkaRespErr::RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
    ];
    // SAFETY: the caller's promise; each pointer is looked at before it is followed, and points into
    // the event; a list is as long as librdkafka says.
    unsafe {
        if !describe::is_answered(event) {
            return None;
        }
        let mut count = 0;
        let (error, operations) = if let Some((topic, error)) = describe::topic(event) {
            (error, bindings::rd_kafka_TopicDescription_authorized_operations(topic, &raw mut count))
        } else if let Some(result) = bindings::rd_kafka_event_DescribeConsumerGroups_result(event.as_ptr()).as_ref() {
            let groups = bindings::rd_kafka_DescribeConsumerGroups_result_groups(result, &raw mut count);
            if groups.is_null() || count == 0 || (*groups).is_null() {
                return None;
            }
            let error = bindings::rd_kafka_ConsumerGroupDescription_error(*groups);
            (error, bindings::rd_kafka_ConsumerGroupDescription_authorized_operations(*groups, &raw mut count))
        } else {
            return None;
        };
        if !error.is_null() {
            let code = bindings::rd_kafka_error_code(error);
            if DENIED.contains(&code) {
                return Some(Vec::new());
            }
            if code != RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR {
                return None;
            }
        }
        // A broker that says nothing has no list, and one that says that nothing may be done an
        // empty one.
        if operations.is_null() { None } else { Some(slice::from_raw_parts(operations, count).to_vec()) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeMap;
    use std::ptr;

    use rdkafka::ClientConfig;
    use rdkafka::consumer::BaseConsumer;

    use super::*;
    use crate::kafka::EmbeddedBroker;

    #[test]
    fn whoever_connects_is_named_as_rights_name_it() {
        let settings = |user: &[(&str, &str)]| Settings {
            brokers: "kafka:9092".to_owned(),
            user: user
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect::<BTreeMap<_, _>>(),
            ..Settings::default()
        };
        assert_eq!(
            settings(&[]).grant("Read", Resource::Group("orders")),
            "kafka-acls.sh --bootstrap-server kafka:9092 --add --allow-principal User:ANONYMOUS --operation Read --group orders"
        );
        let sasl = settings(&[("security.protocol", "SASL_SSL"), ("sasl.username", "facade")]);
        assert!(
            sasl.grant("Write", Resource::Topic("orders")).contains("User:facade --operation Write --topic orders")
        );
        // Only the broker knows what it makes of a certificate.
        assert_eq!(settings(&[("security.protocol", "ssl")]).principal(), "USER");
    }

    /// What a broker with rights says is seen in `tests/it/rights.rs`.
    #[test]
    fn nothing_is_missing_where_nobody_says_so() {
        let embedded = EmbeddedBroker::start().unwrap();
        embedded.create_topic("rights.one", 1).unwrap();
        for brokers in [embedded.brokers(), "127.0.0.1:9"] {
            let client: BaseConsumer =
                ClientConfig::new().set("bootstrap.servers", brokers).set("group.id", "rights").create().unwrap();
            let native = client.client().native_ptr();
            for resource in [Resource::Topic("rights.one"), Resource::Group("rights"), Resource::Topic("b\u{7f}d")] {
                drop(Question::ask(native, resource));
                let question = Question::ask(native, resource).unwrap();
                assert_eq!(question.answer(), None, "{resource} at {brokers}");
            }
        }
        assert!(Question::ask(ptr::null_mut(), Resource::Topic("a\0b")).is_none());
    }
}
