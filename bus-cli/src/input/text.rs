//! Texts of bounded size.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::error::InputError;

/// The most that is read of one input, in bytes.
pub const LARGEST: u64 = 16 * 1024 * 1024;

/// Reads a file.
pub(crate) fn file(path: &Path) -> Result<String, InputError> {
    let name = path.display().to_string();
    let failed = |cause| InputError::File { name: name.clone(), cause };
    let file = File::open(path).map_err(failed)?;
    bounded(&name, file, LARGEST)
}

/// Reads a text to its end, which must come in time.
pub(crate) fn bounded(name: &str, from: impl Read, limit: u64) -> Result<String, InputError> {
    let mut bytes = Vec::new();
    from.take(limit + 1).read_to_end(&mut bytes).map_err(|cause| InputError::File { name: name.to_owned(), cause })?;
    if bytes.len() as u64 > limit {
        return Err(InputError::TooLarge { name: name.to_owned(), limit });
    }
    String::from_utf8(bytes).map_err(|error| {
        let read = error.utf8_error().valid_up_to();
        let before = &error.as_bytes()[..read];
        let line = before.split(|byte| *byte == b'\n').count();
        let column = read - before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1) + 1;
        InputError::Content { name: name.to_owned(), line, column, reason: "it is not UTF-8".to_owned() }
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::bounded;

    #[test]
    fn a_text_that_is_too_large_or_no_text_is_refused_with_its_place() {
        assert_eq!(bounded("a", &b"12345"[..], 5).unwrap(), "12345");
        let error = bounded("a.json", &b"123456"[..], 5).unwrap_err();
        assert_eq!(error.to_string(), "a.json: it is larger than 5 bytes, which is the most that is read");
        let error = bounded("a.json", &b"{\n ab\xff}"[..], 50).unwrap_err();
        assert_eq!(error.to_string(), "a.json:2:4: it is not UTF-8");
    }
}
