//! Values at random, the odd ones often.

use std::collections::BTreeMap;

/// A xorshift generator that knows how deep it is.
pub(crate) struct Random {
    state: u64,
    depth: usize,
}

/// Lists end here, so that a type in itself does.
const DEPTH: usize = 6;

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = Self { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1, depth: 0 };
        for _ in 0..8 {
            random.next();
        }
        random
    }

    fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub(crate) fn deeper<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> T {
        self.depth += 1;
        let made = make(self);
        self.depth -= 1;
        made
    }

    /// How many elements.
    fn length(&mut self) -> u64 {
        if self.depth >= DEPTH { 0 } else { self.below(4) }
    }

    /// Small, large, or at an edge.
    fn number(&mut self) -> u64 {
        match self.below(4) {
            0 => self.below(4),
            1 => 1 << self.below(64),
            2 => (1_u64 << self.below(64)).wrapping_sub(1),
            _ => self.next(),
        }
    }
}

/// A type that values can be made of.
pub(crate) trait Make: Sized {
    fn make(random: &mut Random) -> Self;
}

macro_rules! whole {
    ($($type:ident)*) => {$(
        impl Make for $type {
            fn make(random: &mut Random) -> Self {
                let number = random.number() as Self;
                if random.below(3) == 0 { Self::MAX - number.wrapping_abs_() % 4 } else { number }
            }
        }
        impl WrappingAbs for $type {
            #[allow(unused_comparisons)]
            fn wrapping_abs_(self) -> Self {
                if self < 0 { Self::MAX - (self & Self::MAX) } else { self }
            }
        }
    )*};
}

/// The same for numbers with and without a sign.
trait WrappingAbs {
    fn wrapping_abs_(self) -> Self;
}

whole!(u8 u16 u32 u64 i8 i16 i32 i64);

impl Make for u128 {
    fn make(random: &mut Random) -> Self {
        let low = Self::from(random.number());
        if random.below(2) == 0 { low } else { low << 60 }
    }
}

impl Make for i128 {
    fn make(random: &mut Random) -> Self {
        let number = Self::from(random.number());
        if random.below(2) == 0 { number } else { -number }
    }
}

impl Make for bool {
    fn make(random: &mut Random) -> Self {
        random.below(2) == 0
    }
}

impl Make for f64 {
    fn make(random: &mut Random) -> Self {
        match random.below(3) {
            0 => random.below(100) as Self,
            1 => random.number() as Self / 1024.0,
            _ => {
                let any = Self::from_bits(random.next());
                if any.is_finite() { any } else { -1.5 }
            }
        }
    }
}

impl Make for f32 {
    fn make(random: &mut Random) -> Self {
        match random.below(2) {
            0 => random.below(100) as Self,
            _ => {
                let any = Self::from_bits(random.next() as u32);
                if any.is_finite() { any } else { 0.1 }
            }
        }
    }
}

impl Make for char {
    fn make(random: &mut Random) -> Self {
        char::from_u32(random.below(0x3000) as u32).unwrap_or('x')
    }
}

impl Make for String {
    fn make(random: &mut Random) -> Self {
        (0..random.below(5)).map(|_| char::make(random)).collect()
    }
}

impl<T: Make> Make for Option<T> {
    fn make(random: &mut Random) -> Self {
        (random.below(3) > 0).then(|| T::make(random))
    }
}

impl<T: Make> Make for Vec<T> {
    fn make(random: &mut Random) -> Self {
        (0..random.length()).map(|_| T::make(random)).collect()
    }
}

impl<T: Make> Make for BTreeMap<String, T> {
    fn make(random: &mut Random) -> Self {
        (0..random.length()).map(|_| (String::make(random), T::make(random))).collect()
    }
}

impl<A: Make, B: Make> Make for (A, B) {
    fn make(random: &mut Random) -> Self {
        (A::make(random), B::make(random))
    }
}

impl<T: Make> Make for [T; 2] {
    fn make(random: &mut Random) -> Self {
        [T::make(random), T::make(random)]
    }
}
