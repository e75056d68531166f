//! Pictures for Markdown, in Mermaid's words.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Write as _;

use bus::contract::Outcome;

use crate::board::{Board, BoardContract, Does};

/// How many lines a picture may have before it is drawn in parts. Mermaid itself stops at 500.
pub const MOST_LINES: usize = 200;

/// A text where Mermaid takes any: letters that are words of its own become numbers.
pub fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            letter if letter.is_alphanumeric() => shown.push(letter),
            ' ' | '.' | '_' | '-' | '/' | ',' | '(' | ')' => shown.push(letter),
            letter if letter.is_control() => shown.push(' '),
            letter => {
                let _ = write!(shown, "#{};", u32::from(letter));
            }
        }
    }
    shown
}

/// All services and topics: one picture, or one for each service where one would not be readable.
pub fn flowcharts(board: &Board) -> Vec<(Option<String>, String)> {
    let styles = styles(board);
    let whole = flowchart(board, &styles, None);
    if whole.lines.len() <= MOST_LINES {
        return vec![(None, whole.text())];
    }
    let of = |id: &str| (Some(id.to_owned()), flowchart(board, &styles, Some(id)).text());
    board.services.iter().map(|service| of(&service.id)).collect()
}

/// How the lines are drawn of callers that do not get on with all servers of a contract.
type Styles<'a> = BTreeMap<(&'a str, &'a str), &'static str>;

fn styles(board: &Board) -> Styles<'_> {
    let mut worst: BTreeMap<(&str, &str), Outcome> = BTreeMap::new();
    for edge in &board.edges {
        let outcome = edge.verdict.as_ref().map_or(Outcome::Refused, |verdict| verdict.outcome);
        let known = worst.entry((&edge.contract, &edge.caller)).or_insert(outcome);
        *known = outcome.max(*known);
    }
    worst.into_iter().filter_map(|(line, outcome)| Some((line, style(outcome)?))).collect()
}

fn style(outcome: Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Same | Outcome::Safe => None,
        Outcome::ByValue => Some("stroke:#b58900,stroke-width:2px"),
        Outcome::Unknown => Some("stroke:#888888,stroke-width:2px"),
        Outcome::ErrorInDecoding | Outcome::Refused => Some("stroke:#cc0000,stroke-width:3px"),
    }
}

/// The picture of the whole board or of what one service has to do with.
fn flowchart<'a>(board: &'a Board, styles: &Styles<'a>, only: Option<&str>) -> Drawing<'a> {
    let mut drawing = Drawing::default();
    for contract in &board.contracts {
        let of = |does| board.roles_of(&contract.id, does).map(|role| role.service.as_str()).collect::<BTreeSet<_>>();
        let (callers, servers) = (of(Does::Calls), of(Does::Serves));
        let Some(service) = only else {
            drawing.contract(styles, contract, &callers, &servers);
            continue;
        };
        // Its own calls with all who serve them, and its own serving with all who call.
        let own = |all: &BTreeSet<&'a str>| all.iter().copied().filter(|it| *it == service).collect::<BTreeSet<_>>();
        let (asking, answering) = (own(&callers), own(&servers));
        if !asking.is_empty() {
            drawing.contract(styles, contract, &asking, &servers);
        }
        if !answering.is_empty() {
            drawing.contract(styles, contract, &callers, &answering);
        }
    }
    drawing
}

#[derive(Default)]
struct Drawing<'a> {
    names: BTreeMap<(&'static str, &'a str), String>,
    nodes: Vec<String>,
    lines: Vec<String>,
    known: HashSet<String>,
    styles: Vec<(usize, &'static str)>,
}

impl<'a> Drawing<'a> {
    /// The name of a node: names of services and topics are no names of Mermaid's.
    fn node(&mut self, kind: &'static str, label: &'a str) -> String {
        if let Some(name) = self.names.get(&(kind, label)) {
            return name.clone();
        }
        let name = format!("{kind}{}", self.names.len());
        let (open, close) = if kind == "t" { ("[(\"", "\")]") } else { ("[\"", "\"]") };
        self.nodes.push(format!("{name}{open}{}{close}", escaped(label)));
        self.names.insert((kind, label), name.clone());
        name
    }

    fn contract(
        &mut self,
        styles: &Styles<'_>,
        contract: &'a BoardContract,
        callers: &BTreeSet<&'a str>,
        servers: &BTreeSet<&'a str>,
    ) {
        let Some(current) = contract.current() else { return };
        let requests = self.node("t", &current.contract.topic);
        let replies = self.node("t", &current.contract.reply);
        for caller in callers {
            let from = self.node("s", caller);
            let style = styles.get(&(contract.id.as_str(), *caller)).copied();
            self.line(format!("{from} -->|\"{}\"| {requests}", escaped(&contract.id)), style);
        }
        for server in servers {
            let to = self.node("s", server);
            self.line(format!("{requests} --> {to}"), None);
            self.line(format!("{to} -.-> {replies}"), None);
        }
        for caller in callers {
            let to = self.node("s", caller);
            self.line(format!("{replies} -.-> {to}"), None);
        }
    }

    /// A line; two contracts on one topic have some in common.
    fn line(&mut self, line: String, style: Option<&'static str>) {
        if !self.known.insert(line.clone()) {
            return;
        }
        self.styles.extend(style.map(|style| (self.lines.len(), style)));
        self.lines.push(line);
    }

    fn text(&self) -> String {
        let mut text = String::from("flowchart LR\n");
        for line in self.nodes.iter().chain(&self.lines) {
            let _ = writeln!(text, "    {line}");
        }
        for (at, style) in &self.styles {
            let _ = writeln!(text, "    linkStyle {at} {style}");
        }
        text
    }
}

/// The way of one method's request and reply; `None` where there is no such method.
pub fn sequence(board: &Board, contract: &str, method: &str) -> Option<String> {
    let contract = board.contract(contract)?;
    let current = &contract.current()?.contract;
    let method = current.method(method)?;
    let names = |does| {
        let mut names: Vec<&str> = board.roles_of(&contract.id, does).map(|role| role.service.as_str()).collect();
        names.dedup();
        if names.is_empty() { "nobody here".to_owned() } else { names.join(", ") }
    };
    let mut text = String::from("sequenceDiagram\n");
    for (name, label) in [
        ("caller", names(Does::Calls)),
        ("requests", current.topic.clone()),
        ("server", names(Does::Serves)),
        ("replies", current.reply.clone()),
    ] {
        let _ = writeln!(text, "    participant {name} as {}", escaped(&label));
    }
    let arguments: Vec<&str> = method.arguments.iter().map(|argument| argument.r#type.name.as_str()).collect();
    let by = method.arguments.iter().find(|argument| argument.key).map(|argument| argument.name.as_str());
    let partition = by.map_or_else(|| "in turns".to_owned(), |key| format!("by {key}"));
    let asked = format!("{}({}), key = reply partition, a header named TOKEN", method.name, arguments.join(", "));
    let _ = writeln!(text, "    caller->>requests: {}", escaped(&asked));
    let _ = writeln!(text, "    Note over requests: partition {}", escaped(&partition));
    let _ = writeln!(text, "    requests->>server: consumer group {}", escaped(&current.topic));
    if !method.options.iter().any(|option| option == "oneway") {
        let _ =
            writeln!(text, "    server->>replies: {} or {}", escaped(&method.answer.name), escaped(&method.error.name));
        let _ = writeln!(text, "    Note over replies: the partition that the key names");
        let _ = writeln!(text, "    replies->>caller: known by TOKEN");
    }
    let timeout = method.timeout_ms.or(current.timeout_ms);
    let timeout = timeout.map_or_else(|| "the caller's timeout".to_owned(), |ms| format!("a timeout of {ms} ms"));
    let _ = writeln!(text, "    Note over caller,replies: within {}", escaped(&timeout));
    Some(text)
}
