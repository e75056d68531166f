//! JSON and MessagePack: values say what they are, and fields and variants go by name. The question
//! is what serde makes of them, and whether that is what was meant.

use super::super::table::{Content, FieldShape, Others, Presence, TypeRef, TypeShape, VariantShape};
use super::item::{Item, Kind, Row};
use super::{At, Comparison, Outcome, inside, scalars};
use crate::codec::Codec;

impl Comparison {
    pub(super) fn by_name(&mut self, written: Item<'_>, read: Item<'_>, at: At<'_>) {
        let (w, r) = (written.table, read.table);
        match (written.kind, read.kind) {
            (Kind::Opaque, _) | (_, Kind::Opaque) => {
                self.find(at, Outcome::Unknown, "nothing is known of the type; the decoder is the judge");
            }
            (Kind::Nothing, Kind::Nothing) => {}
            (Kind::Nothing, Kind::Option(_)) => {
                self.find(at, Outcome::Safe, "nothing is read as `None`");
            }
            (Kind::Option(one), Kind::Option(two)) => {
                self.no_nothing_in_option(w.at(one), at);
                self.types(w.at(one), r.at(two), at.path, false);
            }
            (Kind::Option(one), _) => {
                self.find(at, Outcome::ByValue, "`None` cannot be read: it is no `Option` there");
                self.types(w.at(one), r, at.path, false);
            }
            (_, Kind::Option(two)) => {
                self.find(at, Outcome::Safe, "every value is read as `Some`");
                // An option may be in itself.
                if self.depth >= super::DEPTH {
                    return;
                }
                self.depth += 1;
                self.items(written, Item::of(r.at(two)), at);
                self.depth -= 1;
            }
            (Kind::Scalar(one), Kind::Scalar(two)) => {
                let (outcome, why) = scalars::outcome(one, two, self.codec);
                if outcome != Outcome::Same {
                    let sentence = format!("{} is written and {} is read: {why}", written.word(), read.word());
                    self.find(at, outcome, sentence);
                }
            }
            (Kind::List(one), Kind::List(two)) => self.types(w.at(one), r.at(two), &inside(at.path, "[]"), false),
            (Kind::Map(key, value), Kind::Map(other_key, other_value)) => {
                self.keys(w.at(key), r.at(other_key), at);
                self.types(w.at(value), r.at(other_value), &inside(at.path, "{}"), false);
            }
            (Kind::Row(one), Kind::Row(two)) => self.rows(written, one, read, two, at),
            (Kind::Row(row), Kind::List(two)) => {
                self.find(at, Outcome::Safe, "values one after another are read as a list");
                for (index, one) in row.parts().into_iter().enumerate() {
                    self.types(w.at(one), r.at(two), &inside(at.path, &format!(".{index}")), at.always);
                }
            }
            (Kind::List(one), Kind::Row(row)) => {
                self.find(at, Outcome::ByValue, format!("only a list of {} can be read", row.len()));
                for two in row.parts() {
                    self.types(w.at(one), r.at(two), &inside(at.path, "[]"), false);
                }
            }
            (Kind::Fields(ones, _), Kind::Fields(twos, others)) => {
                self.fields(w, ones, r, (twos, others), at);
            }
            (Kind::Enum(ones, others), Kind::Enum(twos, takes)) => {
                self.variants(w, (ones, others), r, (twos, takes), at);
            }
            (Kind::Enum(ones, others), Kind::Fields(twos, _)) => {
                let names: Vec<&str> = ones.iter().map(|one| one.name.as_str()).collect();
                let words = others == Others::Denied && ones.iter().all(|one| one.content == Content::Unit);
                self.names_as_fields(written, read, (&names, words), twos, at);
            }
            (Kind::Map(..), Kind::Fields(twos, _)) => {
                let needed = twos.iter().any(|two| two.presence != Presence::Sometimes);
                let outcome = if needed { Outcome::Unknown } else { Outcome::Refused };
                let sentence =
                    format!("{} is written, and {} takes of it what has its names", written.word(), read.word());
                self.find(at, outcome, sentence);
            }
            (Kind::Fields(ones, _), Kind::Enum(twos, _)) => {
                let named = |one: &FieldShape| twos.iter().any(|two| is_called(&two.name, &two.aliases, &one.name));
                let outcome = if ones.iter().any(named) { Outcome::Unknown } else { Outcome::ErrorInDecoding };
                self.find(at, outcome, format!("{} is written and {} is read", written.word(), read.word()));
            }
            _ => {
                let outcome = if might_be_taken(written, read) { Outcome::Unknown } else { Outcome::ErrorInDecoding };
                self.find(at, outcome, format!("{} is written and {} is read", written.word(), read.word()));
            }
        }
    }

    /// A variant is written as its name, or as a map from its name to what is in it. A struct that
    /// needs no field would take that for a value without any.
    fn names_as_fields(
        &mut self,
        written: Item<'_>,
        read: Item<'_>,
        (names, words): (&[&str], bool),
        twos: &[FieldShape],
        at: At<'_>,
    ) {
        let called = |two: &FieldShape| names.iter().any(|name| is_called(&two.name, &two.aliases, name));
        let missed = twos.iter().any(|two| two.presence == Presence::Always && !called(two));
        let outcome = if words || missed {
            Outcome::ErrorInDecoding
        } else if twos.iter().all(|two| two.presence == Presence::Sometimes && !called(two)) {
            Outcome::Refused
        } else {
            Outcome::Unknown
        };
        self.find(at, outcome, format!("{} is written and {} is read", written.word(), read.word()));
    }

    /// What these codecs write for nothing is what they write for `None`.
    fn no_nothing_in_option(&mut self, inner: TypeRef<'_>, at: At<'_>) {
        if matches!(Item::of(inner).kind, Kind::Nothing | Kind::Option(_)) {
            let sentence =
                format!("`Some` of {} is written as `None` is, and arrives as `None`", Item::of(inner).word());
            self.find(at, Outcome::Refused, sentence);
        }
    }

    fn keys(&mut self, one: TypeRef<'_>, two: TypeRef<'_>, at: At<'_>) {
        let path = inside(at.path, "{key}");
        let key = At { path: &path, always: false };
        let (written, read) = (Item::of(one), Item::of(two));
        match (written.kind, read.kind) {
            // In JSON every key is a text, and what it is read as decides.
            (Kind::Scalar(one), Kind::Scalar(two)) if self.codec == Codec::Json && is_text(one) != is_text(two) => {
                self.find(
                    key,
                    Outcome::Unknown,
                    format!("keys are {} and are read as {}", written.word(), read.word()),
                );
            }
            _ => self.types(one, two, &path, false),
        }
    }

    fn rows(&mut self, written: Item<'_>, one: Row<'_>, read: Item<'_>, two: Row<'_>, at: At<'_>) {
        if one.len() != two.len() {
            let defaults = one.len() < two.len() && matches!(read.table.shape(), TypeShape::TupleStruct { .. });
            let outcome = if defaults { Outcome::Unknown } else { Outcome::ErrorInDecoding };
            self.find(at, outcome, format!("{} values are written and {} are read", one.len(), two.len()));
            return;
        }
        for (index, one, two) in one.pairs(two) {
            let path = inside(at.path, &format!(".{index}"));
            self.types(written.table.at(one), read.table.at(two), &path, at.always);
        }
    }

    fn fields(
        &mut self,
        w: TypeRef<'_>,
        ones: &[FieldShape],
        r: TypeRef<'_>,
        (twos, others): (&[FieldShape], Others),
        at: At<'_>,
    ) {
        let mut dropped = Vec::new();
        for one in ones {
            let path = inside(at.path, &format!(".{}", one.name));
            let at = At { path: &path, ..at };
            let Some(two) = twos.iter().find(|two| is_called(&two.name, &two.aliases, &one.name)) else {
                dropped.push(one);
                let always = at.always && one.presence == Presence::Always;
                match others {
                    Others::Denied => {
                        let sentence = "it is written, and the reader refuses fields that it does not know \
                                        (`deny_unknown_fields`)";
                        self.find(At { always, ..at }, Outcome::ErrorInDecoding, sentence);
                    }
                    Others::Ignored => self.find(at, Outcome::Safe, "it is written and not read"),
                    Others::Unknown => self.find(at, Outcome::Unknown, "it is written and perhaps not read"),
                }
                continue;
            };
            match (one.presence, two.presence) {
                (Presence::Always, _) | (_, Presence::Sometimes) => {}
                (_, Presence::Always) => {
                    self.find(at, Outcome::ByValue, "it is left out at times, and the reader needs it");
                }
                (_, Presence::Unknown) => {
                    self.find(at, Outcome::Unknown, "it is left out at times, and perhaps needed");
                }
            }
            if two.name != one.name {
                self.find(at, Outcome::Safe, format!("it is read as `{}`, by an alias", two.name));
            }
            self.types(w.at(one.of), r.at(two.of), &path, at.always && one.presence == Presence::Always);
        }
        let (whole, mut renamed) = (at, false);
        for two in twos {
            let path = inside(at.path, &format!(".{}", two.name));
            let at = At { path: &path, ..at };
            let mut writers = ones.iter().filter(|one| is_called(&two.name, &two.aliases, &one.name));
            match (writers.next(), writers.next(), two.presence) {
                (None, _, Presence::Always) => {
                    self.find(at, Outcome::ErrorInDecoding, "the reader needs it, and it is not written");
                }
                (None, _, Presence::Unknown) => {
                    self.find(at, Outcome::Unknown, "it is not written, and perhaps needed");
                }
                (None, _, Presence::Sometimes) => renamed |= self.defaulted(two, &dropped, w, r, at),
                (Some(one), Some(another), _) => {
                    let sentence = format!("`{}` and `{}` are written, and both mean it", one.name, another.name);
                    self.find(at, Outcome::ErrorInDecoding, sentence);
                }
                (Some(_), None, _) => {}
            }
        }
        let nothing = !ones.is_empty() && dropped.len() == ones.len();
        if nothing && !renamed && self.renamings && twos.iter().any(|two| two.presence != Presence::Always) {
            self.find(whole, Outcome::Refused, "nothing of what is written is read");
        }
    }

    /// A field that nobody wrote gets its default. Beside one that nobody reads that is a renaming,
    /// as far as anybody can tell, and the value would be lost without a word. Says whether it is one.
    fn defaulted(
        &mut self,
        two: &FieldShape,
        dropped: &[&FieldShape],
        w: TypeRef<'_>,
        r: TypeRef<'_>,
        at: At<'_>,
    ) -> bool {
        // What would arrive as something else is a renaming all the more.
        let fits = |one: &&&FieldShape| self.would_find(w.at(one.of), r.at(two.of)) != Outcome::ErrorInDecoding;
        let renamed = dropped.iter().filter(|_| self.renamings).find(fits);
        match renamed {
            Some(one) => self.find(
                at,
                Outcome::Refused,
                format!(
                    "it is not written, and `{0}`, which is, is not read: renamed? add `#[serde(alias = \"{0}\")]`; \
                     where they are two fields, take the one away in one release and add the other in the next",
                    one.name
                ),
            ),
            None => self.find(at, Outcome::Safe, "it is not written, and the reader has a default"),
        }
        renamed.is_some()
    }

    fn variants(
        &mut self,
        w: TypeRef<'_>,
        (ones, others): (&[VariantShape], Others),
        r: TypeRef<'_>,
        (twos, takes): (&[VariantShape], Others),
        at: At<'_>,
    ) {
        if others == Others::Unknown {
            self.find(at, Outcome::ByValue, "the type may write variants that were not seen");
        }
        let readable = ones.iter().any(|one| twos.iter().any(|two| is_called(&two.name, &two.aliases, &one.name)));
        if !readable && takes != Others::Ignored && !ones.is_empty() && others == Others::Denied {
            self.find(at, Outcome::ErrorInDecoding, "no variant that is written is read");
            return;
        }
        for one in ones {
            let path = inside(at.path, &format!("::{}", one.name));
            let at = At { path: &path, always: false };
            let Some(two) = twos.iter().find(|two| is_called(&two.name, &two.aliases, &one.name)) else {
                let nothing = matches!(Item::of_content(w, &one.content).kind, Kind::Nothing);
                match takes {
                    Others::Ignored if nothing => {
                        self.find(at, Outcome::Safe, "the reader takes it for its `#[serde(other)]` variant");
                    }
                    Others::Unknown => self.find(at, Outcome::Unknown, "the reader may not know this variant"),
                    _ => self.find(at, Outcome::ByValue, "the reader does not know this variant"),
                }
                continue;
            };
            let (one, two) = (Item::of_content(w, &one.content), Item::of_content(r, &two.content));
            match (one.kind, two.kind) {
                // A name alone is not a name with a value.
                (Kind::Nothing, Kind::Nothing) => {}
                (Kind::Nothing, _) | (_, Kind::Nothing) => {
                    self.find(at, Outcome::ByValue, format!("{} is written and {} is read", one.word(), two.word()));
                }
                _ => self.items(one, two, at),
            }
        }
    }
}

fn is_called(name: &str, aliases: &[String], written: &str) -> bool {
    name == written || aliases.iter().any(|alias| alias == written)
}

fn is_text(shape: &TypeShape) -> bool {
    matches!(shape, TypeShape::Text | TypeShape::Char)
}

/// Whether serde may take one kind of thing for another, by rules that shapes do not tell.
fn might_be_taken(written: Item<'_>, read: Item<'_>) -> bool {
    let bytes = |item: Item<'_>| matches!(item.kind, Kind::Scalar(TypeShape::Bytes));
    let text = |item: Item<'_>| matches!(item.kind, Kind::Scalar(shape) if is_text(shape));
    let list = |item: Item<'_>| matches!(item.kind, Kind::List(_) | Kind::Row(_));
    let named = |item: Item<'_>| matches!(item.kind, Kind::Fields(..) | Kind::Map(..));
    let map = |item: Item<'_>| matches!(item.kind, Kind::Map(..));
    let variant = |item: Item<'_>| matches!(item.kind, Kind::Enum(..));
    // Fields may be read by position, a map by its keys, a variant as the name or the map of one
    // entry that it is written as.
    (bytes(written) && list(read) || list(written) && bytes(read))
        || (list(written) && matches!(read.kind, Kind::Fields(..)))
        || (named(written) && map(read))
        || (variant(written) && (text(read) || map(read)))
        || (variant(read) && (text(written) || map(written)))
}
