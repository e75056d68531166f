//! AsyncAPI 3.0.0: one document for each service, since a document describes one application.
//!
//! What a validator does not see, and what is therefore kept here by construction: replies refer to the
//! messages of their channel, no reply has both an address and a channel with one, no correlation id
//! points at a header that is not declared, no two messages of a channel overlap, no example breaks its
//! own schema (there are none).

mod members;
mod messages;
mod schema;

use serde_json::{Map, Value, json};

use self::members::{BINDING, key, set};
use self::messages::Messages;
use crate::board::{Board, BoardContract, ContractVersion, Does, Role, Service};

/// The version of the specification. Newer ones are refused by tools that matter.
pub const VERSION: &str = "3.0.0";

/// An id of a service as the name of a file.
pub fn file_name(service: &str) -> String {
    key(service)
}

/// The document of a service; `None` where the board has none of this id.
pub fn document(board: &Board, service: &str) -> Option<Value> {
    let service = board.services.iter().find(|known| known.id == service)?;
    let mut parts = Parts::default();
    for role in board.roles.iter().filter(|role| role.service == service.id) {
        let Some(contract) = board.contract(&role.contract) else { continue };
        let Some(version) = contract.version(role.version) else { continue };
        parts.role(board, contract, version, role);
    }
    Some(parts.document(service))
}

#[derive(Default)]
struct Parts {
    channels: Map<String, Value>,
    operations: Map<String, Value>,
    schemas: Map<String, Value>,
}

impl Parts {
    fn role(&mut self, board: &Board, contract: &BoardContract, version: &ContractVersion, role: &Role) {
        let of = &version.contract;
        // A service in two versions of a contract has both, under names of their own.
        let base = match role.version {
            1 => key(&contract.id),
            number => format!("{}.v{number}", key(&contract.id)),
        };
        let messages = Messages::new(&base, of, &mut self.schemas);
        let requests = format!("{base}.requests");
        let topic = |name: &str| board.topics.iter().find(|topic| topic.name == name);
        let mut all = Map::new();
        for method in &of.methods {
            all.insert(key(&method.name), messages.request(method));
        }
        let title = format!("Requests of {}", of.name);
        self.channels.insert(requests.clone(), channel(&of.topic, &title, &all, topic(&of.topic)));
        for method in &of.methods {
            let name = key(&method.name);
            let called = role.methods.as_ref().is_none_or(|methods| methods.contains(&method.name));
            if role.does == Does::Calls && !called {
                continue;
            }
            let oneway = method.options.iter().any(|option| option == "oneway");
            let mut operation = json!({
                "action": if role.does == Does::Serves { "receive" } else { "send" },
                "channel": { "$ref": format!("#/channels/{requests}") },
                "title": format!("{}.{}", of.name, method.name),
                "messages": [{ "$ref": format!("#/channels/{requests}/messages/{name}") }],
            });
            set(&mut operation, "description", (!method.docs.is_empty()).then(|| json!(method.docs)));
            set(&mut operation, "x-bus-timeout-ms", method.timeout_ms.or(of.timeout_ms).map(|ms| json!(ms)));
            set(&mut operation, "x-bus-options", (!method.options.is_empty()).then(|| json!(method.options)));
            set(&mut operation, "x-bus-fingerprint", method.fingerprint.as_ref().map(|text| json!(text)));
            let key = method.arguments.iter().find(|argument| argument.key);
            set(&mut operation, "x-bus-partition-by", key.map(|argument| json!(argument.name)));
            if role.does == Does::Serves {
                let group = json!({ "type": "string", "enum": [of.topic] });
                set(
                    &mut operation,
                    "bindings",
                    Some(json!({ "kafka": { "groupId": group, "bindingVersion": BINDING } })),
                );
            }
            if !oneway {
                // A reply does not say which method it answers, its token does: a channel for each method.
                let replies = format!("{base}.{name}.replies");
                let messages = messages.replies(method);
                let refs: Vec<Value> = messages
                    .keys()
                    .map(|message| json!({ "$ref": format!("#/channels/{replies}/messages/{message}") }))
                    .collect();
                let title = format!("Replies of {}.{}", of.name, method.name);
                self.channels.insert(replies.clone(), channel(&of.reply, &title, &messages, topic(&of.reply)));
                set(
                    &mut operation,
                    "reply",
                    Some(json!({
                        "channel": { "$ref": format!("#/channels/{replies}") },
                        "messages": refs,
                    })),
                );
            }
            let side = if role.does == Does::Serves { "serve" } else { "call" };
            self.operations.insert(format!("{side}.{base}.{name}"), operation);
        }
    }

    fn document(self, service: &Service) -> Value {
        let version = if service.version.is_empty() { "0" } else { &service.version };
        json!({
            "asyncapi": VERSION,
            "info": {
                "title": service.name,
                "version": version,
                "description": "Drawn by `bus asyncapi`. Payloads describe values; what carries them is in contentType.",
            },
            "defaultContentType": "application/octet-stream",
            "channels": self.channels,
            "operations": self.operations,
            "components": { "schemas": self.schemas },
        })
    }
}

fn channel(address: &str, title: &str, messages: &Map<String, Value>, topic: Option<&crate::board::Topic>) -> Value {
    let mut kafka = json!({ "topic": address, "bindingVersion": BINDING });
    if let Some(topic) = topic {
        set(&mut kafka, "partitions", Some(json!(topic.partitions)));
        set(&mut kafka, "replicas", topic.replication.filter(|copies| *copies > 0).map(|copies| json!(copies)));
        let retention = topic.settings.get("retention.ms").and_then(|text| text.parse::<u64>().ok());
        let mut configuration = json!({ "cleanup.policy": [topic.settings.get("cleanup.policy")] });
        set(&mut configuration, "retention.ms", retention.map(|ms| json!(ms)));
        set(&mut kafka, "topicConfiguration", Some(configuration));
    }
    json!({ "address": address, "title": title, "messages": messages, "bindings": { "kafka": kafka } })
}
