//! What a contract needs of its topics.

use super::Contract;
use crate::kafka::{TopicNeed, TopicRole};

/// How many partitions a topic has that we make, request and reply alike.
const PARTITIONS: u32 = 5;

/// The topic that requests go to.
pub(crate) fn request(contract: &Contract) -> TopicNeed {
    TopicNeed {
        topic: contract.topic().to_owned(),
        role: TopicRole::Request,
        at_least: contract.partitions(),
        make: contract.partitions().unwrap_or(PARTITIONS),
        replication: contract.replication(),
    }
}

/// The topic that replies come back on.
pub(crate) fn reply(contract: &Contract) -> TopicNeed {
    TopicNeed {
        topic: contract.reply().to_owned(),
        role: TopicRole::Reply,
        at_least: contract.reply_partitions(),
        make: contract.reply_partitions().unwrap_or(PARTITIONS),
        replication: contract.replication(),
    }
}

/// The topic that unreadable requests are kept on.
pub(crate) fn dead_letters(contract: &Contract) -> TopicNeed {
    TopicNeed {
        topic: format!("{}.dead", contract.topic()),
        role: TopicRole::Dead,
        at_least: None,
        make: 1,
        replication: contract.replication(),
    }
}
