//! What the library tells of its brokers (`bus::trace`), written down a line an event, and put
//! together for each row, for `scripts/simulate --accept`.

use std::fmt::{Debug, Write as _};
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::sync::Mutex;

use tracing::field::{Field, Visit};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use crate::journal::now;

/// Writes events down as JSON, one a line.
#[derive(Debug)]
pub struct Recorder {
    process: String,
    file: Mutex<File>,
}

impl Recorder {
    /// The process is called as the file is.
    pub fn open(path: &Path) -> Self {
        let process = path.file_stem().unwrap().to_string_lossy().into_owned();
        Self { process, file: Mutex::new(OpenOptions::new().create(true).append(true).open(path).unwrap()) }
    }

    fn write(&self, fields: &str) {
        let mut file = self.file.lock().unwrap();
        // The time is taken under the lock, so that a file is in order.
        let line = format!("{{\"at\":{},\"process\":\"{}\"{fields}}}\n", now(), self.process);
        file.write_all(line.as_bytes()).unwrap();
    }

    /// Writes down what is done to a topic.
    pub fn topic(&self, event: &str, topic: &str) {
        self.write(&format!(",\"event\":\"{event}\",\"topic\":\"{topic}\""));
    }
}

/// The fields of an event, as JSON.
#[derive(Default)]
struct Fields(String);

impl Fields {
    fn plain(&mut self, field: &Field, value: &dyn std::fmt::Display) {
        let _ = write!(self.0, ",\"{}\":{value}", field.name());
    }
}

impl Visit for Fields {
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.plain(field, &value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.plain(field, &value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.plain(field, &format!("{value:?}"));
    }

    /// Lists of numbers.
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.plain(field, &format!("{value:?}"));
    }
}

impl<S: tracing::Subscriber> Layer<S> for Recorder {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        self.write(&fields.0);
    }
}

/// Puts together what the processes of a row wrote down, in the order in which it was.
pub fn gather(folder: &Path, into: &Path) {
    let mut lines = Vec::new();
    for file in std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()) {
        if file.extension().is_some_and(|extension| extension == "trace") {
            let text = std::fs::read_to_string(&file).unwrap();
            // A line that a kill cut short is left out.
            let whole = text.rfind('\n').map_or("", |end| &text[..end]);
            lines.extend(whole.lines().map(|line| (at(line), line.to_owned())));
        }
    }
    // What was at one time stays in the order of its file.
    lines.sort_by_key(|(at, _)| *at);
    std::fs::create_dir_all(into.parent().unwrap()).unwrap();
    let text: String = lines.into_iter().map(|(_, line)| line + "\n").collect();
    std::fs::write(into, text).unwrap();
}

fn at(line: &str) -> u64 {
    let number = line.strip_prefix("{\"at\":").and_then(|rest| rest.split(',').next());
    number.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{line:?}"))
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    #[test]
    fn what_is_told_is_gathered_in_order_without_a_line_that_was_cut_short() {
        let folder = std::env::temp_dir().join(bus_tests::unique("traces"));
        std::fs::create_dir_all(&folder).unwrap();
        for process in ["server-0", "server-1"] {
            let recorder = Recorder::open(&folder.join(format!("{process}.trace")));
            let dispatch = tracing_subscriber::registry().with(recorder);
            tracing::subscriber::with_default(dispatch, || {
                let (topic, partitions, none) = ("a\"b", [0, 1], None::<i64>);
                tracing::trace!(target: "bus::trace", event = "x", topic, offset = 7_i64, ?partitions, none);
            });
        }
        let mut cut = OpenOptions::new().append(true).open(folder.join("server-0.trace")).unwrap();
        cut.write_all(b"{\"at\":1").unwrap();
        let into = folder.join("gathered").join("row.jsonl");
        gather(&folder, &into);
        let text = std::fs::read_to_string(&into).unwrap();
        let lines: Vec<&str> = text.lines().map(|line| line.split_once(",\"process\"").unwrap().1).collect();
        let line = |process: u8| {
            format!(":\"server-{process}\",\"event\":\"x\",\"topic\":\"a\\\"b\",\"offset\":7,\"partitions\":[0, 1]}}")
        };
        assert_eq!(lines, [line(0), line(1)]);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    /// The events that a run is judged by are told, by real clients of the embedded broker.
    #[test]
    fn a_bus_tells_what_it_sees_of_its_brokers() {
        let folder = std::env::temp_dir().join(bus_tests::unique("traces"));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("bus.trace");
        // For all threads of this process: the other test has a subscriber of its own thread.
        tracing::subscriber::set_global_default(crate::tracing_to(Some(&path))).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(crate::children::serve_and_call_once());
        let text = std::fs::read_to_string(&path).unwrap();
        let told = |event: &str| text.lines().any(|line| line.contains(&format!("\"event\":\"{event}\"")));
        for event in ["append", "assigned", "read", "asking_committed", "committed", "committing", "commit_answered"] {
            assert!(told(event), "no {event} in\n{text}");
        }
        assert!(text.contains("\"outcome\":\"taken\""), "{text}");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
