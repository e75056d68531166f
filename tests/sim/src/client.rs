//! A client: a shell around `protocol::calls` and `protocol::sending`.
//!
//! `Client::new(setup: &ClientSetup) -> Client`, and `impl Process for Client`.
