//! Tells the protocol cores that they are compiled for the model checker.

fn main() {
    println!("cargo::rustc-cfg=bus_loom");
    println!("cargo::rerun-if-changed=build.rs");
}
