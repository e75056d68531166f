#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn it_reads_like_the_source() {
    let positional = |shapes: &[Shape]| Fields::Positional(shapes.to_vec());
    let named = |fields: &[(&str, Shape)]| {
        let field = |(name, shape): &(&str, Shape)| Field { name: (*name).into(), shape: shape.clone() };
        Fields::Named(fields.iter().map(field).collect())
    };
    let structure = |name: &str, fields: Fields| Shape::Struct { name: name.into(), fields };
    let variant = |name: &str, fields: Fields| Variant { name: name.into(), fields };
    let boxed = |shape: Shape| Box::new(shape);
    for (shape, text) in [
        (Shape::Unit, "()"),
        (Shape::Map(boxed(Shape::Text), boxed(Shape::Optional(boxed(Shape::U8)))), "Map<string, Option<u8>>"),
        (Shape::Tuple(vec![Shape::U8, Shape::U8]), "(u8, u8)"),
        (Shape::Tuple(vec![Shape::U8]), "(u8,)"),
        (Shape::Tuple(vec![Shape::U8; 16]), "[u8; 16]"),
        (structure("Gone", Fields::Unit), "Gone"),
        (structure("Id", positional(&[Shape::U64])), "Id(u64)"),
        (structure("Empty", named(&[])), "Empty {}"),
        (structure("Point", named(&[("x", Shape::I32), ("y", Shape::I32)])), "Point { x: i32, y: i32 }"),
        (Shape::Enum { name: "Never".into(), variants: vec![] }, "enum Never { }"),
        (
            Shape::Enum {
                name: "Side".into(),
                variants: vec![
                    variant("Buy", Fields::Unit),
                    variant("At", positional(&[Shape::U8, Shape::F64])),
                    variant("Of", named(&[("code", Shape::Text)])),
                ],
            },
            "enum Side { Buy, At(u8, f64), Of { code: string } }",
        ),
        (Shape::Reference { name: "Node".into(), up: 1 }, "^Node"),
        (Shape::Opaque("Value".into()), "?Value"),
    ] {
        assert_eq!(shape.to_string(), text);
    }
}

#[test]
fn one_opaque_part_makes_it_incomplete() {
    let known = Shape::Seq(Box::new(Shape::Tuple(vec![Shape::U8, Shape::Text])));
    assert!(known.is_complete());
    assert!(!Shape::Tuple(vec![known, Shape::Optional(Box::new(Shape::Opaque("T".into())))]).is_complete());
}
