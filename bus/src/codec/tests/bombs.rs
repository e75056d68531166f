//! Small bodies that ask for much.

#![allow(clippy::zero_sized_map_values)] // They are what is tested.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::super::bounds;
use super::{ALL, Codec, DECODED, Decoder, Encoder, read, try_write, write};

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
            read::<Tree>(Codec::Json, &vec![b'['; 1 << 20]).unwrap_err(),
            read::<Tree>(Codec::MsgPack, &vec![0x91; 1 << 20]).unwrap_err(),
            read::<serde::de::IgnoredAny>(Codec::Json, &vec![b'['; 1 << 20]).unwrap_err(),
        ] {
            assert!(error.to_string().contains("nested more than 128 deep"), "{error}");
        }
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
    for codec in ALL {
        let (chains, nodes) = (write(codec, &chain), write(codec, &node));
        assert_eq!(read::<Chain>(codec, &chains).unwrap(), chain);
        assert_eq!(read::<Node>(codec, &nodes).unwrap(), node);
    }
    let chain = Chain::Link(Box::new(chain));
    for codec in ALL {
        let error = try_write(codec, &chain).unwrap_err().to_string();
        assert!(error.contains("nested more than 128 deep"), "{error}");
    }
}

/// Depth is a matter of what is open, not of how much there is.
#[test]
fn a_wide_value_is_not_a_deep_one() {
    let wide = vec![Some((1u8, vec![2u8])); 1000];
    for codec in ALL {
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
    for codec in ALL {
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
    let mut decoder = Decoder::new(Codec::Bincode, 2, &body, DECODED).unwrap();
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
    for codec in ALL {
        let error = Decoder::new(codec, 1, &body, DECODED).unwrap_err().to_string();
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

/// Large in memory and one byte or a few in a body.
type Absent = Option<[[u64; 32]; 2]>;

/// Bodies that grow when they are decoded, with what a reader would have to allocate.
fn growing(elements: usize) -> Vec<(Codec, Vec<u8>)> {
    let count = u32::try_from(elements).unwrap();
    let json = format!("[{}null]", "null,".repeat(elements - 1)).into_bytes();
    let bincode = [&length(elements as u64)[..], &vec![0; elements]].concat();
    let msgpack = [&[0xdd][..], &count.to_be_bytes(), &vec![0xc0; elements]].concat();
    vec![(Codec::Bincode, bincode), (Codec::Json, json), (Codec::MsgPack, msgpack)]
}

#[test]
fn what_grows_in_memory_is_refused_before_it_has_grown() {
    for (codec, body) in growing(1 << 20) {
        let error = read::<Vec<Absent>>(codec, &body).unwrap_err().to_string();
        assert!(error.contains("more than 16777216 bytes of memory"), "{error}");
        assert!(read::<HashMap<u64, Absent>>(codec, &body).is_err());
        assert!(read::<(u8, Vec<Box<Absent>>)>(codec, &body).is_err());
    }
    // As much as is allowed is read, and as much as somebody allows.
    for (codec, body) in growing(10_000) {
        assert_eq!(read::<Vec<Absent>>(codec, &body).unwrap().len(), 10_000);
        let limited = |limit| Decoder::new(codec, 1, &body, limit).unwrap().value::<Vec<Absent>>().map(|it| it.len());
        let needed = 10_000 * size_of::<Absent>() + size_of::<Vec<Absent>>();
        assert_eq!(limited(needed).unwrap(), 10_000);
        assert!(limited(needed - 1).is_err());
    }
}

/// What lies behind a pointer is not part of what points to it.
#[derive(Debug, Serialize, Deserialize)]
struct Heavy {
    #[allow(dead_code)]
    data: [Option<u128>; 32],
    left: Option<Box<Heavy>>,
    right: Option<Box<Heavy>>,
}

#[test]
fn what_lies_behind_pointers_is_counted() {
    /// A full tree of so many levels.
    fn tree(levels: usize, body: &mut Vec<u8>) {
        body.extend([0; 32]);
        for _ in 0..2 {
            body.push(u8::from(levels > 0));
            if levels > 0 {
                tree(levels - 1, body);
            }
        }
    }
    let mut body = Vec::new();
    tree(14, &mut body);
    assert!(body.len() < 2_000_000 && ((1 << 15) - 1) * size_of::<Heavy>() > DECODED);
    let error = read::<Heavy>(Codec::Bincode, &body).unwrap_err().to_string();
    assert!(error.contains("bytes of memory"), "{error}");
    body.clear();
    tree(10, &mut body);
    read::<Heavy>(Codec::Bincode, &body).unwrap();
}

/// Texts and bytes count with what they hold, maps with their keys.
#[test]
fn texts_and_maps_are_counted() {
    let text = "x".repeat(1000);
    let map: BTreeMap<u32, String> = (0..1000).map(|number| (number, text.clone())).collect();
    for codec in ALL {
        let body = write(codec, &map);
        for (limit, fits) in [(1_000_000, false), (1_200_000, true)] {
            let mut decoder = Decoder::new(codec, 1, &body, limit).unwrap();
            assert_eq!(decoder.value::<BTreeMap<u32, String>>().is_ok(), fits, "{codec} {limit}");
            if codec == Codec::Json {
                // Types that take any value are counted, too.
                let mut decoder = Decoder::new(codec, 1, &body, limit).unwrap();
                assert_eq!(decoder.value::<serde_json::Value>().is_ok(), fits, "{limit}");
            }
        }
    }
}
