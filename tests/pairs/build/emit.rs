//! Types as Rust source.

use std::fmt::Write;

use crate::types::{Content, Def, Field, Ty, Universe};

pub(crate) fn pair(number: u64, old: &Universe, new: &Universe, what: &str, to: &mut String) {
    let _ = writeln!(to, "mod p{number} {{\n    use super::*;");
    side("old", old, to);
    side("new", new, to);
    let _ = writeln!(
        to,
        "    pub(crate) fn pair() -> Pair {{\n        Pair::of::<old::T0, new::T0>({number}, {what:?}, old::meaning, new::meaning)\n    }}\n}}"
    );
}

fn side(name: &str, universe: &Universe, to: &mut String) {
    let _ = writeln!(to, "    pub(crate) mod {name} {{\n        use super::*;");
    for (position, def) in universe.defs.iter().enumerate() {
        definition(position, def, to);
    }
    let _ =
        writeln!(to, "        pub(crate) fn meaning(of: &str, name: &str) -> u32 {{\n            match (of, name) {{");
    for (position, def) in universe.defs.iter().enumerate() {
        meanings(position, def, to);
    }
    to.push_str("                _ => 0,\n            }\n        }\n    }\n");
}

fn meanings(position: usize, def: &Def, to: &mut String) {
    let mut line = |name: &str, meaning: u32| {
        let _ = writeln!(to, "                (\"T{position}\", {name:?}) => {meaning},");
    };
    match def {
        Def::Struct { fields, .. } => fields.iter().for_each(|field| line(&field.name, field.meaning)),
        Def::Enum { variants, other } => {
            for variant in variants {
                line(&variant.name, variant.meaning);
                if let Content::Fields(fields) = &variant.content {
                    for field in fields {
                        line(&format!("{}.{}", variant.name, field.name), field.meaning);
                    }
                }
            }
            if *other {
                line("Rest", u32::MAX);
            }
        }
        Def::Newtype(_) | Def::Row(_) => {}
    }
}

fn definition(position: usize, def: &Def, to: &mut String) {
    to.push_str("        #[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]\n");
    match def {
        Def::Struct { fields, denies } => {
            if *denies {
                to.push_str("        #[serde(deny_unknown_fields)]\n");
            }
            let _ = writeln!(to, "        pub(crate) struct T{position} {{ {} }}", written(fields));
            make(position, &format!("Self {{ {} }}", made(fields)), to);
        }
        Def::Enum { variants, other } => {
            let mut text = String::new();
            let mut arms = String::new();
            let count = variants.len() + usize::from(*other);
            for (index, variant) in variants.iter().enumerate() {
                let content = match &variant.content {
                    Content::Nothing => String::new(),
                    Content::Value(ty) => format!("({})", source(ty)),
                    Content::Row(parts) => format!("({})", parts.iter().map(source).collect::<Vec<_>>().join(", ")),
                    Content::Fields(fields) => format!(" {{ {} }}", written(fields)),
                };
                let values = match &variant.content {
                    Content::Nothing => String::new(),
                    Content::Value(_) => "(Make::make(random))".to_owned(),
                    Content::Row(parts) => format!("({})", vec!["Make::make(random)"; parts.len()].join(", ")),
                    Content::Fields(fields) => format!(" {{ {} }}", made(fields)),
                };
                let _ = write!(text, "{}{}{content}, ", attributes(&variant.aliases, false, false), variant.name);
                let pattern = if index + 1 == count { "_".to_owned() } else { index.to_string() };
                let _ = write!(arms, "{pattern} => Self::{}{values}, ", variant.name);
            }
            if *other {
                text.push_str("#[serde(other)] Rest, ");
                arms.push_str("_ => Self::Rest, ");
            }
            let _ = writeln!(to, "        pub(crate) enum T{position} {{ {text} }}");
            make(position, &format!("match random.below({count}) {{ {arms} }}"), to);
        }
        Def::Newtype(ty) => {
            let _ = writeln!(to, "        pub(crate) struct T{position}({});", source(ty));
            make(position, "Self(Make::make(random))", to);
        }
        Def::Row(parts) => {
            let types = parts.iter().map(source).collect::<Vec<_>>().join(", ");
            let _ = writeln!(to, "        pub(crate) struct T{position}({types});");
            make(position, &format!("Self({})", vec!["Make::make(random)"; parts.len()].join(", ")), to);
        }
    }
}

fn make(position: usize, value: &str, to: &mut String) {
    let _ = writeln!(
        to,
        "        impl Make for T{position} {{\n            fn make(random: &mut Random) -> Self {{ random.deeper(|random| {value}) }}\n        }}"
    );
}

fn written(fields: &[Field]) -> String {
    let text = |field: &Field| {
        format!("{}{}: {}", attributes(&field.aliases, field.default, field.skips_none), field.name, source(&field.ty))
    };
    fields.iter().map(text).collect::<Vec<_>>().join(", ")
}

fn made(fields: &[Field]) -> String {
    fields.iter().map(|field| format!("{}: Make::make(random)", field.name)).collect::<Vec<_>>().join(", ")
}

fn attributes(aliases: &[String], default: bool, skips_none: bool) -> String {
    let mut words: Vec<String> = aliases.iter().map(|alias| format!("alias = {alias:?}")).collect();
    if default {
        words.push("default".to_owned());
    }
    if skips_none {
        words.push("skip_serializing_if = \"Option::is_none\"".to_owned());
    }
    if words.is_empty() { String::new() } else { format!("#[serde({})] ", words.join(", ")) }
}

fn source(ty: &Ty) -> String {
    match ty {
        Ty::Leaf(name) => (*name).to_owned(),
        Ty::Optional(of) => format!("Option<{}>", source(of)),
        Ty::List(of) => format!("Vec<{}>", source(of)),
        Ty::Map(of) => format!("BTreeMap<String, {}>", source(of)),
        Ty::Tuple(parts) => format!("({})", parts.iter().map(source).collect::<Vec<_>>().join(", ")),
        Ty::Array(of, length) => format!("[{}; {length}]", source(of)),
        Ty::Named(position) => format!("T{position}"),
    }
}
