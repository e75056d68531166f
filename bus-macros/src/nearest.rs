//! Which known word somebody meant.

/// The known word that a misspelt one is nearest to, if any is near.
pub(crate) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let word = &word.to_lowercase();
    let by_letters = known
        .iter()
        .map(|candidate| (distance(word, candidate), *candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.len() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate);
    // `reply_topic` and `call_timeout` hold a word that may be meant.
    by_letters.or_else(|| word.split('_').find_map(|part| known.iter().copied().find(|candidate| *candidate == part)))
}

/// How many letters have to be added, removed or replaced.
fn distance(from: &str, to: &str) -> usize {
    // One line of the usual table: the distances from what was read so far to each beginning of `to`.
    let mut line: Vec<usize> = (0..=to.chars().count()).collect();
    for (read, letter) in from.chars().enumerate() {
        let mut left = read + 1;
        let mut next = vec![left];
        for (pair, candidate) in line.windows(2).zip(to.chars()) {
            let &[diagonal, above] = pair else { continue };
            left = (diagonal + usize::from(letter != candidate)).min(above + 1).min(left + 1);
            next.push(left);
        }
        line = next;
    }
    line.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn distances() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("topic", "topic"), 0);
        assert_eq!(distance("topics", "topic"), 1);
        assert_eq!(distance("tpoic", "topic"), 2);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn near_and_far_words() {
        let known = ["topic", "reply", "timeout", "idempotent"];
        assert_eq!(nearest("topics", &known), Some("topic"));
        assert_eq!(nearest("timout", &known), Some("timeout"));
        assert_eq!(nearest("reply_topic", &known), Some("reply"));
        assert_eq!(nearest("TOPIC", &known), Some("topic"));
        assert_eq!(nearest("colour", &known), None);
    }
}
