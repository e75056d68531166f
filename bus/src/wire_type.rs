//! What may be an argument, an answer or an error.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::codec::{DecodeError, Decoder, EncodeError, Encoder};
use crate::contract::{Found, Wanted, find_shapes};

/// A type that can cross the bus: everything with serde's two traits that is `Send + 'static`.
///
/// The trait itself has none of these bounds, so that the compiler's complaint names the user's
/// type and this trait, once, instead of whichever bound it looked at first.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent over the bus",
    label = "this type must be an owned, thread-safe serde value",
    note = "derive `serde::Serialize` and `serde::Deserialize` for `{Self}`, or for the type in it that lacks them",
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

/// A return type that names its error. Nothing has this trait: the expansion asks for it where
/// `Result<T>` can only be an alias, for the compiler refuses it otherwise.
#[diagnostic::on_unimplemented(
    message = "a request method must return `Result<T, E>` with both types spelled out",
    label = "this is short for `{Self}`, which the attribute cannot see",
    note = "write `{Self}`"
)]
pub trait SpelledOut {
    /// Named by the expansion, so that the question is asked.
    const CHECKED: ();
}

/// Leads from a client to its methods, which stand where no name of the user's can meet theirs.
pub trait HasMethods {
    /// A struct with a field for each method: one item however many there are, for the compiler
    /// compares implementations of a trait in pairs.
    type Methods: 'static;

    /// The methods.
    fn methods() -> &'static Self::Methods;
}
