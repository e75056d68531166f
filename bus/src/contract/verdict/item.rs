//! What is compared: a type without its newtypes, or what is in a variant.

use super::super::table::{Content, FieldShape, Others, TypeNumber, TypeRef, TypeShape, VariantShape};

/// What stands somewhere on the wire.
#[derive(Clone, Copy)]
pub(super) struct Item<'a> {
    /// The table that its numbers are of.
    pub(super) table: TypeRef<'a>,
    pub(super) kind: Kind<'a>,
}

#[derive(Clone, Copy)]
pub(super) enum Kind<'a> {
    /// Nothing: a unit, or a struct of that kind.
    Nothing,
    /// Without parts.
    Scalar(&'a TypeShape),
    Option(TypeNumber),
    List(TypeNumber),
    Map(TypeNumber, TypeNumber),
    /// Values one after another.
    Row(Row<'a>),
    Fields(&'a [FieldShape], Others),
    Enum(&'a [VariantShape], Others),
    Opaque,
}

#[derive(Clone, Copy)]
pub(super) enum Row<'a> {
    Each(&'a [TypeNumber]),
    Same(TypeNumber, u32),
}

impl Row<'_> {
    pub(super) fn len(self) -> usize {
        match self {
            Row::Each(parts) => parts.len(),
            Row::Same(_, length) => usize::try_from(length).unwrap_or(usize::MAX),
        }
    }

    /// The parts at a place in two rows of one length, each pair of equal ones once.
    pub(super) fn pairs(self, other: Row<'_>) -> Vec<(usize, TypeNumber, TypeNumber)> {
        match (self, other) {
            (Row::Same(one, _), Row::Same(two, _)) => vec![(0, one, two)],
            (Row::Each(ones), Row::Same(two, _)) => {
                ones.iter().enumerate().map(|(index, one)| (index, *one, two)).collect()
            }
            (Row::Same(one, _), Row::Each(twos)) => {
                twos.iter().enumerate().map(|(index, two)| (index, one, *two)).collect()
            }
            (Row::Each(ones), Row::Each(twos)) => {
                ones.iter().zip(twos).enumerate().map(|(index, (one, two))| (index, *one, *two)).collect()
            }
        }
    }

    pub(super) fn parts(self) -> Vec<TypeNumber> {
        match self {
            Row::Each(parts) => parts.to_vec(),
            Row::Same(of, 1..) => vec![of],
            Row::Same(_, 0) => Vec::new(),
        }
    }
}

impl<'a> Item<'a> {
    pub(super) fn of(mut r#type: TypeRef<'a>) -> Self {
        // A table has no newtype around itself, so this ends.
        while let TypeShape::Newtype { of, .. } = r#type.shape() {
            r#type = r#type.at(*of);
        }
        let kind = match r#type.shape() {
            TypeShape::Unit | TypeShape::UnitStruct { .. } => Kind::Nothing,
            TypeShape::Option(of) => Kind::Option(*of),
            TypeShape::List(of) => Kind::List(*of),
            TypeShape::Map(key, value) => Kind::Map(*key, *value),
            TypeShape::Tuple(parts) | TypeShape::TupleStruct { fields: parts, .. } => Kind::Row(Row::Each(parts)),
            TypeShape::Array { of, length } => Kind::Row(Row::Same(*of, *length)),
            TypeShape::Struct { fields, others, .. } => Kind::Fields(fields, *others),
            TypeShape::Enum { variants, others, .. } => Kind::Enum(variants, *others),
            TypeShape::Opaque { .. } => Kind::Opaque,
            scalar => Kind::Scalar(scalar),
        };
        Self { table: r#type, kind }
    }

    /// What is in a variant of an enum of the same table.
    pub(super) fn of_content(table: TypeRef<'a>, content: &'a Content) -> Self {
        let kind = match content {
            Content::Unit => Kind::Nothing,
            Content::Newtype(of) => return Self::of(table.at(*of)),
            Content::Tuple(parts) => Kind::Row(Row::Each(parts)),
            Content::Struct { fields, others } => Kind::Fields(fields, *others),
            Content::Unknown => Kind::Opaque,
        };
        Self { table, kind }
    }

    /// What it is, in a word or two.
    pub(super) fn word(self) -> String {
        match self.kind {
            Kind::Nothing => "nothing".to_owned(),
            Kind::Row(Row::Each(_))
                if !matches!(self.table.shape(), TypeShape::Tuple(_) | TypeShape::TupleStruct { .. }) =>
            {
                "several values".to_owned()
            }
            Kind::Fields(..) if !matches!(self.table.shape(), TypeShape::Struct { .. }) => "fields".to_owned(),
            _ => {
                let mut text = self.table.to_string();
                if text.len() > 60 {
                    text = text.chars().take(57).chain("...".chars()).collect();
                }
                format!("`{text}`")
            }
        }
    }
}
