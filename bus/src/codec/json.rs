//! JSON: one value is itself, several are an array, none is `null`.
//!
//! `serde_json` bounds the depth itself, and its lists have no claimed lengths.

use std::fmt;

use serde::de::{DeserializeOwned, Deserializer, Error, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::error::{REFUSED, without_payload};

/// Appends a value.
pub(super) fn encode<T: serde::Serialize + ?Sized>(value: &T, body: &mut Vec<u8>) -> Result<(), String> {
    serde_json::to_writer(body, value).map_err(|cause| match cause.classify() {
        Category::Data => REFUSED.into(),
        _ => cause.to_string(),
    })
}

/// The values of a body that are not taken yet.
pub(super) enum Values<'a> {
    /// The body is the value: it is parsed when it is asked for, once.
    One(&'a [u8]),
    /// The entries of the array, and how many there were.
    Several(std::vec::IntoIter<&'a RawValue>, usize),
    /// There is none, or none is left.
    None,
}

impl<'a> Values<'a> {
    /// Looks where each of so many values is.
    pub(super) fn new(body: &'a [u8], values: usize) -> Result<Self, String> {
        match values {
            0 => match body.trim_ascii() {
                b"" | b"null" => Ok(Self::None),
                _ => Err("there is a value where none is expected".into()),
            },
            1 => Ok(Self::One(body)),
            _ => {
                let mut json = serde_json::Deserializer::from_slice(body);
                let entries = json.deserialize_seq(Entries(values)).map_err(|cause| match cause.classify() {
                    // Our own words, from below.
                    Category::Data if cause.to_string().starts_with(ENTRIES) => cause.to_string(),
                    _ => said(&cause),
                })?;
                json.end().map_err(|cause| said(&cause))?;
                Ok(Self::Several(entries.into_iter(), values))
            }
        }
    }

    /// Takes the next value.
    pub(super) fn value<T: DeserializeOwned>(&mut self) -> Result<T, String> {
        match self {
            Self::One(body) => {
                let value = serde_json::from_slice(body).map_err(|cause| said(&cause));
                *self = Self::None;
                value
            }
            Self::Several(entries, values) => {
                let number = *values - entries.len() + 1;
                let entry = entries.next().ok_or("a value is missing")?;
                serde_json::from_str(entry.get()).map_err(|cause| format!("value {number}: {}", said(&cause)))
            }
            Self::None => Err("a value is missing".into()),
        }
    }

    /// Checks that all were taken.
    pub(super) fn finish(self) -> Result<(), String> {
        match self {
            Self::None => Ok(()),
            Self::Several(entries, _) if entries.len() == 0 => Ok(()),
            Self::One(_) | Self::Several(..) => Err("a value is left over".into()),
        }
    }
}

/// What `serde_json` complains about, without the payload that it may quote.
fn said(cause: &serde_json::Error) -> String {
    match cause.classify() {
        Category::Data if cause.line() == 0 => without_payload(&cause.to_string()),
        Category::Data => {
            let place = format!(" at line {} column {}", cause.line(), cause.column());
            let message = cause.to_string();
            format!("{}{place}", without_payload(message.strip_suffix(&place).unwrap_or(&message)))
        }
        _ => cause.to_string(),
    }
}

const ENTRIES: &str = "the array has";

/// Reads an array of exactly so many entries, and no further.
struct Entries(usize);

impl<'de> Visitor<'de> for Entries {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = list.next_element()? {
            if entries.len() == self.0 {
                return Err(A::Error::custom(format_args!("{ENTRIES} more than {} entries", self.0)));
            }
            entries.push(entry);
        }
        if entries.len() < self.0 {
            return Err(A::Error::custom(format_args!("{ENTRIES} {} instead of {} entries", entries.len(), self.0)));
        }
        Ok(entries)
    }
}
