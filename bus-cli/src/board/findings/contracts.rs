//! What is wrong between callers and servers.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;

use bus::contract::{ContractDescription, Outcome};

use super::super::document::{Board, Difference, Does, Edge, Finding, Side, Way};
use super::super::rules::Rule;
use super::made::{finding, quoted, side};

/// The rule for values that do not all arrive.
fn rule_of(outcome: Outcome) -> Option<Rule> {
    match outcome {
        Outcome::Same | Outcome::Safe => None,
        Outcome::ByValue => Some(Rule::ContractByValue),
        Outcome::Unknown => Some(Rule::ContractUnknown),
        Outcome::ErrorInDecoding | Outcome::Refused => Some(Rule::ContractBreaks),
    }
}

/// Two sides of a contract whose verdict is not safe: one finding for each pair and method.
pub(super) fn broken(board: &Board, found: &mut Vec<Finding>) {
    for edge in &board.edges {
        let (Some(server), Some(verdict)) = (&edge.server, &edge.verdict) else { continue };
        let (Some(rule), Some(worst)) = (rule_of(verdict.outcome), verdict.differences.first()) else { continue };
        let about = [edge.contract.as_str(), &edge.method, &edge.caller, server];
        let what = match worst.way {
            Way::Request => format!("what {} asks of {server}", edge.caller),
            Way::Reply => format!("what {server} answers {}", edge.caller),
        };
        let place = place(worst);
        let becomes = match worst.outcome {
            Outcome::ByValue => "arrives in part",
            Outcome::Unknown => "may arrive as something else",
            Outcome::ErrorInDecoding => "cannot be read",
            _ => "is refused",
        };
        let sentence = format!("{}.{}: {what} {becomes}: {place}{}", edge.contract, edge.method, worst.sentence);
        let next = match rule {
            Rule::ContractUnknown => {
                "use types that can be looked into, or vouch for them with `#[bus(opaque = \"v1\")]` on both sides"
            }
            _ if worst.part.is_empty() => "deploy a server that has the method before its callers",
            _ => "bring both sides to one version of the contract, or add a method beside the old one",
        };
        let mut finding = finding(rule, &about, sentence, next);
        finding.contracts.push(edge.contract.clone());
        finding.methods.push(edge.method.clone());
        finding.services = vec![edge.caller.clone(), server.clone()];
        finding.sides = sides(board, edge, server, worst);
        found.push(finding);
    }
}

fn place(difference: &Difference) -> String {
    match (difference.part.as_str(), difference.path.as_str()) {
        ("", "") => String::new(),
        (part, "") => format!("{part}: "),
        (part, path) => format!("{part}, `{path}`: "),
    }
}

/// What each side writes or reads there.
fn sides(board: &Board, edge: &Edge, server: &str, worst: &Difference) -> Vec<Side> {
    let mut sides = Vec::new();
    for (does, service) in [(Does::Calls, edge.caller.as_str()), (Does::Serves, server)] {
        for role in board.roles_of(&edge.contract, does).filter(|role| role.service == service) {
            let version = board.contract(&edge.contract).and_then(|contract| contract.version(role.version));
            let Some(version) = version else { continue };
            let writes = (does == Does::Calls) == (worst.way == Way::Request);
            let says = described(&version.contract, &edge.method, &worst.part, writes);
            sides.push(side(service, format!("{} {says}", if writes { "writes" } else { "reads" }), &role.evidence));
        }
    }
    sides
}

/// A part of a method as one side has it.
fn described(contract: &ContractDescription, method: &str, part: &str, writes: bool) -> String {
    let Some(found) = contract.method(method) else { return format!("no method `{method}`") };
    let shown = |of| {
        let shape = if writes { contract.written(of, contract.codec) } else { contract.read(of, contract.codec) };
        shape.to_string()
    };
    let argument = part.strip_prefix("argument `").and_then(|rest| rest.strip_suffix('`'));
    let argument = argument.and_then(|name| found.arguments.iter().find(|argument| argument.name == name));
    match (part, argument) {
        (_, Some(argument)) => shown(&argument.r#type),
        ("answer", _) => shown(&found.answer),
        ("error", _) => shown(&found.error),
        ("topic", _) => format!("topic `{}`", contract.topic),
        ("reply topic", _) => format!("reply topic `{}`", contract.reply),
        ("codec", _) => format!("codec {}", contract.codec.name()),
        ("opaque", _) => format!("opaque = {:?}", found.opaque),
        _ => {
            let arguments = found.arguments.iter().map(|it| format!("{}: {}", it.name, it.r#type.name));
            format!("{method}({})", arguments.collect::<Vec<_>>().join(", "))
        }
    }
}

/// Contracts that are called and that nobody serves.
pub(super) fn not_served(board: &Board, found: &mut Vec<Finding>) {
    for contract in &board.contracts {
        if board.roles_of(&contract.id, Does::Serves).next().is_some() {
            continue;
        }
        // One service may have two versions of a contract under way.
        let mut callers: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for role in board.roles_of(&contract.id, Does::Calls) {
            callers.entry(&role.service).or_default().extend(role.evidence.iter().cloned());
        }
        let elsewhere: Vec<&str> = board
            .contracts
            .iter()
            .filter(|other| other.name == contract.name && other.id != contract.id)
            .filter(|other| board.roles_of(&other.id, Does::Serves).next().is_some())
            .map(|other| other.id.as_str())
            .collect();
        for (caller, evidence) in callers {
            let mut sentence = format!("{caller} calls {}, which nobody on the board serves", contract.id);
            if !elsewhere.is_empty() {
                let _ = write!(sentence, "; {} is served, on another topic", quoted(elsewhere.iter().copied()));
            }
            let next = "add the manifest of its server, or start one: its callers wait until their deadline";
            let mut finding = finding(Rule::NotServed, &[&contract.id, caller], sentence, next);
            finding.contracts.push(contract.id.clone());
            finding.services.push(caller.to_owned());
            finding.sides.push(side(caller, format!("calls {}", contract.id), &evidence));
            found.push(finding);
        }
    }
}

/// Methods that are served and that nobody calls.
pub(super) fn not_called(board: &Board, found: &mut Vec<Finding>) {
    let known: HashSet<(&str, &str)> =
        board.edges.iter().map(|edge| (edge.contract.as_str(), edge.method.as_str())).collect();
    for contract in &board.contracts {
        for role in board.roles_of(&contract.id, Does::Serves) {
            let Some(version) = contract.version(role.version) else { continue };
            let called = |method: &str| known.contains(&(contract.id.as_str(), method));
            let methods: Vec<&str> = version
                .contract
                .methods
                .iter()
                .map(|method| method.name.as_str())
                .filter(|name| !called(name))
                .collect();
            for method in methods {
                let sentence =
                    format!("{} serves {}.{method}, which nobody on the board calls", role.service, contract.id);
                let next = "add the manifests of its callers, or take the method out once nobody calls it";
                let mut finding = finding(Rule::NotCalled, &[&contract.id, method, &role.service], sentence, next);
                finding.contracts.push(contract.id.clone());
                finding.methods.push(method.to_owned());
                finding.services.push(role.service.clone());
                finding.sides.push(side(&role.service, format!("serves {}.{method}", contract.id), &role.evidence));
                for caller in board.roles_of(&contract.id, Does::Calls) {
                    let says = match &caller.methods {
                        Some(methods) => format!("calls {} alone", quoted(methods.iter().map(String::as_str))),
                        None => format!("has a version of {} without it", contract.id),
                    };
                    finding.sides.push(side(&caller.service, says, &caller.evidence));
                }
                found.push(finding);
            }
        }
    }
}
