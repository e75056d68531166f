//! The macros of kafka-bus: `#[bus::request]`, and `manifest!`, which is small and in a file of its own.
//!
//! The input flows one way: `args` and `parse` read tokens and judge nothing, `check` holds
//! every rule and makes the `model`, `expand` writes the code and cannot fail. Mistakes are
//! collected in `errors`, so that all of them are reported in one run.
//!
//! What a user needs to know stands on the re-export in `bus`, where its examples can be compiled.

mod args;
mod attributes;
mod check;
mod errors;
mod expand;
mod manifest;
mod model;
mod nearest;
mod parse;
mod type_name;
mod written;

// A test may panic: that is how it fails.
#[cfg(test)]
#[allow(clippy::expect_used, clippy::panic)]
mod tests;

use proc_macro2::TokenStream;

use crate::errors::Errors;

/// Makes a client and a server of a trait. Documented at `bus::request`.
#[proc_macro_attribute]
pub fn request(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let expansion = request_tokens(args.into(), item.into());
    if std::env::var_os("BUS_MACROS_DEBUG").is_some_and(|value| value == "1") {
        print_expansion(&expansion);
    }
    expansion.into()
}

/// Says what a program serves and calls. Documented at `bus::manifest`, which passes its own path on.
#[proc_macro]
pub fn manifest(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    manifest::manifest_tokens(input.into()).into()
}

/// The macro without the compiler, so that tests can call it.
fn request_tokens(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let args = args::read(args, &mut errors);
    let written = match parse::service_trait(&item) {
        Ok(Some(written)) => written,
        Ok(None) => return item,
        Err(error) => {
            errors.push(error);
            // Not a trait that we can read: the item stays as it is, for the compiler and for editors.
            return errors.in_front_of(item);
        }
    };
    let checked = check::service(&args, &written, &mut errors);
    errors.in_front_of(expand::expand(&checked))
}

/// Printing is what the variable asks for.
#[allow(clippy::print_stderr)]
fn print_expansion(expansion: &TokenStream) {
    eprintln!("{expansion}");
}
