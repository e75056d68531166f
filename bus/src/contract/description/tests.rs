#![allow(clippy::unwrap_used, dead_code)]

use serde::{Deserialize, Serialize};

use super::super::{Argument, Exchange, Method, Type, build, find_shapes};
use super::*;

#[derive(Serialize, Deserialize)]
struct Order {
    id: u64,
    #[serde(default, alias = "remark")]
    note: Option<String>,
    from: std::net::IpAddr,
}

fn r#type<T: Serialize + serde::de::DeserializeOwned>(name: &'static str) -> Type {
    build::r#type(name, find_shapes::<T>)
}

fn orders() -> Contract {
    let arguments: &[Argument] = vec![
        build::argument("account", r#type::<u64>("u64")).key_(),
        build::argument("order", r#type::<Order>("Order")),
    ]
    .leak();
    let place = build::method("place", arguments, r#type::<Vec<Order>>("Vec<Order>"), r#type::<String>("String"))
        .docs_("Places an order.")
        .timeout_(300)
        .idempotent_()
        .exchange_(Exchange::CancellableAnswer)
        .opaque_("v1");
    let methods: &[&Method] = vec![&*Box::leak(Box::new(place))].leak();
    build::contract("Orders", "orders.req", "orders.resp")
        .docs_("Orders of a shop.")
        .version_(Some("1.2.3"))
        .partitions_(12)
        .codec_(Codec::MsgPack)
        .methods_(methods)
}

#[test]
fn a_description_has_all_and_goes_through_json_and_back() {
    let description = orders().describe();
    let json = serde_json::to_string(&description).unwrap();
    let read: ContractDescription = serde_json::from_str(&json).unwrap();
    assert_eq!(read, description);
    assert_eq!(serde_json::to_string(&read).unwrap(), json);
    assert_eq!(
        (read.dead_letters.as_str(), read.codec, read.partitions),
        ("orders.req.dead", Codec::MsgPack, Some(12))
    );
    let place = read.method("place").unwrap();
    assert_eq!(
        (place.docs.as_str(), place.timeout_ms, place.opaque.as_deref()),
        ("Places an order.", Some(300), Some("v1"))
    );
    assert_eq!(place.options, ["idempotent", "cancel"]);
    assert_eq!(place.fingerprint.as_ref().map(String::len), Some(33));
    assert!(place.arguments[0].key && !place.arguments[1].key);
    // The same type has one number wherever it stands, and another shape where people read it.
    let order = &place.arguments[1].r#type;
    assert_eq!(read.read(order, Codec::Json).to_string(), "Order { id: u64, note: Option<string>, from: string }");
    assert_eq!(
        read.written(order, Codec::MsgPack).to_string(),
        "Order { id: u64, note: Option<string>, from: enum IpAddr { V4([u8; 4]), V6([u8; 16]) } }"
    );
    assert!(read.read(&place.answer, Codec::Json).text().contains("\"note\"?|\"remark\": "));
    let orders = |text: &str| text.matches("\"name\":\"Order\"").count();
    assert_eq!(orders(&json), 5, "its name in the source, and four shapes: {json}");
}

/// Frozen: lock files and tools of every release read it.
#[test]
fn the_form_never_changes() {
    let methods: &[&Method] =
        vec![&*Box::leak(Box::new(build::method("now", &[], r#type::<u64>("u64"), r#type::<String>("String"))))].leak();
    let clock = build::contract("Clock", "clock.req", "clock.resp").methods_(methods).describe();
    assert_eq!(
        serde_json::to_string(&clock).unwrap(),
        concat!(
            r#"{"format":1,"name":"Clock","topic":"clock.req","reply":"clock.resp","dead_letters":"clock.req.dead","#,
            r#""codec":"bincode","methods":[{"name":"now","arguments":[],"#,
            r#""answer":{"name":"u64","compact":{"written":0,"read":0}},"#,
            r#""error":{"name":"String","compact":{"written":1,"read":1}},"#,
            r#""fingerprint":"be1708164e9c2cab-cc698fe9c842f494"}],"types":["u64","text"]}"#
        )
    );
}

#[test]
fn what_a_hand_has_spoilt_is_opaque_or_refused() {
    let mut description = orders().describe();
    description.methods[0].answer.compact.read = 4_000;
    assert_eq!(description.read(&description.methods[0].answer, Codec::Bincode).to_string(), "?");
    assert!(serde_json::from_str::<ContractDescription>("{}").is_err());
}
