//! What is wrong with topics.

use std::collections::{BTreeMap, BTreeSet};

use bus::contract::DEFAULT_PARTITIONS;

use super::super::document::{Board, BoardContract, ContractVersion, Does, Finding};
use super::super::rules::{Level, Rule};
use super::made::{finding, quoted, side};

/// A contract in a version that is not retired.
type Living<'a> = (&'a BoardContract, &'a ContractVersion);

fn living(board: &Board) -> impl Iterator<Item = Living<'_>> {
    let contracts = board.contracts.iter();
    contracts
        .flat_map(|contract| contract.versions.iter().map(move |version| (contract, version)))
        .filter(|(_, version)| !version.retired)
}

/// Contracts by something of theirs, where more than one has it.
fn several<'a>(
    board: &'a Board,
    by: impl Fn(&'a ContractVersion) -> &'a str,
) -> BTreeMap<&'a str, BTreeMap<&'a str, Living<'a>>> {
    let mut all: BTreeMap<&str, BTreeMap<&str, Living<'_>>> = BTreeMap::new();
    for (contract, version) in living(board) {
        all.entry(by(version)).or_default().entry(&contract.id).or_insert((contract, version));
    }
    all.retain(|_, contracts| contracts.len() > 1);
    all
}

fn about(finding: &mut Finding, contracts: &BTreeMap<&str, Living<'_>>, says: impl Fn(&ContractVersion) -> String) {
    for (id, (_, version)) in contracts {
        finding.contracts.push((*id).to_owned());
        finding.sides.push(side(id, says(version), &version.evidence));
    }
}

fn servers<'a>(board: &'a Board, contract: &str) -> BTreeSet<&'a str> {
    board.roles_of(contract, Does::Serves).map(|role| role.service.as_str()).collect()
}

/// Two contracts on one request topic. Every process of the topic's group must serve both, and no two
/// methods may share a name; what does is less bad.
pub(super) fn shared(board: &Board, found: &mut Vec<Finding>) {
    for (topic, contracts) in several(board, |version| &version.contract.topic) {
        let all: BTreeSet<&str> = contracts.keys().flat_map(|id| servers(board, id)).collect();
        let mut methods: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, version) in contracts.values() {
            for method in &version.contract.methods {
                *methods.entry(&method.name).or_default() += 1;
            }
        }
        let twice: Vec<&str> = methods.iter().filter(|(_, times)| **times > 1).map(|(name, _)| *name).collect();
        let partly: Vec<&str> = all
            .iter()
            .copied()
            .filter(|service| contracts.keys().any(|id| !servers(board, id).contains(service)))
            .collect();
        let names = quoted(contracts.keys().copied());
        let (level, why) = if !twice.is_empty() {
            (Level::Error, format!("both have {}, and methods are told apart by name alone", quoted(twice)))
        } else if !partly.is_empty() {
            let sentence = "does not serve all of them: a request that it does not know is refused";
            (Level::Error, format!("{} {sentence}", quoted(partly)))
        } else {
            (Level::Warn, "each server serves all of them, which must stay so".to_owned())
        };
        let sentence = format!("requests of {names} share topic `{topic}`: {why}");
        let mut finding =
            finding(Rule::TopicShared, &[topic], sentence, "give each contract a topic of its own (`topic = \"..\"`)");
        finding.level = level;
        finding.services = all.iter().map(|service| (*service).to_owned()).collect();
        about(&mut finding, &contracts, |version| format!("topic = \"{}\"", version.contract.topic));
        found.push(finding);
    }
}

/// Two contracts on one reply topic whose requests do not share one as well.
pub(super) fn replies_shared(board: &Board, found: &mut Vec<Finding>) {
    for (topic, contracts) in several(board, |version| &version.contract.reply) {
        let requests: BTreeSet<&str> = contracts.values().map(|(_, version)| version.contract.topic.as_str()).collect();
        if requests.len() < 2 {
            continue;
        }
        let names = quoted(contracts.keys().copied());
        let sentence = format!(
            "replies of {names} share topic `{topic}`: whoever may read it reads the answers to all, and each caller drops \
             those to the others"
        );
        let mut finding = finding(
            Rule::ReplyShared,
            &[topic],
            sentence,
            "give each contract a reply topic of its own (`reply = \"..\"`)",
        );
        about(&mut finding, &contracts, |version| format!("reply = \"{}\"", version.contract.reply));
        found.push(finding);
    }
}

/// A reply topic, and who has to do with it.
#[derive(Default)]
struct ReplyTopic<'a> {
    partitions: u32,
    contracts: BTreeMap<&'a str, Living<'a>>,
    callers: BTreeSet<&'a str>,
}

/// Reply topics that more services read than they have partitions.
pub(super) fn replies_too_small(board: &Board, found: &mut Vec<Finding>) {
    let mut topics: BTreeMap<&str, ReplyTopic<'_>> = BTreeMap::new();
    for (contract, version) in living(board) {
        let partitions = version.contract.reply_partitions.unwrap_or(DEFAULT_PARTITIONS);
        let topic = topics.entry(&version.contract.reply).or_default();
        topic.partitions = topic.partitions.max(partitions);
        topic.contracts.entry(&contract.id).or_insert((contract, version));
        // Instances of one service in two versions are the service's.
        let names = board.roles_of(&contract.id, Does::Calls).filter_map(|role| {
            board.services.iter().find(|service| service.id == role.service).map(|service| service.name.as_str())
        });
        topic.callers.extend(names);
    }
    for (topic, ReplyTopic { partitions, contracts, callers }) in topics {
        let count = u32::try_from(callers.len()).unwrap_or(u32::MAX);
        if count <= partitions {
            continue;
        }
        let sentence = format!(
            "{count} services read replies on `{topic}`, which has {partitions} partitions: some share one, and drop the \
             replies to each other"
        );
        let next = "raise `reply_partitions` to the number of calling instances, or more";
        let mut finding = finding(Rule::ReplyTooSmall, &[topic], sentence, next);
        finding.services = callers.iter().map(|caller| (*caller).to_owned()).collect();
        about(&mut finding, &contracts, |version| match version.contract.reply_partitions {
            Some(partitions) => format!("reply_partitions = {partitions}"),
            None => format!("no reply_partitions, so {DEFAULT_PARTITIONS}"),
        });
        found.push(finding);
    }
}
