//! A board for a terminal: `bus ls` and `bus info`.

use std::fmt::Write as _;

use bus::contract::{ContractDescription, DEFAULT_TIMEOUT, MethodDescription};

use crate::board::{Board, BoardContract, ContractVersion, Does, Role, Service};
use crate::words::{columns, plain};

/// All services and contracts, a line each.
pub fn ls(board: &Board) -> String {
    let mut rows = vec![cells(["SERVICE", "SERVES", "CALLS"])];
    for service in &board.services {
        rows.push(vec![plain(&service.id), roles(board, service, Does::Serves), roles(board, service, Does::Calls)]);
    }
    let mut text = if board.services.is_empty() { String::new() } else { columns(&rows) + "\n" };
    let mut rows = vec![cells(["CONTRACT", "REQUESTS", "REPLIES", "CODEC", "METHODS", "VERSIONS"])];
    for contract in &board.contracts {
        let Some(current) = contract.current().map(|version| &version.contract) else { continue };
        rows.push(vec![
            plain(&contract.id),
            plain(&current.topic),
            plain(&current.reply),
            current.codec.name().to_owned(),
            current.methods.len().to_string(),
            contract.versions.len().to_string(),
        ]);
    }
    text.push_str(&columns(&rows));
    text
}

fn cells<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).to_vec()
}

fn roles(board: &Board, service: &Service, does: Does) -> String {
    let mine = |role: &&Role| role.service == service.id && role.does == does;
    let names: Vec<String> = board.roles.iter().filter(mine).map(|role| plain(&role.contract)).collect();
    if names.is_empty() { "-".to_owned() } else { names.join(", ") }
}

/// What is known of a service, a contract or a method (`Orders.place`); `None` where there is none of
/// this name.
pub fn info(board: &Board, name: &str) -> Option<String> {
    if let Some(service) = board.services.iter().find(|service| service.id == name || service.name == name) {
        return Some(service_info(board, service));
    }
    if let Some(contract) = board.contract(name) {
        return Some(contract_info(board, contract));
    }
    let (contract, method) = name.rsplit_once('.')?;
    let contract = board.contract(contract)?;
    let current = &contract.current()?.contract;
    Some(method_info(board, contract, current, current.method(method)?))
}

fn service_info(board: &Board, service: &Service) -> String {
    let mut text = format!("service {}\n", plain(&service.id));
    let _ = writeln!(text, "known from {}", plain(&service.evidence.join(", ")));
    for (does, word) in [(Does::Serves, "serves"), (Does::Calls, "calls")] {
        for role in board.roles.iter().filter(|role| role.service == service.id && role.does == does) {
            let methods = role.methods.as_ref().map_or_else(String::new, |methods| format!(": {}", methods.join(", ")));
            let _ = writeln!(
                text,
                "{word} {}, version {} on this board{}",
                plain(&role.contract),
                role.version,
                plain(&methods)
            );
        }
    }
    findings(&mut text, board, |finding| finding.services.contains(&service.id));
    text
}

fn contract_info(board: &Board, contract: &BoardContract) -> String {
    let mut text = format!("contract {}\n", plain(&contract.id));
    let Some(current) = contract.current().map(|version| &version.contract) else { return text };
    for line in current.docs.lines() {
        let _ = writeln!(text, "  {}", plain(line));
    }
    for topic in board.topics.iter().filter(|topic| topic.contracts.contains(&contract.id)) {
        let purpose = format!("{:?}", topic.purpose).to_lowercase();
        let least = topic.at_least.map_or_else(|| "when made".to_owned(), |_| "at least".to_owned());
        let _ = writeln!(text, "topic {} ({purpose}), {} partitions {least}", plain(&topic.name), topic.partitions);
    }
    let _ = writeln!(text, "codec {}", current.codec.name());
    people(&mut text, board, contract);
    for method in &current.methods {
        let _ = writeln!(text, "method {}", plain(&signature(method)));
    }
    for version in &contract.versions {
        let _ = writeln!(text, "version {}: {}", version.number, plain(&version_words(version)));
    }
    findings(&mut text, board, |finding| finding.contracts.contains(&contract.id));
    text
}

fn version_words(version: &ContractVersion) -> String {
    let retired = if version.retired { ", retired" } else { "" };
    format!("{}{retired}", version.evidence.join("; "))
}

fn people(text: &mut String, board: &Board, contract: &BoardContract) {
    for (does, word) in [(Does::Calls, "called by"), (Does::Serves, "served by")] {
        let names: Vec<String> = board.roles_of(&contract.id, does).map(|role| plain(&role.service)).collect();
        let _ = writeln!(text, "{word} {}", if names.is_empty() { "nobody here".to_owned() } else { names.join(", ") });
    }
}

fn method_info(
    board: &Board,
    contract: &BoardContract,
    of: &ContractDescription,
    method: &MethodDescription,
) -> String {
    let mut text = format!("method {}.{}\n", plain(&contract.id), plain(&signature(method)));
    for line in method.docs.lines() {
        let _ = writeln!(text, "  {}", plain(line));
    }
    for argument in &method.arguments {
        let key = if argument.key { ", chooses the partition" } else { "" };
        let shape = of.read(&argument.r#type, of.codec).to_string();
        let _ = writeln!(text, "argument {}: {}{key}", plain(&argument.name), plain(&shape));
    }
    for (word, part) in [("answer", &method.answer), ("error", &method.error)] {
        let _ = writeln!(text, "{word} {}", plain(&of.written(part, of.codec).to_string()));
    }
    let timeout = method.timeout_ms.or(of.timeout_ms);
    let timeout =
        timeout.map_or_else(|| format!("the caller's, {DEFAULT_TIMEOUT:?} without one"), |ms| format!("{ms} ms"));
    let _ = writeln!(text, "timeout {timeout}");
    if !method.options.is_empty() {
        let _ = writeln!(text, "options {}", plain(&method.options.join(", ")));
    }
    for edge in board.edges.iter().filter(|edge| edge.contract == contract.id && edge.method == method.name) {
        let server = edge.server.as_deref().unwrap_or("nobody");
        let outcome =
            edge.verdict.as_ref().map_or_else(|| "not served".to_owned(), |verdict| verdict.outcome.to_string());
        let _ = writeln!(text, "{} calls {}: {outcome}", plain(&edge.caller), plain(server));
    }
    findings(&mut text, board, |finding| {
        finding.contracts.contains(&contract.id)
            && (finding.methods.is_empty() || finding.methods.contains(&method.name))
    });
    text
}

/// A method as the source would write it.
pub fn signature(method: &MethodDescription) -> String {
    let arguments: Vec<String> =
        method.arguments.iter().map(|argument| format!("{}: {}", argument.name, argument.r#type.name)).collect();
    format!("{}({}) -> Result<{}, {}>", method.name, arguments.join(", "), method.answer.name, method.error.name)
}

fn findings(text: &mut String, board: &Board, about: impl Fn(&crate::board::Finding) -> bool) {
    for finding in board.findings.iter().filter(|finding| about(finding)) {
        let _ = writeln!(text, "{}: {}", finding.level, plain(&finding.sentence));
    }
}
