//! Texts that come from outside or go there: bounded.

/// The longest detail or caller that is read or written, in bytes: a sentence, a name.
const LONGEST_DETAIL: usize = 1024;

/// The beginning of a text, cut between two letters.
pub(super) fn shortened(text: &str) -> &str {
    let mut end = text.len().min(LONGEST_DETAIL);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
