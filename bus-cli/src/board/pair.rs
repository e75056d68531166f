//! What becomes of the values between a caller and a server of one method.

use bus::contract::{ContractDescription, MethodDescription, Outcome, TypeDescription, changes, verdict};

use super::document::{Difference, EdgeVerdict, Way};

/// How many differences of a pair are told.
const MOST: usize = 16;

/// The verdict on one method. The caller writes requests and reads replies, with its own codec.
pub(super) fn verdict_of(caller: &ContractDescription, server: &ContractDescription, method: &str) -> EdgeVerdict {
    let mut pair = Pair { caller, server, differences: Vec::new() };
    pair.changes(method);
    if let (Some(asks), Some(does)) = (caller.method(method), server.method(method)) {
        pair.unknown(asks, does);
    }
    let mut differences = pair.differences;
    differences.sort_by_key(|difference| std::cmp::Reverse(difference.outcome));
    differences.truncate(MOST);
    let worst = |way: Way| {
        let of_way = differences.iter().filter(|difference| difference.way == way);
        of_way.map(|difference| difference.outcome).max().unwrap_or(Outcome::Same)
    };
    let (request, reply) = (worst(Way::Request), worst(Way::Reply));
    EdgeVerdict { outcome: request.max(reply), request, reply, differences }
}

struct Pair<'a> {
    caller: &'a ContractDescription,
    server: &'a ContractDescription,
    differences: Vec<Difference>,
}

impl Pair<'_> {
    /// What the library's own comparison says, with the server as the old side and the caller as the new.
    fn changes(&mut self, method: &str) {
        let about_it = |of: &str| of == method || of.is_empty();
        for change in changes(self.server, self.caller).into_iter().filter(|change| about_it(&change.method)) {
            let Some(way) = Way::of(change.direction) else { continue };
            let mut sentence = change.finding.sentence;
            if change.part.is_empty() && self.server.method(method).is_none() {
                "the server has no such method".clone_into(&mut sentence);
            }
            self.differences.push(Difference {
                way,
                part: change.part,
                path: change.finding.path,
                outcome: change.finding.outcome,
                sentence,
            });
        }
    }

    /// What is the same on both sides and known by neither, or not carried by its own type: that is no
    /// change, and it is not well either.
    fn unknown(&mut self, asks: &MethodDescription, does: &MethodDescription) {
        let vouched = asks.opaque.is_some() && asks.opaque == does.opaque;
        for (one, two) in asks.arguments.iter().zip(&does.arguments) {
            let part = format!("argument `{}`", two.name);
            self.types(Way::Request, &part, (&one.r#type, &two.r#type), vouched);
        }
        self.types(Way::Reply, "answer", (&does.answer, &asks.answer), vouched);
        self.types(Way::Reply, "error", (&does.error, &asks.error), vouched);
    }

    fn types(&mut self, way: Way, part: &str, (from, to): (&TypeDescription, &TypeDescription), vouched: bool) {
        let codec = self.caller.codec;
        let (writer, reader) = match way {
            Way::Request => (self.caller, self.server),
            Way::Reply => (self.server, self.caller),
        };
        let Some(worst) =
            verdict(writer.written(from, codec), reader.read(to, codec), codec).findings.into_iter().next()
        else {
            return;
        };
        let known = self.differences.iter().any(|known| known.way == way && known.part == part);
        if known || (vouched && worst.outcome == Outcome::Unknown) {
            return;
        }
        self.differences.push(Difference {
            way,
            part: part.to_owned(),
            path: worst.path,
            outcome: worst.outcome,
            sentence: worst.sentence,
        });
    }
}
