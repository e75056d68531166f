//! A server: a shell around `protocol::requests`, and `protocol::sending` for its answers.
//!
//! `Server::new(setup: &ServerSetup) -> Server`, and `impl Process for Server`.
