//! Forged traces: what Kafka does is allowed, what it never does is not.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::fault::FaultKind;
use crate::plan::Plan;
use crate::run::{history, real};

/// A line: `event field=value ..`, numbers and lists as they are, all else as text.
fn line(text: &str) -> String {
    let mut words = text.split(' ');
    let event = words.next().unwrap();
    let fields = words.map(|word| {
        let (field, value) = word.split_once('=').unwrap();
        let plain = value.starts_with('[') || value.parse::<i64>().is_ok();
        if plain { format!("\"{field}\":{value}") } else { format!("\"{field}\":\"{value}\"") }
    });
    format!("{{\"event\":\"{event}\",{}}}\n", fields.collect::<Vec<_>>().join(","))
}

fn judge(lines: &[&str]) -> Judged {
    accept(&lines.iter().map(|text| line(text)).collect::<String>()).unwrap()
}

/// Two servers, one partition that goes from one to the other.
const GOOD: &[&str] = &[
    "append process=c topic=t partition=0 offset=1",
    "append process=c topic=t partition=0 offset=0",
    "assigned process=p group=g topic=t member=a generation=1 partitions=[0,1]",
    "asking_committed process=p group=g topic=t partition=0",
    "committed process=p group=g topic=t partition=0",
    "read process=p topic=t partition=0 offset=0",
    "committing process=p group=g topic=t member=a generation=1 number=1 partition=0 offset=1",
    "commit_answered process=p group=g number=1 outcome=taken",
    "revoked process=p group=g member=a",
    "assigned process=q group=g topic=t member=b generation=2 partitions=[0]",
    "assigned process=p group=g topic=t member=a generation=2 partitions=[1]",
    "asking_committed process=q group=g topic=t partition=0",
    "committed process=q group=g topic=t partition=0 offset=1",
    "read process=q topic=t partition=0 offset=1",
    "committing process=p group=g topic=t member=a generation=1 number=2 partition=0 offset=0",
    "commit_answered process=p group=g number=2 outcome=refused",
    "asking_end process=q topic=t partition=0",
    "append process=c topic=t partition=0 offset=2",
    "end process=q topic=t partition=0 offset=2",
];

fn after_good(more: &[&str]) -> Vec<String> {
    judge(&[GOOD, more].concat()).refused.into_iter().map(|it| it.why).collect()
}

#[test]
fn what_kafka_does_is_allowed() {
    let judged = judge(GOOD);
    assert_eq!(judged.refused, []);
    assert_eq!(judged.lacks(), Vec::<&str>::new());
    assert_eq!((judged.taken, judged.events["append"]), (1, 3));
}

#[test]
fn what_kafka_never_does_is_not_allowed() {
    let never: &[(&[&str], &str)] = &[
        (&["append process=c topic=t partition=0 offset=2"], "given twice"),
        (&["assigned process=r group=g topic=t member=c generation=2 partitions=[0]"], "in generation 2"),
        (&["assigned process=q group=g topic=t member=b generation=1 partitions=[]"], "after 2"),
        (
            &[
                "committing process=p group=g topic=t member=a generation=1 number=3 partition=0 offset=9",
                "commit_answered process=p group=g number=3 outcome=taken",
            ],
            "of generation 1, and 2 had begun",
        ),
        (
            &[
                "fenced process=q group=g member=b",
                "committing process=q group=g topic=t member=b generation=2 number=1 partition=0 offset=2",
                "commit_answered process=q group=g number=1 outcome=taken",
            ],
            "a member no more",
        ),
        (
            &[
                "committing process=q group=g topic=t member=b generation=2 number=1 partition=0 offset=2",
                "commit_answered process=q group=g number=1 outcome=fenced",
                "committing process=q group=g topic=t member=b generation=2 number=2 partition=0 offset=2",
                "commit_answered process=q group=g number=2 outcome=taken",
            ],
            "a member no more",
        ),
        (
            &[
                "lost process=q group=g member=b",
                "committing process=q group=g topic=t member=b generation=2 number=1 partition=0 offset=2",
                "commit_answered process=q group=g number=1 outcome=taken",
            ],
            "a member no more",
        ),
        (
            &[
                "asking_committed process=q group=g topic=t partition=0",
                "committed process=q group=g topic=t partition=0 offset=0",
            ],
            "committed at Some(0)",
        ),
        (
            &[
                "asking_committed process=q group=g topic=t partition=0",
                "committed process=q group=g topic=t partition=0",
            ],
            "committed at None",
        ),
        (&["read process=q topic=t partition=0 offset=1"], "read after 1"),
        (&["read process=q topic=t partition=0 offset=0"], "read after 1"),
        (
            &["asking_end process=q topic=t partition=0", "end process=q topic=t partition=0 offset=2"],
            "said to end at 2, and 2 was given before",
        ),
    ];
    for (lines, why) in never {
        let found = after_good(lines);
        assert!(found.len() == 1 && found[0].contains(why), "{lines:?}: {found:?}");
    }
}

#[test]
fn what_was_replaced_is_not_committed_any_more() {
    let twice = |said: &str| {
        let said = format!("committed process=q group=g topic=t partition=0 offset={said}");
        after_good(&[
            "committing process=q group=g topic=t member=b generation=2 number=1 partition=0 offset=2",
            "commit_answered process=q group=g number=1 outcome=taken",
            "asking_committed process=q group=g topic=t partition=0",
            &said,
        ])
    };
    assert_eq!(twice("2"), Vec::<String>::new());
    assert_eq!(twice("1").len(), 1);
}

#[test]
fn what_is_under_way_or_was_never_answered_may_be_there_or_not() {
    for answer in ["unknown", "taken"] {
        for said in ["1", "2"] {
            let answered = format!("commit_answered process=q group=g number=1 outcome={answer}");
            let committing = "committing process=q group=g topic=t member=b generation=2 number=1 partition=0 offset=2";
            let asking = "asking_committed process=p group=g topic=t partition=0";
            let said = format!("committed process=p group=g topic=t partition=0 offset={said}");
            let order: [&str; 4] = if answer == "taken" {
                [committing, asking, &answered, &said]
            } else {
                [committing, &answered, asking, &said]
            };
            assert_eq!(after_good(&order), Vec::<String>::new());
        }
    }
}

#[test]
fn a_topic_made_anew_begins_its_offsets_and_its_commits_anew() {
    let anew = after_good(&[
        "deleting topic=t",
        "append process=c topic=t partition=0 offset=2",
        "read process=q topic=t partition=0 offset=0",
        "made topic=t",
        "append process=c topic=t partition=0 offset=0",
        "read process=q topic=t partition=0 offset=0",
        "asking_committed process=p group=g topic=t partition=0",
        "committed process=p group=g topic=t partition=0",
    ]);
    assert_eq!(anew, Vec::<String>::new());
}

#[test]
fn reading_goes_back_where_somebody_asked_for_it() {
    let back = ["seek process=q topic=t partition=0", "read process=q topic=t partition=0 offset=0"];
    assert_eq!(after_good(&back), Vec::<String>::new());
}

#[test]
fn a_static_member_takes_its_place_back_in_its_generation() {
    let id = |uuid: &str| format!("name-{uuid}0000000-0000-0000-0000-000000000000");
    let member =
        |member: &str| format!("assigned process=r group=g topic=t member={member} generation=3 partitions=[0]");
    assert_eq!(after_good(&[&member(&id("1")), &member(&id("2"))]), Vec::<String>::new());
    assert_eq!(after_good(&[&member(&id("1")), &member("other")]).len(), 1);
}

#[test]
fn a_line_that_is_no_event_is_named_and_an_empty_trace_proves_nothing() {
    assert_eq!(accept("{\"event\":\"append\"}").unwrap_err().line, 1);
    assert_eq!(accept("\n{").unwrap_err().line, 2);
    assert_eq!(accept("").unwrap().lacks().len(), 7);
}

/// What is asked of a real Kafka holds in the model, in all its trouble but that which takes records
/// away again, of which no process can tell when it was.
#[test]
fn the_model_is_one_of_the_kafkas_that_are_allowed() {
    let takes_away = |kind: &FaultKind| matches!(kind, FaultKind::RecreateRequests | FaultKind::LoseEnd);
    let mut sum = Judged::default();
    let mut histories = 0;
    for plan in (0..400).map(Plan::of).filter(|plan| !plan.faults.iter().any(|fault| takes_away(&fault.kind))) {
        let seed = plan.seed;
        let mut trace = String::new();
        let mut hear = |_, line: String| {
            if line.starts_with('{') {
                trace.push_str(&line);
                trace.push('\n');
            }
        };
        history(plan, real, Some(&mut hear));
        let judged = accept(&trace).unwrap();
        let line = judged.refused.first().map(|it| trace.lines().nth(it.line - 1).unwrap());
        assert_eq!(judged.refused, [], "seed {seed}: {line:?}");
        sum.taken += judged.taken;
        judged.events.into_iter().for_each(|(event, count)| *sum.events.entry(event).or_default() += count);
        histories += 1;
    }
    assert!(histories > 100, "{histories}");
    assert_eq!(sum.lacks(), Vec::<&str>::new());
    for event in ["lost", "fenced", "asking_end", "end", "seek"] {
        assert!(sum.events.contains_key(event), "no {event}: {sum}");
    }
}
