//! The names by which a group knows its members over restarts of theirs and of its own.

use uuid::Uuid;

use crate::hash::fnv1a;

/// The longest name that a broker takes.
const LONGEST: usize = 249;

/// The name of a member: `group.instance.id`.
///
/// Every member has one. After an outage that is longer than a session a member without one is a
/// stranger, who waits until the group has given up the member that it was; a member with one takes
/// its place back at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Instance {
    pub(super) id: String,
    /// Whether the name is ours alone, so that nobody else can go by it.
    pub(super) drawn: bool,
}

impl Instance {
    /// The name of an instance's member for a topic: an instance that serves several topics is
    /// several members, perhaps of one group.
    pub(crate) fn named(instance: &str, topic: &str) -> Self {
        let mut id = format!("{instance}-{topic}");
        if id.len() > LONGEST {
            let hash = format!("-{:016x}", fnv1a(id.as_bytes()));
            id = id.chars().take(LONGEST - hash.len()).chain(hash.chars()).collect();
        }
        Self { id, drawn: false }
    }

    /// A name that nobody else has.
    pub(crate) fn drawn() -> Self {
        Self { id: format!("bus-{}", Uuid::new_v4().simple()), drawn: true }
    }
}

/// Why a broker would refuse an instance's name, if it would.
pub(crate) fn refused(instance: &str) -> Option<&'static str> {
    let known = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-');
    if instance.is_empty() {
        Some("it is empty")
    } else if !instance.chars().all(known) {
        Some("Kafka takes letters, digits, `.`, `_` and `-`")
    } else if instance.len() > LONGEST {
        Some("it is longer than 249 characters")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_has_a_name_for_each_topic_that_a_broker_takes() {
        assert_eq!(Instance::named("orders-0", "orders.req").id, "orders-0-orders.req");
        let (long, topic) = ("i".repeat(249), "t".repeat(249));
        let one = Instance::named(&long, &topic).id;
        let other = Instance::named(&long, &format!("{}u", &topic[1..])).id;
        assert!(one.len() == LONGEST && other.len() == LONGEST && one != other);
        assert_eq!(one, Instance::named(&long, &topic).id);
    }

    #[test]
    fn names_that_a_broker_would_refuse_are_told() {
        for name in ["", "a b", "ä", "a/b", &"x".repeat(250)] {
            assert!(refused(name).is_some(), "{name:?}");
        }
        assert_eq!(refused("orders-0.eu_1"), None);
    }
}
