//! Which known word somebody meant.

/// The known word that a misspelt one is nearest to, if any is near.
pub(crate) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let by_letters = known
        .iter()
        .map(|candidate| (distance(word, candidate), *candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.len() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate);
    // `reply_topic` and `one_way_call` hold the word they mean; the last one in them is the noun's
    // adjective in English, the first one the better guess.
    by_letters.or_else(|| word.split('_').find_map(|part| known.iter().copied().find(|candidate| *candidate == part)))
}

/// How many letters have to be added, removed or replaced.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, letter) in from.chars().enumerate() {
        let mut previous = line;
        let mut next = vec![line + 1];
        for (above, candidate) in row[1..].iter().zip(&to) {
            let replaced = row[next.len() - 1] + usize::from(letter != *candidate);
            let added_or_removed = (*above).min(previous + 1) + 1;
            previous = replaced.min(added_or_removed).min(next[next.len() - 1] + 1);
            next.push(previous);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
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
        assert_eq!(nearest("colour", &known), None);
    }
}
