//! Planted defects: which one is on, and what is expected to catch it.

use std::cell::Cell;

thread_local! {
    static PLANTED: Cell<Option<&'static str>> = const { Cell::new(None) };
}

/// Whether the defect of this name is on in this thread. The cores ask by way of `planted!`.
#[inline]
pub(crate) fn planted(name: &'static str) -> bool {
    PLANTED.get().is_some_and(|on| on == name)
}

/// Plants a defect in all histories that this thread runs from now on, or none.
pub(crate) fn plant(name: Option<&'static str>) {
    PLANTED.set(name);
}
