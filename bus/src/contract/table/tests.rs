#![allow(clippy::unwrap_used)]

use super::*;

fn field(name: &str, of: TypeNumber) -> FieldShape {
    FieldShape { name: name.into(), of, aliases: Vec::new(), presence: Presence::Always }
}

/// Nodes in any order, and each type twice.
fn graph() -> Graph {
    let mut graph = Graph::default();
    for base in [0, 6] {
        graph.add(TypeShape::U64);
        graph.add(TypeShape::Option(base + 2));
        graph.add(TypeShape::Struct {
            name: "Node".into(),
            fields: vec![
                field("value", base),
                FieldShape { aliases: vec!["rest".into()], presence: Presence::Sometimes, ..field("next", base + 1) },
                field("pair", base + 3),
                field("side", base + 4),
            ],
            others: Others::Denied,
        });
        graph.add(TypeShape::Tuple(vec![base, 6 - base]));
        graph.add(TypeShape::Enum {
            name: "Side".into(),
            variants: vec![
                VariantShape { name: "Buy".into(), index: 0, aliases: vec!["B".into()], content: Content::Unit },
                VariantShape {
                    name: "At".into(),
                    index: 1,
                    aliases: Vec::new(),
                    content: Content::Struct { fields: vec![field("limit", base)], others: Others::Unknown },
                },
                VariantShape { name: "Of".into(), index: 3, aliases: Vec::new(), content: Content::Newtype(base + 5) },
            ],
            others: Others::Ignored,
        });
        graph.add(TypeShape::Opaque { name: "Value".into() });
    }
    graph
}

/// Frozen: fingerprints, lock files and peers rest on it.
#[test]
fn the_text_and_the_table_never_change() {
    let (table, roots) = tabulate(graph(), &[2, 8, 7]);
    assert_eq!(roots, [0, 0, 2]);
    assert_eq!(
        table.get(0).unwrap().text(),
        r#"#0 struct "Node" { "value": u64, "next"?|"rest": #1, "pair": #2, "side": #3 ! }
#1 option #0
#2 array 2 of u64
#3 enum "Side" { 0="Buy"|"B", 1="At" { "limit": u64 ..? }, 3="Of" is #4 .. }
#4 opaque "Value"
"#
    );
    assert_eq!(
        table.get(0).unwrap().nameless_text(),
        r#"#0 struct { "value": u64, "next"?|"rest": #1, "pair": #2, "side": #3 ! }
#1 option #0
#2 array 2 of u64
#3 enum { 0="Buy"|"B", 1="At" { "limit": u64 ..? }, 3="Of" is #4 .. }
#4 opaque
"#
    );
    assert_eq!(
        serde_json::to_string(&table).unwrap(),
        r#"[{"struct":{"name":"Node","fields":[{"name":"value","of":1},{"name":"next","of":2,"aliases":["rest"],"presence":"sometimes"},{"name":"pair","of":3},{"name":"side","of":4}],"others":"denied"}},"u64",{"option":0},{"array":{"of":1,"length":2}},{"enum":{"name":"Side","variants":[{"name":"Buy","index":0,"aliases":["B"],"content":"unit"},{"name":"At","index":1,"content":{"struct":{"fields":[{"name":"limit","of":1}],"others":"unknown"}}},{"name":"Of","index":3,"content":{"newtype":5}}],"others":"ignored"}},{"opaque":{"name":"Value"}}]"#
    );
    assert_eq!(
        table.get(0).unwrap().to_string(),
        "Node { value: u64, next: Option<^Node>, pair: [u64; 2], side: enum Side { Buy, At { limit: u64 }, Of(?Value) } }"
    );
}

#[test]
fn a_table_goes_through_formats_and_back() {
    let mut graph = graph();
    for others in [Others::Ignored, Others::Denied, Others::Unknown] {
        let fields = vec![FieldShape { presence: Presence::Unknown, ..field("f", 0) }];
        graph.add(TypeShape::Struct { name: "S".into(), fields, others });
        graph.add(TypeShape::Enum { name: "E".into(), variants: Vec::new(), others });
    }
    let (table, _) = tabulate(graph, &[2, 12, 13, 14, 15, 16, 17]);
    assert_eq!(table.types().len(), 12);
    let json = serde_json::to_string(&table).unwrap();
    assert_eq!(serde_json::from_str::<TypeTable>(&json).unwrap(), table);
    assert!(serde_json::from_str::<TypeTable>(r#"[{"option":7}]"#).is_err());
}

#[test]
fn what_is_too_large_is_opaque() {
    let mut graph = Graph::default();
    let fields = (0..2_000).map(|index| field(&format!("field number {index}"), 1)).collect();
    let root = graph.add(TypeShape::Struct { name: "Wide".into(), fields, others: Others::Ignored });
    graph.add(TypeShape::U8);
    let (table, roots) = tabulate(graph, &[root]);
    assert_eq!(table.get(roots[0]).unwrap().text(), "#0 opaque \"Wide\"\n");

    let mut graph = Graph::default();
    for index in 0..=1_024 {
        graph.add(TypeShape::List(index + 1));
    }
    graph.add(TypeShape::U8);
    let (table, roots) = tabulate(graph.clone(), &[0]);
    assert_eq!(table.get(roots[0]).unwrap().text(), "#0 opaque \"_\"\n");
    // It is their number alone: with two less it is known, and its text short enough.
    let (table, roots) = tabulate(graph, &[2]);
    let text = table.get(roots[0]).unwrap().text();
    assert_eq!((table.types().len(), text.lines().count()), (MOST_TYPES, MOST_TYPES - 1));
    assert!(text.len() <= LONGEST_TEXT);
}
