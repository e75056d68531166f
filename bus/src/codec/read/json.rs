//! JSON.

use std::borrow::Cow;

use super::token::Token;
use crate::codec::fault::Fault;

/// A body, and how far it has been read.
pub(super) struct Source<'de> {
    pub(super) body: &'de [u8],
    pub(super) at: usize,
}

#[cold]
fn ended(what: &'static str) -> Fault {
    Fault::new(format!("EOF while parsing {what}"))
}

impl<'de> Source<'de> {
    /// The next byte that is no blank, not consumed.
    pub(super) fn peek(&mut self) -> Option<u8> {
        while let Some(byte) = self.body.get(self.at) {
            match byte {
                b' ' | b'\n' | b'\r' | b'\t' => self.at += 1,
                byte => return Some(*byte),
            }
        }
        None
    }

    pub(super) fn next_is_nil(&mut self) -> bool {
        self.peek() == Some(b'n')
    }

    pub(super) fn token(&mut self) -> Result<Token<'de>, Fault> {
        let first = self.peek().ok_or_else(|| ended("a value"))?;
        self.at += 1;
        Ok(match first {
            b'n' => self.word("ull", Token::Nil)?,
            b't' => self.word("rue", Token::Bool(true))?,
            b'f' => self.word("alse", Token::Bool(false))?,
            b'"' => Token::Text(self.rest_of_text()?),
            b'[' => Token::List(None),
            b'{' => Token::Map(None),
            b'-' | b'0'..=b'9' => {
                self.at -= 1;
                self.number()?
            }
            _ => return Err(Fault::said("expected value")),
        })
    }

    fn word(&mut self, rest: &'static str, token: Token<'de>) -> Result<Token<'de>, Fault> {
        for expected in rest.bytes() {
            match self.body.get(self.at) {
                None => return Err(ended("a value")),
                Some(byte) if *byte == expected => self.at += 1,
                Some(_) => return Err(Fault::said("expected ident")),
            }
        }
        Ok(token)
    }

    fn number(&mut self) -> Result<Token<'de>, Fault> {
        let (length, whole) = scan_number(&self.body[self.at..])?;
        let text = str::from_utf8(&self.body[self.at..self.at + length]).unwrap_or_default();
        self.at += length;
        Ok(number(text, whole))
    }

    /// A text whose opening quote has been read.
    pub(super) fn rest_of_text(&mut self) -> Result<Cow<'de, str>, Fault> {
        let start = self.at;
        let mut escaped = false;
        loop {
            match self.body.get(self.at) {
                None => return Err(ended("a string")),
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    self.at += 2;
                }
                Some(0..0x20) => return Err(Fault::said("control character found while parsing a string")),
                Some(_) => self.at += 1,
            }
        }
        let inside = &self.body[start..self.at];
        self.at += 1;
        if escaped {
            let quoted = &self.body[start - 1..self.at];
            return serde_json::from_slice::<String>(quoted)
                .map(Cow::Owned)
                .map_err(|_| Fault::said("a text has an invalid escape or is not UTF-8"));
        }
        str::from_utf8(inside).map(Cow::Borrowed).map_err(|_| Fault::said("a text is not UTF-8"))
    }

    /// Whether a list or map goes on; reads the comma before what comes.
    pub(super) fn goes_on(&mut self, first: bool, close: u8) -> Result<bool, Fault> {
        let what = if close == b']' { "a list" } else { "an object" };
        match self.peek() {
            None => Err(ended(what)),
            Some(byte) if byte == close => Ok(false),
            Some(_) if first => Ok(true),
            Some(b',') => {
                self.at += 1;
                match self.peek() {
                    None => Err(ended("a value")),
                    Some(byte) if byte == close => Err(Fault::said("trailing comma")),
                    Some(_) => Ok(true),
                }
            }
            Some(_) if close == b']' => Err(Fault::said("expected `,` or `]`")),
            Some(_) => Err(Fault::said("expected `,` or `}`")),
        }
    }

    /// Reads the opening quote of a key.
    pub(super) fn quote(&mut self) -> Result<(), Fault> {
        match self.peek() {
            Some(b'"') => {
                self.at += 1;
                Ok(())
            }
            Some(_) => Err(Fault::said("key must be a string")),
            None => Err(ended("an object")),
        }
    }

    /// Reads what stands between a key and its value.
    pub(super) fn colon(&mut self) -> Result<(), Fault> {
        match self.peek() {
            Some(b':') => {
                self.at += 1;
                Ok(())
            }
            Some(_) => Err(Fault::said("expected `:`")),
            None => Err(ended("an object")),
        }
    }

    /// Reads a closing bracket.
    pub(super) fn close(&mut self, close: u8) -> Result<(), Fault> {
        match self.peek() {
            Some(byte) if byte == close => {
                self.at += 1;
                Ok(())
            }
            Some(b',') => {
                self.at += 1;
                Err(Fault::said("there is more than the type takes"))
            }
            Some(_) => Err(Fault::said("there is more than the type takes")),
            None => Err(ended("a value")),
        }
    }

    /// Reads over a value, at most so many levels deep.
    pub(super) fn skip(&mut self, depth: usize) -> Result<(), Fault> {
        let mut open = Vec::new();
        loop {
            match self.token()? {
                Token::List(_) => open.push(b']'),
                Token::Map(_) => open.push(b'}'),
                _ => {}
            }
            if open.len() > depth {
                return Err(crate::codec::bounds::too_deep());
            }
            // The bracket that was opened last, and whether anything stands in it yet.
            let mut first = matches!(self.body.get(self.at.wrapping_sub(1)), Some(b'[' | b'{'));
            loop {
                let Some(close) = open.last().copied() else { return Ok(()) };
                if self.goes_on(first, close)? {
                    if close == b'}' {
                        self.quote()?;
                        self.rest_of_text()?;
                        self.colon()?;
                    }
                    break;
                }
                self.at += 1;
                open.pop();
                first = false;
            }
        }
    }

    /// Where reading has come to, as people count.
    pub(super) fn place(&self) -> (usize, usize) {
        let read = &self.body[..self.at.min(self.body.len())];
        let line = read.split(|byte| *byte == b'\n').count();
        (line, read.iter().rev().take_while(|byte| **byte != b'\n').count())
    }
}

/// The token of the text of a number.
fn number(text: &str, whole: bool) -> Token<'_> {
    if whole && text != "-0" {
        if let Ok(number) = text.parse() {
            return Token::Unsigned(number);
        }
        if let Ok(number) = text.parse() {
            return Token::Signed(number);
        }
    }
    Token::Decimal(text)
}

/// The number that a key is the text of; nothing may stand around it.
pub(super) fn number_in(key: &str) -> Option<Token<'_>> {
    match scan_number(key.as_bytes()) {
        Ok((length, whole)) if length == key.len() => Some(number(key, whole)),
        _ => None,
    }
}

/// How many bytes a number has, and whether it is a whole one.
fn scan_number(bytes: &[u8]) -> Result<(usize, bool), Fault> {
    let invalid = |at: usize| if at < bytes.len() { Fault::said("invalid number") } else { ended("a value") };
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut at = usize::from(bytes.first() == Some(&b'-'));
    let before = digits(at);
    if before == 0 || (before > 1 && bytes[at] == b'0') {
        return Err(invalid(at));
    }
    at += before;
    let mut whole = true;
    if bytes.get(at) == Some(&b'.') {
        let after = digits(at + 1);
        at += 1 + after;
        if after == 0 {
            return Err(invalid(at));
        }
        whole = false;
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        at += 1;
        at += usize::from(matches!(bytes.get(at), Some(b'+' | b'-')));
        let after = digits(at);
        if after == 0 {
            return Err(invalid(at));
        }
        at += after;
        whole = false;
    }
    Ok((at, whole))
}
