//! What docs/contracts.md says of a change.

use std::collections::HashMap;
use std::error::Error;

/// What becomes of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    /// Every value arrives.
    Arrives,
    /// A value arrives or is an error.
    ByValue,
    /// The decoder is the judge.
    Unknown,
    /// No value gets as far as a handler.
    Mismatch,
    /// There is no client and no server of it.
    Unfit,
}

/// A row's cells under one codec.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) change: String,
    pub(crate) old_to_new: Cell,
    pub(crate) new_to_old: Cell,
}

/// The rows of a page, by what is changed.
#[derive(Debug)]
pub(crate) struct Page(HashMap<String, [String; 4]>);

impl Page {
    pub(crate) fn read(path: &str) -> Result<Self, Box<dyn Error>> {
        let text = std::fs::read_to_string(path)?;
        let table = text.split("\n## ").find(|part| part.starts_with("Changes of a type\n"));
        let rows = table.ok_or("the page has no table of changes")?.lines().filter_map(|line| {
            let cells: Vec<&str> = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ").collect();
            let verdicts = cells.get(1..5)?.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
            Some(((*cells.first()?).to_owned(), verdicts.try_into().ok()?))
        });
        Ok(Self(rows.collect()))
    }

    /// What it says of a change: under bincode, or under codecs with names, JSON before MessagePack.
    pub(crate) fn row(&self, change: &str, codec: bus::Codec) -> Result<Row, String> {
        let [bincode, bincode_back, named, named_back] =
            self.0.get(change).ok_or_else(|| format!("the page has no row of: {change}"))?;
        let cell = |text: &str| {
            let mut words = text.split(" / ");
            let first = words.next();
            let word = if codec == bus::Codec::MsgPack { words.next().or(first) } else { first };
            Ok(match word {
                Some("same" | "safe") => Cell::Arrives,
                Some("by value") => Cell::ByValue,
                Some("unknown") => Cell::Unknown,
                Some("error" | "**refused**") => Cell::Mismatch,
                Some("no client") => Cell::Unfit,
                _ => return Err(format!("the page says {text:?} of: {change}")),
            })
        };
        let (forth, back) = if codec == bus::Codec::Bincode { (bincode, bincode_back) } else { (named, named_back) };
        Ok(Row { change: change.to_owned(), old_to_new: cell(forth)?, new_to_old: cell(back)? })
    }

    pub(crate) fn len(&self) -> usize {
        // Without the heading and the line below it.
        self.0.len().saturating_sub(2)
    }
}
