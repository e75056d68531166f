//! Requests, replies and dead letters as Kafka records. No other room knows a header's name, a
//! token's text or a key's form.
//!
//! `docs/wire.md` states the format with examples that a test holds against this room.

mod address;
mod dead_letter;
mod fingerprint;
mod header;
mod names;
mod reply;
mod request;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
mod text;
mod token;

pub(crate) use self::address::{Address, Key, key_of};
pub(crate) use self::dead_letter::write_dead_letter;
pub(crate) use self::names::{DEAD_LETTER_HEADERS, REPLY_HEADERS, REQUEST_HEADERS};
pub(crate) use self::reply::{read_reply, write_reply};
pub(crate) use self::request::{Incoming, Unreadable, read_request, rewrite_request, write_request};
pub(crate) use self::token::{TOKEN_TEXT, own_token, read_token, token_text};
