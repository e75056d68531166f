//! The words between the parentheses of `#[bus::request(..)]` and `#[bus(..)]`, and their values.
//!
//! Reading goes on behind a mistake: one bad word does not hide the next.

use std::time::Duration;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Error;

use crate::errors::Errors;

/// One `name = value`, or a `name` alone.
pub(crate) struct Word {
    pub(crate) name: Ident,
    /// The tokens behind `=`; `None` where there is no `=`.
    pub(crate) value: Option<TokenStream>,
    /// All of it, to point at.
    tokens: TokenStream,
}

/// The words of one attribute.
pub(crate) struct Words {
    pub(crate) list: Vec<Word>,
    /// Whether something was given that has no name, so that nothing is known to be missing.
    pub(crate) unreadable: bool,
}

/// Splits at the commas and reads each piece; a piece that is no word is reported.
pub(crate) fn read(tokens: TokenStream, errors: &mut Errors) -> Words {
    let mut words = Words { list: Vec::new(), unreadable: false };
    for piece in pieces(tokens) {
        match word(piece) {
            Ok(word) => words.list.push(word),
            Err(error) => {
                words.unreadable = true;
                errors.push(error);
            }
        }
    }
    words
}

fn pieces(tokens: TokenStream) -> Vec<TokenStream> {
    let mut pieces = vec![TokenStream::new()];
    for token in tokens {
        match (&token, pieces.last_mut()) {
            (TokenTree::Punct(punct), _) if punct.as_char() == ',' => pieces.push(TokenStream::new()),
            (_, Some(piece)) => piece.extend([token]),
            (_, None) => {}
        }
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

fn word(tokens: TokenStream) -> Result<Word, Error> {
    let mut rest = tokens.clone().into_iter();
    let name = match rest.next() {
        Some(TokenTree::Ident(name)) => name,
        Some(TokenTree::Literal(literal)) if literal.to_string().starts_with('"') => {
            return Err(Error::new_spanned(&literal, format!("name this argument: write `topic = {literal}`")));
        }
        _ => return Err(Error::new_spanned(&tokens, "expected an argument like `topic = \"...\"`")),
    };
    match rest.next() {
        None => Ok(Word { name, value: None, tokens }),
        Some(TokenTree::Punct(punct)) if punct.as_char() == '=' => {
            let value: TokenStream = rest.collect();
            match missing_comma(&value) {
                Some(next) => Err(Error::new_spanned(&next, format!("expected `,` before `{next}`"))),
                None => Ok(Word { name, value: Some(value), tokens }),
            }
        }
        Some(TokenTree::Group(group)) => {
            Err(Error::new_spanned(&tokens, format!("expected `{name} = ...`, found `{name}{group}`")))
        }
        Some(TokenTree::Punct(punct)) if punct.as_char() == ':' => {
            Err(Error::new_spanned(&punct, format!("expected `=` after `{name}`, found `:`")))
        }
        Some(other) => Err(Error::new_spanned(&other, format!("expected `=` or `,` after `{name}`, found `{other}`"))),
    }
}

/// What stands behind a literal, where only a comma can.
fn missing_comma(value: &TokenStream) -> Option<TokenTree> {
    let mut tokens = value.clone().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Literal(_)), next) => next,
        _ => None,
    }
}

impl Word {
    /// The name without `r#`.
    pub(crate) fn name(&self) -> String {
        plain(&self.name)
    }

    /// The value of a word that needs one. `example` is what to write, with the quotes.
    fn needed(&self, what: &str, example: &str) -> Result<&TokenStream, Error> {
        match &self.value {
            None => Err(Error::new_spanned(&self.name, format!("expected `{} = {example}`", self.name()))),
            Some(value) if value.is_empty() => {
                Err(Error::new_spanned(&self.tokens, format!("expected {what} after `{} =`", self.name())))
            }
            Some(value) => Ok(value),
        }
    }

    /// A string.
    pub(crate) fn string(&self, naming: &str, example: &str) -> Result<syn::LitStr, Error> {
        let value = self.needed("a string literal", example)?;
        parsed(value, || format!("`{}` must be a string literal naming {naming}", self.name()))
    }

    /// A whole number from 1 to `most`.
    pub(crate) fn number(&self, most: u32, example: &str) -> Result<u32, Error> {
        let value = self.needed("a number", example)?;
        let wrong = || {
            format!("`{}` must be a whole number from 1 to {most}, as in `{} = {example}`", self.name(), self.name())
        };
        let number: syn::LitInt = parsed(value, wrong)?;
        match number.base10_parse::<u32>() {
            Ok(number) if (1..=most).contains(&number) => Ok(number),
            _ => Err(Error::new_spanned(value, wrong())),
        }
    }

    /// A name.
    pub(crate) fn ident(&self, example: &str) -> Result<Ident, Error> {
        let value = self.needed("a name", example)?;
        parsed(value, || self.unquoted(value, "must be the name of a type", example))
    }

    /// A path.
    pub(crate) fn path(&self, example: &str) -> Result<syn::Path, Error> {
        let value = self.needed("a path", example)?;
        let wrong = || self.unquoted(value, "must be the path of the bus crate", example);
        syn::parse::Parser::parse2(syn::Path::parse_mod_style, value.clone())
            .map_err(|_| Error::new_spanned(value, wrong()))
    }

    /// Why a value is neither name nor path; most often it stands in quotes.
    fn unquoted(&self, value: &TokenStream, must: &str, example: &str) -> String {
        let quoted = syn::parse2::<syn::LitStr>(value.clone()).ok().and_then(|text| text.parse::<syn::Path>().ok());
        match quoted {
            Some(path) => {
                let path = path.to_token_stream().to_string().replace(' ', "");
                format!("`{}` {must}: write `{} = {path}`, without quotes", self.name(), self.name())
            }
            None => format!("`{}` {must}, as in `{} = {example}`", self.name(), self.name()),
        }
    }

    /// A length of time, with its unit.
    pub(crate) fn duration(&self, of: &str) -> Result<Duration, Error> {
        let value = self.needed("a string literal", "\"2s\"")?;
        let text: syn::LitStr = parsed(value, || {
            let number = value.to_string();
            let unit = if number.ends_with(|last: char| last.is_ascii_digit()) { "s" } else { "" };
            if number.starts_with(|first: char| first.is_ascii_digit()) && number.chars().all(char::is_alphanumeric) {
                format!(
                    "`{}` must be a string literal with a unit: write `{} = \"{number}{unit}\"`",
                    self.name(),
                    self.name()
                )
            } else {
                format!("`{}` must be a string literal with a unit, as in `{} = \"2s\"`", self.name(), self.name())
            }
        })?;
        let time = duration(&text.value()).map_err(|reason| Error::new_spanned(&text, reason))?;
        if time.is_zero() {
            return Err(Error::new_spanned(
                &text,
                format!("the timeout of `{of}` must not be zero: no answer could come in time"),
            ));
        }
        Ok(time)
    }

    /// Nothing: a word that stands alone.
    pub(crate) fn flag(&self) -> Result<(), Error> {
        match &self.value {
            None => Ok(()),
            Some(_) => Err(Error::new_spanned(
                &self.tokens,
                format!("`{}` takes no value: write `{}` alone", self.name(), self.name()),
            )),
        }
    }
}

impl ToTokens for Word {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.tokens.to_tokens(tokens);
    }
}

/// An identifier's text without `r#`.
pub(crate) fn plain(ident: &Ident) -> String {
    let text = ident.to_string();
    text.strip_prefix("r#").map(ToOwned::to_owned).unwrap_or(text)
}

fn parsed<T: syn::parse::Parse>(value: &TokenStream, wrong: impl FnOnce() -> String) -> Result<T, Error> {
    syn::parse2(value.clone()).map_err(|_| Error::new_spanned(value, wrong()))
}

/// `300ms`, `2s`, `1m` or `1h`; nobody waits for longer than a year.
fn duration(text: &str) -> Result<Duration, String> {
    const YEAR: u64 = 365 * 24 * 3_600_000;
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let form = "write a whole number and `ms`, `s`, `m` or `h`, as in `300ms`";
    if number.is_empty() {
        return Err(format!("`{text}` is not a length of time: {form}"));
    }
    let milliseconds = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "" => return Err(format!("`{text}` has no unit: {form}")),
        _ if unit.starts_with('.') => return Err(format!("`{text}` is not a whole number: {form}")),
        _ => return Err(format!("`{unit}` in `{text}` is not a unit of time: {form}")),
    };
    number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(milliseconds))
        .filter(|time| *time <= YEAR)
        .map(Duration::from_millis)
        .ok_or_else(|| format!("`{text}` is longer than a year, which no call waits"))
}

#[cfg(test)]
mod tests {
    use super::duration;
    use std::time::Duration;

    #[test]
    fn lengths_of_time() {
        assert_eq!(duration("300ms"), Ok(Duration::from_millis(300)));
        assert_eq!(duration("2s"), Ok(Duration::from_secs(2)));
        assert_eq!(duration("1m"), Ok(Duration::from_secs(60)));
        assert_eq!(duration("1h"), Ok(Duration::from_secs(3600)));
        for wrong in ["", "s", "2", "2x", "1.5s", "-1s", "99999999999999999999s", "9000h", "2 s"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
