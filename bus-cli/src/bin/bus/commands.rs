//! From what was typed to what is printed and the exit code.

use std::path::{Path, PathBuf};

use bus_cli::board::{Board, Levels, build};
use bus_cli::check::{Pair, Report, compare};
use bus_cli::input::{self, Document, InputError, Material, Source};
use bus_cli::{asyncapi, listing, markdown, mermaid, page};
use clap::CommandFactory;
use serde::Serialize;
use serde_json::{Value, json};

use crate::args::{Args, Command, Format, Inputs};

type Error = Box<dyn std::error::Error>;
type Done = Result<(String, u8), Error>;

/// What a commit begins with where it may also be a file.
const GIT: &str = "git:";

pub(crate) fn run(args: &Args) -> Done {
    match &args.command {
        Command::Board { inputs, out, json } => {
            let board = board(inputs)?;
            let mut text = String::new();
            if let Some(out) = out {
                write(out, &rendered(&board, out)?)?;
            }
            if *json {
                text = pretty(&board)?;
            } else if let Some(out) = out {
                text = summary(&board, out);
            }
            Ok((text, 0))
        }
        Command::Check { inputs, against, format, json } => {
            check(inputs, against.as_deref(), if *json { Format::Json } else { *format })
        }
        Command::Ls { inputs, json } => {
            let board = board(inputs)?;
            Ok((if *json { pretty(&board)? } else { listing::ls(&board) }, 0))
        }
        Command::Info { name, inputs, json } => {
            let board = board(inputs)?;
            let text = listing::info(&board, name).ok_or_else(|| nothing(&board, name))?;
            Ok((if *json { pretty(&about(&board, name))? } else { text }, 0))
        }
        Command::Mermaid { inputs, method, json } => pictures(&board(inputs)?, method.as_deref(), *json),
        Command::Asyncapi { inputs, service, out: Some(folder), json } if service.is_none() => {
            let files = write_documents(&board(inputs)?, folder)?;
            Ok((if *json { pretty(&files)? } else { files.join("\n") + "\n" }, 0))
        }
        Command::Asyncapi { inputs, service, .. } => document(&board(inputs)?, service.as_deref()),
        Command::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(*shell, &mut Args::command(), "bus", &mut text);
            Ok((String::from_utf8(text)?, 0))
        }
    }
}

/// The inputs that were named, or the locks below this folder.
fn material(inputs: &Inputs) -> Result<Material, InputError> {
    let files = if inputs.files.is_empty() && inputs.programs.is_empty() {
        input::locks_below(Path::new("."))?
    } else {
        inputs.files.clone()
    };
    let mut sources = input::files(&files)?;
    for program in &inputs.programs {
        sources.push(input::manifest_of(program, inputs.run_timeout)?);
    }
    if sources.is_empty() {
        let text = "nothing to read: name manifests or locks, ask a program with --run, or keep a bus.lock folder here";
        return Err(InputError::Nothing(text.to_owned()));
    }
    Ok(Material::of(sources))
}

fn levels(inputs: &Inputs) -> Levels {
    inputs.levels.iter().fold(Levels::default(), |levels, set| levels.with(set.rule, set.level))
}

fn board(inputs: &Inputs) -> Result<Board, InputError> {
    Ok(build(&material(inputs)?, &levels(inputs)))
}

fn pretty(value: &impl Serialize) -> Result<String, Error> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

fn write(file: &Path, text: &str) -> Result<(), Error> {
    std::fs::write(file, text).map_err(|cause| format!("{}: cannot be written: {cause}", file.display()).into())
}

fn rendered(board: &Board, out: &Path) -> Result<String, Error> {
    match out.extension().and_then(|ending| ending.to_str()) {
        Some("html" | "htm") => Ok(page::html(board)?),
        Some("json") => pretty(board),
        Some("md") => Ok(markdown::page(board)),
        _ => Err(format!("{}: the ending must be .html, .json or .md", out.display()).into()),
    }
}

fn summary(board: &Board, out: &Path) -> String {
    format!(
        "{}: {} services, {} contracts, {} findings\n",
        out.display(),
        board.services.len(),
        board.contracts.len(),
        board.findings.len()
    )
}

fn nothing(board: &Board, name: &str) -> Error {
    let services = board.services.iter().map(|service| service.name.as_str());
    let mut known: Vec<&str> = services.chain(board.contracts.iter().map(|contract| contract.id.as_str())).collect();
    known.dedup();
    known.truncate(20);
    format!("nothing here is called {name:?}; there are {}", known.join(", ")).into()
}

/// The parts of a board that are about a service, a contract or a method.
fn about(board: &Board, name: &str) -> Value {
    let (contract, method) = match board.contract(name) {
        Some(_) => (Some(name), None),
        None => name.rsplit_once('.').map_or((None, None), |(contract, method)| (Some(contract), Some(method))),
    };
    let services: Vec<_> = board.services.iter().filter(|it| it.id == name || it.name == name).collect();
    let ours = |id: &str| services.iter().any(|service| service.id == id);
    let of_contract = |id: &str| contract.is_some_and(|contract| contract == id);
    let of_method = |id: &str| method.is_none_or(|method| method == id);
    json!({
        "services": services,
        "contracts": board.contracts.iter().filter(|it| of_contract(&it.id)).collect::<Vec<_>>(),
        "roles": board.roles.iter().filter(|it| of_contract(&it.contract) || ours(&it.service)).collect::<Vec<_>>(),
        "edges": board.edges.iter().filter(|it| {
            (of_contract(&it.contract) && of_method(&it.method)) || ours(&it.caller) || it.server.as_deref().is_some_and(ours)
        }).collect::<Vec<_>>(),
        "findings": board.findings.iter().filter(|it| {
            it.contracts.iter().any(|id| of_contract(id)) || it.services.iter().any(|id| ours(id))
        }).collect::<Vec<_>>(),
    })
}

fn pictures(board: &Board, method: Option<&str>, json: bool) -> Done {
    if let Some(name) = method {
        let found = name.rsplit_once('.').and_then(|(contract, method)| mermaid::sequence(board, contract, method));
        let picture = found.ok_or_else(|| nothing(board, name))?;
        let text = if json { pretty(&json!({ "method": name, "mermaid": picture }))? } else { picture };
        return Ok((text, 0));
    }
    let all = mermaid::flowcharts(board);
    if json {
        let all: Vec<Value> =
            all.iter().map(|(service, picture)| json!({ "service": service, "mermaid": picture })).collect();
        return Ok((pretty(&all)?, 0));
    }
    let part = |(service, picture): &(Option<String>, String)| match service {
        Some(service) => format!("%% {}\n{picture}\n", mermaid::escaped(service)),
        None => picture.clone(),
    };
    Ok((all.iter().map(part).collect(), 0))
}

/// A document for each service, in a folder.
fn write_documents(board: &Board, folder: &Path) -> Result<Vec<String>, Error> {
    std::fs::create_dir_all(folder).map_err(|cause| format!("{}: cannot be made: {cause}", folder.display()))?;
    let mut files = Vec::new();
    for service in &board.services {
        let file = folder.join(format!("{}.asyncapi.json", asyncapi::file_name(&service.id)));
        write(&file, &pretty(&asyncapi::document(board, &service.id))?)?;
        files.push(file.display().to_string());
    }
    Ok(files)
}

fn document(board: &Board, service: Option<&str>) -> Done {
    let matching: Vec<_> = match service {
        Some(name) => board.services.iter().filter(|it| it.id == name || it.name == name).collect(),
        None => board.services.iter().collect(),
    };
    match matching.as_slice() {
        [one] => Ok((pretty(&asyncapi::document(board, &one.id))?, 0)),
        [] if service.is_none() => {
            Err("no manifest is among the inputs: who serves and calls is known from manifests alone".into())
        }
        [] => Err(nothing(board, service.unwrap_or_default())),
        several => {
            let ids: Vec<&str> = several.iter().map(|service| service.id.as_str()).collect();
            Err(format!("name one with --service ({}), or write all with --out FOLDER", ids.join(", ")).into())
        }
    }
}

fn check(inputs: &Inputs, against: Option<&str>, format: Format) -> Done {
    let material = material(inputs)?;
    let board = build(&material, &levels(inputs));
    let changed = match against {
        Some(against) => compare(&pairs(&material, against, inputs)?, &board),
        None => Vec::new(),
    };
    let report = Report::new(changed, board.findings);
    let text = match format {
        Format::Text => report.text(),
        Format::Json => pretty(&report)?,
        Format::Github => report.github(),
    };
    Ok((text, report.verdict.exit_code()))
}

/// Every input beside what it was.
fn pairs(material: &Material, against: &str, inputs: &Inputs) -> Result<Vec<Pair>, InputError> {
    let Some(reference) = against.strip_prefix(GIT) else {
        let old = input::files(&[PathBuf::from(against)])?;
        return Ok(by_contract(old, &material.sources));
    };
    let ran: Vec<String> = inputs.programs.iter().map(|program| program.display().to_string()).collect();
    let mut pairs = Vec::new();
    for source in material.sources.iter().filter(|source| !ran.contains(&source.name)) {
        let old = input::at_commit(reference, Path::new(&source.name))?;
        pairs.push(Pair { file: source.name.clone(), old, new: Some(source.clone()) });
    }
    // A lock that is gone is not found in any folder of today.
    if inputs.files.is_empty() {
        for path in input::locks_at_commit(reference)? {
            let known = |pair: &Pair| Path::new(pair.file.trim_start_matches("./")) == path;
            if !pairs.iter().any(known) {
                let old = input::at_commit(reference, &path)?;
                pairs.push(Pair { file: path.display().to_string(), old, new: None });
            }
        }
    }
    Ok(pairs)
}

/// What was, beside the input of today that it has become: a manifest of the same service, or whatever
/// has one of its contracts. A lock that nothing of today belongs to is gone.
fn by_contract(old: Vec<Source>, new: &[Source]) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for old in old {
        let names: Vec<String> = old.contracts().iter().map(|contract| contract.name.clone()).collect();
        let has = |new: &&Source| match (&old.document, &new.document) {
            (Document::Manifest(one), Document::Manifest(two)) => one.service == two.service,
            _ => new.contracts().iter().any(|contract| names.contains(&contract.name)),
        };
        let before = pairs.len();
        for new in new.iter().filter(has) {
            pairs.push(Pair { file: new.name.clone(), old: Some(old.clone()), new: Some(new.clone()) });
        }
        if pairs.len() == before {
            pairs.push(Pair { file: old.name.clone(), old: Some(old), new: None });
        }
    }
    pairs
}
