//! The page: one HTML file with everything in it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::board::Board;

const HTML: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
/// The scripts, in the order in which they need each other.
const SCRIPTS: [&str; 5] = [
    include_str!("model.js"),
    include_str!("types.js"),
    include_str!("graph.js"),
    include_str!("views.js"),
    include_str!("page.js"),
];

/// The page of a board. It asks nobody for anything: style, script and data stand in it, and its policy
/// lets nothing else in.
///
/// # Errors
/// Where the board cannot be written as JSON, which no board that was built is.
pub fn html(board: &Board) -> Result<String, serde_json::Error> {
    let script = script();
    // Inside a script element only `<` matters, to the end tag as to a comment.
    let data = serde_json::to_string(board)?.replace('<', "\\u003c");
    let parts = [("%STYLE_HASH%", hash(STYLE)), ("%SCRIPT_HASH%", hash(&script))];
    let mut page = HTML.to_owned();
    for (name, value) in parts {
        page = page.replace(name, &value);
    }
    // One after another and each once, so that no value is looked through for another's name.
    let mut rest = page.as_str();
    let mut whole = String::with_capacity(HTML.len() + STYLE.len() + script.len() + data.len());
    for (name, value) in [("%STYLE%", STYLE), ("%DATA%", &data), ("%SCRIPT%", &script)] {
        if let Some((before, after)) = rest.split_once(name) {
            whole.push_str(before);
            whole.push_str(value);
            rest = after;
        }
    }
    whole.push_str(rest);
    Ok(whole)
}

/// The size of what is not data, in bytes.
pub fn code_size() -> usize {
    HTML.len() + STYLE.len() + script().len()
}

fn script() -> String {
    SCRIPTS.concat()
}

/// What a policy names an inline style or script by.
fn hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())))
}
