//! Types of some kilobytes a level, on every kind of thread: an error where the stack ends, never an
//! abort.

use std::thread;

use serde::{Deserialize, Serialize};

use super::{ALL, Codec, read, try_write};

/// Eight kilobytes a level.
#[derive(Debug, Serialize, Deserialize)]
struct Bulky {
    next: Option<Box<Bulky>>,
    data: [[u64; 32]; 32],
}

/// The same as a variant.
#[derive(Debug, Serialize, Deserialize)]
#[allow(clippy::large_enum_variant)] // It is what is tested.
enum BulkyVariant {
    Next(Box<BulkyVariant>),
    Held { next: Box<BulkyVariant>, data: [[u64; 16]; 32] },
}

/// A value whose writing takes much of the stack at each level.
#[derive(Debug)]
struct Costly(Option<Box<Costly>>);

impl Serialize for Costly {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[allow(clippy::large_stack_arrays)] // It is what is tested.
        let scratch = std::hint::black_box([1u8; 48 * 1024]);
        to.serialize_newtype_struct("Costly", &(scratch[7], self.0.as_deref()))
    }
}

impl<'de> Deserialize<'de> for Costly {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        <(u8, Option<Box<Self>>)>::deserialize(from).map(|(_, next)| Self(next))
    }
}

fn without_end(codec: Codec) -> [Vec<u8>; 2] {
    match codec {
        Codec::Bincode => [vec![1; 1 << 16], vec![0; 1 << 16]],
        Codec::Json => [br#"{"next":"#.repeat(1 << 12), br#"{"Next":"#.repeat(1 << 12)],
        Codec::MsgPack => [b"\x82\xa4next".repeat(1 << 12), b"\x81\xa4Next".repeat(1 << 12)],
    }
}

/// What is said, which says the reason.
fn all() -> Vec<String> {
    let costly = (0..100).fold(Costly(None), |next, _| Costly(Some(Box::new(next))));
    let mut said = Vec::new();
    for codec in ALL {
        let [fields, variants] = without_end(codec);
        said.push(read::<Bulky>(codec, &fields).unwrap_err().to_string());
        said.push(read::<BulkyVariant>(codec, &variants).unwrap_err().to_string());
        said.push(try_write(codec, &costly).unwrap_err().to_string());
    }
    for text in &said {
        assert!(text.contains("nested"), "{text}");
    }
    said
}

fn on_a_stack_of(bytes: usize) -> Vec<String> {
    thread::Builder::new().stack_size(bytes).spawn(all).unwrap().join().unwrap()
}

#[test]
fn small_stacks_end_in_errors() {
    for kilobytes in [512, 1024, 2048] {
        let said = on_a_stack_of(kilobytes * 1024);
        assert!(said.iter().any(|text| text.contains("stack has room for")), "{kilobytes}: {said:?}");
    }
}

#[test]
fn a_stack_that_has_room_is_used() {
    let said = on_a_stack_of(256 * 1024 * 1024);
    assert!(said.iter().all(|text| text.contains("more than 128 deep")), "{said:?}");
}

#[test]
fn workers_and_the_blocking_pool() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    runtime.block_on(async {
        tokio::spawn(async { all() }).await.unwrap();
        tokio::task::spawn_blocking(all).await.unwrap();
    });
}
