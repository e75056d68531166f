//! A request that its server could not run.

use super::{Fault, Reply};

/// A request that was not run because its server could not read it: the arguments are not what the
/// contract says, or this build of the contract has no such method. It becomes a dead letter, and
/// its caller hears why.
///
/// [`Dispatch`](crate::Dispatch) returns it, and only the expansion of `#[bus::request]` makes it. A
/// layer on [`Serve`](crate::Serve) sees it as the [`Reply`] that the caller gets. A layer that
/// passes this reply on, or adds headers to it, leaves the request rejected; a reply that a layer
/// makes itself is an answer, whatever its [`Status`](crate::Status).
///
/// ```
/// /// What a caller hears whose request was not run.
/// fn told(rejected: &bus::Rejected) -> &str {
///     rejected.reply().detail()
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Rejected {
    // Boxed: it is rare, and every answer would have to carry its room.
    reply: Box<Reply>,
}

impl Rejected {
    pub(crate) fn new(fault: Fault, detail: String) -> Self {
        Self { reply: Box::new(Reply { rejected: true, ..Reply::fault(fault, detail) }) }
    }

    /// What the caller hears: a [`Fault`], with a sentence that holds nothing of the request's body.
    pub fn reply(&self) -> &Reply {
        &self.reply
    }
}

impl From<Rejected> for Reply {
    fn from(rejected: Rejected) -> Self {
        *rejected.reply
    }
}

impl Reply {
    /// Tells an answer from the reply to a request that was rejected, behind layers that pass
    /// either on.
    pub(crate) fn into_outcome(self) -> Result<Self, Rejected> {
        if self.rejected { Err(Rejected { reply: Box::new(self) }) } else { Ok(self) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rejected_request_stays_so_behind_layers_and_an_answer_does_not_become_one() {
        let rejected = Rejected::new(Fault::Malformed, "the arguments are spoilt".to_owned());
        let mut seen_by_a_layer = Reply::from(rejected);
        assert!(seen_by_a_layer.headers_mut().append("layer", "x").is_ok());
        let still = seen_by_a_layer.into_outcome().err();
        let said = still.as_ref().map(|still| (still.reply().detail(), still.reply().headers().len()));
        assert_eq!(said, Some(("the arguments are spoilt", 1)));
        assert!(Reply::fault(Fault::Malformed, "said by a layer").into_outcome().is_ok());
    }
}
