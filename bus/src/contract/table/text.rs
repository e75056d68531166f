//! Types as text: the canonical one, which is frozen, and the one for people.

use std::collections::{HashMap, HashSet};
use std::fmt::{self, Write};

use super::{Content, FieldShape, Others, Presence, TypeNumber, TypeRef, TypeShape};

impl TypeRef<'_> {
    /// The canonical text of the type and of all that it is made of, one type a line. It is the
    /// same on every machine and in every release.
    pub fn text(self) -> String {
        canonical(self, true)
    }

    /// The same without the names of types, which are no part of what is agreed on.
    pub(crate) fn nameless_text(self) -> String {
        canonical(self, false)
    }
}

/// A type and all that it is made of, one type a line. Types without parts stand where they are used.
///
/// ```text
/// #0 struct "Order" { "id": u64, "note"?|"remark": #1 }
/// #1 option string
/// ```
///
/// A field with `?` may be missing, with `~` nobody knows; names behind `|` are aliases. `..` stands
/// where other names are skipped (and may be taken for `other`), `..?` where nobody knows. A struct
/// skips them unless `!` says that it refuses them; an enum refuses them unless it says otherwise.
fn canonical(root: TypeRef<'_>, names: bool) -> String {
    let mut lines = Lines { numbers: Vec::new(), known: HashMap::new(), root, names };
    lines.number(root.number());
    let mut text = String::new();
    if let Some(word) = word(root.shape()) {
        let _ = writeln!(text, "{word}");
        return text;
    }
    let mut next = 0;
    while let Some(number) = lines.numbers.get(next).copied() {
        let _ = write!(text, "#{next} ");
        lines.line(root.at(number).shape(), &mut text);
        text.push('\n');
        next += 1;
    }
    text
}

/// Types in the order in which they are first referred to.
struct Lines<'a> {
    numbers: Vec<TypeNumber>,
    known: HashMap<TypeNumber, usize>,
    root: TypeRef<'a>,
    /// Whether types have their names.
    names: bool,
}

impl Lines<'_> {
    fn number(&mut self, of: TypeNumber) -> usize {
        let next = self.numbers.len();
        let number = *self.known.entry(of).or_insert(next);
        if number == next {
            self.numbers.push(of);
        }
        number
    }

    fn refer(&mut self, of: TypeNumber, to: &mut String) {
        if let Some(word) = word(self.root.at(of).shape()) {
            to.push_str(word);
        } else {
            let number = self.number(of);
            let _ = write!(to, "#{number}");
        }
    }

    /// What comes before a type with a name.
    fn named(&self, kind: &str, name: &str, to: &mut String) {
        to.push_str(kind);
        if self.names {
            let _ = write!(to, " {name:?}");
        }
    }

    fn list(&mut self, parts: &[TypeNumber], to: &mut String) {
        to.push('(');
        for (index, part) in parts.iter().enumerate() {
            to.push_str(if index == 0 { "" } else { ", " });
            self.refer(*part, to);
        }
        to.push(')');
    }

    fn fields(&mut self, fields: &[FieldShape], others: Others, to: &mut String) {
        to.push('{');
        for (index, field) in fields.iter().enumerate() {
            to.push_str(if index == 0 { " " } else { ", " });
            let _ = write!(to, "{:?}", field.name);
            to.push_str(match field.presence {
                Presence::Always => "",
                Presence::Sometimes => "?",
                Presence::Unknown => "~",
            });
            aliases(&field.aliases, to);
            to.push_str(": ");
            self.refer(field.of, to);
        }
        to.push_str(match others {
            Others::Ignored => " }",
            Others::Denied => " ! }",
            Others::Unknown => " ..? }",
        });
    }

    fn line(&mut self, shape: &TypeShape, to: &mut String) {
        match shape {
            TypeShape::Option(of) => {
                to.push_str("option ");
                self.refer(*of, to);
            }
            TypeShape::List(of) => {
                to.push_str("list ");
                self.refer(*of, to);
            }
            TypeShape::Map(key, value) => {
                to.push_str("map ");
                self.refer(*key, to);
                to.push_str(" to ");
                self.refer(*value, to);
            }
            TypeShape::Tuple(parts) => {
                to.push_str("tuple ");
                self.list(parts, to);
            }
            TypeShape::Array { of, length } => {
                let _ = write!(to, "array {length} of ");
                self.refer(*of, to);
            }
            TypeShape::UnitStruct { name } => {
                self.named("struct", name, to);
            }
            TypeShape::Newtype { name, of } => {
                self.named("struct", name, to);
                to.push_str(" is ");
                self.refer(*of, to);
            }
            TypeShape::TupleStruct { name, fields } => {
                self.named("struct", name, to);
                to.push(' ');
                self.list(fields, to);
            }
            TypeShape::Struct { name, fields, others } => {
                self.named("struct", name, to);
                to.push(' ');
                self.fields(fields, *others, to);
            }
            TypeShape::Enum { name, variants, others } => {
                self.named("enum", name, to);
                to.push_str(" {");
                for (index, variant) in variants.iter().enumerate() {
                    to.push_str(if index == 0 { " " } else { ", " });
                    let _ = write!(to, "{}={:?}", variant.index, variant.name);
                    aliases(&variant.aliases, to);
                    match &variant.content {
                        Content::Unit => {}
                        Content::Newtype(of) => {
                            to.push_str(" is ");
                            self.refer(*of, to);
                        }
                        Content::Tuple(parts) => {
                            to.push(' ');
                            self.list(parts, to);
                        }
                        Content::Struct { fields, others } => {
                            to.push(' ');
                            self.fields(fields, *others, to);
                        }
                        Content::Unknown => to.push_str(" ?"),
                    }
                }
                to.push_str(match others {
                    Others::Ignored => " .. }",
                    Others::Denied => " }",
                    Others::Unknown => " ..? }",
                });
            }
            TypeShape::Opaque { name } => {
                self.named("opaque", name, to);
            }
            leaf => to.push_str(word(leaf).unwrap_or_default()),
        }
    }
}

fn aliases(names: &[String], to: &mut String) {
    for name in names {
        let _ = write!(to, "|{name:?}");
    }
}

/// The word for a type that has neither parts nor a name.
pub(crate) fn word(shape: &TypeShape) -> Option<&'static str> {
    Some(match shape {
        TypeShape::Unit => "()",
        TypeShape::Bool => "bool",
        TypeShape::I8 => "i8",
        TypeShape::I16 => "i16",
        TypeShape::I32 => "i32",
        TypeShape::I64 => "i64",
        TypeShape::I128 => "i128",
        TypeShape::U8 => "u8",
        TypeShape::U16 => "u16",
        TypeShape::U32 => "u32",
        TypeShape::U64 => "u64",
        TypeShape::U128 => "u128",
        TypeShape::F32 => "f32",
        TypeShape::F64 => "f64",
        TypeShape::Char => "char",
        TypeShape::Text => "string",
        TypeShape::Bytes => "bytes",
        _ => return None,
    })
}

/// Close to how the source writes it, in one line: `Vec<Order { id: u64, side: enum Side { Buy, Sell } }>`.
///
/// `^Node` is a type inside itself, `?Name` what could not be found out.
impl fmt::Display for TypeRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        people(*self, &mut Open { types: HashSet::new(), left: MOST_WORDS }, f)
    }
}

/// How many types are written out for people: a type may stand in many places.
const MOST_WORDS: usize = 2_000;

/// What is being written.
struct Open {
    types: HashSet<TypeNumber>,
    left: usize,
}

fn people(of: TypeRef<'_>, open: &mut Open, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let shape = of.shape();
    if let Some(word) = word(shape) {
        return f.write_str(word);
    }
    let Some(left) = open.left.checked_sub(1) else { return f.write_str("..") };
    open.left = left;
    if !open.types.insert(of.number()) {
        return write!(f, "^{}", shape.name().unwrap_or("_"));
    }
    match shape {
        TypeShape::Option(inner) => {
            f.write_str("Option<")?;
            people(of.at(*inner), open, f)?;
            f.write_str(">")?;
        }
        TypeShape::List(inner) => {
            f.write_str("Vec<")?;
            people(of.at(*inner), open, f)?;
            f.write_str(">")?;
        }
        TypeShape::Map(key, value) => {
            f.write_str("Map<")?;
            people(of.at(*key), open, f)?;
            f.write_str(", ")?;
            people(of.at(*value), open, f)?;
            f.write_str(">")?;
        }
        TypeShape::Array { of: inner, length } => {
            f.write_str("[")?;
            people(of.at(*inner), open, f)?;
            write!(f, "; {length}]")?;
        }
        TypeShape::Tuple(parts) => people_list(of, parts, open, f)?,
        TypeShape::UnitStruct { name } => f.write_str(name)?,
        TypeShape::Newtype { name, of: inner } => {
            f.write_str(name)?;
            people_list(of, &[*inner], open, f)?;
        }
        TypeShape::TupleStruct { name, fields } => {
            f.write_str(name)?;
            people_list(of, fields, open, f)?;
        }
        TypeShape::Struct { name, fields, .. } => {
            f.write_str(name)?;
            people_fields(of, fields, open, f)?;
        }
        TypeShape::Enum { name, variants, .. } => {
            write!(f, "enum {name} {{")?;
            for (index, variant) in variants.iter().enumerate() {
                write!(f, "{} {}", if index == 0 { "" } else { "," }, variant.name)?;
                match &variant.content {
                    Content::Unit => {}
                    Content::Newtype(inner) => people_list(of, &[*inner], open, f)?,
                    Content::Tuple(parts) => people_list(of, parts, open, f)?,
                    Content::Struct { fields, .. } => people_fields(of, fields, open, f)?,
                    Content::Unknown => f.write_str("(?)")?,
                }
            }
            f.write_str(" }")?;
        }
        TypeShape::Opaque { name } => write!(f, "?{name}")?,
        _ => {}
    }
    open.types.remove(&of.number());
    Ok(())
}

fn people_list(of: TypeRef<'_>, parts: &[TypeNumber], open: &mut Open, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("(")?;
    for (index, part) in parts.iter().enumerate() {
        f.write_str(if index == 0 { "" } else { ", " })?;
        people(of.at(*part), open, f)?;
    }
    f.write_str(")")
}

fn people_fields(of: TypeRef<'_>, fields: &[FieldShape], open: &mut Open, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if fields.is_empty() {
        return f.write_str(" {}");
    }
    for (index, field) in fields.iter().enumerate() {
        write!(f, "{} {}: ", if index == 0 { " {" } else { "," }, field.name)?;
        people(of.at(field.of), open, f)?;
    }
    f.write_str(" }")
}
