//! A call that is sent again, because its server asks what the caller knows of its types.

use super::channel::{Channel, ChannelFuture, WeakChannel};
use crate::message::{Fault, Reply, Request, Status};

/// What is sent again. It has not run, so this makes no second run; and it is asked once. A call does
/// not keep its channel open.
pub(super) struct Again(Option<(WeakChannel, Request)>);

impl Again {
    pub(super) fn of(channel: &Channel, request: &Request) -> Self {
        // Whoever has told all is not asked.
        Self((!request.tells_shapes).then(|| (channel.downgrade(), request.clone())))
    }

    /// Whether a server asks.
    pub(super) fn is_wanted(&self, reply: &Reply) -> bool {
        self.0.is_some() && reply.status == Status::Fault(Fault::ShapesWanted)
    }

    /// Sends it again, once, with all that is known.
    pub(super) fn start(&mut self) -> Option<ChannelFuture> {
        let (channel, mut request) = self.0.take()?;
        request.tells_shapes = true;
        request.method.tell_shapes();
        channel.start(request)
    }
}
