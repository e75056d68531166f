//! Types as JSON Schema (draft 7), each once, under its number in the contract's table.

use bus::contract::{Content, ContractDescription, FieldShape, Presence, TypeNumber, TypeShape};
use serde_json::{Map, Value, json};

use super::members::{key, set};

/// The types of one contract.
pub(super) struct Schemas<'a> {
    base: &'a str,
    contract: &'a ContractDescription,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(base: &'a str, contract: &'a ContractDescription) -> Self {
        Self { base, contract }
    }

    /// Every type that has a name or refers to others.
    pub(super) fn all(&self) -> Map<String, Value> {
        let types = self.contract.types.types().iter().enumerate();
        let numbered = types.filter_map(|(at, shape)| Some((TypeNumber::try_from(at).ok()?, shape)));
        let kept = numbered.filter(|(_, shape)| leaf(shape).is_none());
        kept.map(|(number, shape)| (self.name(number, shape), self.schema(shape))).collect()
    }

    fn name(&self, number: TypeNumber, shape: &TypeShape) -> String {
        match shape.name() {
            Some(name) => format!("{}.{}.{number}", self.base, key(name)),
            None => format!("{}.{number}", self.base),
        }
    }

    /// A type where it is used.
    pub(super) fn refer(&self, number: TypeNumber) -> Value {
        let shape = usize::try_from(number).ok().and_then(|at| self.contract.types.types().get(at));
        let Some(shape) = shape else { return json!({ "description": "nothing is known of it" }) };
        leaf(shape).unwrap_or_else(|| json!({ "$ref": format!("#/components/schemas/{}", self.name(number, shape)) }))
    }

    fn schema(&self, shape: &TypeShape) -> Value {
        let mut schema = match shape {
            TypeShape::Option(of) => json!({ "anyOf": [self.refer(*of), { "type": "null" }] }),
            TypeShape::List(of) => json!({ "type": "array", "items": self.refer(*of) }),
            TypeShape::Array { of, length } => {
                json!({ "type": "array", "items": self.refer(*of), "minItems": length, "maxItems": length })
            }
            TypeShape::Map(key, value) => json!({
                "type": "object",
                "additionalProperties": self.refer(*value),
                "x-bus-keys": self.refer(*key),
            }),
            TypeShape::Tuple(parts) | TypeShape::TupleStruct { fields: parts, .. } => self.row(parts),
            TypeShape::Newtype { of, .. } => json!({ "allOf": [self.refer(*of)] }),
            TypeShape::Struct { fields, .. } => self.fields(fields),
            TypeShape::Enum { variants, .. } => {
                let all: Vec<Value> = variants
                    .iter()
                    .map(|variant| match self.content(&variant.content) {
                        None => json!({ "type": "string", "const": variant.name }),
                        Some(content) => json!({
                            "type": "object",
                            "properties": { variant.name.clone(): content },
                            "required": [variant.name],
                            "additionalProperties": false,
                        }),
                    })
                    .collect();
                // An enum without variants has no value.
                if all.is_empty() { json!({ "not": {} }) } else { json!({ "oneOf": all }) }
            }
            _ => json!({ "description": "nothing is known of it" }),
        };
        set(&mut schema, "title", shape.name().map(|name| json!(name)));
        schema
    }

    fn content(&self, content: &Content) -> Option<Value> {
        match content {
            Content::Unit => None,
            Content::Newtype(of) => Some(self.refer(*of)),
            Content::Tuple(parts) => Some(self.row(parts)),
            Content::Struct { fields, .. } => Some(self.fields(fields)),
            _ => Some(json!({ "description": "nothing is known of it" })),
        }
    }

    fn row(&self, parts: &[TypeNumber]) -> Value {
        let count = parts.len();
        let items: Vec<Value> = parts.iter().map(|part| self.refer(*part)).collect();
        if items.is_empty() {
            return json!({ "type": "array", "maxItems": 0 });
        }
        json!({ "type": "array", "items": items, "minItems": count, "maxItems": count })
    }

    fn fields(&self, fields: &[FieldShape]) -> Value {
        let properties: Map<String, Value> =
            fields.iter().map(|field| (field.name.clone(), self.refer(field.of))).collect();
        let needed: Vec<&str> =
            fields.iter().filter(|field| field.presence == Presence::Always).map(|field| field.name.as_str()).collect();
        let mut schema = json!({ "type": "object", "properties": properties });
        set(&mut schema, "required", (!needed.is_empty()).then(|| json!(needed)));
        schema
    }
}

/// A type without parts, written where it is used.
fn leaf(shape: &TypeShape) -> Option<Value> {
    // Bounds beyond 53 bits are no numbers of JavaScript's, in which most readers of a schema are written.
    Some(match shape {
        TypeShape::Unit | TypeShape::UnitStruct { .. } => json!({ "type": "null" }),
        TypeShape::Bool => json!({ "type": "boolean" }),
        TypeShape::I8 => json!({ "type": "integer", "minimum": i8::MIN, "maximum": i8::MAX }),
        TypeShape::I16 => json!({ "type": "integer", "minimum": i16::MIN, "maximum": i16::MAX }),
        TypeShape::I32 => json!({ "type": "integer", "minimum": i32::MIN, "maximum": i32::MAX }),
        TypeShape::I64 | TypeShape::I128 => json!({ "type": "integer" }),
        TypeShape::U8 => json!({ "type": "integer", "minimum": 0, "maximum": u8::MAX }),
        TypeShape::U16 => json!({ "type": "integer", "minimum": 0, "maximum": u16::MAX }),
        TypeShape::U32 => json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX }),
        TypeShape::U64 | TypeShape::U128 => json!({ "type": "integer", "minimum": 0 }),
        TypeShape::F32 | TypeShape::F64 => json!({ "type": "number" }),
        TypeShape::Char => json!({ "type": "string", "minLength": 1, "maxLength": 1 }),
        TypeShape::Text => json!({ "type": "string" }),
        TypeShape::Bytes => json!({ "type": "string", "description": "bytes" }),
        _ => return None,
    })
}
