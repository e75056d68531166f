//! The board as Markdown with Mermaid pictures.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bus::Contract;
use bus::contract::{DEFAULT_PARTITIONS, Exchange, Method, Run};

use crate::programs::Program;

/// The whole board.
pub(crate) fn board(programs: &[Program]) -> String {
    let mut contracts: BTreeMap<&str, &'static Contract> = BTreeMap::new();
    for contract in programs.iter().flat_map(|program| program.serves.iter().chain(&program.calls)) {
        contracts.insert(contract.name(), contract);
    }
    let mut page = String::from(
        "# Interaction board\n\n\
         Who calls whom in the examples, over which topics, with which types. Drawn by `scripts/board` from the contracts \
         and the programs; a test fails when it is out of date.\n\n",
    );
    picture(&mut page, programs);
    for contract in contracts.values() {
        section(&mut page, contract, programs);
    }
    page
}

/// All programs and contracts, the caller on the left.
fn picture(page: &mut String, programs: &[Program]) {
    page.push_str("```mermaid\nflowchart LR\n");
    for program in programs {
        for contract in &program.calls {
            let _ = writeln!(
                page,
                "    {}[{}] -->|{}| {}",
                id(program.name),
                program.name,
                contract.topic(),
                hexagon(contract)
            );
        }
        for contract in &program.serves {
            let _ = writeln!(page, "    {} --> {}_[{}]", hexagon(contract), id(program.name), program.name);
        }
    }
    page.push_str("```\n");
}

fn id(name: &str) -> String {
    name.replace('-', "_")
}

fn hexagon(contract: &Contract) -> String {
    format!("{0}{{{{{0}}}}}", contract.name())
}

fn section(page: &mut String, contract: &Contract, programs: &[Program]) {
    let who = |uses: fn(&Program) -> &Vec<&'static Contract>| {
        let names: Vec<_> = programs
            .iter()
            .filter(|program| uses(program).iter().any(|used| used.name() == contract.name()))
            .map(|program| format!("`{}`", program.name))
            .collect();
        if names.is_empty() { "nobody here".to_owned() } else { names.join(", ") }
    };
    let _ = writeln!(page, "\n## {}\n", contract.name());
    if !contract.docs().is_empty() {
        let _ = writeln!(page, "{}\n", contract.docs());
    }
    let _ = writeln!(page, "| | |\n| --- | --- |");
    let _ = writeln!(page, "| called by | {} |", who(|program| &program.calls));
    let _ = writeln!(page, "| served by | {} |", who(|program| &program.serves));
    let _ = writeln!(page, "| requests | `{}`, {} |", contract.topic(), partitions(contract.partitions()));
    let _ = writeln!(page, "| replies | `{}`, {} |", contract.reply(), partitions(contract.reply_partitions()));
    let _ = writeln!(page, "| consumer group | `{}` |", contract.topic());
    let _ = writeln!(page, "| dead letters | `{}` |", contract.dead_letter_topic());
    let _ = writeln!(page, "| key of a record | the reply partition that the caller reads |");
    let _ = writeln!(page, "| codec | {} |", contract.codec());
    for method in contract.methods() {
        describe(page, contract, method);
    }
}

fn partitions(asked: Option<u32>) -> String {
    match asked {
        Some(count) => format!("{count} partitions at least"),
        None => format!("{DEFAULT_PARTITIONS} partitions when made"),
    }
}

fn describe(page: &mut String, contract: &Contract, method: &Method) {
    let arguments: Vec<_> = method
        .arguments()
        .iter()
        .map(|argument| format!("{}: {}", argument.name(), argument.r#type().name()))
        .collect();
    let _ = writeln!(
        page,
        "\n### `{}({}) -> Result<{}, {}>`\n",
        method.name(),
        arguments.join(", "),
        method.answer().name(),
        method.error().name()
    );
    if !method.docs().is_empty() {
        let _ = writeln!(page, "{}\n", method.docs());
    }
    for argument in method.arguments() {
        let _ = writeln!(page, "* `{}`: `{}`", argument.name(), argument.r#type().shape());
    }
    let _ = writeln!(page, "* answer: `{}`", method.answer().shape());
    let _ = writeln!(page, "* error: `{}`", method.error().shape());
    let key = method.arguments().iter().find(|argument| argument.is_key());
    let _ = match key {
        Some(key) => writeln!(page, "* request partition: by `{}`", key.name()),
        None => writeln!(page, "* request partition: in turns"),
    };
    let timeout = method.timeout().or(contract.timeout());
    let _ = match timeout {
        Some(timeout) => writeln!(page, "* timeout: {timeout:?}"),
        None => writeln!(page, "* timeout: the caller's, 5s without one"),
    };
    let options = method.options();
    let words = [
        (options.run == Run::Blocking, "blocking"),
        (options.run == Run::Inline, "inline"),
        (options.idempotent, "idempotent"),
        (options.exchange == Exchange::Oneway, "oneway"),
        (options.exchange == Exchange::CancellableAnswer, "cancel"),
    ];
    let set: Vec<_> = words.iter().filter(|(set, _)| *set).map(|(_, word)| *word).collect();
    if !set.is_empty() {
        let _ = writeln!(page, "* options: {}", set.join(", "));
    }
    let _ = writeln!(page, "* fingerprint: `{}`", method.fingerprint());
}
