//! The topics that a contract needs, and how we make them.

use crate::contract::Contract;
use crate::kafka::{TopicNeed, TopicRole};

/// The topic that requests go to.
pub(crate) fn request(contract: &Contract) -> TopicNeed {
    TopicNeed {
        topic: contract.topic().to_owned(),
        role: TopicRole::Request,
        at_least: contract.partitions(),
        make: contract.partitions_to_make(),
        replication: contract.replication(),
    }
}

/// The topic that replies come back on.
pub(crate) fn reply(contract: &Contract) -> TopicNeed {
    TopicNeed {
        topic: contract.reply().to_owned(),
        role: TopicRole::Reply,
        at_least: contract.reply_partitions(),
        make: contract.reply_partitions_to_make(),
        replication: contract.replication(),
    }
}

/// The topic that unreadable requests are kept on.
pub(crate) fn dead_letters(contract: &Contract) -> TopicNeed {
    TopicNeed {
        topic: contract.dead_letter_topic(),
        role: TopicRole::Dead,
        at_least: None,
        make: 1,
        replication: contract.replication(),
    }
}
