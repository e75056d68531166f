//! Small bodies that ask for much.

#![allow(clippy::zero_sized_map_values)] // They are what is tested.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::super::bounds;
use super::{BOTH, Codec, Decoder, Encoder, read, write};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Chain {
    Link(Box<Chain>),
    End,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Node {
    next: Option<Box<Node>>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct Thin(Option<Box<Thin>>);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Tree(Vec<Tree>);

/// A varint of 64 bits.
fn length(of: u64) -> Vec<u8> {
    let mut bytes = vec![253];
    bytes.extend(of.to_le_bytes());
    bytes
}

/// The stack of a tokio worker, whatever thread the test itself runs on.
fn on_a_small_stack(test: fn()) {
    std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(test).unwrap().join().unwrap();
}

#[test]
fn a_nesting_without_end_is_an_error_and_no_overflow() {
    on_a_small_stack(|| {
        let zeros = vec![0; 1 << 20];
        let ones = vec![1; 1 << 20];
        for error in [
            read::<Chain>(Codec::Bincode, &zeros).unwrap_err(),
            read::<Node>(Codec::Bincode, &ones).unwrap_err(),
            read::<Thin>(Codec::Bincode, &ones).unwrap_err(),
            read::<Tree>(Codec::Bincode, &ones).unwrap_err(),
        ] {
            assert!(error.to_string().contains("nested more than 128 deep"), "{error}");
        }
        let brackets = vec![b'['; 1 << 20];
        let error = read::<Tree>(Codec::Json, &brackets).unwrap_err();
        assert!(error.to_string().contains("recursion limit exceeded"), "{error}");
        let links = br#"{"Link":"#.repeat(1 << 17);
        assert!(read::<Chain>(Codec::Json, &links).is_err());
        let nodes = br#"{"next":"#.repeat(1 << 17);
        assert!(read::<Node>(Codec::Json, &nodes).is_err());
    });
}

/// A type whose values need no body at all, and never end.
#[derive(Debug, Deserialize)]
struct Bottomless(#[allow(dead_code)] Box<Bottomless>);

#[test]
fn a_type_without_end_is_an_error_too() {
    on_a_small_stack(|| assert!(read::<Bottomless>(Codec::Bincode, b"").is_err()));
}

#[test]
fn a_fair_depth_is_read() {
    let chain = (0..127).fold(Chain::End, |chain, _| Chain::Link(Box::new(chain)));
    let node = (0..63).fold(Node { next: None }, |node, _| Node { next: Some(Box::new(node)) });
    for codec in BOTH {
        let (chains, nodes) = (write(codec, &chain), write(codec, &node));
        assert_eq!(read::<Chain>(codec, &chains).unwrap(), chain);
        assert_eq!(read::<Node>(codec, &nodes).unwrap(), node);
    }
    let chain = Chain::Link(Box::new(chain));
    assert!(read::<Chain>(Codec::Bincode, &write(Codec::Bincode, &chain)).is_err());
}

/// Depth is a matter of what is open, not of how much there is.
#[test]
fn a_wide_value_is_not_a_deep_one() {
    let wide = vec![Some((1u8, vec![2u8])); 1000];
    for codec in BOTH {
        assert_eq!(read::<Vec<Option<(u8, Vec<u8>)>>>(codec, &write(codec, &wide)).unwrap(), wide);
    }
}

#[test]
fn elements_without_bytes_are_counted() {
    let start = Instant::now();
    for bomb in [length(1 << 34), length(1 << 60), length(u64::MAX)] {
        assert!(read::<Vec<()>>(Codec::Bincode, &bomb).is_err());
        assert!(read::<HashMap<(), ()>>(Codec::Bincode, &bomb).is_err());
        assert!(read::<BTreeMap<(), [(); 8]>>(Codec::Bincode, &bomb).is_err());
        assert!(read::<(Vec<()>, u8)>(Codec::Bincode, &bomb).is_err());
    }
    // Many lists that each stay below what one may claim.
    let many: Vec<u8> = [vec![251, 0x10, 0x27], [251, 0x00, 0x10].repeat(10_000)].concat();
    let error = read::<Vec<Vec<()>>>(Codec::Bincode, &many).unwrap_err();
    assert!(error.to_string().contains("claims more elements"), "{error}");
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn some_elements_without_bytes_are_fine() {
    let some = vec![(); 4096];
    for codec in BOTH {
        assert_eq!(read::<Vec<()>>(codec, &write(codec, &some)).unwrap(), some);
    }
    assert!(read::<Vec<()>>(Codec::Bincode, &write(Codec::Bincode, &vec![(); 5000])).is_err());
}

/// The claims of all values of a message come out of one budget.
#[test]
fn values_share_the_budget() {
    let mut encoder = Encoder::new(Codec::Bincode, 2);
    encoder.value(&vec![(); 3000]).unwrap();
    encoder.value(&vec![(); 3000]).unwrap();
    let (body, _) = encoder.finish();
    let mut decoder = Decoder::new(Codec::Bincode, 2, &body).unwrap();
    decoder.value::<Vec<()>>().unwrap();
    assert!(decoder.value::<Vec<()>>().is_err());
}

/// A length is compared with the body before it is allocated: these would end the process.
#[test]
fn a_claimed_length_is_not_allocated() {
    for claim in [1 << 31, 1 << 40, 1 << 62, u64::MAX] {
        let bomb = length(claim);
        assert!(read::<String>(Codec::Bincode, &bomb).is_err());
        assert!(read::<Box<str>>(Codec::Bincode, &bomb).is_err());
        assert!(read::<std::path::PathBuf>(Codec::Bincode, &bomb).is_err());
        assert!(read::<std::ffi::CString>(Codec::Bincode, &bomb).is_err());
        assert!(read::<Vec<u8>>(Codec::Bincode, &bomb).is_err());
        assert!(read::<Vec<[u64; 32]>>(Codec::Bincode, &bomb).is_err());
        assert!(read::<HashMap<String, String>>(Codec::Bincode, &bomb).is_err());
    }
}

#[test]
fn a_body_has_a_most() {
    let body = vec![0; bounds::BODY + 1];
    for codec in BOTH {
        let error = Decoder::new(codec, 1, &body).unwrap_err().to_string();
        assert!(error.ends_with("the body has 67108865 bytes, and 67108864 are the most"), "{error}");
    }
    let mut encoder = Encoder::new(Codec::Bincode, 1);
    assert!(encoder.value(&String::from_utf8(body).unwrap()).is_err());
}

/// Values of some size at each level, which an unoptimised build copies several times.
#[derive(Debug, Serialize, Deserialize)]
#[allow(clippy::large_enum_variant)] // It is what is tested.
enum Bulky {
    Node(Box<Bulky>),
    Data([u64; 32], [u64; 32]),
}

#[test]
fn bulky_levels_fit_too() {
    on_a_small_stack(|| assert!(read::<Bulky>(Codec::Bincode, &vec![0; 1 << 20]).is_err()));
}
