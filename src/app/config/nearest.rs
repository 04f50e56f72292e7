//! The word that was probably meant.
//! For the refusal of unknown keys, which are mostly known ones with a slip.

/// The one of `words` that is the fewest slips from `word`, unless those are more than 3 or half of its letters.
pub fn nearest(word: &str, words: impl Iterator<Item = String>) -> Option<String> {
    let most = 3.min(word.len() / 2);
    let near = words.map(|other| (distance(word, &other), other));
    let (_, nearest) = near.filter(|(slips, _)| *slips <= most).min()?;
    Some(nearest)
}

/// Levenshtein's distance: how many letters to change, add or drop to come from one word to the other.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (line, letter) in from.chars().enumerate() {
        let mut left = line + 1;
        let mut next = vec![left];
        for (other, around) in to.chars().zip(row.windows(2)) {
            if let [diagonal, above] = around {
                left = (diagonal + usize::from(letter != other)).min(above + 1).min(left + 1);
                next.push(left);
            }
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_slips() {
        for (from, to, slips) in [
            ("", "", 0),
            ("port", "port", 0),
            ("", "port", 4),
            ("port", "", 4),
            ("prt", "port", 1),
            ("potr", "port", 2),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(from, to), slips, "{from} {to}");
        }
    }

    #[test]
    fn a_word_too_far_away_is_not_suggested() {
        let suggested = |word| nearest(word, ["port", "host"].map(String::from).into_iter());
        assert_eq!(suggested("potr").as_deref(), Some("port"));
        assert_eq!(suggested("hosts").as_deref(), Some("host"));
        assert_eq!(suggested("foo"), None);
        assert_eq!(suggested("colour"), None);
    }
}
