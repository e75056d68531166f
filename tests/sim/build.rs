//! Tells the protocol cores that they are compiled for the simulator.

fn main() {
    println!("cargo::rustc-cfg=bus_sim");
    println!("cargo::rerun-if-changed=build.rs");
}
