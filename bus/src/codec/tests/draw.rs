//! Values drawn by number: the same ones every time.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

/// A small generator: the same values every time.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        (self.next() >> 8) % bound
    }

    pub(super) fn yes(&mut self) -> bool {
        self.below(2) == 1
    }
}

/// A type whose values can be drawn.
pub(super) trait Draw {
    fn draw(random: &mut Random) -> Self;
}

macro_rules! draw_numbers {
    ($($type:ident)*) => {$(
        impl Draw for $type {
            #[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap, clippy::cast_lossless)]
            fn draw(random: &mut Random) -> Self {
                match random.below(4) {
                    0 => random.below(3) as $type,
                    1 => 249u8.wrapping_add(random.below(7) as u8) as $type,
                    2 => <$type>::MAX - random.below(2) as $type,
                    _ => ((u128::from(random.next()) << 64) | u128::from(random.next())) as $type,
                }
            }
        }
    )*};
}

draw_numbers! { u8 i8 u16 i16 u32 i32 u64 i64 u128 i128 }

impl Draw for bool {
    fn draw(random: &mut Random) -> Self {
        random.yes()
    }
}

impl Draw for () {
    fn draw(_: &mut Random) {}
}

impl Draw for char {
    fn draw(random: &mut Random) -> Self {
        ['a', '"', '\\', 'ß', '\u{1f600}', '\0'][usize::try_from(random.below(6)).unwrap()]
    }
}

impl Draw for f64 {
    fn draw(random: &mut Random) -> Self {
        match random.below(4) {
            0 => [0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY][usize::try_from(random.below(5)).unwrap()],
            1 => [1e16, 1e300, 5e-324, 0.1, 123_456_789.123][usize::try_from(random.below(5)).unwrap()],
            _ => f64::from_bits(random.next()),
        }
    }
}

impl Draw for f32 {
    fn draw(random: &mut Random) -> Self {
        f32::from_bits(u32::try_from(random.next() >> 32).unwrap())
    }
}

impl Draw for String {
    fn draw(random: &mut Random) -> Self {
        (0..random.below(5)).map(|_| char::draw(random)).collect()
    }
}

impl<T: Draw> Draw for Option<T> {
    fn draw(random: &mut Random) -> Self {
        random.yes().then(|| T::draw(random))
    }
}

impl<T: Draw> Draw for Vec<T> {
    fn draw(random: &mut Random) -> Self {
        (0..random.below(4)).map(|_| T::draw(random)).collect()
    }
}

impl<T: Draw> Draw for Box<T> {
    fn draw(random: &mut Random) -> Self {
        Box::new(T::draw(random))
    }
}

impl<K: Draw + Ord, V: Draw> Draw for BTreeMap<K, V> {
    fn draw(random: &mut Random) -> Self {
        (0..random.below(4)).map(|_| (K::draw(random), V::draw(random))).collect()
    }
}

impl<A: Draw, B: Draw> Draw for (A, B) {
    fn draw(random: &mut Random) -> Self {
        (A::draw(random), B::draw(random))
    }
}

impl Draw for std::time::Duration {
    fn draw(random: &mut Random) -> Self {
        Self::from_millis(random.below(1_000_000))
    }
}

impl Draw for std::ops::Range<u8> {
    fn draw(random: &mut Random) -> Self {
        Draw::draw(random)..Draw::draw(random)
    }
}

impl Draw for std::net::IpAddr {
    fn draw(random: &mut Random) -> Self {
        if random.yes() {
            Self::from([1, 2, 3, u8::draw(random)])
        } else {
            Self::from(u128::draw(random).to_be_bytes())
        }
    }
}

impl Draw for std::path::PathBuf {
    fn draw(random: &mut Random) -> Self {
        String::draw(random).into()
    }
}

impl<T: Draw> Draw for [T; 3] {
    fn draw(random: &mut Random) -> Self {
        [T::draw(random), T::draw(random), T::draw(random)]
    }
}

impl Draw for Cow<'static, str> {
    fn draw(random: &mut Random) -> Self {
        String::draw(random).into()
    }
}

impl Draw for Result<u8, String> {
    fn draw(random: &mut Random) -> Self {
        if random.yes() { Ok(Draw::draw(random)) } else { Err(Draw::draw(random)) }
    }
}

impl<T: Draw + Eq + std::hash::Hash> Draw for HashSet<T> {
    fn draw(random: &mut Random) -> Self {
        (0..random.below(6)).map(|_| T::draw(random)).collect()
    }
}

impl<T: Draw> Draw for HashMap<String, T> {
    fn draw(random: &mut Random) -> Self {
        (0..random.below(4)).map(|_| (String::draw(random), T::draw(random))).collect()
    }
}

impl Draw for serde_json::Value {
    fn draw(random: &mut Random) -> Self {
        match random.below(8) {
            0 => Self::Null,
            1 => bool::draw(random).into(),
            2 => u64::draw(random).into(),
            3 => i64::draw(random).into(),
            4 => f64::draw(random).into(),
            5 => String::draw(random).into(),
            6 => Vec::<Self>::draw(random).into(),
            _ => Self::Object(BTreeMap::<String, Self>::draw(random).into_iter().collect()),
        }
    }
}
