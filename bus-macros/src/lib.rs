//! x

/// x
#[proc_macro_attribute]
pub fn request(_: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    item
}
