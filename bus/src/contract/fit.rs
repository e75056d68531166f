//! Whether a codec can carry a contract.

use super::Contract;
use super::verdict::{Outcome, verdict};
use crate::codec::Codec;
use crate::error::ConnectError;

impl Contract {
    /// Whether every method can be carried by a codec: a type must read what it writes, and be known
    /// under bincode, or have a text that stands for it.
    pub(crate) fn fits(&self, codec: Codec) -> Result<(), ConnectError> {
        for method in self.methods() {
            // Traced here, so that the first call does not wait for it.
            let terms = &method.terms(codec).terms;
            let arguments = terms.arguments.iter().map(|(name, of)| (format!("argument `{name}`"), *of));
            let all = arguments.chain([("the answer".to_owned(), terms.answer), ("the error".to_owned(), terms.error)]);
            for (what, of) in all {
                let (written, read) = (terms.written(of), terms.read(of));
                let unfit = |reason: String| ConnectError::Unfit {
                    contract: self.name().to_owned(),
                    method: method.name().to_owned(),
                    codec: codec.name(),
                    reason,
                };
                if codec == Codec::Bincode && method.opaque().is_none() && terms.reads_opaque(of) {
                    return Err(unfit(format!(
                        "{what}, {read}, is of a type that bincode cannot carry or that nobody can look into, as with \
                         serde's `tag`, `untagged` and `flatten` and `serde_json::Value`: use `codec = \"json\"` or \
                         `\"msgpack\"`, or, where it is sure to be carried, `#[bus(opaque = \"v1\")]` on both sides"
                    )));
                }
                let verdict = verdict(written, read, codec);
                match (verdict.outcome, codec) {
                    (Outcome::Refused, Codec::Bincode) => {
                        return Err(unfit(format!(
                            "{what} does not read what it writes: {verdict}; use `codec = \"json\"` or `\"msgpack\"`"
                        )));
                    }
                    // Where only some values are lost the others go.
                    (Outcome::ErrorInDecoding, _) => {
                        return Err(unfit(format!(
                            "{what} does not read what it writes: {verdict}; let it be read as it is written"
                        )));
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }
}
