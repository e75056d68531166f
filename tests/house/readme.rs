//! The README shows what compiles.

use std::fs;

/// The lines of a text without what indents them, so that a block may stand deeper in a program.
fn lines(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
}

#[test]
fn every_block_of_rust_in_the_readme_stands_in_the_example_that_it_is_taken_from() {
    let readme = fs::read_to_string(crate::root().join("README.md")).unwrap();
    let program = fs::read_to_string(crate::root().join("examples/examples/greeter.rs")).unwrap();
    let program = lines(&program);
    let blocks: Vec<&str> = readme.split("```rust").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(blocks.len() >= 3, "the README shows {} blocks of Rust", blocks.len());
    for block in blocks {
        // What stands behind the fence is no line of the block.
        let wanted = lines(block.split_once('\n').map_or("", |(_, block)| block));
        let shown = program.windows(wanted.len()).any(|window| window == wanted);
        assert!(shown, "this stands nowhere in examples/examples/greeter.rs:\n{block}");
    }
}
