//! A server's core per request topic: offsets, commit metadata, deadlines, hand-over, admission.
