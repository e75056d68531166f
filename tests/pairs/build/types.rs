//! Types as a tree.

use crate::random::Random;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ty {
    Leaf(&'static str),
    Optional(Box<Ty>),
    List(Box<Ty>),
    Map(Box<Ty>),
    Tuple(Vec<Ty>),
    Array(Box<Ty>, usize),
    /// A type of the pair's own, by its position.
    Named(usize),
}

pub(crate) const LEAVES: [&str; 16] = [
    "bool", "u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64", "u128", "i128", "f32", "f64", "char", "String",
    "String",
];

#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// What it means, whatever it is called.
    pub(crate) meaning: u32,
    pub(crate) name: String,
    pub(crate) ty: Ty,
    pub(crate) default: bool,
    pub(crate) aliases: Vec<String>,
    pub(crate) skips_none: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Content {
    Nothing,
    Value(Ty),
    Row(Vec<Ty>),
    Fields(Vec<Field>),
}

#[derive(Clone, Debug)]
pub(crate) struct Variant {
    pub(crate) meaning: u32,
    pub(crate) name: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) content: Content,
}

#[derive(Clone, Debug)]
pub(crate) enum Def {
    Struct { fields: Vec<Field>, denies: bool },
    Enum { variants: Vec<Variant>, other: bool },
    Newtype(Ty),
    Row(Vec<Ty>),
}

/// The types of one side of a pair. The first is what is sent.
#[derive(Clone, Debug)]
pub(crate) struct Universe {
    pub(crate) defs: Vec<Def>,
    pub(crate) meanings: u32,
}

impl Universe {
    pub(crate) fn meaning(&mut self) -> u32 {
        self.meanings += 1;
        self.meanings
    }
}

pub(crate) fn universe(random: &mut Random) -> Universe {
    let mut universe = Universe { defs: Vec::new(), meanings: 0 };
    let count = 2 + random.below(3);
    for position in 0..count {
        let def = match random.below(if position == 0 { 6 } else { 10 }) {
            0..=5 if position == 0 || !random.one_in(3) => structure(&mut universe, position, count, random),
            0..=7 => choice(&mut universe, position, count, random),
            8 => Def::Newtype(ty(position, count, 1, random)),
            _ => Def::Row((0..2 + random.below(2)).map(|_| ty(position, count, 1, random)).collect()),
        };
        universe.defs.push(def);
    }
    universe
}

fn structure(universe: &mut Universe, position: usize, count: usize, random: &mut Random) -> Def {
    let fields = (0..1 + random.below(4)).map(|_| field(universe, position, count, random)).collect();
    Def::Struct { fields, denies: random.one_in(8) }
}

pub(crate) fn field(universe: &mut Universe, position: usize, count: usize, random: &mut Random) -> Field {
    let (meaning, ty) = (universe.meaning(), ty(position, count, 2, random));
    let optional = matches!(ty, Ty::Optional(_));
    let default = has_default(&ty) && random.one_in(2);
    Field {
        meaning,
        name: format!("f{meaning}"),
        skips_none: optional && random.one_in(4),
        default,
        aliases: Vec::new(),
        ty,
    }
}

fn choice(universe: &mut Universe, position: usize, count: usize, random: &mut Random) -> Def {
    let variants = (0..2 + random.below(3)).map(|_| variant(universe, position, count, random)).collect();
    Def::Enum { variants, other: random.one_in(6) }
}

pub(crate) fn variant(universe: &mut Universe, position: usize, count: usize, random: &mut Random) -> Variant {
    let meaning = universe.meaning();
    let content = match random.below(5) {
        0 | 1 => Content::Nothing,
        2 => Content::Value(ty(position, count, 1, random)),
        3 => Content::Row(vec![ty(position, count, 1, random), ty(position, count, 1, random)]),
        _ => Content::Fields((0..1 + random.below(2)).map(|_| field(universe, position, count, random)).collect()),
    };
    Variant { meaning, name: format!("V{meaning}"), aliases: Vec::new(), content }
}

/// A type that may hold the pair's types of later positions, so that every value ends; or itself, by
/// way of a list.
pub(crate) fn ty(position: usize, count: usize, depth: usize, random: &mut Random) -> Ty {
    let leaf = |random: &mut Random| Ty::Leaf(LEAVES[random.below(LEAVES.len())]);
    if depth == 0 {
        return leaf(random);
    }
    let inner = |random: &mut Random| Box::new(ty(position, count, depth - 1, random));
    match random.below(14) {
        0 | 1 => match *inner(random) {
            // Nothing in an option is the codec's own trouble, and no change.
            Ty::Optional(of) => Ty::Optional(of),
            of => Ty::Optional(Box::new(of)),
        },
        2 => Ty::List(inner(random)),
        3 => Ty::Map(inner(random)),
        4 => Ty::Tuple(vec![*inner(random), *inner(random)]),
        5 => Ty::Array(inner(random), 2),
        6..=9 if position + 1 < count => Ty::Named(position + 1 + random.below(count - position - 1)),
        6 => Ty::List(Box::new(Ty::Named(position))),
        _ => leaf(random),
    }
}

impl Universe {
    /// The types that the first is made of, itself among them.
    pub(crate) fn reachable(&self) -> Vec<usize> {
        let (mut open, mut found) = (vec![0], Vec::new());
        while let Some(position) = open.pop() {
            if !found.contains(&position) {
                found.push(position);
                match &self.defs[position] {
                    Def::Struct { fields, .. } => fields.iter().for_each(|field| named(&field.ty, &mut open)),
                    Def::Enum { variants, .. } => {
                        for variant in variants {
                            match &variant.content {
                                Content::Nothing => {}
                                Content::Value(ty) => named(ty, &mut open),
                                Content::Row(parts) => parts.iter().for_each(|part| named(part, &mut open)),
                                Content::Fields(fields) => fields.iter().for_each(|field| named(&field.ty, &mut open)),
                            }
                        }
                    }
                    Def::Newtype(ty) => named(ty, &mut open),
                    Def::Row(parts) => parts.iter().for_each(|part| named(part, &mut open)),
                }
            }
        }
        found
    }
}

fn named(ty: &Ty, to: &mut Vec<usize>) {
    match ty {
        Ty::Leaf(_) => {}
        Ty::Optional(of) | Ty::List(of) | Ty::Map(of) | Ty::Array(of, _) => named(of, to),
        Ty::Tuple(parts) => parts.iter().for_each(|part| named(part, to)),
        Ty::Named(position) => to.push(*position),
    }
}

/// Whether `Default` can make one.
pub(crate) fn has_default(ty: &Ty) -> bool {
    match ty {
        Ty::Leaf(_) | Ty::Optional(_) | Ty::List(_) | Ty::Map(_) => true,
        Ty::Tuple(parts) => parts.iter().all(has_default),
        Ty::Array(of, _) => has_default(of),
        Ty::Named(_) => false,
    }
}
