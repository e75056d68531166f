//! The topics that contracts want.

use std::collections::BTreeMap;

use bus::contract::{ContractDescription, DEFAULT_PARTITIONS};
use bus::kafka::TopicRole;

use super::document::{Board, Purpose, Topic};

/// The topics of all versions that are not retired.
pub(super) fn of(board: &Board) -> Vec<Topic> {
    let mut topics: BTreeMap<(String, Purpose), Topic> = BTreeMap::new();
    for contract in &board.contracts {
        for version in contract.versions.iter().filter(|version| !version.retired) {
            for wanted in wanted(&version.contract) {
                let known = topics.entry((wanted.name.clone(), wanted.purpose)).or_insert_with(|| wanted.clone());
                // What two want, the larger number serves.
                known.at_least = known.at_least.max(wanted.at_least);
                known.partitions = known.partitions.max(wanted.partitions);
                known.replication = known.replication.max(wanted.replication);
                if !known.contracts.contains(&contract.id) {
                    known.contracts.push(contract.id.clone());
                }
            }
        }
    }
    topics.into_values().collect()
}

/// How many partitions the bus makes where a contract does not say: letters are for people, one will do.
fn made(purpose: Purpose) -> u32 {
    if purpose == Purpose::DeadLetters { 1 } else { DEFAULT_PARTITIONS }
}

fn wanted(contract: &ContractDescription) -> [Topic; 3] {
    let topic = |name: &str, purpose, role: TopicRole, at_least: Option<u32>| Topic {
        name: name.to_owned(),
        purpose,
        partitions: at_least.unwrap_or(made(purpose)),
        at_least,
        replication: contract.replication,
        settings: role.settings().iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect(),
        contracts: Vec::new(),
    };
    [
        topic(&contract.topic, Purpose::Requests, TopicRole::Request, contract.partitions),
        topic(&contract.reply, Purpose::Replies, TopicRole::Reply, contract.reply_partitions),
        topic(&contract.dead_letters, Purpose::DeadLetters, TopicRole::Dead, None),
    ]
}
