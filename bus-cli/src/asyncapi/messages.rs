//! The messages of a contract: requests are told apart by their method, replies by their status.

use bus::Codec;
use bus::contract::{ContractDescription, MethodDescription, TypeDescription};
use serde_json::{Map, Value, json};

use super::members::{BINDING, key, set};
use super::schema::Schemas;

/// The messages of one contract. Types are described once, under its name.
pub(super) struct Messages<'a> {
    base: &'a str,
    contract: &'a ContractDescription,
}

impl<'a> Messages<'a> {
    /// Describes the contract's types.
    pub(super) fn new(base: &'a str, contract: &'a ContractDescription, schemas: &mut Map<String, Value>) -> Self {
        schemas.extend(Schemas::new(base, contract).all());
        Self { base, contract }
    }

    fn content_type(&self) -> &'static str {
        match self.contract.codec {
            Codec::Json => "application/json",
            Codec::MsgPack => "application/msgpack",
            _ => "application/x-bincode",
        }
    }

    fn payload(&self, of: &TypeDescription, written: bool) -> Value {
        let shapes = of.shapes(self.contract.codec);
        Schemas::new(self.base, self.contract).refer(if written { shapes.written } else { shapes.read })
    }

    /// The request of a method: what its server reads.
    pub(super) fn request(&self, method: &MethodDescription) -> Value {
        let arguments: Vec<Value> =
            method.arguments.iter().map(|argument| self.payload(&argument.r#type, false)).collect();
        // One argument is the value itself, several stand in the order of the trait.
        let payload = match arguments.as_slice() {
            [] => json!({ "type": "null" }),
            [one] => one.clone(),
            all => {
                let count = all.len();
                json!({ "type": "array", "items": all, "minItems": count, "maxItems": count })
            }
        };
        let several = self.contract.methods.len() > 1;
        let mut headers = own_headers(&[
            ("bus-timeout", json!({ "type": "string", "pattern": "^[0-9]+$", "description": "milliseconds left" })),
            ("bus-codec", json!({ "type": "string", "enum": ["bincode", "json", "msgpack"] })),
            ("bus-contract", json!({ "type": "string", "description": "the caller's fingerprint of the method" })),
            ("bus-caller", json!({ "type": "string", "description": "service or service/version" })),
        ]);
        headers["properties"]["bus-method"] = json!({ "type": "string", "const": method.name });
        headers["required"] = if several { json!(["bus-method"]) } else { json!([]) };
        let mut message = self.message(&format!("{}.{}", self.contract.name, method.name), &method.docs, &headers);
        message["payload"] = payload;
        message["x-eventcatalog-message-type"] = json!(if reads(method) { "query" } else { "command" });
        message["x-bus-arguments"] = method.arguments.iter().map(|argument| json!(argument.name)).collect();
        message
    }

    /// The replies to a method: an answer, its own error, a fault of the bus.
    pub(super) fn replies(&self, method: &MethodDescription) -> Map<String, Value> {
        let title = |what: &str| format!("{}.{} {what}", self.contract.name, method.name);
        let mut answer = own_headers(&[("bus-codec", json!({ "type": "string" }))]);
        answer["not"] = json!({ "required": ["bus-status"] });
        let status = |status: &str, more: &[(&str, Value)]| {
            let mut headers = own_headers(more);
            headers["properties"]["bus-status"] = json!({ "type": "string", "const": status });
            headers["required"] = json!(["bus-status"]);
            headers
        };
        let error = status("error", &[("bus-codec", json!({ "type": "string" }))]);
        let fault = status(
            "fault",
            &[
                ("bus-fault", json!({ "type": "string", "description": "which fault; see the wire format" })),
                ("bus-detail", json!({ "type": "string" })),
                ("bus-retry-after", json!({ "type": "string", "pattern": "^[0-9]+$" })),
            ],
        );
        let mut all = Map::new();
        for (name, headers, payload) in [
            ("answer", answer, self.payload(&method.answer, true)),
            ("error", error, self.payload(&method.error, true)),
            ("fault", fault, json!({ "type": "null" })),
        ] {
            let mut message = self.message(&title(name), "", &headers);
            message["payload"] = payload;
            all.insert(name.to_owned(), message);
        }
        all
    }

    fn message(&self, title: &str, docs: &str, headers: &Value) -> Value {
        let mut message = json!({
            "name": key(title),
            "title": title,
            "contentType": self.content_type(),
            "headers": headers,
            "bindings": { "kafka": {
                "key": {
                    "type": "string",
                    "pattern": "^(0|[1-9][0-9]*)$",
                    "description": "the reply partition that the caller reads",
                },
                "bindingVersion": BINDING,
            } },
        });
        set(&mut message, "description", (!docs.is_empty()).then(|| json!(docs)));
        message
    }
}

/// Whether a method only looks: one that may run twice without harm is the nearest that a contract says.
fn reads(method: &MethodDescription) -> bool {
    method.options.iter().any(|option| option == "idempotent")
}

/// Headers of ours. The token has no name to declare: it is the name of the one header without a value.
fn own_headers(all: &[(&str, Value)]) -> Value {
    let properties: Map<String, Value> = all.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    json!({
        "type": "object",
        "description": "One header more has no value: its name is the token that pairs a reply with its request.",
        "properties": properties,
    })
}
