//! The rules of the verdict, and how often each was met.

use bus::Codec;
use bus::contract::Verdict;

/// Read when the tests run: another floor compiles nothing again.
const RULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/rules.txt");

struct Rule {
    named: bool,
    worst: String,
    floor: u32,
    part: String,
    met: u32,
}

pub(crate) struct Rules {
    rules: Vec<Rule>,
    strangers: Vec<String>,
}

impl Rules {
    pub(crate) fn read() -> Self {
        let text = std::fs::read_to_string(RULES).unwrap();
        let rule = |line: &str| {
            let [codecs, worst, floor, part] = line.splitn(4, " | ").collect::<Vec<_>>()[..] else { panic!("{line}") };
            let (named, worst, part) = (codecs == "name", worst.to_owned(), part.to_owned());
            Rule { named, worst, floor: floor.parse().unwrap(), part, met: 0 }
        };
        let rules = text.lines().filter(|line| !line.starts_with('#')).map(rule).collect();
        Self { rules, strangers: Vec::new() }
    }

    /// Notes the rules that a verdict names.
    pub(crate) fn note(&mut self, codec: Codec, verdict: &Verdict) {
        let mut met = vec![false; self.rules.len()];
        for finding in &verdict.findings {
            let rule = self.rules.iter().position(|rule| {
                rule.named == (codec != Codec::Bincode) && finding.sentence.contains(rule.part.as_str())
            });
            match rule {
                Some(rule) => met[rule] = true,
                None => self.strangers.push(format!("{codec}: {finding}")),
            }
        }
        for (rule, met) in self.rules.iter_mut().zip(met) {
            rule.met += u32::from(met);
        }
    }

    pub(crate) fn say(&self) {
        for Rule { named, worst, floor, part, met } in &self.rules {
            println!(
                "  {met:5} (at least {floor:3})  by {} {worst:24} {part}",
                if *named { "name, " } else { "place," }
            );
        }
    }

    /// Holds it against the floors, where there are pairs enough.
    pub(crate) fn hold(&self, pairs: usize) {
        assert!(self.strangers.is_empty(), "{} are of no rule: {}", self.strangers.len(), self.strangers[0]);
        let missed = self.rules.iter().find(|rule| pairs >= 500 && rule.met < rule.floor);
        assert!(missed.is_none(), "{}: a rule is hardly tried", missed.unwrap().part);
    }
}
