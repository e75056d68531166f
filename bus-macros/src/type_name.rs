//! A type as people write it.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// The tokens of a type as text, spaced as rustfmt would; the compiler's own printing differs from
/// version to version, and the text is part of the contract.
pub(crate) fn type_name(tokens: TokenStream) -> String {
    let mut text = String::new();
    write(tokens, &mut text);
    text
}

fn write(tokens: TokenStream, text: &mut String) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{ ", " }"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                text.push_str(open);
                write(group.stream(), text);
                text.push_str(close);
            }
            TokenTree::Punct(punct) => match punct.as_char() {
                ',' => text.push_str(", "),
                ';' => text.push_str("; "),
                '+' => text.push_str(" + "),
                '=' => text.push_str(" = "),
                '-' if punct.spacing() == Spacing::Joint => text.push_str(" -"),
                '>' if text.ends_with('-') => text.push_str("> "),
                '>' => {
                    // A trailing comma of a list that was broken over lines.
                    if text.ends_with(", ") {
                        text.truncate(text.len() - 2);
                    }
                    text.push('>');
                }
                other => text.push(other),
            },
            other => {
                if text.ends_with(|last: char| last.is_alphanumeric() || matches!(last, '_' | '>')) {
                    text.push(' ');
                }
                text.push_str(&other.to_string());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::type_name;

    #[test]
    fn types_read_as_they_are_written() {
        for text in [
            "Vec<Product>",
            "std::collections::HashMap<String, Vec<u8>>",
            "[u8; 32]",
            "(u8, String)",
            "()",
            "&'static str",
            "Box<dyn Error + Send>",
            "<Vec<T> as IntoIterator>::Item",
            "fn(u8) -> u16",
        ] {
            let tokens: proc_macro2::TokenStream = text.parse().unwrap_or_default();
            assert_eq!(type_name(tokens), text);
        }
        let broken: proc_macro2::TokenStream = "Map<\n A,\n B,\n>".parse().unwrap_or_default();
        assert_eq!(type_name(broken), "Map<A, B>");
    }
}
