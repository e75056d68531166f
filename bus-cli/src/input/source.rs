//! One input: a manifest, a lock or a board, told apart by what is in it.

use bus::Manifest;
use bus::contract::ContractDescription;
use bus::contract::lock::Lock;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::error::InputError;

/// The newest forms of manifests and descriptions that are known.
const NEWEST: u32 = 1;

/// An input and where it is from.
#[derive(Clone, Debug)]
pub struct Source {
    /// The file, or what else it is from; it stands as evidence on the board.
    pub name: String,
    /// What is in it.
    pub document: Document,
}

/// What an input may be.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Document {
    /// What a program says of itself.
    Manifest(Manifest),
    /// The versions of a contract that may be deployed.
    Lock(Lock),
}

/// The names that tell documents apart.
#[derive(Deserialize)]
struct Outline {
    #[serde(default)]
    format: Option<u32>,
    #[serde(default)]
    versions: Option<IgnoredAny>,
    #[serde(default)]
    service: Option<IgnoredAny>,
}

impl Source {
    /// Reads the text of an input.
    ///
    /// # Errors
    /// [`InputError::Content`] with line and column where the text is neither a manifest nor a lock;
    /// [`InputError::Newer`] where it is of a form to come.
    pub fn read(name: &str, text: &str) -> Result<Self, InputError> {
        let outline: Outline = parse(name, text)?;
        // What is newer may have other fields: it is said before they are complained of.
        newest(name, outline.format)?;
        let document = match (outline.service, outline.versions) {
            (Some(IgnoredAny), _) => Document::Manifest(parse(name, text)?),
            (None, Some(IgnoredAny)) => Document::Lock(parse(name, text)?),
            (None, None) => {
                let reason = "neither a manifest (it has no `service`) nor a lock (it has no `versions`)".to_owned();
                return Err(InputError::Content { name: name.to_owned(), line: 1, column: 1, reason });
            }
        };
        let source = Self { name: name.to_owned(), document };
        for contract in source.contracts() {
            newest(name, Some(contract.format))?;
        }
        Ok(source)
    }

    /// Every description in it.
    pub fn contracts(&self) -> Vec<&ContractDescription> {
        match &self.document {
            Document::Manifest(manifest) => {
                manifest.serves.iter().chain(manifest.calls.iter().map(|called| &called.contract)).collect()
            }
            Document::Lock(lock) => lock.versions.iter().map(|version| &version.contract).collect(),
        }
    }
}

fn newest(name: &str, format: Option<u32>) -> Result<(), InputError> {
    match format {
        Some(found) if found > NEWEST => Err(InputError::Newer { name: name.to_owned(), found, known: NEWEST }),
        _ => Ok(()),
    }
}

fn parse<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, InputError> {
    serde_json::from_str(text).map_err(|error| {
        // The place is said once, in front.
        let place = format!(" at line {} column {}", error.line(), error.column());
        let reason = error.to_string().replace(&place, "");
        InputError::Content { name: name.to_owned(), line: error.line().max(1), column: error.column().max(1), reason }
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const CLOCK: &str = r#"{
  "format": 1, "name": "Clock", "topic": "clock.req", "reply": "clock.resp", "dead_letters": "clock.req.dead",
  "codec": "bincode", "methods": [], "types": []
}"#;

    fn refused(text: &str) -> String {
        Source::read("a.json", text).unwrap_err().to_string()
    }

    #[test]
    fn manifests_and_locks_are_told_apart() {
        let manifest = format!(r#"{{"format":1,"service":"wall","serves":[{CLOCK}],"calls":[]}}"#);
        let source = Source::read("a.json", &manifest).unwrap();
        assert!(matches!(&source.document, Document::Manifest(manifest) if manifest.service == "wall"));
        let lock = format!(r#"{{"versions":[{{"version":1,"contract":{CLOCK}}}]}}"#);
        let source = Source::read("a.json", &lock).unwrap();
        assert!(matches!(source.document, Document::Lock(_)));
        assert_eq!(source.contracts()[0].name, "Clock");
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        assert_eq!(refused("{\n  \"service\": \"x\",\n  oops\n}"), "a.json:3:3: key must be a string");
        assert!(refused("{}").starts_with("a.json:1:1: neither a manifest"), "{}", refused("{}"));
        let text = CLOCK.replace("\"clock.req\",", "7,");
        let text = format!("{{\"format\":1,\"service\":\"x\",\"calls\":[],\"serves\":[{text}]}}");
        assert!(refused(&text).starts_with("a.json:2:"), "{}", refused(&text));
        assert!(refused("").starts_with("a.json:1:1: EOF"), "{}", refused(""));
        assert!(refused(&"[".repeat(100_000)).starts_with("a.json:1:"), "depth is bounded");
    }

    #[test]
    fn what_is_newer_is_said_to_be() {
        let error = refused(r#"{"format":2,"service":"x","roles":{}}"#);
        assert!(error.contains("form 2"), "{error}");
        let newer = CLOCK.replace("\"format\": 1", "\"format\": 9");
        let error = refused(&format!(r#"{{"versions":[{{"version":1,"contract":{newer}}}]}}"#));
        assert!(error.contains("form 9"), "{error}");
    }
}
