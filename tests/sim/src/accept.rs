//! Whether the model of Kafka allows what a real one was seen to do.
//!
//! A trace is a text of JSON objects, one a line, in the order in which they were seen, each with
//! `"event"` and the fields of it; all others are ignored:
//!
//! * `append`: `topic`, `partition`, `offset`: a record was acknowledged
//! * `assigned`: `group`, `member`, `generation`, `partitions`
//! * `revoked`, `lost`, `fenced`: `group`, `member`
//! * `commit`: `group`, `member`, `generation`, `partition`, `offset`, `taken` (whether it was)
//! * `committed`: `group`, `partition`, `offset` (null where there is none): an answer to a question
//! * `read`: `topic`, `partition`, `offset`, `member`
//! * `reset`: `topic`, `partition`: the topic was made anew, or lost records: offsets begin anew

use std::collections::{BTreeMap, BTreeSet};

/// Something that a real Kafka was seen to do and the model does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAllowed {
    /// The line, from 1.
    pub line: usize,
    /// Why not.
    pub why: String,
}

#[derive(Debug, Default)]
struct Group {
    generation: i64,
    /// Who has which partitions in this generation.
    owners: BTreeMap<i64, String>,
    /// Members that know that they have nothing: out, revoked or not assigned yet.
    given_up: BTreeSet<String>,
    fenced: BTreeSet<String>,
    members: BTreeMap<String, i64>,
    committed: BTreeMap<i64, i64>,
}

/// What was seen so far.
#[derive(Debug, Default)]
struct Seen {
    groups: BTreeMap<String, Group>,
    /// The last acknowledged offset of each partition.
    ends: BTreeMap<(String, i64), BTreeSet<i64>>,
    positions: BTreeMap<(String, String, i64), i64>,
}

/// Reads a trace, and says what in it the model does not allow.
///
/// # Errors
///
/// The line that is not JSON, or lacks a field.
pub fn accept(trace: &str) -> Result<Vec<NotAllowed>, NotAllowed> {
    let mut seen = Seen::default();
    let mut refused = Vec::new();
    for (at, text) in trace.lines().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
        let line = at + 1;
        let event: serde_json::Value =
            serde_json::from_str(text).map_err(|error| NotAllowed { line, why: error.to_string() })?;
        match seen.take(&event) {
            Ok(None) => {}
            Ok(Some(why)) => refused.push(NotAllowed { line, why }),
            Err(field) => return Err(NotAllowed { line, why: format!("`{field}` is missing") }),
        }
    }
    Ok(refused)
}

fn text<'a>(event: &'a serde_json::Value, field: &'static str) -> Result<&'a str, &'static str> {
    event.get(field).and_then(serde_json::Value::as_str).ok_or(field)
}

fn number(event: &serde_json::Value, field: &'static str) -> Result<i64, &'static str> {
    event.get(field).and_then(serde_json::Value::as_i64).ok_or(field)
}

impl Seen {
    fn take(&mut self, event: &serde_json::Value) -> Result<Option<String>, &'static str> {
        match text(event, "event")? {
            "append" => {
                let place = (text(event, "topic")?.to_owned(), number(event, "partition")?);
                let offset = number(event, "offset")?;
                // Acknowledgements of several producers overtake each other; an offset is given once.
                let fresh = self.ends.entry(place).or_default().insert(offset);
                Ok((!fresh).then(|| format!("offset {offset} was given twice")))
            }
            "reset" => {
                let place = (text(event, "topic")?.to_owned(), number(event, "partition")?);
                self.positions.retain(|(_, topic, partition), _| *topic != place.0 || *partition != place.1);
                self.ends.remove(&place);
                Ok(None)
            }
            "read" => {
                let (topic, partition) = (text(event, "topic")?.to_owned(), number(event, "partition")?);
                let (member, offset) = (text(event, "member")?.to_owned(), number(event, "offset")?);
                let before = self.positions.insert((member, topic, partition), offset);
                let back = before.filter(|before| offset <= *before);
                Ok(back.map(|before| format!("{offset} was read after {before}, with nothing in between")))
            }
            _ => self.of_group(event),
        }
    }

    fn of_group(&mut self, event: &serde_json::Value) -> Result<Option<String>, &'static str> {
        let group = self.groups.entry(text(event, "group")?.to_owned()).or_default();
        match text(event, "event")? {
            "assigned" => {
                let member = text(event, "member")?.to_owned();
                let generation = number(event, "generation")?;
                let partitions: Vec<i64> = event
                    .get("partitions")
                    .and_then(serde_json::Value::as_array)
                    .ok_or("partitions")?
                    .iter()
                    .filter_map(serde_json::Value::as_i64)
                    .collect();
                // A member begins to read its share anew: from what is committed.
                self.positions.retain(|(reader, ..), _| *reader != member);
                Ok(group.assigned(member, generation, &partitions))
            }
            "revoked" | "lost" => {
                group.given_up.insert(text(event, "member")?.to_owned());
                Ok(None)
            }
            "fenced" => {
                group.fenced.insert(text(event, "member")?.to_owned());
                Ok(None)
            }
            "commit" => {
                let member = text(event, "member")?;
                let (generation, partition) = (number(event, "generation")?, number(event, "partition")?);
                let offset = number(event, "offset")?;
                let taken = event.get("taken").and_then(serde_json::Value::as_bool).ok_or("taken")?;
                Ok(group.commit(member, generation, partition, offset, taken))
            }
            "committed" => {
                let partition = number(event, "partition")?;
                let said = event.get("offset").and_then(serde_json::Value::as_i64);
                let known = group.committed.get(&partition).copied();
                // Before the first commit that was seen it may be anything.
                Ok((known.is_some() && said != known).then(|| {
                    format!("partition {partition} is said to be committed at {said:?}, and was at {known:?}")
                }))
            }
            // Of a later version.
            _ => Ok(None),
        }
    }
}

impl Group {
    fn assigned(&mut self, member: String, generation: i64, partitions: &[i64]) -> Option<String> {
        if generation < self.generation {
            return Some(format!("generation {generation} comes after {}", self.generation));
        }
        if generation > self.generation {
            self.generation = generation;
            self.owners.clear();
        }
        self.given_up.remove(&member);
        self.members.insert(member.clone(), generation);
        for partition in partitions {
            let other = self.owners.insert(*partition, member.clone());
            if let Some(other) = other.filter(|other| *other != member && !self.fenced.contains(other)) {
                return Some(format!("partition {partition} is {other}'s and {member}'s in generation {generation}"));
            }
        }
        None
    }

    fn commit(&mut self, member: &str, generation: i64, partition: i64, offset: i64, taken: bool) -> Option<String> {
        let fault = if self.fenced.contains(member) {
            Some("of a fenced member")
        } else if generation < self.generation {
            Some("of a generation that is over")
        } else {
            None
        };
        if taken {
            self.committed.insert(partition, offset);
            return fault.map(|fault| format!("a commit {fault} was taken"));
        }
        // A refusal is always allowed: rounds begin unseen.
        None
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
{"event":"append","topic":"t","partition":0,"offset":0}
{"event":"assigned","group":"g","member":"a","generation":1,"partitions":[0,1]}
{"event":"read","topic":"t","partition":0,"offset":0,"member":"a"}
{"event":"commit","group":"g","member":"a","generation":1,"partition":0,"offset":1,"taken":true}
{"event":"revoked","group":"g","member":"a"}
{"event":"assigned","group":"g","member":"b","generation":2,"partitions":[0]}
{"event":"assigned","group":"g","member":"a","generation":2,"partitions":[1]}
{"event":"committed","group":"g","partition":0,"offset":1}
{"event":"commit","group":"g","member":"a","generation":1,"partition":0,"offset":0,"taken":false}
{"event":"append","topic":"t","partition":0,"offset":1}
{"event":"read","topic":"t","partition":0,"offset":1,"member":"b"}
"#;

    fn refused(more: &str) -> Vec<String> {
        accept(&format!("{GOOD}{more}")).unwrap().into_iter().map(|it| it.why).collect()
    }

    #[test]
    fn what_kafka_does_is_allowed() {
        assert_eq!(refused(""), Vec::<String>::new());
    }

    #[test]
    fn what_kafka_never_does_is_not_allowed() {
        let never = [
            (r#"{"event":"append","topic":"t","partition":0,"offset":1}"#, "given twice"),
            (r#"{"event":"assigned","group":"g","member":"a","generation":2,"partitions":[0]}"#, "in generation 2"),
            (r#"{"event":"assigned","group":"g","member":"a","generation":1,"partitions":[]}"#, "comes after 2"),
            (
                r#"{"event":"commit","group":"g","member":"a","generation":1,"partition":0,"offset":9,"taken":true}"#,
                "generation that is over",
            ),
            (
                "{\"event\":\"fenced\",\"group\":\"g\",\"member\":\"b\"}\n\
                 {\"event\":\"commit\",\"group\":\"g\",\"member\":\"b\",\"generation\":2,\"partition\":0,\"offset\":2,\"taken\":true}",
                "fenced member",
            ),
            (r#"{"event":"committed","group":"g","partition":0,"offset":7}"#, "was at Some(1)"),
            (r#"{"event":"read","topic":"t","partition":0,"offset":1,"member":"b"}"#, "read after 1"),
        ];
        for (line, why) in never {
            let found = refused(line);
            assert!(found.len() == 1 && found[0].contains(why), "{line}: {found:?}");
        }
    }

    #[test]
    fn a_line_that_is_no_event_is_named() {
        assert_eq!(accept("{\"event\":\"append\"}").unwrap_err().line, 1);
        assert_eq!(accept("\n{").unwrap_err().line, 2);
    }

    /// The model itself is one of the Kafkas that it allows.
    #[test]
    fn a_topic_made_anew_begins_its_offsets_anew() {
        let anew = "{\"event\":\"reset\",\"topic\":\"t\",\"partition\":0}\n\
                    {\"event\":\"append\",\"topic\":\"t\",\"partition\":0,\"offset\":0}\n\
                    {\"event\":\"read\",\"topic\":\"t\",\"partition\":0,\"offset\":0,\"member\":\"b\"}";
        assert_eq!(refused(anew), Vec::<String>::new());
    }
}
