//! Texts that come from outside or go there: bounded, and on one line.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The longest detail or caller that is read or written, in bytes: a sentence, a name.
const LONGEST_DETAIL: usize = 1024;

/// The longest name of a fault, a codec or a status that is read, in bytes.
const LONGEST_NAME: usize = 64;

/// A sentence or a caller as it may be shown: cut between two letters, and with everything escaped
/// that a terminal or a log would act on.
pub(super) fn sentence(text: &str) -> Cow<'_, str> {
    shown(text, LONGEST_DETAIL)
}

/// A name of a fault, a codec or a status as it may be shown.
pub(super) fn name(text: &str) -> Cow<'_, str> {
    shown(text, LONGEST_NAME)
}

fn shown(text: &str, longest: usize) -> Cow<'_, str> {
    let cut = shortened(text, longest);
    if !cut.chars().any(acts) {
        return Cow::Borrowed(cut);
    }
    let mut escaped = String::with_capacity(cut.len() + 16);
    for letter in cut.chars() {
        if acts(letter) {
            let _ = write!(escaped, "{}", letter.escape_default());
        } else {
            escaped.push(letter);
        }
    }
    // Escapes are longer than what they stand for.
    escaped.truncate(shortened(&escaped, longest).len());
    Cow::Owned(escaped)
}

/// Whether a letter does something where it is shown: ends a line, moves a cursor, turns the
/// direction of writing.
fn acts(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The beginning of a text, cut between two letters.
fn shortened(text: &str, longest: usize) -> &str {
    let mut end = text.len().min(longest);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_escaped_and_what_is_long_is_cut() {
        assert!(matches!(sentence("Zoë/1.2"), Cow::Borrowed("Zoë/1.2")));
        assert_eq!(sentence("a\nERROR all is lost"), "a\\nERROR all is lost");
        assert_eq!(sentence("\u{1b}[31mred\u{202e}"), "\\u{1b}[31mred\\u{202e}");
        assert_eq!(name(&"ü".repeat(100)), "ü".repeat(32));
        assert!(sentence(&"\n".repeat(900_000)).len() <= LONGEST_DETAIL);
    }
}
