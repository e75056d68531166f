//! Who calls whom, over which topics, with which types? The interaction board of the examples.
//!
//! `scripts/board` writes it to `docs/board.md`. Nothing in it is written by hand: topics, methods,
//! types and docs are read from the contracts that the attribute made, and who serves and who calls
//! from the programs' own sources.

mod programs;
mod render;

#[allow(clippy::print_stdout)]
fn main() {
    print!("{}", render::board(&programs::all()));
}

#[cfg(test)]
mod tests {
    use super::{programs, render};

    #[test]
    fn the_board_in_the_repository_is_up_to_date() {
        let kept = include_str!("../../docs/board.md");
        assert!(kept == render::board(&programs::all()), "docs/board.md is out of date: run scripts/board");
    }
}
