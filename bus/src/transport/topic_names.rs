//! What a contract's topics are called where it is served and called.

use crate::contract::{Contract, dead_letters_of};
use crate::error::ConfigError;

/// Kafka's longest name.
const LONGEST: usize = 249;

/// A contract's pair of topics: the contract's own names behind the bus's prefix, or other ones that
/// a client or a server was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TopicNames {
    pub(crate) request: String,
    pub(crate) reply: String,
}

impl TopicNames {
    /// What a client or a server was given in place of the contract's names.
    pub(crate) fn given(request: impl Into<String>, reply: impl Into<String>) -> Self {
        Self { request: request.into(), reply: reply.into() }
    }

    /// The names of a contract on a bus: the only place that decides them.
    pub(crate) fn of(contract: &Contract, prefix: &str, given: Option<Self>) -> Result<Self, ConfigError> {
        let names = given.unwrap_or_else(|| Self {
            request: format!("{prefix}{}", contract.topic()),
            reply: format!("{prefix}{}", contract.reply()),
        });
        names.check()?;
        Ok(names)
    }

    /// Where requests go that nobody can read or run.
    pub(crate) fn dead_letters(&self) -> String {
        dead_letters_of(&self.request)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let dead = self.dead_letters();
        valid("topic", &self.request)?;
        valid("reply topic", &self.reply)?;
        if dead.len() > LONGEST {
            return Err(refused(
                "topic",
                &self.request,
                too_long(dead.len(), &format!("`{dead}` takes its dead letters, ")),
            ));
        }
        if self.reply == self.request {
            return Err(refused(
                "reply topic",
                &self.reply,
                "requests come there: replies need another topic".to_owned(),
            ));
        }
        if self.reply == dead {
            return Err(refused(
                "reply topic",
                &self.reply,
                "that topic takes the requests that nobody can answer: replies need another".to_owned(),
            ));
        }
        Ok(())
    }
}

/// Checks what stands before every topic's name.
pub(crate) fn check_prefix(prefix: &str) -> Result<(), ConfigError> {
    match forbidden(prefix) {
        Some(reason) => Err(refused("topic_prefix", prefix, reason)),
        None => Ok(()),
    }
}

fn valid(what: &str, name: &str) -> Result<(), ConfigError> {
    let reason = if name.is_empty() {
        Some("it is empty".to_owned())
    } else if name == "." || name == ".." {
        Some("`.` and `..` are reserved".to_owned())
    } else if name.len() > LONGEST {
        Some(too_long(name.len(), "it "))
    } else {
        forbidden(name)
    };
    reason.map_or(Ok(()), |reason| Err(refused(what, name, reason)))
}

fn forbidden(name: &str) -> Option<String> {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-');
    let letter = name.chars().find(|letter| !allowed(*letter))?;
    Some(format!("`{}` is not allowed, use ASCII letters, digits, `.`, `_` and `-`", letter.escape_debug()))
}

fn too_long(bytes: usize, what: &str) -> String {
    format!("{what}is {bytes} bytes long, and Kafka takes {LONGEST}")
}

fn refused(what: &str, value: &str, reason: String) -> ConfigError {
    ConfigError::Value { what: what.to_owned(), value: format!("{value:?}"), reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[bus::request(topic = "clock.req", reply = "clock.resp")]
    trait Clock {
        async fn now(&self) -> u64;
    }

    fn names(prefix: &str, given: Option<TopicNames>) -> Result<TopicNames, ConfigError> {
        TopicNames::of(<ClockClient as bus::Client>::contract(), prefix, given)
    }

    #[test]
    fn a_prefix_stands_before_all_three() {
        let names = names("staging.", None).ok();
        assert_eq!(names, Some(TopicNames::given("staging.clock.req", "staging.clock.resp")));
        assert_eq!(names.map(|names| names.dead_letters()), Some("staging.clock.req.dead".to_owned()));
    }

    #[test]
    fn names_that_are_given_have_no_prefix() {
        let given = TopicNames::given("a", "b");
        assert_eq!(names("staging.", Some(given.clone())), Ok(given));
    }

    #[test]
    fn names_that_kafka_refuses_are_refused_with_a_reason() {
        let long = "x".repeat(245);
        for (request, reply, reason) in [
            ("", "b", "it is empty"),
            ("a b", "b", "` ` is not allowed"),
            ("a", "..", "reserved"),
            ("a", "a", "requests come there"),
            ("a", "a.dead", "nobody can answer"),
            (long.as_str(), "b", "250 bytes"),
        ] {
            let refused = names("", Some(TopicNames::given(request, reply))).err().map(|error| error.to_string());
            assert!(refused.as_ref().is_some_and(|text| text.contains(reason)), "{request} {reply}: {refused:?}");
        }
        assert!(check_prefix("eu/").is_err() && check_prefix("eu-1.").is_ok() && check_prefix("").is_ok());
    }
}
