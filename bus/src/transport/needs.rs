//! The topics that a contract needs, and how we make them.

use super::topic_names::TopicNames;
use crate::contract::Contract;
use crate::kafka::{TopicNeed, TopicRole};

/// The topic that requests go to.
pub(crate) fn request(contract: &Contract, names: &TopicNames) -> TopicNeed {
    TopicNeed {
        topic: names.request.clone(),
        role: TopicRole::Request,
        at_least: contract.partitions(),
        make: contract.partitions_to_make(),
        replication: contract.replication(),
    }
}

/// The topic that replies come back on.
pub(crate) fn reply(contract: &Contract, names: &TopicNames) -> TopicNeed {
    TopicNeed {
        topic: names.reply.clone(),
        role: TopicRole::Reply,
        at_least: contract.reply_partitions(),
        make: contract.reply_partitions_to_make(),
        replication: contract.replication(),
    }
}

/// The topic that unreadable requests are kept on.
pub(crate) fn dead_letters(contract: &Contract, names: &TopicNames) -> TopicNeed {
    TopicNeed {
        topic: names.dead_letters(),
        role: TopicRole::Dead,
        at_least: None,
        make: 1,
        replication: contract.replication(),
    }
}
