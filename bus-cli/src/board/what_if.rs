//! What a change of a method's types would do to its callers: the change is made to the server's
//! description, and the library's own verdict says what becomes of the values.

use std::collections::{BTreeSet, VecDeque};

use bus::Codec;
use bus::contract::{
    Content, ContractDescription, FieldShape, MethodDescription, Outcome, Presence, TypeDescription, TypeNumber,
    TypeShape, TypeTable, VariantShape, verdict,
};

use super::document::{Board, BoardContract, ContractVersion, Does, WhatIf, WhatIfCallers};

/// How many changes of one method are looked at.
pub const MOST_CHANGES: usize = 32;

/// How many changes of all methods are looked at.
pub const MOST_WHAT_IF: usize = 20_000;

/// The name that stands for a field or a variant to come.
const NEW: &str = "added_later";

/// Every change of every method that is called, and how many were left out.
pub(super) fn of(board: &Board) -> (Vec<WhatIf>, u64) {
    let (mut all, mut left_out) = (Vec::new(), 0);
    for contract in &board.contracts {
        let callers = versions(board, contract, Does::Calls);
        for server in versions(board, contract, Does::Serves) {
            for method in &server.contract.methods {
                let asks: Vec<_> = callers
                    .iter()
                    .filter_map(|caller| Some((caller.number, &caller.contract, caller.contract.method(&method.name)?)))
                    .collect();
                if asks.is_empty() {
                    continue;
                }
                let changes = changes_of(&server.contract, method);
                let looked_at = changes.len().min(MOST_CHANGES).min(MOST_WHAT_IF - all.len());
                left_out += (changes.len() - looked_at) as u64;
                for change in changes.into_iter().take(looked_at) {
                    let callers = asks.iter().map(|(number, caller, asks)| {
                        let (outcome, sentence) = change.verdict(caller, asks);
                        WhatIfCallers { version: *number, outcome, sentence }
                    });
                    all.push(WhatIf {
                        contract: contract.id.clone(),
                        version: server.number,
                        method: method.name.clone(),
                        part: change.part.clone(),
                        callers: callers.collect(),
                        change: change.words,
                    });
                }
            }
        }
    }
    (all, left_out)
}

/// The versions that somebody on the board was built with.
fn versions<'a>(board: &'a Board, contract: &'a BoardContract, does: Does) -> Vec<&'a ContractVersion> {
    let numbers: BTreeSet<u32> = board.roles_of(&contract.id, does).map(|role| role.version).collect();
    contract.versions.iter().filter(|version| numbers.contains(&version.number)).collect()
}

/// One change of a server's types.
struct Change<'a> {
    part: String,
    /// Which argument; `None` for what the server writes.
    argument: Option<usize>,
    of: &'a TypeDescription,
    /// The server's: its types are changed as they are under it.
    codec: Codec,
    words: String,
    types: TypeTable,
}

impl Change<'_> {
    fn verdict(&self, caller: &ContractDescription, asks: &MethodDescription) -> (Outcome, String) {
        let codec = self.codec;
        let shapes = self.of.shapes(codec);
        let mine = if self.argument.is_some() { shapes.read } else { shapes.written };
        let changed = self.types.get(mine);
        let theirs = match (self.argument, self.part.as_str()) {
            (Some(at), _) => asks.arguments.get(at).map(|argument| &argument.r#type),
            (None, "answer") => Some(&asks.answer),
            (None, _) => Some(&asks.error),
        };
        let (Some(changed), Some(theirs)) = (changed, theirs) else {
            return (Outcome::Unknown, "the caller has no such part".to_owned());
        };
        let found = match self.argument {
            Some(_) => verdict(caller.written(theirs, codec), changed, codec),
            None => verdict(changed, caller.read(theirs, codec), codec),
        };
        let sentence = found.worst().map_or_else(String::new, |worst| match worst.path.as_str() {
            "" => worst.sentence.clone(),
            path => format!("`{path}`: {}", worst.sentence),
        });
        (found.outcome, sentence)
    }
}

/// The changes of a method's types that are looked at, in the order of its parts.
fn changes_of<'a>(contract: &'a ContractDescription, method: &'a MethodDescription) -> Vec<Change<'a>> {
    let arguments = method.arguments.iter().enumerate();
    let arguments =
        arguments.map(|(at, argument)| (format!("argument `{}`", argument.name), Some(at), &argument.r#type));
    let back = [("answer".to_owned(), None, &method.answer), ("error".to_owned(), None, &method.error)];
    let mut changes = Vec::new();
    for (part, argument, of) in arguments.chain(back) {
        let shapes = of.shapes(contract.codec);
        let root = if argument.is_some() { shapes.read } else { shapes.written };
        for (words, types) in changed(&contract.types, root, argument.is_none()) {
            changes.push(Change { part: part.clone(), argument, of, codec: contract.codec, words, types });
        }
    }
    changes
}

/// Each change of a type and of what it is made of.
fn changed(table: &TypeTable, root: TypeNumber, writes: bool) -> Vec<(String, TypeTable)> {
    let mut all = Vec::new();
    for number in reachable(table, root) {
        let Some(place) = usize::try_from(number).ok().filter(|place| *place < table.types().len()) else { continue };
        for (words, shape) in variations(&table.types()[place], any_leaf(table), writes) {
            let mut types = table.types().to_vec();
            types[place] = shape;
            // What would contain itself is no change that anybody could make.
            if let Ok(types) = TypeTable::try_from(types) {
                all.push((words, types));
            }
        }
    }
    all
}

/// The types that a type is made of, itself first.
fn reachable(table: &TypeTable, root: TypeNumber) -> Vec<TypeNumber> {
    let (mut open, mut seen) = (VecDeque::from([root]), Vec::new());
    while let Some(number) = open.pop_front() {
        if seen.contains(&number) {
            continue;
        }
        seen.push(number);
        let shape = usize::try_from(number).ok().and_then(|place| table.types().get(place));
        open.extend(shape.map(TypeShape::parts).unwrap_or_default());
    }
    seen
}

/// A type of the table that has no parts, for what is added.
fn any_leaf(table: &TypeTable) -> Option<TypeNumber> {
    let leaf = |shape: &TypeShape| shape.parts().is_empty() && !matches!(shape, TypeShape::Opaque { .. });
    table.types().iter().position(leaf).and_then(|place| TypeNumber::try_from(place).ok())
}

/// A type, changed in each of the ways in which types are changed.
fn variations(shape: &TypeShape, leaf: Option<TypeNumber>, writes: bool) -> Vec<(String, TypeShape)> {
    let mut all = Vec::new();
    match shape {
        TypeShape::Struct { name, fields, others } => {
            let with = |fields: Vec<FieldShape>| TypeShape::Struct { name: name.clone(), fields, others: *others };
            for at in 0..fields.len() {
                let mut without = fields.clone();
                let gone = without.remove(at);
                all.push((format!("field `{}` of `{name}` removed", gone.name), with(without)));
                let mut renamed = fields.clone();
                renamed[at].name = format!("{}_renamed", gone.name);
                renamed[at].aliases.clear();
                all.push((format!("field `{}` of `{name}` renamed", gone.name), with(renamed)));
            }
            if let Some(of) = leaf {
                let added: &[_] = if writes {
                    &[("a field", Presence::Always)]
                } else {
                    &[("a field without a default", Presence::Always), ("a field with a default", Presence::Sometimes)]
                };
                for (words, presence) in added {
                    let mut more = fields.clone();
                    more.push(FieldShape { name: NEW.to_owned(), of, aliases: Vec::new(), presence: *presence });
                    all.push((format!("{words} added to `{name}`"), with(more)));
                }
            }
        }
        TypeShape::Enum { name, variants, others } => {
            let with = |variants: Vec<VariantShape>| TypeShape::Enum { name: name.clone(), variants, others: *others };
            for at in 0..variants.len() {
                let mut without = variants.clone();
                let gone = without.remove(at);
                for (place, variant) in without.iter_mut().enumerate().skip(at) {
                    variant.index = u32::try_from(place).unwrap_or(u32::MAX);
                }
                all.push((format!("variant `{}` of `{name}` removed", gone.name), with(without)));
            }
            let mut more = variants.clone();
            let index = u32::try_from(variants.len()).unwrap_or(u32::MAX);
            more.push(VariantShape { name: NEW.to_owned(), index, aliases: Vec::new(), content: Content::Unit });
            all.push((format!("a variant added to `{name}`"), with(more)));
        }
        _ => {}
    }
    all
}
