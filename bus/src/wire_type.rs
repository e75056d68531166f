//! What may be an argument, an answer or an error.

use std::ffi::{CStr, CString};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::codec::{DecodeError, Decoder, EncodeError, Encoder};
use crate::contract::{Found, Method, Wanted, find_shapes};

/// A type that can cross the bus: everything with serde's two traits that is `Send + 'static`.
///
/// The trait itself has none of these bounds, so that the compiler's complaint names the user's
/// type and this trait, once, instead of whichever bound it looked at first.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent over the bus",
    label = "this type must be an owned, thread-safe serde value",
    note = "derive `serde::Serialize` and `serde::Deserialize` for `{Self}`, or for the type in it that lacks them; in place of a type that is not yours use one of yours that holds what the other side needs",
    note = "arguments, answers and errors must also be `Send + 'static`"
)]
pub trait Wire: Sized {
    /// Appends the value.
    fn encode(value: &Self, to: &mut Encoder) -> Result<(), EncodeError>;
    /// Appends a borrowed list, in the bytes of a `Vec`.
    fn encode_slice(values: &[Self], to: &mut Encoder) -> Result<(), EncodeError>;
    /// Takes the next value.
    fn decode(from: &mut Decoder<'_>) -> Result<Self, DecodeError>;
    /// Takes the next value, a list.
    fn decode_vec(from: &mut Decoder<'_>) -> Result<Vec<Self>, DecodeError>;
    /// The shape of the type.
    fn shape(wanted: Wanted) -> Found;
    /// The shape of a list of the type.
    fn shape_vec(wanted: Wanted) -> Found;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Send + 'static> Wire for T {
    fn encode(value: &Self, to: &mut Encoder) -> Result<(), EncodeError> {
        to.value(value)
    }

    fn encode_slice(values: &[Self], to: &mut Encoder) -> Result<(), EncodeError> {
        to.list(values)
    }

    fn decode(from: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        from.value()
    }

    fn decode_vec(from: &mut Decoder<'_>) -> Result<Vec<Self>, DecodeError> {
        from.value()
    }

    fn shape(wanted: Wanted) -> Found {
        find_shapes::<Self>(wanted)
    }

    fn shape_vec(wanted: Wanted) -> Found {
        find_shapes::<Vec<Self>>(wanted)
    }
}

/// Appends a text that is borrowed, in the bytes of a `String`.
pub fn encode_str(value: &str, to: &mut Encoder) -> Result<(), EncodeError> {
    to.text(value)
}

/// A type that a server decodes and lends to a handler, whose future may move between threads.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be borrowed across the bus",
    label = "a handler on another thread could not read it: this type is not `Sync`",
    note = "take `{Self}` by value"
)]
pub trait Lend {
    /// Named by the expansion, so that the question is asked.
    const CHECKED: ();
}

#[diagnostic::do_not_recommend]
impl<T: Sync> Lend for T {
    const CHECKED: () = ();
}

/// A type that is lent to a handler under a name that the standard library has for a type without a
/// size, `&Path`, and a user perhaps for one with a size.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent over the bus",
    label = "this type must be an owned, thread-safe serde value",
    note = "derive `serde::Serialize` and `serde::Deserialize` for `{Self}`, or for the type in it that lacks them; in place of a type that is not yours use one of yours that holds what the other side needs",
    note = "arguments, answers and errors must also be `Send + 'static`"
)]
pub trait Loan {
    /// What crosses the wire, and what a server keeps while it lends.
    type Owned: Wire + Sync;
    /// What the owned type is called where that is another name.
    const OWNED: Option<&'static str>;

    /// Appends the value.
    fn encode(value: &Self, to: &mut Encoder) -> Result<(), EncodeError>;
    /// What is lent.
    fn lend(owned: &Self::Owned) -> &Self;
}

#[diagnostic::do_not_recommend]
impl<T: Wire + Sync> Loan for T {
    type Owned = T;
    const OWNED: Option<&'static str> = None;

    fn encode(value: &Self, to: &mut Encoder) -> Result<(), EncodeError> {
        <T as Wire>::encode(value, to)
    }

    fn lend(owned: &T) -> &Self {
        owned
    }
}

#[diagnostic::do_not_recommend]
impl Loan for Path {
    type Owned = PathBuf;
    const OWNED: Option<&'static str> = Some("PathBuf");

    fn encode(value: &Self, to: &mut Encoder) -> Result<(), EncodeError> {
        to.write::<Self, PathBuf>(value)
    }

    fn lend(owned: &PathBuf) -> &Self {
        owned
    }
}

#[diagnostic::do_not_recommend]
impl Loan for CStr {
    type Owned = CString;
    const OWNED: Option<&'static str> = Some("CString");

    fn encode(value: &Self, to: &mut Encoder) -> Result<(), EncodeError> {
        to.write::<Self, CString>(value)
    }

    fn lend(owned: &CString) -> &Self {
        owned
    }
}

/// What the owned type of a [`Loan`] is called.
pub const fn owned_name(owned: Option<&'static str>, written: &'static str) -> &'static str {
    match owned {
        Some(owned) => owned,
        None => written,
    }
}

/// [`Wire`] under another name, for types whose own names call for other words.
macro_rules! in_other_words {
    ($($(#[$docs:meta])* $name:ident: $label:tt, $($note:tt),+;)*) => {$(
        $(#[$docs])*
        #[diagnostic::on_unimplemented(
            message = "`{Self}` cannot be sent over the bus",
            label = $label,
            $(note = $note),+
        )]
        pub trait $name: Sized {
            /// As [`Wire::encode`].
            fn encode(value: &Self, to: &mut Encoder) -> Result<(), EncodeError>;
            /// As [`Wire::encode_slice`].
            fn encode_slice(values: &[Self], to: &mut Encoder) -> Result<(), EncodeError>;
            /// As [`Wire::decode`].
            fn decode(from: &mut Decoder<'_>) -> Result<Self, DecodeError>;
            /// As [`Wire::decode_vec`].
            fn decode_vec(from: &mut Decoder<'_>) -> Result<Vec<Self>, DecodeError>;
            /// As [`Wire::shape`].
            fn shape(wanted: Wanted) -> Found;
            /// As [`Wire::shape_vec`].
            fn shape_vec(wanted: Wanted) -> Found;
        }

        #[diagnostic::do_not_recommend]
        impl<T: Serialize + DeserializeOwned + Send + 'static> $name for T {
            fn encode(value: &Self, to: &mut Encoder) -> Result<(), EncodeError> {
                <T as Wire>::encode(value, to)
            }

            fn encode_slice(values: &[Self], to: &mut Encoder) -> Result<(), EncodeError> {
                <T as Wire>::encode_slice(values, to)
            }

            fn decode(from: &mut Decoder<'_>) -> Result<Self, DecodeError> {
                <T as Wire>::decode(from)
            }

            fn decode_vec(from: &mut Decoder<'_>) -> Result<Vec<Self>, DecodeError> {
                <T as Wire>::decode_vec(from)
            }

            fn shape(wanted: Wanted) -> Found {
                <T as Wire>::shape(wanted)
            }

            fn shape_vec(wanted: Wanted) -> Found {
                <T as Wire>::shape_vec(wanted)
            }
        }
    )*};
}

in_other_words! {
    /// Of `Arc` and `Rc`.
    SharedWire: "serde reads and writes shared pointers with its feature `rc` alone",
        "use the type in it: the other side gets a copy of its own whatever is shared here",
        "or turn the feature on in your Cargo.toml, and use `Arc`, for `Rc` is not `Send`";
    /// Of arrays.
    ArrayWire: "serde knows arrays of up to 32 elements, of types that it knows",
        "use `Vec`, or a type of yours that holds the array under `#[serde(with = \"..\")]`, as the crate `serde_big_array` has it";
    /// Of the errors of other crates.
    ForeignError: "this error is made of what exists in its own process",
        "answer with an error of yours, an enum that derives `serde::Serialize` and `serde::Deserialize`, or with its text: `String`, and `.map_err(|error| error.to_string())`";
    /// Of the error that a name for a `Result` hides.
    NamedError: "the error that this type hides has to be an owned, thread-safe serde value",
        "derive `serde::Serialize` and `serde::Deserialize` for `{Self}` if it is yours",
        "in place of an error that is not yours, as `anyhow::Error`, answer with an enum of yours or with its text: `Result<T, String>`, and `.map_err(|error| error.to_string())`";
    /// Of the standard library's error that never is.
    NeverWire: "the standard library's `Infallible` has no serde traits",
        "leave the `Result` out and answer plainly, or write `bus::Infallible`";
}

/// Leads from a client to its methods, which stand where no name of the user's can meet theirs.
pub trait HasMethods {
    /// The method that is written at this position: one function however many there are, for the
    /// compiler compares implementations of a trait in pairs.
    fn method(position: usize) -> &'static Method;
}
