//! A client's core: calls that wait, their deadlines, and which partition a request goes to.
