//! The calls that ended a while ago, as far as they are remembered.

/// How many of each kind are remembered at the most. A later one takes an earlier one's room.
const REMEMBERED: usize = 1024;

/// Tokens of calls that ended, so that a reply that comes late and one that comes twice are told
/// from those of others. Each has one room that it may be in.
#[derive(Default)]
pub(super) struct Past {
    answered: Vec<u128>,
    unanswered: Vec<u128>,
}

/// Where a token would be. Tokens are random; these bits choose no shard.
fn room(token: u128) -> usize {
    (token >> 96) as usize % REMEMBERED
}

fn remember(tokens: &mut Vec<u128>, token: u128) {
    if tokens.is_empty() {
        tokens.resize(REMEMBERED, 0);
    }
    tokens[room(token)] = token;
}

fn knows(tokens: &[u128], token: u128) -> bool {
    tokens.get(room(token)).is_some_and(|found| *found == token)
}

impl Past {
    /// A call has its answer.
    pub(super) fn answered(&mut self, token: u128) {
        remember(&mut self.answered, token);
    }

    /// A call that may be answered still has ended without.
    pub(super) fn unanswered(&mut self, token: u128) {
        remember(&mut self.unanswered, token);
    }

    pub(super) fn was_answered(&self, token: u128) -> bool {
        knows(&self.answered, token)
    }

    pub(super) fn was_unanswered(&self, token: u128) -> bool {
        knows(&self.unanswered, token)
    }
}
