//! The code that the macro writes. Nothing here can fail: the model holds what the rules left.
//!
//! Everything but the trait, the two types and the lock's test stands in a `const _`, so that no name is taken from
//! the user and the macro works inside functions. Only absolute paths are used, and functions are
//! called by path, so that it works whatever is or is not in scope. What one of the user's types
//! can get wrong is asked of the user's own tokens, in the fewest words, so that the compiler
//! complains once and there.

mod allowed;
mod client;
mod contract;
mod definition;
mod lock;
mod server;
mod shared;
mod types;
mod used;
mod wire;

use proc_macro2::TokenStream;
use quote::quote;

use self::allowed::allowed;
use crate::attributes;
use crate::model::{Checked, Salvage, Service};
use crate::written::ServiceTrait;

/// Writes the trait, the client and the server.
pub(crate) fn expand(checked: &Checked<'_>) -> TokenStream {
    match checked {
        Checked::Sound(service) => sound(service),
        Checked::Broken(salvage) => broken(salvage),
    }
}

fn sound(service: &Service<'_>) -> TokenStream {
    let definition = definition::definition(service.written);
    let types = types::types(service.written, &service.names);
    let contract = contract::contract(service);
    let client = client::client(service);
    let calls = client::calls(service);
    let server = server::server(service);
    let (shared, used) = (shared::service(service), used::used(&service.names, &service.methods));
    let hidden = hidden(service.written, &quote!(#contract #client #server #shared #used));
    let lock = lock::lock(service, allowed(service.written).as_ref());
    quote!(#definition #types #calls #hidden #lock)
}

/// The trait as far as it goes and two types that can do all that the real ones can, so that code
/// around a half-written trait is not accused of the trait's mistakes.
fn broken(salvage: &Salvage<'_>) -> TokenStream {
    let definition = definition::salvaged(salvage.written);
    let types = types::types(salvage.written, &salvage.names);
    let client = client::stub(salvage);
    let calls = client::stub_calls(salvage);
    let server = server::stub(salvage);
    let used = used::used(&salvage.names, &salvage.methods);
    let hidden = hidden(salvage.written, &quote!(#client #server #used));
    quote!(#definition #types #calls #hidden)
}

/// Items that nobody sees.
fn hidden(written: &ServiceTrait, items: &TokenStream) -> TokenStream {
    let (cfgs, allowed) = (attributes::cfgs(&written.attributes), allowed(written));
    quote! {
        #cfgs
        #allowed
        const _: () = { #items };
    }
}
