//! bincode: values stand one after another, and nothing in the bytes says what they are. Types that
//! are not alike are refused, for some of them would be read without an error as something else.

use super::super::table::Others;
use super::super::table::{FieldShape, Presence, TypeNumber, VariantShape};
use super::item::{Item, Kind};
use super::{At, Comparison, Outcome, inside};

impl Comparison {
    pub(super) fn by_place(&mut self, written: Item<'_>, read: Item<'_>, at: At<'_>) {
        let (w, r) = (written.table, read.table);
        let part = |comparison: &mut Self, one: TypeNumber, two: TypeNumber, part: &str| {
            comparison.types(w.at(one), r.at(two), &inside(at.path, part), at.always);
        };
        match (written.kind, read.kind) {
            (Kind::Opaque, _) | (_, Kind::Opaque) => {
                self.find(
                    at,
                    Outcome::Unknown,
                    "nothing is known of the type, so bincode's bytes cannot be told apart",
                );
            }
            (Kind::Nothing, Kind::Nothing) => {}
            (Kind::Scalar(one), Kind::Scalar(two)) if one == two => {}
            (Kind::Option(one), Kind::Option(two)) => part(self, one, two, ""),
            (Kind::List(one), Kind::List(two)) => part(self, one, two, "[]"),
            (Kind::Map(key, value), Kind::Map(other_key, other_value)) => {
                part(self, key, other_key, "{key}");
                part(self, value, other_value, "{}");
            }
            (Kind::Row(one), Kind::Row(two)) if one.len() == two.len() => {
                for (index, one, two) in one.pairs(two) {
                    part(self, one, two, &format!(".{index}"));
                }
            }
            (Kind::Fields(one, _), Kind::Fields(two, _)) => self.fields_by_place(written, one, read, two, at),
            (Kind::Enum(one, others), Kind::Enum(two, _)) => {
                self.variants_by_place(written, (one, others), read, two, at);
            }
            _ => self.find(
                at,
                Outcome::Refused,
                format!("{} is written and {} is read; bincode cannot tell them apart", written.word(), read.word()),
            ),
        }
    }

    fn fields_by_place(
        &mut self,
        written: Item<'_>,
        ones: &[FieldShape],
        read: Item<'_>,
        twos: &[FieldShape],
        at: At<'_>,
    ) {
        for field in ones.iter().filter(|field| field.presence == Presence::Sometimes) {
            let path = inside(at.path, &format!(".{}", field.name));
            self.find(
                At { path: &path, ..at },
                Outcome::Refused,
                "it is left out at times (`skip_serializing_if`), and bincode has no place for what is missing; use \
                 `codec = \"json\"` or take the attribute away",
            );
        }
        if ones.len() != twos.len() {
            let names = |fields: &[FieldShape]| {
                let names: Vec<_> = fields.iter().take(20).map(|field| field.name.as_str()).collect();
                names.join(", ")
            };
            self.find(
                at,
                Outcome::Refused,
                format!(
                    "fields `{}` are written and `{}` are read; bincode has no names to go by",
                    names(ones),
                    names(twos)
                ),
            );
            return;
        }
        for (one, two) in ones.iter().zip(twos) {
            let path = inside(at.path, &format!(".{}", two.name));
            self.name_at_place(
                &Called::field(one),
                &Called::field(two),
                twos.iter().map(Called::field),
                At { path: &path, ..at },
            );
            self.types(written.table.at(one.of), read.table.at(two.of), &path, at.always);
        }
    }

    fn variants_by_place(
        &mut self,
        written: Item<'_>,
        (ones, others): (&[VariantShape], Others),
        read: Item<'_>,
        twos: &[VariantShape],
        at: At<'_>,
    ) {
        if others == Others::Unknown {
            self.find(at, Outcome::Unknown, "the type may write variants that were not seen");
        }
        for one in ones {
            let path = inside(at.path, &format!("::{}", one.name));
            let at = At { path: &path, always: false };
            let Some(two) = twos.iter().find(|two| two.index == one.index) else {
                let sentence = format!("variant {} is written as number {} and not read", one.name, one.index);
                self.find(at, Outcome::Refused, sentence);
                continue;
            };
            self.name_at_place(&Called::variant(one), &Called::variant(two), twos.iter().map(Called::variant), at);
            let (one, two) =
                (Item::of_content(written.table, &one.content), Item::of_content(read.table, &two.content));
            self.by_place(one, two, at);
        }
        // What is written is known to be all of it, and the reader knows more: its numbers are others.
        if others == Others::Denied {
            for two in twos.iter().filter(|two| ones.iter().all(|one| one.index != two.index)) {
                let path = inside(at.path, &format!("::{}", two.name));
                self.find(
                    At { path: &path, ..at },
                    Outcome::Refused,
                    "the writer does not have this variant; bincode takes only types that are alike",
                );
            }
        }
    }

    /// What is written at a place must be what is read there, by name.
    fn name_at_place<'a>(
        &mut self,
        one: &Called<'a>,
        two: &Called<'a>,
        mut all: impl Iterator<Item = Called<'a>>,
        at: At<'_>,
    ) {
        if one.name == two.name {
            return;
        }
        if two.aliases.iter().any(|alias| alias == one.name) {
            self.find(at, Outcome::Safe, format!("written as `{}`, for which it has an alias", one.name));
        } else if all.any(|other| other.name == one.name) {
            self.find(
                at,
                Outcome::Refused,
                format!("`{}` stands there when it is written: two have changed places; restore the order", one.name),
            );
        } else {
            self.find(
                at,
                Outcome::Refused,
                format!("written as `{0}`: renamed? add `#[serde(alias = \"{0}\")]`", one.name),
            );
        }
    }
}

/// What a field or a variant is called.
struct Called<'a> {
    name: &'a str,
    aliases: &'a [String],
}

impl<'a> Called<'a> {
    fn field(field: &'a FieldShape) -> Self {
        Self { name: &field.name, aliases: &field.aliases }
    }

    fn variant(variant: &'a VariantShape) -> Self {
        Self { name: &variant.name, aliases: &variant.aliases }
    }
}
