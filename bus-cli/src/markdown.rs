//! A board as a page of Markdown, for a repository.

use std::fmt::Write as _;

use bus::contract::{ContractDescription, DEFAULT_TIMEOUT, MethodDescription};

use crate::board::{Board, BoardContract, Does, Topic};
use crate::listing::signature;
use crate::mermaid::flowcharts;

/// The whole board.
pub fn page(board: &Board) -> String {
    let mut page = String::from(
        "# Interaction board\n\nWho calls whom, over which topics, with which types. Drawn by `bus board` from the programs' \
         own manifests.\n\n",
    );
    for (service, picture) in flowcharts(board) {
        if let Some(service) = service {
            let _ = writeln!(page, "What {} has to do with:\n", code(&service));
        }
        let _ = writeln!(page, "```mermaid\n{picture}```\n");
    }
    let _ = writeln!(page, "## Findings\n");
    if board.findings.is_empty() {
        let _ = writeln!(page, "Nothing is wrong, as far as manifests and locks tell.");
    }
    for finding in &board.findings {
        let _ = writeln!(
            page,
            "* **{}** {} ({}): {}",
            finding.level,
            finding.rule,
            text(&finding.sentence),
            finding.next_step
        );
    }
    for contract in &board.contracts {
        section(&mut page, board, contract);
    }
    page
}

/// A text that Markdown shows as it is.
fn text(of: &str) -> String {
    let mut shown = String::with_capacity(of.len());
    for letter in of.chars() {
        match letter {
            '<' => shown.push_str("&lt;"),
            '&' => shown.push_str("&amp;"),
            '|' => shown.push_str("\\|"),
            letter if letter.is_control() => shown.push(' '),
            letter => shown.push(letter),
        }
    }
    shown
}

/// A text as code, whatever stands in it.
fn code(of: &str) -> String {
    let line: String = of.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    if line.contains('`') { format!("`` {line} ``") } else { format!("`{line}`") }
}

fn section(page: &mut String, board: &Board, contract: &BoardContract) {
    let Some(current) = contract.current().map(|version| &version.contract) else { return };
    let who = |does| {
        let mut names: Vec<String> = board.roles_of(&contract.id, does).map(|role| code(&role.service)).collect();
        names.dedup();
        if names.is_empty() { "nobody here".to_owned() } else { names.join(", ") }
    };
    let _ = writeln!(page, "\n## {}\n", text(&contract.id));
    if !current.docs.is_empty() {
        let _ = writeln!(page, "{}\n", current.docs.lines().map(text).collect::<Vec<_>>().join("\n"));
    }
    let topic = |name: &str| {
        let found = board.topics.iter().find(|topic| topic.name == name && topic.contracts.contains(&contract.id));
        format!("{}{}", code(name), found.map(partitions).unwrap_or_default())
    };
    let _ = writeln!(page, "| | |\n| --- | --- |");
    let _ = writeln!(page, "| called by | {} |", who(Does::Calls));
    let _ = writeln!(page, "| served by | {} |", who(Does::Serves));
    let _ = writeln!(page, "| requests | {} |", topic(&current.topic));
    let _ = writeln!(page, "| replies | {} |", topic(&current.reply));
    let _ = writeln!(page, "| consumer group | {} |", code(&current.topic));
    let _ = writeln!(page, "| dead letters | {} |", topic(&current.dead_letters));
    let _ = writeln!(page, "| key of a record | the reply partition that the caller reads |");
    let _ = writeln!(page, "| codec | {} |", current.codec.name());
    for method in &current.methods {
        describe(page, current, method);
    }
}

fn partitions(topic: &Topic) -> String {
    let count = topic.partitions;
    let of = if count == 1 { "partition" } else { "partitions" };
    let when = if topic.at_least.is_some() { "at least" } else { "when made" };
    format!(", {count} {of} {when}")
}

fn describe(page: &mut String, contract: &ContractDescription, method: &MethodDescription) {
    let _ = writeln!(page, "\n### {}\n", code(&signature(method)));
    if !method.docs.is_empty() {
        let _ = writeln!(page, "{}\n", method.docs.lines().map(text).collect::<Vec<_>>().join("\n"));
    }
    for argument in &method.arguments {
        let shape = contract.read(&argument.r#type, contract.codec).to_string();
        let _ = writeln!(page, "* {}: {}", code(&argument.name), code(&shape));
    }
    for (word, part) in [("answer", &method.answer), ("error", &method.error)] {
        let _ = writeln!(page, "* {word}: {}", code(&contract.written(part, contract.codec).to_string()));
    }
    let _ = match method.arguments.iter().find(|argument| argument.key) {
        Some(key) => writeln!(page, "* request partition: by {}", code(&key.name)),
        None => writeln!(page, "* request partition: in turns"),
    };
    let _ = match method.timeout_ms.or(contract.timeout_ms) {
        Some(timeout) => writeln!(page, "* timeout: {timeout} ms"),
        None => writeln!(page, "* timeout: the caller's, {DEFAULT_TIMEOUT:?} without one"),
    };
    if !method.options.is_empty() {
        let _ = writeln!(page, "* options: {}", text(&method.options.join(", ")));
    }
    if let Some(fingerprint) = &method.fingerprint {
        let _ = writeln!(page, "* fingerprint: {}", code(fingerprint));
    }
}
