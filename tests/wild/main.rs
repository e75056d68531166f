//! Traits in the shapes that services have before anybody thinks of a bus: each compiles as it is,
//! with the attribute above it and nothing changed.
//!
//! `shapes.rs` holds them as one macro, and each domain here has them all with types of its own.

// A test may panic: that is how it fails. Nobody implements most of these.
#![allow(clippy::pedantic, clippy::needless_lifetimes, clippy::style, clippy::complexity)] // Traits as they stand in the wild.
#![allow(clippy::unwrap_used, clippy::panic, dead_code, unused_imports, unreachable_pub)]
// As the traits are, so they stay.
#![allow(clippy::new_ret_no_self, clippy::wrong_self_convention, clippy::missing_errors_doc, async_fn_in_trait)]

#[macro_use]
mod shapes;
mod calls;

/// The domains, and the number of traits in each.
macro_rules! domains {
    ($($module:ident: $entity:ident, $id:ident, $event:ident, $failure:ident;)*) => {
        $(pub(crate) mod $module { every_shape!($entity, $id, $event, $failure); })*

        const DOMAINS: usize = [$(stringify!($module)),*].len();
    };
}

domains! {
    shop: Order, OrderId, Shipped, ShopError;
    bank: Account, AccountNumber, Posted, BankFault;
    fleet: Vehicle, Plate, Moved, FleetProblem;
}

#[test]
fn there_are_more_than_a_hundred_and_fifty() {
    let in_each = include_str!("shapes.rs").matches("#[bus::request(").count();
    assert!(in_each * DOMAINS >= 150, "{in_each} in each of {DOMAINS} domains");
}
