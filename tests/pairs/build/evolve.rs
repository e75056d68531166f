//! What people do to types from one release to the next.

use crate::random::Random;
use crate::types::{self, Content, Def, Field, LEAVES, Ty, Universe};

/// Changes a universe, and says what was done. The old side may get an alias in time.
pub(crate) fn evolve(old: Universe, random: &mut Random) -> (Universe, Universe, String) {
    let (mut old, mut new, mut what) = (old.clone(), old, Vec::new());
    let times = if random.one_in(12) { 0 } else { 1 + random.below(2) };
    while what.len() < times {
        let within = new.reachable();
        let at = within[random.below(within.len())];
        if let Some(done) = change(&mut old, &mut new, at, random) {
            what.push(format!("T{at}: {done}"));
        }
    }
    (old, new, if what.is_empty() { "nothing".to_owned() } else { what.join("; ") })
}

fn change(old: &mut Universe, new: &mut Universe, at: usize, random: &mut Random) -> Option<String> {
    let count = new.defs.len();
    let fresh = types::field(new, at, count, random);
    let fresh_variant = types::variant(new, at, count, random);
    match &mut new.defs[at] {
        Def::Struct { fields, denies } => match random.below(12) {
            0..=2 => {
                let place = random.below(fields.len() + 1);
                let mut field = fresh;
                field.default = types::has_default(&field.ty) && !random.one_in(4);
                let done = format!("field {} added{}", field.name, if field.default { " with a default" } else { "" });
                fields.insert(place, field);
                Some(done)
            }
            3 if fields.len() > 1 => {
                let gone = fields.remove(random.below(fields.len()));
                Some(format!("field {} removed", gone.name))
            }
            4 | 5 => {
                let defaulted = fields.iter().position(|field| field.default);
                let place = defaulted.unwrap_or_else(|| random.below(fields.len()));
                let meaning = fields[place].meaning;
                let (was, is) = (fields[place].name.clone(), format!("r{meaning}"));
                if was == is {
                    return None;
                }
                fields[place].name.clone_from(&is);
                let mut done = format!("field {was} renamed {is}");
                if random.one_in(2) {
                    fields[place].aliases.push(was);
                    done.push_str(" with an alias");
                    if random.one_in(2) {
                        alias(old, at, meaning, &is);
                        done.push_str(" on both sides");
                    }
                }
                Some(done)
            }
            6 if fields.len() > 1 => {
                let place = random.below(fields.len() - 1);
                fields.swap(place, place + 1);
                Some(format!("fields {} and {} changed places", fields[place].name, fields[place + 1].name))
            }
            7 => {
                let place = random.below(fields.len());
                let field = &mut fields[place];
                field.default = !field.default && types::has_default(&field.ty);
                Some(format!("field {} default {}", field.name, field.default))
            }
            8 => {
                *denies = !*denies;
                Some(format!("denies {denies}"))
            }
            _ => {
                let place = random.below(fields.len());
                let field = &mut fields[place];
                let done = retype(field, random);
                Some(format!("field {} {done}", field.name))
            }
        },
        Def::Enum { variants, other } => match random.below(9) {
            0 => {
                variants.push(fresh_variant);
                Some("a variant added at the end".to_owned())
            }
            1 => {
                let place = random.below(variants.len());
                variants.insert(place, fresh_variant);
                Some("a variant added in the middle".to_owned())
            }
            2 if variants.len() > 1 => {
                let gone = variants.remove(random.below(variants.len()));
                Some(format!("variant {} removed", gone.name))
            }
            3 if variants.len() > 1 => {
                let place = random.below(variants.len() - 1);
                variants.swap(place, place + 1);
                Some("two variants changed places".to_owned())
            }
            4 => {
                let variant_at = random.below(variants.len());
                let variant = &mut variants[variant_at];
                let is = format!("R{}", variant.meaning);
                if variant.name == is {
                    return None;
                }
                let was = std::mem::replace(&mut variant.name, is.clone());
                if random.one_in(2) {
                    variant.aliases.push(was);
                    alias(old, at, variant.meaning, &is);
                }
                Some(format!("a variant renamed {is}"))
            }
            5 => {
                *other = !*other;
                Some(format!("other {other}"))
            }
            _ => {
                let place = random.below(variants.len());
                let variant = &mut variants[place];
                match &mut variant.content {
                    Content::Nothing => variant.content = Content::Value(Ty::Leaf("u32")),
                    Content::Value(ty) if random.one_in(2) => *ty = other_type(ty, random),
                    Content::Value(_) | Content::Row(_) => variant.content = Content::Nothing,
                    Content::Fields(fields) if random.one_in(2) => fields.push(Field { skips_none: false, ..fresh }),
                    Content::Fields(fields) => drop(retype(&mut fields[0], random)),
                }
                Some(format!("what is in variant {} changed", variant.name))
            }
        },
        Def::Newtype(ty) => {
            *ty = other_type(ty, random);
            Some("what is in the newtype changed".to_owned())
        }
        Def::Row(parts) => {
            match random.below(3) {
                0 => parts.swap(0, 1),
                1 => parts.push(Ty::Leaf("u8")),
                _ => {
                    let place = random.below(parts.len());
                    parts[place] = other_type(&parts[place], random);
                }
            }
            Some("a tuple struct changed".to_owned())
        }
    }
}

fn alias(old: &mut Universe, at: usize, meaning: u32, name: &str) {
    match &mut old.defs[at] {
        Def::Struct { fields, .. } => {
            if let Some(field) = fields.iter_mut().find(|field| field.meaning == meaning) {
                field.aliases.push(name.to_owned());
            }
        }
        Def::Enum { variants, .. } => {
            if let Some(variant) = variants.iter_mut().find(|variant| variant.meaning == meaning) {
                variant.aliases.push(name.to_owned());
            }
        }
        _ => {}
    }
}

fn retype(field: &mut Field, random: &mut Random) -> String {
    field.ty = other_type(&field.ty, random);
    field.skips_none &= matches!(field.ty, Ty::Optional(_));
    field.default &= types::has_default(&field.ty);
    format!("is a {:?}", field.ty)
}

fn other_type(ty: &Ty, random: &mut Random) -> Ty {
    let leaf = |random: &mut Random| Ty::Leaf(LEAVES[random.below(LEAVES.len())]);
    match ty {
        Ty::Optional(of) if !random.one_in(3) => (**of).clone(),
        Ty::Optional(of) => Ty::Optional(Box::new(other_inside(of, random))),
        Ty::List(of) if random.one_in(2) => Ty::List(Box::new(other_inside(of, random))),
        Ty::List(of) => Ty::Array(of.clone(), 2),
        Ty::Array(of, _) if random.one_in(2) => Ty::List(of.clone()),
        Ty::Array(of, _) => Ty::Tuple(vec![(**of).clone(), leaf(random)]),
        Ty::Map(of) => Ty::Map(Box::new(other_inside(of, random))),
        Ty::Leaf(_) if random.one_in(3) => Ty::Optional(Box::new(ty.clone())),
        Ty::Leaf(name) => numeric(name, random).unwrap_or_else(|| leaf(random)),
        Ty::Tuple(parts) => Ty::Tuple(parts.iter().rev().cloned().collect()),
        Ty::Named(_) if random.one_in(2) => Ty::Optional(Box::new(ty.clone())),
        Ty::Named(_) => Ty::List(Box::new(ty.clone())),
    }
}

/// As `other_type`, but that nothing in an option stays away.
fn other_inside(ty: &Ty, random: &mut Random) -> Ty {
    match other_type(ty, random) {
        Ty::Optional(of) => *of,
        other => other,
    }
}

/// Another width or sign, most of the time.
fn numeric(name: &str, random: &mut Random) -> Option<Ty> {
    const NUMBERS: [&str; 12] = ["u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64", "u128", "i128", "f32", "f64"];
    (NUMBERS.contains(&name) && !random.one_in(4)).then(|| Ty::Leaf(NUMBERS[random.below(NUMBERS.len())]))
}
