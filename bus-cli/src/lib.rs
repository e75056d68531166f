//! The library behind the `bus` command: from manifests and locks to one [`Board`](board::Board), and
//! from that to a page, pictures and documents.
//!
//! ```
//! use bus_cli::board::{Levels, build};
//! use bus_cli::input::{Material, Source};
//!
//! # #[bus::request(topic = "clock.req", reply = "clock.resp")]
//! # trait Clock { async fn now(&self) -> Result<u64, String>; }
//! let contract = serde_json::to_string(&<ClockClient as bus::Client>::contract().describe())?;
//! let text = format!(r#"{{"format":1,"service":"wall","serves":[],"calls":[{{"contract":{contract}}}]}}"#);
//! let board = build(&Material::of(vec![Source::read("wall.json", &text)?]), &Levels::default());
//! assert_eq!(board.findings[0].id, "not-served/Clock/wall");
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

pub mod asyncapi;
pub mod board;
pub mod check;
pub mod input;
pub mod listing;
pub mod markdown;
pub mod mermaid;
pub mod page;
mod words;
