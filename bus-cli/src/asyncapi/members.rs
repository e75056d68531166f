//! What all parts of a document are made with.

use serde_json::Value;

/// The version of the Kafka bindings.
pub(super) const BINDING: &str = "0.5.0";

/// A text as a key of a document: letters, digits, `.`, `-` and `_` alone.
pub(super) fn key(text: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() || ".-_".contains(letter) { letter } else { '_' };
    text.chars().map(plain).collect()
}

/// Sets a member, if there is something to set.
pub(super) fn set(object: &mut Value, name: &str, value: Option<Value>) {
    if let (Value::Object(object), Some(value)) = (object, value) {
        object.insert(name.to_owned(), value);
    }
}
