//! Names of Kafka topics.

use syn::LitStr;

use crate::errors::Errors;
use crate::model::Route;

/// The longest name Kafka takes.
const LONGEST: usize = 249;

/// What a server appends to the request topic's name for requests that nobody can answer.
const DEAD: &str = ".dead";

/// Two topics that can carry a service, or what is wrong with them.
pub(super) fn route(topic: Option<LitStr>, reply: Option<LitStr>, errors: &mut Errors) -> Option<Route> {
    let topic = topic.and_then(|name| valid(name, errors));
    let reply = reply.and_then(|name| valid(name, errors));
    let (topic, reply) = (topic?, reply?);
    if topic.value() == reply.value() {
        errors.at(&reply, "`reply` must differ from `topic`, or the service would consume its own replies");
        return None;
    }
    if reply.value() == topic.value() + DEAD {
        errors.at(
            &reply,
            format!("`reply` must not be `topic` with `{DEAD}`: that topic takes the requests that nobody can answer"),
        );
        return None;
    }
    Some(Route { topic, reply })
}

fn valid(literal: LitStr, errors: &mut Errors) -> Option<LitStr> {
    let name = literal.value();
    let reason = if name.is_empty() {
        "it is empty".to_owned()
    } else if name == "." || name == ".." {
        "`.` and `..` are reserved".to_owned()
    } else if name.len() > LONGEST {
        format!("it is {} bytes long and the limit is {LONGEST}", name.len())
    } else if let Some(character) = name.chars().find(|character| !is_allowed(*character)) {
        format!("`{}` is not allowed, use only ASCII letters, digits, `.`, `_` and `-`", character.escape_debug())
    } else {
        return Some(literal);
    };
    errors.at(&literal, format!("`{}` is not a valid Kafka topic name: {reason}", name.escape_debug()));
    None
}

fn is_allowed(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '-')
}
