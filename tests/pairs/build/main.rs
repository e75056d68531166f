//! Writes pairs of types as Rust source: a type, and what somebody made of it in the next release.
//!
//! `BUS_PAIRS` says how many, `BUS_PAIRS_SEED` which.

#![allow(clippy::print_stdout, clippy::too_many_lines, clippy::range_plus_one)] // A build script: cargo reads what it prints.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod emit;
mod evolve;
mod random;
mod types;

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use random::Random;

fn setting(name: &str, default: u64) -> u64 {
    println!("cargo::rerun-if-env-changed={name}");
    env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

fn main() {
    println!("cargo::rerun-if-changed=build");
    let (count, seed) = (setting("BUS_PAIRS", 24), setting("BUS_PAIRS_SEED", 1));
    let mut source = String::new();
    for pair in 0..count {
        let mut random = Random::new(seed.wrapping_mul(1_000_003).wrapping_add(pair));
        let old = types::universe(&mut random);
        let (old, new, what) = evolve::evolve(old, &mut random);
        emit::pair(pair, &old, &new, &what, &mut source);
    }
    let _ = writeln!(source, "/// All pairs.\npub(crate) fn pairs() -> Vec<Pair> {{\n    vec![");
    for pair in 0..count {
        let _ = writeln!(source, "        p{pair}::pair(),");
    }
    source.push_str("    ]\n}\n");
    let path = Path::new(&env::var_os("OUT_DIR").unwrap()).join("pairs.rs");
    fs::write(path, source).unwrap();
}
