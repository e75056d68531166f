//! What librdkafka says of a member, and what it means for it.

use std::time::{Duration, Instant};

use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::handler::Member;
use crate::kafka::describe::Resource;
use crate::kafka::settings::Settings;

/// The shortest pause before a member joins anew, where the last time was not long ago.
pub(super) const FIRST: Duration = Duration::from_secs(1);

/// The longest pause before a member joins anew.
const LONGEST: Duration = Duration::from_secs(10);

/// A member that was well for so long may join anew at once.
const WELL: Duration = Duration::from_secs(30);

/// What an error means for the member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing: a connection that comes back by itself.
    Passing,
    /// It cannot read now, and can when an operator has changed something.
    Denied(String),
    /// Its Kafka client is of no use any more; another may be.
    Broken(String),
    /// Another process goes by its name.
    Replaced,
    /// It cannot read as it was started.
    Final(String),
}

/// What an error means. `fatal` is what librdkafka has ended the client for, if it has.
pub(super) fn judge(
    error: &KafkaError,
    fatal: Option<(RDKafkaErrorCode, String)>,
    member: &Member,
    settings: &Settings,
) -> Verdict {
    if matches!(error, KafkaError::MessageConsumptionFatal(_)) || fatal.is_some() {
        return match fatal {
            Some((RDKafkaErrorCode::FencedInstanceId, _)) => Verdict::Replaced,
            Some((_, reason)) => Verdict::Broken(reason),
            None => Verdict::Broken(error.to_string()),
        };
    }
    let Member { topic, group, .. } = member;
    match error.rdkafka_error_code() {
        Some(RDKafkaErrorCode::GroupAuthorizationFailed) => Verdict::Denied(format!(
            "no right to read as consumer group `{group}`; grant it: {}",
            settings.grant("Read", Resource::Group(group))
        )),
        Some(RDKafkaErrorCode::TopicAuthorizationFailed) => Verdict::Denied(format!(
            "no right to read topic `{topic}`; grant it: {}",
            settings.grant("Read", Resource::Topic(topic))
        )),
        Some(RDKafkaErrorCode::InvalidSessionTimeout) => Verdict::Final(
            "the broker refuses the session timeout; set `session.timeout.ms` within its group.min.session.timeout.ms and group.max.session.timeout.ms".to_owned(),
        ),
        Some(RDKafkaErrorCode::InconsistentGroupProtocol) => Verdict::Final(format!(
            "consumer group `{group}` has members of another kind (another assignment strategy); name another with `.group(..)`"
        )),
        Some(RDKafkaErrorCode::FencedInstanceId) => Verdict::Replaced,
        _ => Verdict::Passing,
    }
}

/// Why a member that was really replaced ends.
pub(super) fn replaced(member: &Member) -> String {
    format!(
        "another process has joined consumer group `{}` with the same instance id (`{}`) and taken the place of this one; give every process an `.instance_id(..)` or BUS_INSTANCE_ID of its own",
        member.group, member.instance.id,
    )
}

/// How long to wait before the member joins anew: longer each time.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    last: Option<(Instant, Duration)>,
}

impl Backoff {
    /// The wait before a member that has to join anew does so: `first`, unless it had to not long
    /// ago.
    pub(super) fn next(&mut self, now: Instant, first: Duration) -> Duration {
        let wait = match self.last {
            Some((at, wait)) if now.saturating_duration_since(at) < WELL => (wait * 2).clamp(FIRST, LONGEST),
            _ => first,
        };
        self.last = Some((now + wait, wait));
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_joins_anew_at_once_and_then_ever_later_until_it_was_well() {
        let (mut backoff, start) = (Backoff::default(), Instant::now());
        let waits: Vec<_> =
            (0..7).map(|n| backoff.next(start + Duration::from_secs(n), Duration::ZERO).as_secs()).collect();
        assert_eq!(waits, [0, 1, 2, 4, 8, 10, 10]);
        assert_eq!(backoff.next(start + Duration::from_secs(100), FIRST), FIRST);
    }
}
