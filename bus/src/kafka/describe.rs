//! Asks a broker to describe a topic or a group.
//!
//! By hand, because rust-rdkafka has no such request.

use std::ffi::CString;
use std::fmt;
use std::ptr::{self, NonNull};
use std::time::Duration;

use rdkafka::bindings::{self, rd_kafka_admin_op_t as AdminOperation};
use rdkafka::types::{RDKafka, RDKafkaRespErr};

use super::answers::{Answers, Event};

/// What is described.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resource<'a> {
    Topic(&'a str),
    Group(&'a str),
}

impl<'a> Resource<'a> {
    pub(super) fn name(self) -> &'a str {
        match self {
            Self::Topic(name) | Self::Group(name) => name,
        }
    }
}

/// As kafka-acls.sh names it.
impl fmt::Display for Resource<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Topic(name) => write!(f, "--topic {name}"),
            Self::Group(name) => write!(f, "--group {name}"),
        }
    }
}

/// Asks, with or without what the user may do. Does not wait; the broker may take so long to answer.
#[allow(unsafe_code)]
pub(super) fn describe(client: *mut RDKafka, what: Resource<'_>, rights: bool, timeout: Duration) -> Option<Answers> {
    let name = CString::new(what.name()).ok()?;
    let api = match what {
        Resource::Topic(_) => AdminOperation::RD_KAFKA_ADMIN_OP_DESCRIBETOPICS,
        Resource::Group(_) => AdminOperation::RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS,
    };
    let timeout = i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX);
    let answers = Answers::of(client)?;
    // SAFETY: the client is one that the caller holds, so it is alive. All that is made here is either
    // null, which is looked for, or given back by the function that is there for it; the requests copy
    // what they are given, and the name and the queue live until after them.
    unsafe {
        let options = NonNull::new(bindings::rd_kafka_AdminOptions_new(client, api))?;
        bindings::rd_kafka_AdminOptions_set_request_timeout(options.as_ptr(), timeout, ptr::null_mut(), 0);
        if rights {
            let refused = bindings::rd_kafka_AdminOptions_set_include_authorized_operations(options.as_ptr(), 1);
            if !refused.is_null() {
                bindings::rd_kafka_error_destroy(refused);
            }
        }
        let mut names = [name.as_ptr()];
        match what {
            Resource::Topic(_) => {
                let topics = bindings::rd_kafka_TopicCollection_of_topic_names(names.as_mut_ptr(), names.len());
                bindings::rd_kafka_DescribeTopics(client, topics, options.as_ptr(), answers.queue());
                bindings::rd_kafka_TopicCollection_destroy(topics);
            }
            Resource::Group(_) => bindings::rd_kafka_DescribeConsumerGroups(
                client,
                names.as_mut_ptr(),
                names.len(),
                options.as_ptr(),
                answers.queue(),
            ),
        }
        bindings::rd_kafka_AdminOptions_destroy(options.as_ptr());
    }
    Some(answers)
}

/// Whether an answer is one, and no failure of the whole request.
///
/// # Safety
/// The event is alive.
#[allow(unsafe_code)]
pub(super) unsafe fn is_answered(event: Event) -> bool {
    // SAFETY: the caller's promise.
    unsafe { bindings::rd_kafka_event_error(event.as_ptr()) == RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR }
}

/// The description of a topic in an answer, which lives as long as the event, and the broker's error.
/// None where the answer is no description of a topic.
///
/// # Safety
/// The event is alive.
#[allow(unsafe_code)]
pub(super) unsafe fn topic(
    event: Event,
) -> Option<(*const bindings::rd_kafka_TopicDescription_t, *const bindings::rd_kafka_error_t)> {
    // SAFETY: the caller's promise; each pointer is looked at before it is followed, and points into
    // the event.
    unsafe {
        let result = bindings::rd_kafka_event_DescribeTopics_result(event.as_ptr()).as_ref()?;
        let mut count = 0;
        let topics = bindings::rd_kafka_DescribeTopics_result_topics(result, &raw mut count);
        if topics.is_null() || count == 0 || (*topics).is_null() {
            return None;
        }
        Some((*topics, bindings::rd_kafka_TopicDescription_error(*topics)))
    }
}
